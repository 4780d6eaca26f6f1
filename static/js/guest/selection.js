/** Choosing several photos of a gallery to save or share at once. */
import { button, h, iconButton } from '../common/dom.js';
import { bindText } from '../common/i18n.js';
import { savePhotos, sharePhotos } from './share.js';

/** @typedef {import('./types.js').Photo} Photo */

/** @param {() => ReturnType<typeof import('./gallery.js').createGallery>} gallery */
export function createSelection(gallery) {
  /** @type {Photo[]} */
  let selected = [];
  const count = h('p', { class: 'selection-count', role: 'status' });
  const save = button('button button-primary button-small', ['save'], () => void savePhotos(selected), 'save');
  const share = iconButton('', ['share'], () => void sharePhotos(selected), 'share');
  const bar = h('div', { class: 'selection-bar', hidden: true },
    iconButton('', ['select.done'], () => set(false), 'close'),
    count,
    button('link-button', ['select.all'], () => gallery().selectAll(true)),
    share, save);
  const start = button('button button-quiet button-small', ['select.start'], () => set(bar.hidden === true), 'check');
  const startText = /** @type {HTMLElement} */ (start.querySelector('span'));

  /** @param {boolean} on */
  function set(on) {
    bar.hidden = !on;
    start.setAttribute('aria-pressed', String(on));
    bindText(startText, '', [on ? 'select.done' : 'select.start']);
    gallery().setSelecting(on);
  }

  return {
    start,
    bar,
    /** @param {Photo[]} photos */
    update(photos) {
      selected = photos;
      bindText(count, '', photos.length ? ['select.count', { n: photos.length }] : ['select.none']);
      save.disabled = share.disabled = photos.length === 0;
    },
  };
}
