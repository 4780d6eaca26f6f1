/** The booth's result: waited for, shown, saved, shared. */
import { button, h, icon } from '../common/dom.js';
import { bindText } from '../common/i18n.js';
import { savePhotos, sharePhotos } from '../guest/share.js';
import { steps } from './steps.js';

/** @typedef {import('./api.js').Session} Session */
/** @typedef {import('./api.js').Photo} Photo */

/** As the guest page's sharing takes photos. @param {Photo} photo */
function asShared(photo) {
  const name = `photobooth-${photo.order_index + 1}.jpg`;
  return /** @type {import('../guest/types.js').Photo} */ (
    /** @type {unknown} */ ({ photo_id: photo.id, filename: name, full_url: photo.url })
  );
}

/** @param {Session} session */
const names = (session) => [session.type === 'upload' ? 'steps.send' : 'steps.connected', 'steps.make', 'steps.done'];

/** Nothing yet. @param {Session} session */
export function waitView(session) {
  const finished = session.type === 'upload';
  const element = h(
    'section',
    { class: 'handoff' },
    h('div', { class: 'handoff-progress' }, steps(names(session), 1)),
    h(
      'div',
      { class: 'handoff-wait' },
      h('span', { class: 'handoff-pulse', 'aria-hidden': 'true' }, icon(finished ? 'check' : 'image')),
      h('h1', { tabindex: '-1', text: [finished ? 'finished.title' : 'wait.title'] }),
      h('p', { class: 'lead', role: 'status', text: [finished ? 'finished.text' : 'wait.text'] }),
    ),
  );
  return { element, update: async () => {}, dispose() {} };
}

/** @param {import('./api.js').Api} api @param {Session} session */
export function resultView(api, session) {
  /** @type {Photo[]} */
  let photos = [];
  const title = h('h1', { tabindex: '-1', text: ['result.title'] });
  const pictures = h('div', { class: 'handoff-pictures', 'aria-busy': 'true' });
  const problem = h('p', { class: 'field-error', role: 'alert' });
  const actions = h(
    'div',
    { class: 'handoff-actions is-row' },
    button('button button-primary', ['result.save'], () => savePhotos(photos.map(asShared)), 'save'),
    button('button button-quiet', ['result.share'], () => sharePhotos(photos.map(asShared)), 'share'),
  );
  const element = h(
    'section',
    { class: 'handoff' },
    h('div', { class: 'handoff-progress' }, steps(names(session), 3)),
    h('div', { class: 'handoff-head', role: 'status' }, title, h('p', { class: 'lead', text: ['result.text'] })),
    pictures,
    problem,
    actions,
  );

  async function load() {
    try {
      const found = await api.results();
      if (found.length === photos.length) return;
      photos = found;
      // The newest first: the others may be tries.
      pictures.replaceChildren(
        ...[...photos]
          .reverse()
          .map((photo) => h('img', { class: 'handoff-picture', src: photo.url, alt: ['result.alt', { n: photo.order_index + 1 }] })),
      );
      bindText(title, '', [photos.length > 1 ? 'result.titles' : 'result.title']);
      problem.replaceChildren();
    } catch {
      if (photos.length === 0) problem.replaceChildren(h('span', { text: ['result.failed'] }), ' ', button('link-button', ['retry'], load));
    } finally {
      pictures.removeAttribute('aria-busy');
      actions.hidden = photos.length === 0;
    }
  }

  actions.hidden = true;
  return { element, update: load, dispose() {} };
}
