/** What the hall sees: one photo at a time, the next one loaded behind it. Two pictures are in the page at most. */
import { h } from '../common/dom.js';
import { placeholder, sources } from '../guest/tile.js';

/** @typedef {import('../guest/types.js').Photo} Photo */

/** As long as `.slide` takes to come, and a little more. */
const COMES_MS = 1_000;

/**
 * A photo that is ready to be shown without a moment of nothing.
 * @param {Photo} photo
 * @returns {Promise<HTMLElement>}
 */
export async function slideOf(photo) {
  const image = h('img', { class: 'slide-photo', alt: ['show.photo'], sizes: '100vw' });
  Object.assign(image, sources(photo, ['preview_url', 'full_url']));
  await image.decode();
  const back = h('div', { class: 'slide-back', 'aria-hidden': 'true' });
  placeholder(back, photo);
  const from = photo.is_from_guest && h('p', { class: 'slide-from', text: ['photo.from_guest'] });
  return h('div', { class: 'slide', 'data-photo': photo.photo_id, 'data-chapter': photo.chapter_id }, back, image, from);
}

export function createStage() {
  const element = h('div', { class: 'stage' });
  /** @type {HTMLElement | null} */
  let current = null;

  return {
    element,
    /** @param {HTMLElement} slide */
    show(slide) {
      const before = current;
      current = slide;
      element.append(slide);
      // One that was still going when this one came goes at once. What is out of the page is out of memory: a picture whose
      // address is taken away first leaves eight nodes behind in Chromium.
      for (const old of [...element.children]) if (old !== slide && old !== before) old.remove();
      if (before) setTimeout(() => before.remove(), COMES_MS);
    },
    /** Nothing is seen any more, at once. */
    clear() {
      current = null;
      element.replaceChildren();
    },
  };
}
