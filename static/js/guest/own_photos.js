/** What this device has sent: how each photo stands, and how it is taken back. */
import { button, h, toast } from '../common/dom.js';
import { ask } from './ask.js';
import { request } from './api.js';

/** @typedef {import('../common/shapes.js').Answer<'OwnPhotoJson'>} Own */

/** Between looks while something comes in. */
const SOON_MS = 4_000;
/** And while the studio has not looked. */
const LATER_MS = 30_000;

/** @param {string} sessionId */
export function ownPhotos(sessionId) {
  const base = `/api/v1/sessions/${encodeURIComponent(sessionId)}/guest-photos`;
  const list = h('ul', { class: 'sent', label: ['own.title'] });
  const all = h('div', { class: 'actions' });
  const element = h('section', { class: 'own', label: ['own.title'] }, h('h2', { text: ['own.title'] }), list, all);
  element.hidden = true;
  /** @type {number | undefined} */
  let timer;
  let over = false;

  /** @param {Own} photo */
  function item(photo) {
    return h(
      'li',
      { class: 'sent-row own-row', 'data-state': photo.state },
      photo.picture && h('img', { class: 'own-picture', src: photo.picture.thumb_url, alt: '', width: 64, height: 64, loading: 'lazy' }),
      h('span', { class: 'sent-name' }, photo.filename),
      h('span', { class: 'note', text: [`own.${photo.state}`] }),
      button('link-button', ['own.back'], () => void takeBack(photo)),
    );
  }

  async function read() {
    clearTimeout(timer);
    try {
      /** @type {import('../common/shapes.js').Answer<'OwnPhotosJson'>} */
      const { photos } = await request('GET', base);
      if (over) return;
      element.hidden = photos.length === 0;
      // What is under the reader's finger stays where it is.
      const focused = list.contains(document.activeElement);
      if (!focused || photos.length !== list.childElementCount) list.replaceChildren(...photos.map(item));
      const states = photos.map(({ state }) => state);
      const next = states.includes('arriving') ? SOON_MS : states.includes('waiting') ? LATER_MS : 0;
      if (next) timer = window.setTimeout(() => void read(), next);
    } catch {
      if (!over) timer = window.setTimeout(() => void read(), LATER_MS);
    }
  }

  /** @param {Own} photo */
  async function takeBack(photo) {
    if (!(await ask({ title: ['own.back.title'], text: ['own.back.text'], yes: ['own.back'] }))) return;
    try {
      await request('DELETE', `${base}/${encodeURIComponent(photo.photo_id)}`);
      toast(['own.back.done']);
    } catch {
      toast(['own.back.failed']);
    }
    list.replaceChildren();
    await read();
  }

  return {
    element,
    all,
    read,
    dispose() {
      over = true;
      clearTimeout(timer);
    },
  };
}
