/** Guests' use of the session: totals, a chart by hour or day, and the same as a table. */
import { button, h, icon } from '../../common/dom.js';
import { formatDate, formatNumber, momentOf, onLanguageChange, ownZone, t, wallClock } from '../../common/i18n.js';
import { formatMoney, minorDigits } from '../../common/money.js';
import { api } from '../api.js';
import { load } from '../states.js';
import { barChart } from './chart.js';
import { live } from './words.js';

/** @typedef {Record<Kind, number> & { hour: string }} Hour */
/** @typedef {typeof KINDS[number]} Kind */

const KINDS = /** @type {const} */ (['page_view', 'search', 'hit', 'empty', 'download', 'orders', 'revenue_amount']);
/** Where nothing was ever sold, nobody has to look at noughts. */
const SALES = ['orders', 'revenue_amount'];
/** More bars than this say less: they become days. */
const MOST_BARS = 72;
const HOUR_MS = 3_600_000;

/** @param {import('./types.js').PhotoSession} session */
export function createAnalytics(session) {
  const element = h('div', { class: 'section analytics' });
  /** @type {Kind} */
  let kind = 'page_view';
  const path = `/api/photo-sessions/${session.id}/analytics`;

  /** @param {{ totals: Record<Kind, number>, hours: Hour[], currency: string | null }} answer */
  function draw({ totals, hours, currency }) {
    const kinds = KINDS.filter((each) => currency !== null || !SALES.includes(each));
    /** @param {Kind} of @param {number} value */
    const format = (of, value) => (of === 'revenue_amount' && currency ? formatMoney(value, currency) : formatNumber(value));
    /** The chart counts money in whole units: its lines fall on round sums. @param {Kind} of */
    const scale = (of) => (of === 'revenue_amount' && currency ? 10 ** minorDigits(currency) : 1);
    const zone = session.time_zone ?? ownZone();
    const { bars, byDay } = arrange(hours, zone);
    const chart = h('div', { class: 'chart', tabindex: '0', role: 'group', label: ['analytics.graph'] });
    const tiles = h(
      'div',
      { class: 'figures', role: 'group', label: ['analytics.choose'] },
      ...kinds.map((each) =>
        h(
          'button',
          {
            type: 'button',
            class: 'figure',
            'data-kind': each,
            onClick: () => {
              kind = each;
              drawChart();
            },
          },
          live(h('span', { class: 'figure-number' }), () => format(each, totals[each])),
          h('span', { class: 'note', text: [`analytics.${each}`] }),
        ),
      ),
    );

    /** @param {string} iso */
    const when = (iso) => formatDate(iso, { day: 'numeric', month: 'short', ...(!byDay && { hour: '2-digit', minute: '2-digit' }) }, zone);
    /** @param {string} iso */
    const short = (iso) => formatDate(iso, byDay ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' }, zone);

    function drawChart() {
      for (const tile of tiles.children) tile.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (tile).dataset.kind === kind));
      chart.replaceChildren(
        barChart(
          bars.map((bar) => ({ value: bar[kind] / scale(kind), name: when(bar.hour), short: short(bar.hour) })),
          t('analytics.chart', { kind: t(`analytics.${kind}`) }),
          (value) => format(kind, value * scale(kind)),
        ),
      );
    }

    const table = h('table', { class: 'table' });
    function drawTable() {
      table.replaceChildren(
        h('caption', { class: 'visually-hidden', text: ['analytics.table'] }),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col', text: [byDay ? 'analytics.day' : 'analytics.hour'] }),
            ...kinds.map((each) => h('th', { scope: 'col', class: 'number', text: [`analytics.${each}`] })),
          ),
        ),
        h(
          'tbody',
          {},
          ...bars.map((bar) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, when(bar.hour)),
              ...kinds.map((each) => h('td', { class: 'number' }, format(each, bar[each]))),
            ),
          ),
        ),
      );
    }
    onLanguageChange(() => {
      if (table.isConnected) {
        drawChart();
        drawTable();
      }
    });
    drawChart();
    drawTable();

    const head = h(
      'div',
      { class: 'section-head' },
      h('h2', { text: ['analytics.title'] }),
      h(
        'div',
        { class: 'session-buttons' },
        button('button button-quiet button-small', ['analytics.refresh'], () => shown(), 'undo'),
        h(
          'a',
          { class: 'button button-quiet button-small', href: `${path}.csv`, download: true },
          icon('save'),
          h('span', { text: ['analytics.csv'] }),
        ),
      ),
    );
    if (hours.length === 0) return [head, tiles, h('p', { class: 'state', text: ['analytics.none'] })];
    return [
      head,
      tiles,
      h('div', { class: 'card' }, chart),
      h(
        'details',
        { class: 'card details' },
        h('summary', { text: ['analytics.table'] }),
        h('div', { class: 'table-scroll', tabindex: '0', role: 'region', label: ['analytics.table'] }, table),
      ),
    ];
  }

  function shown() {
    return load(element, () => api.get(path), draw);
  }
  return { element, shown };
}

/** Fills the hours in which nothing happened; too many hours become days. @param {Hour[]} hours @param {string} zone of the session */
function arrange(hours, zone) {
  if (hours.length === 0) return { bars: [], byDay: false };
  const from = Date.parse(hours[0].hour);
  const until = Date.parse(hours[hours.length - 1].hour);
  const byDay = (until - from) / HOUR_MS >= MOST_BARS;
  /** A day begins in the session's zone. @param {number} at */
  const slot = (at) => (byDay ? Date.parse(momentOf(`${wallClock(at, zone).slice(0, 10)}T00:00`, zone)) : at);
  /** @type {Map<number, Hour>} */
  const bars = new Map();
  for (let at = from; at <= until; at += HOUR_MS) {
    const key = slot(at);
    if (!bars.has(key))
      bars.set(key, {
        hour: new Date(key).toISOString(),
        page_view: 0,
        search: 0,
        hit: 0,
        empty: 0,
        download: 0,
        orders: 0,
        revenue_amount: 0,
      });
  }
  for (const each of hours) {
    const bar = bars.get(slot(Date.parse(each.hour)));
    if (bar) for (const kind of KINDS) bar[kind] += each[kind];
  }
  return { bars: [...bars.values()], byDay };
}
