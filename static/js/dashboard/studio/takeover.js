/** How far another embedding model has come; shown while it looks at the photos. */
import { h } from '../../common/dom.js';
import { bindText } from '../../common/i18n.js';
import { api } from '../api.js';

const EVERY_MS = 5000;

/**
 * Empty while nothing happens. Asks again while the page is open and a model takes over.
 * @returns {HTMLElement}
 */
export function takeoverNote() {
  const text = h('p', {});
  const bar = h('progress', { class: 'bar', label: ['models.progress'] });
  const note = h('div', { class: 'callout', role: 'status', hidden: true, 'data-takeover': '' }, text, bar);

  async function look() {
    const { next, photos, left } = await api.get('/api/embedding-models');
    note.hidden = !next;
    if (!next) return;
    const done = photos - left;
    bindText(text, '', ['models.next', { model: next, done, photos }]);
    bar.max = Math.max(1, photos);
    bar.value = done;
    setTimeout(again, EVERY_MS);
  }

  /** A page that was left, or a server that is away for a moment, is no reason for words. */
  function again() {
    if (note.isConnected) look().catch(() => setTimeout(again, EVERY_MS));
  }

  look().catch(() => {});
  return note;
}
