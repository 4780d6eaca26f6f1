/** One order in the panel: what was bought by whom, what became of it, and what to make of it next. */
import '../messages/sales.js';
import '../messages/studio.js';
import { addressWords, partWords } from '../../common/order_words.js';
import { button, h, icon } from '../../common/dom.js';
import { formatMoment, onLanguageChange, t } from '../../common/i18n.js';
import { formatMoney } from '../../common/money.js';
import { heldTax, parts } from '../../common/sums.js';
import { thumb } from '../../common/thumb.js';
import { api } from '../api.js';
import { eraseForGood } from '../erase.js';
import { askTransition } from '../sales/transition.js';
import { load } from '../states.js';
import { live } from '../studio/words.js';
import { time } from '../time.js';
import { orderBadge } from './orders.js';

/** @typedef {import('../../order/types.js').Order} Order */
/** @typedef {import('../../order/types.js').Line} Line */
/** @typedef {{ id: string, at: string, from: string, to: import('../../order/types.js').Status, actor: string, note: string | null }} OrderEvent */

/** The action that moves the order forward stands first and is the primary one. */
const ICONS = { paid: 'check', fulfilled: 'check', cancelled: 'close', refunded: 'undo' };

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['order.page']);
  const id = location.pathname.split('/').filter(Boolean).at(-1);
  const url = `/api/shop/orders/${id}`;
  const ask = () => Promise.all([api.get(url), api.get(`${url}/events`)]);
  const refresh = () => load(root, ask, ([order, { events }]) => draw(order, events, { act, erase }));

  /** @param {Order} order @param {import('../../order/types.js').Status} to */
  async function act(order, to) {
    if (!(await askTransition(order, to))) return;
    await refresh();
    root.querySelector('h1')?.focus();
  }
  async function erase() {
    if (await eraseForGood({ path: `${url}/erasure`, title: ['erase.order'], text: ['erase.order.text'] })) await refresh();
  }
  await refresh();
  // The names of prices are the server's to translate.
  onLanguageChange(() => void refresh());
}

/**
 * @typedef {object} Actions
 * @property {(order: Order, to: import('../../order/types.js').Status) => void} act
 * @property {() => void} erase takes out what the order says of its buyer
 */

/** @param {Order} order @param {OrderEvent[]} events @param {Actions} actions */
function draw(order, events, { act, erase }) {
  return [
    h(
      'div',
      { class: 'session-head' },
      h('a', { class: 'crumb', href: '/dashboard/orders' }, icon('back'), h('span', { text: ['orders.title'] })),
      h(
        'div',
        { class: 'session-head-row' },
        h(
          'div',
          { class: 'page-words' },
          h('h1', { text: ['order.title', { number: order.number }], tabindex: '-1' }),
          h(
            'p',
            { class: 'session-meta' },
            orderBadge(order.status),
            order.refund_asked_at && h('span', { class: 'note', text: ['order.refund.waiting'] }),
            time(order.placed_at ?? order.created_at, formatMoment, order.time_zone),
            h('a', { href: `/dashboard/photo-sessions/${order.session_id}` }, order.session_name),
          ),
        ),
        order.actions.length > 0 &&
          h(
            'div',
            { class: 'session-buttons' },
            ...order.actions.map((to, i) =>
              button(
                `button button-small ${i === 0 && (to === 'paid' || to === 'fulfilled') ? 'button-primary' : 'button-quiet'}`,
                [to === 'refunded' && order.payment !== 'manual' ? 'order.to.refunded.online' : `order.to.${to}`],
                () => act(order, to),
                ICONS[/** @type {keyof typeof ICONS} */ (to)],
              ),
            ),
          ),
      ),
    ),
    h(
      'div',
      { class: 'order-columns' },
      h('section', { class: 'card order-table' }, h('h2', { text: ['order.lines'] }), lines(order), papers(order)),
      h('div', { class: 'section' }, buyer(order, erase), log(events, order.time_zone)),
    ),
  ];
}

/** @param {Order} order */
function lines(order) {
  return h(
    'div',
    { class: 'table-scroll', tabindex: '0', role: 'region', label: ['order.lines'] },
    h(
      'table',
      { class: 'table' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col', text: ['order.line.name'] }),
          h('th', { scope: 'col', class: 'number', text: ['order.line.quantity'] }),
          h('th', { scope: 'col', class: 'number', text: ['order.line.price'] }),
          h('th', { scope: 'col', class: 'number', text: ['order.line.amount'] }),
        ),
      ),
      h('tbody', {}, ...order.lines.map((line) => row(line, order.currency))),
      h(
        'tfoot',
        {},
        // The whole page is drawn anew in another language.
        ...parts(order).map(([name, amount]) =>
          h('tr', { class: 'order-part' }, h('th', { scope: 'row', colspan: 3 }, name), h('td', { class: 'number' }, amount)),
        ),
        h(
          'tr',
          {},
          h(
            'th',
            { scope: 'row', colspan: 3 },
            h('span', { text: ['order.total'] }),
            h('span', { class: 'note order-held' }, heldTax(order)),
          ),
          live(h('td', { class: 'number order-sum' }), () => formatMoney(order.total_amount, order.currency)),
        ),
      ),
    ),
  );
}

/** What can be printed of an order. @param {Order} order */
function papers(order) {
  return h(
    'p',
    { class: 'order-papers' },
    h(
      'a',
      { class: 'button button-quiet button-small', href: `/api/shop/orders/${order.id}/receipt.pdf`, download: true },
      icon('receipt'),
      h('span', { text: ['order.receipt'] }),
    ),
    order.lines.some((line) => line.kind === 'print' && line.photo_id) &&
      h(
        'a',
        { class: 'button button-quiet button-small', href: `/api/shop/orders/${order.id}/prints.zip`, download: true },
        icon('image'),
        h('span', { text: ['order.prints'] }),
      ),
  );
}

/** @param {Line} line @param {string} currency */
function row(line, currency) {
  const own = line.size && !line.name.includes(line.size) ? `${line.name}, ${line.size}` : line.name;
  /** What is in a package costs nothing beside it. @param {number} amount */
  const money = (amount) => (line.package_id ? '' : formatMoney(amount, currency));
  return h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row' },
      h(
        'span',
        { class: line.package_id ? 'order-thing is-part' : 'order-thing' },
        h('span', { class: 'order-thumb' }, thumb(line)),
        h(
          'span',
          { class: 'order-thing-words' },
          line.package_id ? live(h('span', {}), () => partWords(line)) : h('span', {}, own),
          h('span', { class: 'note mono' }, line.filename ?? ''),
          line.covered && h('span', { class: 'note', text: ['order.covered'] }),
        ),
      ),
    ),
    h('td', { class: 'number' }, String(line.quantity)),
    live(h('td', { class: 'number' }), () => money(line.unit_amount)),
    live(h('td', { class: 'number' }), () => money(line.amount)),
  );
}

/** @param {Order} order @param {() => void} erase */
function buyer(order, erase) {
  /** @param {string} key @param {Node | string | null} value */
  const fact = (key, value) => value && h('div', { class: 'fact-row' }, h('dt', { class: 'note', text: [key] }), h('dd', {}, value));
  return h(
    'section',
    { class: 'card order-card' },
    h('h2', { text: ['order.buyer'] }),
    h('p', { class: 'order-buyer' }, order.name),
    h(
      'ul',
      { class: 'order-reach' },
      order.email && h('li', {}, h('a', { href: `mailto:${order.email}` }, order.email)),
      order.phone && h('li', {}, h('a', { href: `tel:${order.phone.replace(/[^+\d]/g, '')}` }, order.phone)),
    ),
    h(
      'dl',
      { class: 'fact-rows' },
      fact('order.buyer.note', order.note),
      order.shipping && fact('order.shipping', order.shipping.name),
      order.shipping?.address && fact('order.address', addressWords(order.shipping.address)),
      fact('order.payment', h('span', { text: [`payment.${order.payment}`] })),
    ),
    order.name && button('button button-quiet button-small button-danger-quiet', ['erase.order'], () => void erase(), 'trash'),
  );
}

/** @param {OrderEvent[]} events @param {string | null} zone */
function log(events, zone) {
  return h(
    'section',
    { class: 'card order-card' },
    h('h2', { text: ['order.log'] }),
    h(
      'ol',
      { class: 'order-log' },
      ...events.map((event) =>
        h(
          'li',
          {},
          live(h('span', {}), () =>
            t('order.log.by', { status: t(`order.event.${event.from === event.to ? 'remark' : event.to}`), who: who(event.actor) }),
          ),
          h('span', { class: 'note' }, time(event.at, formatMoment, zone)),
          event.note && h('span', { class: 'order-log-note' }, event.note),
        ),
      ),
    ),
  );
}

/** "user:Anna" → "Anna". @param {string} actor */
function who(actor) {
  return actor.startsWith('user:') ? actor.slice('user:'.length) : t(`order.by.${actor}`);
}
