/** The head of a session: its words, its status, what guests may do. */
import { button, h, icon, toast } from '../../common/dom.js';
import { formatMoment, t } from '../../common/i18n.js';
import { api } from '../api.js';
import { eraseForGood } from '../erase.js';
import { errorText } from '../states.js';
import { editSession } from './session_form.js';
import { STATUSES, live, statusBadge, toggle } from './words.js';

/** @typedef {import('./types.js').Status} Status */

/** Where a status may go from here, and the words for the step. @type {Record<Status, { status: Status, words: string }>} */
const NEXT = {
  created: { status: 'active', words: 'status.to.active' },
  active: { status: 'completed', words: 'status.to.completed' },
  completed: { status: 'archived', words: 'status.to.archived' },
  archived: { status: 'completed', words: 'status.from.archived' },
};

/** @param {import('../pages/photo_session.js').Shared} shared */
export function createHead(shared) {
  const { session } = shared;
  const root = h('div', { class: 'session-head' });

  /** @param {object} change @returns {Promise<boolean>} */
  async function change(change) {
    try {
      Object.assign(session, await api.patch(`/api/photo-sessions/${session.id}`, change));
      return true;
    } catch (error) {
      toast(errorText(error));
      return false;
    } finally {
      shared.changed();
    }
  }

  /** @param {Status} status */
  async function setStatus(status) {
    if (await change({ status })) toast(['status.changed', { status: t(`status.${status}`) }]);
  }

  /** @param {'gallery_open' | 'face_search'} name @param {string} words */
  function turning(name, words) {
    return async (/** @type {HTMLInputElement} */ input) => {
      input.disabled = true;
      const on = input.checked;
      if (await change({ [name]: on })) toast([`${words}.${on ? 'on' : 'off'}`]);
    };
  }

  async function edit() {
    const changed = await editSession(session);
    if (!changed) return;
    Object.assign(session, changed);
    shared.changed();
  }

  function photographers() {
    void import('./photographers.js').then(({ choosePhotographers }) => choosePhotographers(session.id));
  }

  async function erase() {
    const path = `/api/photo-sessions/${session.id}/erasure`;
    if (await eraseForGood({ path, title: ['erase.session'], text: ['erase.session.text'], name: session.name }))
      location.assign('/dashboard/photo-sessions');
  }

  function draw() {
    const { ready, queued, rejected } = session.photos;
    // None for a status of the studio's own database.
    const known = STATUSES.find((status) => status === session.status);
    const next = known && NEXT[known];
    const archived = session.status === 'archived';
    const gallery = toggle({
      label: ['gallery'],
      checked: session.gallery_open && !archived,
      onChange: turning('gallery_open', 'gallery'),
    });
    const facepass = toggle({ label: ['facepass'], checked: session.face_search, onChange: turning('face_search', 'facepass') });
    // Guests get in again when the session comes back from the archive.
    gallery.input.disabled = archived;
    const switches = [gallery, facepass];
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    const turned = [...root.querySelectorAll('[role="switch"]')].indexOf(/** @type {Element} */ (focused));
    root.replaceChildren(
      h('a', { class: 'crumb', href: '/dashboard/photo-sessions' }, icon('back'), h('span', { text: ['sessions.title'] })),
      h(
        'div',
        { class: 'session-head-row' },
        h(
          'div',
          { class: 'page-words' },
          h('h1', {}, session.name),
          h(
            'p',
            { class: 'session-meta' },
            statusBadge(session.status),
            session.scheduled_at ? live(h('span', {}), () => formatMoment(session.scheduled_at ?? '', session.time_zone)) : null,
            h('span', { text: ['photos.count', { n: ready }] }),
            queued > 0 &&
              h(
                'span',
                { class: 'is-working' },
                h('span', { class: 'spinner', 'aria-hidden': 'true' }),
                h('span', { text: ['photos.queued', { n: queued }] }),
              ),
            rejected > 0 && h('span', { class: 'is-bad', text: ['photos.rejected', { n: rejected }] }),
          ),
          session.description && h('p', { class: 'note' }, session.description),
        ),
        h(
          'div',
          { class: 'session-controls' },
          h('div', { class: 'session-switches' }, gallery.element, facepass.element),
          h(
            'div',
            { class: 'session-buttons' },
            button('button button-quiet button-small', ['session.edit.short'], edit, 'pen'),
            button('button button-quiet button-small', ['photographers.open'], photographers, 'team'),
            next && button('button button-quiet button-small', [next.words], () => setStatus(next.status), 'forward'),
            button('button button-quiet button-small button-danger-quiet', ['erase.session'], () => void erase(), 'trash'),
          ),
        ),
      ),
    );
    switches[turned]?.input.focus();
  }

  shared.onChange(draw);
  draw();
  return root;
}
