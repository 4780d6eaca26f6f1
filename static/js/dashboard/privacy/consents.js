/** The record of what guests agreed to. It says nothing of who they are. */
import { button, h } from '../../common/dom.js';
import { formatMoment, languageName } from '../../common/i18n.js';
import { api } from '../api.js';
import { eraseForGood } from '../erase.js';
import { empty, failure, loading } from '../states.js';
import { time } from '../time.js';

/** @typedef {import('../../common/shapes.js').Answer<'ConsentJson'>} Consent */

export const PURPOSES = ['match', 'news', 'hiding', 'guardian', 'sharing', 'commenting'];

/** @param {string} path of the list */
export function consentList(path) {
  /** @type {string | null} */
  let cursor = null;
  const purpose = select(
    ['privacy.purpose', ''],
    ['privacy.purpose.any', ...PURPOSES.map((each) => `privacy.purpose.${each}`)],
    ['', ...PURPOSES],
  );
  const stands = select(
    ['privacy.state', ''],
    ['privacy.state.any', 'privacy.state.stands', 'privacy.state.withdrawn'],
    ['', 'true', 'false'],
  );
  const list = h('ul', { class: 'consent-list', role: 'list', label: ['privacy.consents'] });
  const note = h('div', {});
  const more = button('button button-quiet', ['privacy.more'], () => void load(true));
  more.hidden = true;
  const element = h(
    'section',
    { class: 'card privacy-card', label: ['privacy.consents'] },
    h('h2', { text: ['privacy.consents'] }),
    h('p', { class: 'note', text: ['privacy.consents.lead'] }),
    h('div', { class: 'privacy-filters' }, purpose, stands),
    note,
    list,
    more,
  );

  /** @param {[string, string]} name @param {string[]} words @param {string[]} values */
  function select([name], words, values) {
    const options = values.map((value, i) => h('option', { value, text: [words[i]] }));
    return h('select', { class: 'input', label: [name], onChange: () => void load() }, ...options);
  }

  async function load(onwards = false) {
    const query = new URLSearchParams();
    if (purpose.value) query.set('purpose', purpose.value);
    if (stands.value) query.set('stands', stands.value);
    if (onwards && cursor) query.set('cursor', cursor);
    if (!onwards) note.replaceChildren(loading());
    try {
      const answer = /** @type {import('../../common/shapes.js').Answer<'ConsentList'>} */ (await api.get(`${path}?${query}`));
      cursor = answer.next_cursor;
      const rows = answer.consents.map(row);
      if (onwards) list.append(...rows);
      else list.replaceChildren(...rows);
      note.replaceChildren(list.childElementCount ? '' : empty({ icon: 'shield', title: ['privacy.consents.none'] }));
      more.hidden = cursor === null;
    } catch (error) {
      note.replaceChildren(failure(error, () => void load(onwards)));
    }
  }

  /** @param {Consent} consent */
  function row(consent) {
    const { consent_id: id, session_id: session } = consent;
    async function erase() {
      const path = `/api/photo-sessions/${session}/consents/${id}/erasure`;
      if (await eraseForGood({ path, title: ['privacy.erase'], text: [`privacy.erase.${consent.purpose}`] })) await load();
    }
    return h(
      'li',
      { class: 'consent-row' },
      h(
        'div',
        { class: 'consent-words' },
        h(
          'p',
          {},
          h('strong', { text: [`privacy.purpose.${consent.purpose}`] }),
          ' ',
          consent.withdrawn_at && h('span', { class: 'badge', text: ['consents.withdrawn'] }),
        ),
        h(
          'p',
          { class: 'note' },
          h('span', { text: ['consents.given'] }),
          ' ',
          time(consent.given_at, formatMoment),
          ...(consent.withdrawn_at
            ? [' · ', h('span', { text: ['privacy.withdrawn.at'] }), ' ', time(consent.withdrawn_at, formatMoment)]
            : []),
        ),
        h(
          'p',
          { class: 'note' },
          h('span', { text: ['privacy.version', { version: consent.version }] }),
          ' · ',
          h('span', { text: ['language.name', { name: languageName(consent.language) }] }),
          ' · ',
          h('a', { href: `/dashboard/photo-sessions/${session}`, text: ['privacy.session'] }),
        ),
      ),
      button('button button-quiet button-small button-danger-quiet', ['privacy.erase'], () => void erase(), 'trash'),
    );
  }

  return { element, load };
}
