/** Photos that may show the guest: blurred until they ask to see one, confirmed or dismissed with one tap. */
import { button, h } from '../common/dom.js';
import { cropAt } from './tile.js';

/** @typedef {import('./types.js').App} App */
/** @typedef {import('./types.js').Photo} Photo */

/**
 * @param {App} app
 * @param {Photo[]} photos
 * @param {(photo: Photo) => void} onConfirm
 * @returns {HTMLElement | null} nothing when there is nothing to ask
 */
export function perhapsTray(app, photos, onConfirm) {
  const open = photos.filter((photo) => !app.dismissed.has(photo.photo_id));
  if (!open.length) return null;
  const tray = h('section', { class: 'perhaps', label: ['perhaps.title'] });

  /** @param {Photo} photo @param {number} i */
  function card(photo, i) {
    const picture = h('img', { src: photo.thumb_url, alt: '', loading: 'lazy' });
    if (photo.box) picture.style.objectPosition = cropAt(photo);
    const look = h(
      'button',
      {
        type: 'button',
        class: 'perhaps-picture',
        label: ['perhaps.look', { i: i + 1, n: open.length }],
        'aria-pressed': 'false',
        onClick: () => look.setAttribute('aria-pressed', String(look.getAttribute('aria-pressed') !== 'true')),
      },
      picture,
    );
    const item = h(
      'li',
      { class: 'perhaps-item' },
      look,
      h(
        'div',
        { class: 'perhaps-answers' },
        button('button button-primary button-small', ['perhaps.yes'], () => onConfirm(photo)),
        button('button button-quiet button-small', ['perhaps.no'], () => {
          app.dismissed.add(photo.photo_id);
          item.remove();
          if (!tray.querySelector('.perhaps-item')) tray.remove();
        }),
      ),
    );
    return item;
  }

  tray.append(
    h('h2', { text: ['perhaps.title'] }),
    h('p', { class: 'note', text: ['perhaps.text'] }),
    h('ul', { class: 'perhaps-list' }, ...open.map(card)),
  );
  return tray;
}
