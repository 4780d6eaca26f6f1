/** The studio looks at what guests have sent: shows it to all of them, or deletes it; one by one, several at once, by keys. */
import { button, h, toast } from '../../common/dom.js';
import { bindText, formatMoment } from '../../common/i18n.js';
import { api } from '../api.js';
import { confirm } from '../dialog.js';
import { empty, errorText, failure } from '../states.js';

/** @typedef {import('../../common/shapes.js').Answer<'GuestPhotoJson'>} Sent */

const REFRESH_MS = 2_000;

/** @param {import('../pages/photo_session.js').Shared} shared @param {(total: number) => void} counted is told how many wait */
export function createGuestPhotos({ session, live }, counted) {
  const path = `/api/photo-sessions/${session.id}/guest-photos`;
  /** @type {Sent[]} */
  let photos = [];
  let total = 0;
  /** @type {Set<string>} */
  const chosen = new Set();
  let busy = false;

  const note = h('div', { class: 'grid-note' });
  const list = h('ul', { class: 'guest-photos', label: ['guests.title'], onKeydown: keys });
  const count = h('p', { class: 'note', role: 'status' });
  const show = button('button button-primary button-small', ['guests.show'], () => void decide(wanted(), true), 'check');
  const refuse = button(
    'button button-quiet button-small button-danger-quiet',
    ['guests.refuse'],
    () => void decide(wanted(), false),
    'trash',
  );
  const bar = h('div', { class: 'guest-desk-bar', role: 'toolbar', label: ['guests.actions'], hidden: true }, count, show, refuse);
  const hint = h('p', { class: 'note guest-desk-keys', text: ['guests.keys'], hidden: true });
  const element = h(
    'section',
    { class: 'section guest-desk', label: ['guests.title'] },
    h('h2', { text: ['guests.title'] }),
    note,
    bar,
    list,
    hint,
  );

  /** What the buttons over the list are about: the chosen ones, or else all that are listed. */
  const wanted = () => (chosen.size > 0 ? photos.filter(({ photo_id }) => chosen.has(photo_id)) : photos);

  /** @param {Sent} photo */
  function item(photo) {
    const choose = h('input', {
      type: 'checkbox',
      class: 'guest-photo-check',
      checked: chosen.has(photo.photo_id),
      label: ['guests.choose', { name: photo.filename }],
      onChange: () => {
        if (choose.checked) chosen.add(photo.photo_id);
        else chosen.delete(photo.photo_id);
        drawBar();
      },
    });
    return h(
      'li',
      { class: 'guest-photo', 'data-photo': photo.photo_id },
      h(
        'label',
        { class: 'guest-photo-picture' },
        choose,
        h('img', {
          src: photo.tile_url,
          alt: photo.filename,
          width: photo.width,
          height: photo.height,
          loading: 'lazy',
        }),
      ),
      h(
        'div',
        { class: 'guest-photo-words' },
        photo.reports > 0 && h('p', { class: 'guest-photo-reported', text: ['guests.reported', { n: photo.reports }] }),
        ...photo.notes.map((words) => h('blockquote', { class: 'guest-photo-note', dir: 'auto' }, words)),
        h(
          'p',
          { class: 'note' },
          h('span', { text: photo.sender ? ['guests.from', { name: photo.sender }] : ['guests.unnamed'] }),
          ' · ',
          h('time', { datetime: photo.sent_at }, formatMoment(photo.sent_at)),
        ),
        photo.is_shown && h('p', { class: 'note', text: ['guests.shown'] }),
      ),
      h(
        'div',
        { class: 'session-buttons' },
        button(
          'button button-primary button-small',
          [photo.is_shown ? 'guests.keep' : 'guests.show.one'],
          () => void decide([photo], true),
          'check',
        ),
        button('button button-quiet button-small button-danger-quiet', ['guests.refuse.one'], () => void decide([photo], false), 'trash'),
      ),
    );
  }

  function drawBar() {
    bar.hidden = hint.hidden = photos.length === 0;
    bindText(count, '', chosen.size > 0 ? ['guests.chosen', { n: chosen.size }] : ['guests.count', { n: total }]);
    const n = wanted().length;
    for (const [each, words] of /** @type {const} */ ([
      [show, 'guests.show'],
      [refuse, 'guests.refuse'],
    ]))
      bindText(/** @type {HTMLElement} */ (each.querySelector('span:last-child') ?? each), '', [words, { n }]);
  }

  function draw() {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest?.('.guest-photo') ?? null);
    const at = focused ? [...list.children].indexOf(focused) : -1;
    for (const id of chosen) if (!photos.some(({ photo_id }) => photo_id === id)) chosen.delete(id);
    list.replaceChildren(...photos.map(item));
    note.replaceChildren(photos.length ? '' : empty({ icon: 'image', title: ['guests.none'], text: ['guests.none.text'] }));
    drawBar();
    // Whoever works by keys goes on with the photo that has come to this place.
    if (at >= 0 && photos.length) focusOn(Math.min(at, photos.length - 1));
  }

  /** @param {number} at */
  const focusOn = (at) => /** @type {HTMLElement | undefined} */ (list.children[at]?.querySelector('input'))?.focus();

  /** @param {KeyboardEvent} event */
  function keys(event) {
    const place = /** @type {HTMLElement} */ (event.target).closest('.guest-photo');
    if (!place || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = [...list.children].indexOf(place);
    const photo = photos[at];
    const steps = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 });
    const key = event.key.toLowerCase();
    if (event.key in steps) focusOn(Math.min(photos.length - 1, Math.max(0, at + steps[event.key])));
    else if (key === 'a') void decide([photo], true);
    else if (key === 'delete' || key === 'x') void decide([photo], false);
    else return;
    event.preventDefault();
  }

  async function read() {
    try {
      ({ photos, total } = await api.get(path));
      counted(total);
      draw();
    } catch (error) {
      note.replaceChildren(failure(error, () => void read()));
    }
  }

  /** @param {Sent[]} those @param {boolean} shown */
  async function decide(those, shown) {
    if (busy || those.length === 0) return;
    busy = true;
    try {
      const n = those.length;
      if (
        !shown &&
        !(await confirm({ title: ['guests.refuse.title', { n }], text: ['guests.refuse.text'], action: ['guests.refuse.one'] }))
      )
        return;
      await api.post(path, { photo_ids: those.map(({ photo_id }) => photo_id), show: shown });
      toast([shown ? 'guests.showed' : 'guests.refused', { n }]);
      chosen.clear();
      const place = document.activeElement?.closest('.guest-photo');
      if (!place) focusOn([...list.children].findIndex((each) => /** @type {HTMLElement} */ (each).dataset.photo === those[0].photo_id));
      await read();
    } catch (error) {
      toast(errorText(error));
      await read();
    } finally {
      busy = false;
    }
  }

  /** @type {number | undefined} */
  let timer;
  const soon = () => {
    timer ??= window.setTimeout(() => {
      timer = undefined;
      // Nothing moves under the hand of whoever decides.
      if (busy) return soon();
      void read();
    }, REFRESH_MS);
  };
  live.on('photo', () => {
    if (session.guest_photos !== 'off') soon();
  });
  if (session.guest_photos !== 'off') void read();
  return { element, shown: () => void read() };
}
