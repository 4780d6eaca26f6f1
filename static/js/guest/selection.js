/** Choosing several photos of a gallery to save or share at once. */
import { button, h, iconButton, toast } from '../common/dom.js';
import { bindText } from '../common/i18n.js';
import { savePhotos, sharePhotos } from './share.js';

/** @typedef {import('./types.js').Photo} Photo */

/** @typedef {import('./types.js').App} App */

/** One ZIP of these photos, with its size before it is downloaded. @param {App} app @param {Photo[]} photos */
export async function offerArchive(app, photos) {
  try {
    const { openArchive } = await import('./archive.js');
    openArchive(app.api, photos);
  } catch {
    toast(['zip.failed']);
  }
}

/** @param {() => ReturnType<typeof import('./gallery.js').createGallery>} gallery @param {App} app */
export function createSelection(gallery, app) {
  /** @type {Photo[]} */
  let selected = [];
  const count = h('p', { class: 'selection-count', role: 'status' });
  const save = button('button button-primary button-small', ['save'], () => void savePhotos(selected), 'save');
  const share = iconButton('', ['share'], () => void sharePhotos(selected), 'share');
  const zip = iconButton('', ['zip'], () => void offerArchive(app, selected), 'archive');
  const buy = app.shop?.selectionButton(() => selected) ?? null;
  const bar = h(
    'div',
    { class: 'selection-bar', hidden: true },
    iconButton('', ['select.done'], () => set(false), 'close'),
    count,
    button('link-button', ['select.all'], () => gallery().selectAll(true)),
    h('div', { class: 'selection-actions' }, share, zip, buy, save),
  );
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
      for (const each of [save, share, zip, buy]) if (each) each.disabled = photos.length === 0;
    },
  };
}
