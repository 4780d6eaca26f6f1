/** Originals that lie in a library of the studio's: how it stands, a look through it now, the folder that it is. */
import { button, h, icon, toast } from '../../common/dom.js';
import { formatDate, t } from '../../common/i18n.js';
import { api } from '../api.js';
import { errorText } from '../states.js';
import { live } from './words.js';

/** @typedef {import('../../common/shapes.js').Answer<'LibraryJson'>} Library */

/** Failures with words of their own. */
const CODES = ['library_unavailable', 'library_access_denied', 'library_empty', 'library_changed', 'library_too_many_files'];
/** Between two looks at a sync that runs. */
const LOOK_MS = 2000;

/** Shows nothing where the server has no library. @param {string} sessionId */
export function createLibrary(sessionId) {
  const path = `/api/photo-sessions/${sessionId}`;
  const element = h('section', { class: 'card library', hidden: true });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;

  function load() {
    return api.get(`${path}/library`).then(draw, () => {});
  }

  /** @param {() => Promise<Library>} act */
  async function change(act) {
    try {
      draw(await act());
    } catch (error) {
      toast(errorText(error));
    }
  }

  /** @param {Library} library */
  function draw(library) {
    clearTimeout(again);
    const isDue = library.due_at !== null && Date.parse(library.due_at) <= Date.now();
    if (element.isConnected && (library.is_running || isDue)) again = setTimeout(load, LOOK_MS);
    element.hidden = false;
    element.replaceChildren(
      h('h2', { text: ['library.title'] }),
      h('p', { class: 'note', text: ['library.text'] }),
      library.place ? h('p', { class: 'library-place', text: ['library.from', { place: library.place.replace(/^file:\/\//, '') }] }) : '',
      live(h('p', { role: 'status' }), () => standing(library, isDue)),
      library.code ? h('p', { class: 'warning', role: 'alert' }, icon('alert'), h('span', { text: words(library.code) })) : '',
      refused(library),
      h(
        'div',
        { class: 'session-buttons' },
        button('button button-quiet button-small', ['library.sync'], () => change(() => api.post(`${path}/sync`)), 'archive'),
        library.folder &&
          library.can_tie &&
          button('button button-quiet button-small', ['library.untie'], () => change(() => api.put(`${path}/library`, { folder: null }))),
      ),
      library.can_tie && !library.folder ? form() : '',
    );
  }

  function form() {
    const folder = h('input', {
      id: 'library-folder',
      class: 'input',
      type: 'text',
      required: true,
      placeholder: '/mnt/nas/weddings/2026-11-28',
    });
    return h(
      'form',
      {
        class: 'library-form',
        onSubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          change(() => api.put(`${path}/library`, { folder: folder.value.trim() }));
        },
      },
      h('label', { for: 'library-folder', text: ['library.folder'] }),
      h('div', { class: 'session-buttons' }, folder, h('button', { class: 'button button-quiet button-small', text: ['library.tie'] })),
    );
  }

  return { element, shown: () => void load() };
}

/** @param {Library} library @param {boolean} isDue */
function standing({ is_running, listed, photos, synced_at }, isDue) {
  if (is_running || isDue) return t('library.running', { listed, photos });
  if (!synced_at) return t('library.never');
  const when = formatDate(Date.parse(synced_at), { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  return t('library.done', { listed, photos, when });
}

/** @param {string} code @returns {import('../../common/i18n.js').Text} */
function words(code) {
  return CODES.includes(code) ? [`library.code.${code}`] : ['library.code.other', { code }];
}

/** @param {Library} library */
function refused({ refused }) {
  if (refused.length === 0) return '';
  return h(
    'details',
    {},
    h('summary', { text: ['library.refused', { n: refused.length }] }),
    h('ul', {}, ...refused.map(({ key, code }) => h('li', {}, h('bdi', {}, key), ' · ', h('code', {}, code)))),
  );
}
