/** The ledger: what became of every chosen file, checked against the server once all have travelled. */
import { button, h, icon, iconButton } from '../../common/dom.js';
import { formatDate, formatMoment, formatNumber, t } from '../../common/i18n.js';
import { outcome } from './file_list.js';
import { createComparison, isPreparing, ledgerCsv, refresh, setAside } from './ledger.js';

/** @typedef {import('./totals.js').Totals} Totals */
/** @typedef {import('./queue.js').UploadQueue} UploadQueue */

/** Live events tell of each photo; this is for those that were missed. */
const REFRESH_MS = 8000;

/** What became of the chosen files; together they are all of them. @param {Totals} totals */
function sumsOf(totals) {
  /** @param {string} key @param {number} value @param {string} [kind] @param {boolean} [always] */
  const sum = (key, value, kind = '', always = false) =>
    (value > 0 || always) &&
    h('div', { class: `ledger-sum ${kind}` }, h('dt', { text: [`ledger.${key}`] }), h('dd', {}, formatNumber(value)));
  return [
    sum('chosen', totals.files, 'is-total', true),
    sum('stored', totals.stored, '', true),
    sum('duplicates', totals.duplicates),
    sum('sidecars', totals.sidecars),
    sum('rejected', totals.rejected, totals.rejected > 0 ? 'is-bad' : '', true),
    sum('refused', totals.refused),
    sum('cancelled', totals.cancelled),
    sum('failed', totals.failed, 'is-bad'),
    sum('open', totals.open),
  ].filter((part) => part !== false);
}

/** The account of an upload that an earlier visit finished. @param {import('./memory.js').Last} last @param {() => void} onClose */
export function lastLedger({ at, totals }, onClose) {
  return h(
    'section',
    { class: 'card ledger', label: ['ledger.last', { when: formatMoment(at) }] },
    h(
      'div',
      { class: 'section-head' },
      h('h2', { text: ['ledger.last', { when: formatMoment(at) }] }),
      iconButton('', ['ledger.last.close'], onClose, 'close'),
    ),
    h('dl', { class: 'ledger-sums' }, ...sumsOf(totals)),
  );
}

/** @param {UploadQueue} queue @param {import('../studio/live.js').Live} live @param {string} name of the session, for the file's name */
export function createLedgerCard(queue, live, name) {
  const sums = h('dl', { class: 'ledger-sums' });
  const readiness = h('p', { class: 'ledger-ready' });
  const verdict = h('p', { class: 'ledger-verdict', role: 'status' });
  const csv = button('button button-quiet button-small', ['ledger.csv'], download, 'save');
  const element = h(
    'section',
    { class: 'card ledger', label: ['ledger.title'] },
    h('div', { class: 'section-head' }, h('h2', { text: ['ledger.title'] }), csv),
    sums,
    readiness,
    verdict,
  );
  const comparison = createComparison(queue);

  live.on('photo', ({ photo_id: id, state }) => {
    for (const entry of queue.entries) {
      if (entry.photoId !== id || (entry.state !== 'stored' && entry.state !== 'duplicate')) continue;
      if (state === 'deleted') setAside(entry);
      else if (state === 'ready') entry.indexed = true;
      // The event does not say why; the ledger does.
      else if (state === 'rejected') refresh(queue).catch(() => {});
    }
    queue.changed();
  });
  setInterval(() => {
    if (queue.entries.some(isPreparing)) refresh(queue).catch(() => {});
  }, REFRESH_MS);

  /** @param {Totals} totals */
  function draw(totals) {
    sums.replaceChildren(...sumsOf(totals));
    const here = totals.stored + totals.duplicates;
    readiness.hidden = here === 0;
    readiness.replaceChildren(
      totals.preparing > 0 ? h('span', { class: 'spinner', 'aria-hidden': 'true' }) : icon('check'),
      h(
        'span',
        {},
        totals.preparing > 0
          ? t('ledger.preparing', { indexed: formatNumber(totals.indexed), here: formatNumber(here) })
          : t('ledger.indexed', { n: here }),
      ),
    );
    const checked = comparison.current();
    const words =
      checked?.asked && totals.open === 0
        ? t(checked.missing ? 'ledger.missing' : 'ledger.checked', {
            n: checked.missing || checked.asked,
            time: formatDate(checked.at, { timeStyle: 'short' }),
          })
        : '';
    // Written only when it changes: a screen reader reads it out each time.
    if (verdict.textContent !== words) verdict.textContent = words;
    csv.disabled = totals.files === 0;
    comparison.compare(totals);
  }

  function download() {
    const url = URL.createObjectURL(new Blob([ledgerCsv(queue.entries, outcome)], { type: 'text/csv;charset=utf-8' }));
    h('a', { href: url, download: `${name.replace(/[^\p{L}\p{N} _-]+/gu, '').trim() || 'pixora'} - ${t('ledger.file')}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  const settled = () => {
    const checked = comparison.current();
    return checked?.final === true && checked.missing === 0;
  };
  return { element, draw, settled };
}
