/** What was erased: how far it is, and the receipt. */
import { button, h, icon } from '../../common/dom.js';
import { formatMoment } from '../../common/i18n.js';
import { api } from '../api.js';
import { receiptLink } from '../erase.js';
import { empty, failure, loading } from '../states.js';
import { time } from '../time.js';

/** @typedef {import('../../common/shapes.js').Answer<'ErasureJson'>} Erasure */

/** While one is running, the list is read again this often. */
const REFRESH_MS = 3000;

export function erasureList() {
  /** @type {string | null} */
  let cursor = null;
  const list = h('ul', { class: 'consent-list', role: 'list', label: ['privacy.erasures'] });
  const note = h('div', {});
  const more = button('button button-quiet', ['privacy.more'], () => void load(true));
  more.hidden = true;
  const element = h(
    'section',
    { class: 'card privacy-card', label: ['privacy.erasures'] },
    h('h2', { text: ['privacy.erasures'] }),
    h('p', { class: 'note', text: ['privacy.erasures.lead'] }),
    note,
    list,
    more,
  );

  async function load(onwards = false) {
    if (!onwards && !list.childElementCount) note.replaceChildren(loading());
    try {
      const query = onwards && cursor ? `?cursor=${encodeURIComponent(cursor)}` : '';
      const answer = /** @type {import('../../common/shapes.js').Answer<'ErasurePage'>} */ (await api.get(`/api/erasures${query}`));
      cursor = answer.next_cursor;
      const rows = answer.erasures.map(row);
      if (onwards) list.append(...rows);
      else list.replaceChildren(...rows);
      note.replaceChildren(list.childElementCount ? '' : empty({ icon: 'trash', title: ['privacy.erasures.none'] }));
      more.hidden = cursor === null;
      if (!onwards && answer.erasures.some(({ state }) => state === 'running')) {
        setTimeout(() => element.isConnected && void load(), REFRESH_MS);
      }
    } catch (error) {
      note.replaceChildren(failure(error, () => void load(onwards)));
    }
  }

  /** @param {Erasure} erasure */
  function row(erasure) {
    const isDone = erasure.state === 'complete';
    return h(
      'li',
      { class: 'consent-row' },
      h(
        'div',
        { class: 'consent-words' },
        h(
          'p',
          {},
          h('strong', { text: [`privacy.kind.${erasure.kind}`] }),
          ' ',
          h(
            'span',
            { class: isDone ? 'badge badge-good' : 'badge' },
            icon(isDone ? 'check' : 'clock'),
            h('span', { text: [isDone ? 'privacy.erased' : 'privacy.erasing'] }),
          ),
        ),
        h('p', { class: 'note' }, time(erasure.asked_at, formatMoment), ' · ', h('code', { class: 'mono' }, erasure.subject)),
        !isDone && erasure.waits_for && h('p', { class: 'note', text: ['privacy.waits', { code: erasure.waits_for }] }),
      ),
      isDone && receiptLink(erasure),
    );
  }

  return { element, load };
}
