/** Choosing several photos of a gallery to save or share at once. */
import { button, h, iconButton, toast } from '../common/dom.js';
import { bindText } from '../common/i18n.js';
import { MOST_SAVED, maySave, savePhotos, sharePhotos } from './share.js';

/** @typedef {import('./types.js').App} App */
/** @typedef {import('../common/archive.js').Wanted} Wanted */

/** One ZIP, with its size before it is downloaded. @param {App} app @param {Wanted} wanted */
export async function offerArchive(app, wanted) {
  try {
    const { openArchive } = await import('../common/archive.js');
    openArchive(app.api.archive, wanted);
  } catch {
    toast(['zip.failed']);
  }
}

/** A few photos one by one, many as one ZIP. @param {App} app @param {string[]} ids @param {import('./types.js').Photo[]} loaded */
export function save(app, ids, loaded) {
  const photos = loaded.filter((photo) => ids.includes(photo.photo_id));
  if (ids.length <= MOST_SAVED && photos.length === ids.length) return savePhotos(photos);
  return offerArchive(app, { photo_ids: ids });
}

/**
 * @param {() => ReturnType<typeof import('./gallery.js').createGallery>} gallery
 * @param {App} app
 * @param {() => Promise<string[]>} every the ids of all that the gallery shows or will show
 */
export function createSelection(gallery, app, every) {
  /** @type {string[]} */
  let ids = [];
  const chosen = () => gallery().photos.filter((photo) => ids.includes(photo.photo_id));
  const count = h('p', { class: 'selection-count', role: 'status' });
  const saveButton = button('button button-primary button-small', ['save'], () => void save(app, ids, gallery().photos), 'save');
  const share = iconButton('', ['share'], () => void sharePhotos(chosen(), ids.length), 'share');
  const zip = iconButton('', ['zip'], () => void offerArchive(app, { photo_ids: ids }), 'archive');
  const buy = app.shop?.selectionButton(() => ids) ?? null;
  /** @type {HTMLButtonElement | null} */
  let hide = null;
  const all = button('link-button', ['select.all'], () => void selectAll());
  const bar = h(
    'div',
    { class: 'selection-bar', hidden: true },
    iconButton('', ['select.done'], () => set(false), 'close'),
    count,
    all,
    h('div', { class: 'selection-actions' }, share, maySave() && zip, buy, maySave() && saveButton),
  );
  const start = button('button button-quiet button-small', ['select.start'], () => set(bar.hidden === true), 'check');
  const startText = /** @type {HTMLElement} */ (start.querySelector('span'));

  /** @param {boolean} on */
  function set(on) {
    bar.hidden = !on;
    // Hearts come late, and with them whether this is a couple that may hide photos.
    if (on && !hide && app.hearts?.hiding) {
      hide = app.hearts.hiding.selectionButton(() => ids);
      share.after(hide);
    }
    start.setAttribute('aria-pressed', String(on));
    bindText(startText, '', [on ? 'select.done' : 'select.start']);
    gallery().setSelecting(on);
  }

  /** One request, however many photos there are; what was not scrolled to is chosen too. */
  async function selectAll() {
    all.disabled = true;
    try {
      gallery().select(await every());
    } catch {
      toast(['select.all.failed']);
    } finally {
      all.disabled = false;
    }
  }

  return {
    start,
    bar,
    /** @param {string[]} selected ids */
    update(selected) {
      ids = selected;
      bindText(count, '', ids.length ? ['select.count', { n: ids.length }] : ['select.none']);
      for (const each of [saveButton, share, zip, buy, hide]) if (each) each.disabled = ids.length === 0;
    },
  };
}
