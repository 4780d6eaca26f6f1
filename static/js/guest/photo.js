/** One photo, opened by a link of its own: the picture, and the ways on. */
import { button, h, icon } from '../common/dom.js';
import { placeholder, sources } from './tile.js';
import { canShareFiles, maySave, savePhotos, sharePhotos } from './share.js';

/** @typedef {import('./types.js').Photo} Photo */

/** @param {import('./types.js').App} app @returns {import('./types.js').View} */
export function photoView({ session }) {
  const photo = /** @type {Photo} */ (session.photo);
  const image = h('img', {
    class: 'one-photo',
    alt: ['photo.alt.of', { name: session.name }],
    width: photo.width,
    height: photo.height,
    sizes: '(min-width: 900px) 60rem, 100vw',
    ...sources(photo, ['preview_url', 'full_url']),
  });
  placeholder(image, photo);
  image.addEventListener('load', () => (image.style.backgroundImage = ''), { once: true });
  /** @param {string} view @param {import('../common/i18n.js').Text} text @param {string} name of the icon @param {string} look */
  const way = (view, text, name, look) =>
    h('a', { class: `button ${look} button-small`, href: `/session/${session.id}#/${view}` }, icon(name), h('span', { text }));
  const element = h(
    'section',
    { class: 'one' },
    h('h1', { dir: 'auto' }, session.name),
    image,
    h(
      'div',
      { class: 'one-actions' },
      maySave() && button('button button-quiet button-small', ['save'], () => void savePhotos([photo]), 'save'),
      button('button button-quiet button-small', ['share'], () => void sharePhotos([photo]), canShareFiles() ? 'share' : 'link'),
      way('all', ['landing.all'], 'grid', session.facepass_enabled ? 'button-quiet' : 'button-primary'),
      session.facepass_enabled && way('find', ['landing.find'], 'face', 'button-primary'),
    ),
  );
  return { element };
}
