/** The first view in the frame: which session this is, and the way to the camera. */
import { button, h, icon } from '../common/dom.js';

/** @typedef {import('../guest/types.js').App} App */

/** @param {App} app @param {string} gallery the address of the session's own page @returns {import('../guest/types.js').View} */
export function startView(app, gallery) {
  const { session } = app;
  const locked = session.error?.code === 'pin_required';
  const words = locked
    ? 'embed.locked'
    : !session.facepass_enabled
      ? 'embed.off'
      : session.photos_ready
        ? 'landing.note'
        : 'landing.progress.title';
  const away = h(
    'a',
    {
      class: `button ${locked || !session.facepass_enabled ? 'button-primary' : 'button-quiet'}`,
      href: gallery,
      target: '_blank',
      rel: 'noopener',
    },
    icon('grid'),
    h('span', { text: [locked ? 'embed.open' : 'landing.all'] }),
  );
  const element = h(
    'section',
    { class: 'embed-start' },
    h('h1', { dir: 'auto', text: session.name ? undefined : ['embed.title'] }, session.name || null),
    !locked && session.photos_ready > 0 && h('p', { class: 'note', text: ['photos.count', { n: session.photos_ready }] }),
    h('p', { class: 'lead', text: [words] }),
    h(
      'div',
      { class: 'actions' },
      !locked && session.facepass_enabled && button('button button-primary', ['landing.find'], find, 'face'),
      away,
    ),
  );

  function find() {
    app.forget();
    app.go('find');
  }

  return { element };
}
