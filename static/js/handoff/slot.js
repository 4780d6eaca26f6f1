/** One of the five places for photos. */
import { button, h, icon, iconButton } from '../common/dom.js';
import { bindText } from '../common/i18n.js';
import { mayRetry } from './queue.js';

/** @typedef {import('./queue.js').Item} Item */

/** The messages about failures. @type {Record<string, string>} */
const ERRORS = {
  network: 'network',
  timeout: 'network',
  timed_out: 'network',
  queue_full: 'busy',
  storage_full: 'busy',
  too_many_attempts: 'busy',
  unusable_picture: 'unusable',
  handoff_photo_too_large: 'large',
  body_too_large: 'large',
  handoff_full: 'full',
  handoff_completed: 'completed',
};

/** @param {number} number from 1 */
export function emptySlot(number) {
  return h('li', { class: 'slot is-empty', label: ['send.empty', { n: number }] }, icon('image'));
}

/** A photo that is at the booth already. @param {number} number @param {string} url */
export function sentSlot(number, url) {
  return h(
    'li',
    { class: 'slot is-sent' },
    h('img', { src: url, alt: ['send.photo', { n: number }] }),
    h('span', { class: 'slot-state' }, icon('check'), h('span', { class: 'visually-hidden', text: ['send.state.sent'] })),
  );
}

/**
 * A photo of this page.
 * @param {number} number
 * @param {Item} item
 * @param {string} url of its preview
 * @param {{ onRemove: () => void, onRetry: () => void }} ways
 */
export function itemSlot(number, item, url, { onRemove, onRetry }) {
  if (item.state === 'sent') return { element: sentSlot(number, url), update: () => {} };
  const picture = h('img', { src: url, alt: ['send.photo', { n: number }] });
  // The server may still read a file that the browser cannot show, or will name its refusal.
  picture.addEventListener('error', () => {
    picture.classList.add('is-unreadable');
    picture.after(icon('image'));
  });
  const bar = h('progress', { class: 'slot-bar', max: 1, value: 0, label: ['send.photo', { n: number }] });
  const words = h('span');
  const moving = item.state === 'preparing' || item.state === 'sending';
  const element = h(
    'li',
    { class: `slot is-${moving ? 'moving' : item.state}` },
    picture,
    moving && h('span', { class: 'slot-state' }, words),
    moving && bar,
    item.state === 'failed' &&
      h(
        'div',
        { class: 'slot-failed' },
        h('p', { text: [`send.error.${ERRORS[item.code] ?? 'other'}`] }),
        mayRetry(item) && button('slot-retry', ['send.retry'], onRetry, 'undo'),
      ),
    !moving && iconButton('slot-remove', ['send.remove', { n: number }], onRemove, 'close'),
  );
  const update = () => {
    bar.value = item.part;
    bindText(
      words,
      '',
      item.state === 'sending' ? ['send.state.sending', { percent: Math.round(item.part * 100) }] : ['send.state.preparing'],
    );
  };
  if (moving) update();
  return { element, update };
}
