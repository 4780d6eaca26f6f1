/** Found photos whose pictures another program keeps: each is a link to the studio's own page of it. */
import { h } from '../common/dom.js';

/** @param {import('./types.js').Photo[]} photos @param {'_top' | '_blank'} target @returns {HTMLElement} */
export function elsewhereList(photos, target) {
  const link = (/** @type {import('./types.js').Photo} */ photo, /** @type {number} */ index) => {
    const text = /** @type {[string, Record<string, unknown>]} */ (['elsewhere.photo', { n: index + 1 }]);
    if (!photo.return_url) return h('li', { text });
    return h('li', {}, h('a', { class: 'link-button', href: photo.return_url, rel: 'noopener', target, text }));
  };
  return h(
    'section',
    { class: 'elsewhere' },
    h('h2', { text: ['elsewhere.title', { n: photos.length }] }),
    h('p', { class: 'note', text: [photos.some((photo) => photo.return_url) ? 'elsewhere.text' : 'elsewhere.ask'] }),
    h('ul', {}, ...photos.map(link)),
  );
}
