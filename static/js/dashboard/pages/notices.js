/** What happened in the sessions, and what of it is told how. */
import '../messages/notices.js';
import { button, h, toast } from '../../common/dom.js';
import { formatMoment } from '../../common/i18n.js';
import { api } from '../api.js';
import { pageHead } from '../shell.js';
import { empty, errorText, failure, loading } from '../states.js';
import { toggle } from '../studio/words.js';
import { time } from '../time.js';

/** @typedef {import('../../common/shapes.js').Answer<'NoticeJson'>} Notice */
/** @typedef {import('../../common/shapes.js').Answer<'NoticePage'>} Page */
/** @typedef {import('../../common/shapes.js').Answer<'NoticeSettings'>} Settings */

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['notices.title']);
  root.append(pageHead({ title: ['notices.title'], text: ['notices.lead'] }));
  const sections = [happened(), switches()];
  root.append(h('div', { class: 'privacy' }, ...sections.map((section) => section.element)));
  await Promise.all(sections.map((section) => section.load()));
}

function happened() {
  /** @type {string | null} */
  let cursor = null;
  const list = h('ul', { class: 'consent-list', role: 'list', label: ['notices.title'] });
  const note = h('div', {});
  const more = button('button button-quiet', ['notices.more'], () => void load(true));
  more.hidden = true;
  const element = h('section', { class: 'card privacy-card', label: ['notices.title'] }, note, list, more);

  async function load(onwards = false) {
    if (!list.childElementCount) note.replaceChildren(loading());
    try {
      const query = onwards && cursor ? `?cursor=${encodeURIComponent(cursor)}` : '';
      const answer = /** @type {Page} */ (await api.get(`/api/notices${query}`));
      cursor = answer.next_cursor;
      list.append(...answer.notices.map(row));
      note.replaceChildren(list.childElementCount ? '' : empty({ icon: 'bell', title: ['notices.none'] }));
      more.hidden = cursor === null;
      if (answer.unseen) await api.post('/api/notices/seen', {});
    } catch (error) {
      note.replaceChildren(failure(error, () => void load(onwards)));
    }
  }

  return { element, load };
}

/** Where in the session a notice leads. @type {Partial<Record<Notice['kind'], string>>} */
const PLACES = {
  hide_request: '#people',
  guest_photos: '#guests',
  photo_reported: '#guests',
  comments: '#guests',
  comment_reported: '#guests',
};

/** @param {Notice} notice */
function row({ kind, session_id, session_name: name, created_at, is_seen }) {
  const session = name
    ? h('a', { href: `/dashboard/photo-sessions/${session_id}${PLACES[kind] ?? ''}` }, name)
    : h('span', { text: ['notices.gone'] });
  return h(
    'li',
    { class: 'consent-row' },
    h(
      'div',
      { class: 'consent-words' },
      h('p', {}, h(is_seen ? 'span' : 'strong', { text: [`notices.${kind}`] })),
      h('p', { class: 'note' }, session, ' · ', time(created_at, formatMoment)),
    ),
  );
}

function switches() {
  const body = h('div', { class: 'privacy-card' });
  const element = h('section', { class: 'card privacy-card', label: ['notices.settings'] }, h('h2', { text: ['notices.settings'] }), body);

  async function load() {
    body.replaceChildren(loading());
    try {
      draw(/** @type {Settings} */ (await api.get('/api/notices/settings')));
    } catch (error) {
      body.replaceChildren(failure(error, () => void load()));
    }
  }

  /** @param {Settings} answer */
  function draw({ can_mail, settings }) {
    const row = (/** @type {Settings['settings'][number]} */ setting) => {
      const box = (/** @type {'by_mail' | 'in_panel'} */ way) => {
        const change = (/** @type {HTMLInputElement} */ input) => void save({ ...setting, [way]: input.checked });
        return toggle({ label: [`notices.${way}`], checked: setting[way], onChange: change }).element;
      };
      return h(
        'fieldset',
        { class: 'notice-kind' },
        h('legend', { text: [`notices.${setting.kind}`] }),
        box('in_panel'),
        can_mail && box('by_mail'),
      );
    };
    body.replaceChildren(h('p', { class: 'note', text: [can_mail ? 'notices.settings.lead' : 'notices.no_mail'] }), ...settings.map(row));
  }

  /** @param {Settings['settings'][number]} setting */
  async function save(setting) {
    try {
      const answer = /** @type {Settings} */ (await api.put('/api/notices/settings', { settings: [setting] }));
      draw(answer);
      toast(['notices.saved']);
    } catch (error) {
      toast(errorText(error));
      await load();
    }
  }

  return { element, load };
}
