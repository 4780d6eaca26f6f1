/** Photos from the phone to the booth: chosen, looked at, sent. */
import { addIcons, button, h, icon, toast } from '../common/dom.js';
import { bindText } from '../common/i18n.js';
import { shrink } from '../guest/picture.js';
import { mayRetry, Queue } from './queue.js';
import { emptySlot, itemSlot, sentSlot } from './slot.js';
import { steps } from './steps.js';

/** @typedef {import('./api.js').Session} Session */
/** @typedef {import('./api.js').Photo} Photo */
/** @typedef {import('./queue.js').Item} Item */

addIcons({ send: 'M12 20V4.5M5.5 11L12 4.5l6.5 6.5' });

const MOST = 5;
const ENOUGH = 3;
/** The largest size that the booth can print; the server keeps no more either. */
const LONGEST_SIDE = 4096;
/** Below this a JPEG travels as it is. */
const SMALL_BYTES = 3 << 20;

/** By its type; some phones name none, then by its name. @param {File} file */
function isPicture({ type, name }) {
  return type ? type.startsWith('image/') : /\.(jpe?g|png|webp|heic|heif|avif)$/i.test(name);
}

/** @param {File} file */
function prepare(file) {
  return file.type === 'image/jpeg' && file.size < SMALL_BYTES ? Promise.resolve(file) : shrink(file, LONGEST_SIDE);
}

/** @param {import('./api.js').Api} api @param {Session} session @param {{ onGone: (code: string) => void }} ways */
export function sendView(api, session, { onGone }) {
  /** Photos at the booth, as far as this page knows. @type {Photo[]} */
  let there = [];
  /** @type {Map<Item, string>} */
  const previews = new Map();
  /** @type {Map<Item, () => void>} */
  const updates = new Map();
  const queue = new Queue({
    prepare,
    send: api.send,
    changed: (item) => (item && updates.has(item) && item.state === 'sending' ? updates.get(item)?.() : draw()),
  });

  const progress = h('div', { class: 'handoff-progress' });
  const list = h('ul', { class: 'slots', label: ['send.list'] });
  const words = h('p', { class: 'send-words', role: 'status' });
  const go = button('button button-primary button-wide', ['send.go', { n: 0 }], send, 'send');
  const goText = /** @type {HTMLElement} */ (go.querySelector('span'));
  const phone = matchMedia('(pointer: coarse)').matches;
  const take = phone && picker('button button-quiet', ['send.take'], 'camera', { capture: 'environment' });
  const choose = picker('button button-quiet', [phone ? 'send.choose' : 'send.choose_photos'], 'image', { multiple: true });
  const pickers = h('div', { class: phone ? 'send-pickers is-two' : 'send-pickers' }, take, choose);
  const element = h(
    'section',
    { class: 'handoff' },
    h(
      'div',
      { class: 'handoff-head' },
      h('h1', { tabindex: '-1', text: ['handoff.title.upload'] }),
      h('p', { class: 'lead', text: ['send.lead'] }),
    ),
    progress,
    list,
    words,
    h(
      'div',
      { class: 'handoff-actions' },
      go,
      pickers,
      session.telegram_url &&
        h('a', { class: 'link-button send-telegram', href: session.telegram_url, rel: 'noreferrer', text: ['send.telegram'] }),
    ),
    h('p', { class: 'note', text: ['send.private'] }),
  );

  /** @param {string} className @param {import('../common/i18n.js').Text} text @param {string} iconName @param {Record<string, unknown>} props */
  function picker(className, text, iconName, props) {
    const input = h('input', { type: 'file', accept: 'image/*', class: 'visually-hidden', ...props });
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])];
      // The same file may be chosen again after it was removed.
      input.value = '';
      add(files);
    });
    return h('label', { class: className }, input, icon(iconName), h('span', { text }));
  }

  /** Photos at the booth that this page did not send: by Telegram, or before a reload. */
  const others = () => there.filter((photo) => !queue.items.some((item) => item.photo?.id === photo.id));
  const room = () => MOST - others().length - queue.items.length;

  /** @param {File[]} chosen */
  function add(chosen) {
    const files = chosen.filter(isPicture);
    // A text is no photo, and takes the place of none.
    if (files.length < chosen.length) toast(['send.no_picture', { n: chosen.length - files.length }]);
    if (files.length === 0) return;
    const left = room();
    if (files.length > left) toast(left > 0 ? ['send.too_many', { n: left }] : ['send.no_room']);
    const taken = files.slice(0, Math.max(0, left));
    queue.add(taken);
  }

  async function send() {
    queue.revive();
    await queue.run();
    const over = queue.items.find((item) => item.code === 'handoff_expired' || item.code === 'handoff_not_found');
    if (over) onGone(over.code);
  }

  /** @param {Item} item */
  function preview(item) {
    const url = previews.get(item) ?? URL.createObjectURL(item.file);
    previews.set(item, url);
    return url;
  }

  function draw() {
    const focused = document.activeElement?.closest('.slot');
    const at = focused ? [...list.children].indexOf(focused) : -1;
    for (const [item, url] of previews) {
      if (queue.items.includes(item)) continue;
      URL.revokeObjectURL(url);
      previews.delete(item);
    }
    updates.clear();
    const slots = others().map((photo, i) => sentSlot(i + 1, photo.url));
    for (const item of queue.items) {
      const slot = itemSlot(slots.length + 1, item, preview(item), { onRemove: () => queue.remove(item), onRetry: send });
      updates.set(item, slot.update);
      slots.push(slot.element);
    }
    while (slots.length < MOST) slots.push(emptySlot(slots.length + 1));
    list.replaceChildren(...slots);
    // After a removal by keyboard the focus goes to the neighbour.
    if (at >= 0) (list.children[at]?.querySelector('button') ?? choose.querySelector('input'))?.focus();
    tell();
  }

  function tell() {
    const sent = others().length + queue.count('sent');
    const ready = queue.count('chosen') + queue.items.filter(mayRetry).length;
    const enough = session.status !== 'pending' || sent >= ENOUGH;
    progress.replaceChildren(steps(['steps.send', 'steps.make', 'steps.done'], enough && !ready && !queue.busy ? 1 : 0));
    bindText(
      words,
      '',
      queue.busy
        ? ['send.progress', { sent, all: sent + queue.count('chosen', 'preparing', 'sending') }]
        : sent >= MOST
          ? ['send.full']
          : enough
            ? ['send.enough', { n: MOST - sent }]
            : ENOUGH > sent + ready
              ? ['send.more', { n: ENOUGH - sent - ready }]
              : ['send.look'],
    );
    go.hidden = ready === 0 && !queue.busy;
    go.disabled = queue.busy;
    bindText(goText, '', ['send.go', { n: Math.max(ready, queue.count('preparing', 'sending')) }]);
    pickers.hidden = room() <= 0;
    for (const input of pickers.querySelectorAll('input')) input.disabled = queue.busy;
    pickers.classList.toggle('is-busy', queue.busy);
  }

  const online = () => {
    if (queue.items.some((item) => item.code === 'network' && item.state === 'failed')) send();
  };
  window.addEventListener('online', online);
  draw();
  return {
    element,
    /** @param {Session} now */
    async update(now) {
      session = now;
      const known = others().length + queue.count('sent');
      if (now.photo_count !== known && !queue.busy) there = await api.photos().catch(() => there);
      draw();
    },
    dispose() {
      window.removeEventListener('online', online);
      for (const url of previews.values()) URL.revokeObjectURL(url);
    },
  };
}
