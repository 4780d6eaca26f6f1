/** The list of guests' orders with filters in the address, totals, and a CSV file. */
import '../messages/sales.js';
import '../../common/order_words.js';
import { button, h, icon, toast } from '../../common/dom.js';
import { bindText, formatNumber, t } from '../../common/i18n.js';
import { formatMoney } from '../../common/money.js';
import { api } from '../api.js';
import { createFilters } from '../sales/filters.js';
import { pageHead } from '../shell.js';
import { empty, errorText, load } from '../states.js';
import { live } from '../studio/words.js';
import { time } from '../time.js';

/** @typedef {import('../../order/types.js').Order} Order */
/** @typedef {Omit<Order, 'lines'> & { line_count: number }} Summary an order in the list */
/** @typedef {{ orders: Summary[], next_cursor: string | null, totals: { count: number, paid_amount: number, currency: string | null } }} Page */

const PAGE_SIZE = 50;

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['orders.title']);
  const csv = h('a', { class: 'button button-quiet button-small', download: true }, icon('save'), h('span', { text: ['orders.csv'] }));
  const body = h('div', { class: 'section' });
  const filters = createFilters(refresh);
  const found = h('p', { class: 'visually-hidden', role: 'status' });
  /** Only the answer to the last question counts. */
  let asked = 0;
  root.append(pageHead({ title: ['orders.title'], text: ['orders.lead'], actions: [csv] }), filters.element, found, body);

  /** @param {string | null} cursor @returns {Promise<Page>} */
  function ask(cursor) {
    const query = filters.query();
    query.set('limit', String(PAGE_SIZE));
    if (cursor) query.set('cursor', cursor);
    return api.get(`/api/shop/orders?${query}`);
  }

  async function refresh() {
    const question = ++asked;
    csv.href = `/api/shop/orders.csv?${filters.query()}`;
    await load(
      body,
      () => ask(null),
      (page) => (question === asked ? draw(page) : [...body.childNodes].map((node) => /** @type {Node} */ (node))),
    );
  }

  /** @param {Page} page */
  function draw(page) {
    const nothing = page.orders.length === 0;
    filters.element.hidden = nothing && !filters.any();
    csv.hidden = nothing;
    bindText(found, '', ['orders.found', { n: page.totals.count }]);
    if (nothing && !filters.any()) {
      const admin = context.user.role !== 'photographer';
      return empty({
        icon: 'receipt',
        title: ['orders.none'],
        text: ['orders.none.text'],
        action: admin
          ? h(
              'a',
              { class: 'button button-primary button-small', href: '/dashboard/settings/prices' },
              icon('tag'),
              h('span', { text: ['orders.none.prices'] }),
            )
          : undefined,
      });
    }
    if (nothing)
      return empty({
        icon: 'receipt',
        title: ['orders.nothing'],
        action: button('button button-quiet button-small', ['orders.clear'], filters.clear, 'undo'),
      });

    const list = h('ul', { class: 'session-list', label: ['orders.title'] }, ...page.orders.map(row));
    const foot = h('div', { class: 'list-foot' });
    drawFoot(page.next_cursor);
    return [totals(page), list, foot];

    /** @param {string | null} cursor */
    function drawFoot(cursor) {
      foot.replaceChildren();
      if (!cursor) return;
      const more = button('button button-quiet button-small', ['orders.more'], async () => {
        more.disabled = true;
        try {
          const next = await ask(cursor);
          list.append(...next.orders.map(row));
          drawFoot(next.next_cursor);
        } catch (error) {
          toast(errorText(error));
          more.disabled = false;
        }
      });
      foot.append(more);
    }
  }

  await refresh();
}

/** @param {Page} page */
function totals({ totals: { count, paid_amount: paid, currency } }) {
  /** @param {string} key @param {() => string} words */
  const figure = (key, words) =>
    h('div', { class: 'figure figure-still' }, h('dt', { class: 'note', text: [key] }), live(h('dd', { class: 'figure-number' }), words));
  return h(
    'dl',
    { class: 'figures' },
    figure('orders.count', () => formatNumber(count)),
    currency !== null && figure('orders.paid', () => formatMoney(paid, currency)),
  );
}

/** @param {Summary} order */
function row(order) {
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'session-row order-row', href: `/dashboard/orders/${order.id}` },
      h(
        'span',
        { class: 'session-row-words' },
        h('span', { class: 'session-row-name' }, order.name || order.number),
        h('span', { class: 'note' }, [order.number, order.session_name].filter(Boolean).join(' · ')),
      ),
      h(
        'span',
        { class: 'session-row-figures' },
        live(h('span', { class: 'order-row-total' }), () => formatMoney(order.total_amount, order.currency)),
        live(h('span', { class: 'note' }), () => t('orders.lines', { n: order.line_count })),
      ),
      h(
        'span',
        { class: 'session-row-badges' },
        h('span', { class: 'note' }, time(order.placed_at ?? order.created_at, undefined, order.time_zone)),
        orderBadge(order.status),
      ),
      icon('forward'),
    ),
  );
}

/** @param {import('../../order/types.js').Status} status */
export function orderBadge(status) {
  return h('span', { class: `badge order-${status}`, text: [`order.status.${status}`] });
}
