/** The customer's orders: drafts to continue, what is under way, what is done. */
import '../messages/placements.js';
import { button, h, icon, iconButton, toast } from '../../common/dom.js';
import { t } from '../../common/i18n.js';
import { api } from '../api.js';
import { confirm } from '../dialog.js';
import { live } from '../studio/words.js';
import { pageHead } from '../shell.js';
import { empty, errorText, load } from '../states.js';
import { time } from '../time.js';
import { noPicture, placementFacts } from '../placements/card.js';
import { formatMoney, orderBadge } from '../placements/words.js';

/** @typedef {import('../placements/types.js').Order} Order */
/** @typedef {import('../placements/types.js').Balance} Balance */

const CREATE = '/dashboard/customer/create-order';
/** @type {[string, import('../placements/types.js').Status[]][]} */
const SECTIONS = [
  ['orders.drafts', ['draft']],
  ['orders.active', ['placed', 'in_progress']],
  ['orders.done', ['completed', 'cancelled']],
];

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['placements.title']);
  /** @type {Order[]} */
  let orders = [];
  /** @type {Balance | null} */
  let balance = null;
  /** @type {string | null} */
  let cursor = null;
  const body = h('div', { class: 'placements' });
  const create = () =>
    h('a', { class: 'button button-primary button-small', href: CREATE }, icon('plus'), h('span', { text: ['orders.new'] }));
  root.append(pageHead({ title: ['placements.title'], text: ['placements.lead'], actions: [create()] }), body);

  /** @param {string | null} after */
  async function fetchPage(after) {
    const page = await api.get(`/api/orders${after ? `?cursor=${encodeURIComponent(after)}` : ''}`);
    orders = after ? [...orders, ...page.orders] : page.orders;
    ({ balance, next_cursor: cursor } = page);
  }

  const placed = new URLSearchParams(location.search).get('placed');
  if (placed) history.replaceState(null, '', location.pathname);
  await load(
    body,
    () => fetchPage(null),
    () => {
      const order = orders.find(({ id }) => id === placed);
      return [...(placed ? [notice(order)] : []), ...parts()];
    },
  );

  function redraw() {
    body.replaceChildren(...parts());
  }

  function parts() {
    if (orders.length === 0)
      return [...purse(balance), empty({ icon: 'qr', title: ['orders.empty'], text: ['orders.empty.text'], action: create() })];
    return [
      ...purse(balance),
      ...SECTIONS.flatMap(([title, statuses]) => {
        const these = orders.filter(({ status }) => statuses.includes(status));
        return these.length === 0
          ? []
          : [h('section', { class: 'section' }, h('h2', { text: [title] }), h('ul', { class: 'placement-list' }, ...these.map(card)))];
      }),
      ...(cursor ? [button('button button-quiet button-small placement-more', ['orders.more'], more)] : []),
    ];
  }

  async function more() {
    await attempt(() => fetchPage(cursor));
    redraw();
  }

  /** @param {() => Promise<unknown>} action @returns {Promise<boolean>} */
  async function attempt(action) {
    try {
      await action();
      return true;
    } catch (error) {
      toast(errorText(error));
      return false;
    }
  }

  /** @param {Order} order */
  async function cancel(order) {
    if (
      !(await confirm({
        title: ['orders.cancel.title'],
        text: ['orders.cancel.text', { title: nameOf(order) }],
        action: ['orders.cancel'],
      }))
    )
      return;
    if (!(await attempt(() => api.patch(`/api/orders/${order.id}`, { status: 'cancelled' })))) return;
    toast(['orders.cancelled']);
    // The reserved amount has changed with it.
    await attempt(() => fetchPage(null));
    redraw();
  }

  /** @param {Order} order */
  async function remove(order) {
    if (
      !(await confirm({
        title: ['orders.delete.title'],
        text: ['orders.delete.text', { title: nameOf(order) }],
        action: ['orders.delete'],
      }))
    )
      return;
    if (!(await attempt(() => api.delete(`/api/orders/${order.id}`)))) return;
    toast(['orders.deleted']);
    orders = orders.filter(({ id }) => id !== order.id);
    redraw();
  }

  /** @param {Order} order */
  function card(order) {
    const draft = order.status === 'draft';
    const title = nameOf(order);
    return h(
      'li',
      { class: 'placement-card' },
      h(
        'div',
        { class: 'placement-thumb' },
        order.preview_url ? h('img', { src: order.preview_url, alt: ['orders.picture', { title }], loading: 'lazy' }) : noPicture(),
      ),
      h(
        'div',
        { class: 'placement-words' },
        h(
          'div',
          { class: 'placement-head' },
          order.title ? h('h3', {}, order.title) : h('h3', { text: ['orders.untitled'] }),
          orderBadge(order.status),
        ),
        draft && h('p', { class: 'note' }, h('span', { text: ['orders.saved_ago'] }), ' ', time(order.updated_at)),
        placementFacts(order),
        h(
          'div',
          { class: 'placement-actions' },
          draft &&
            h(
              'a',
              { class: 'button button-quiet button-small', href: `${CREATE}?draft=${order.id}`, label: ['orders.go_on.name', { title }] },
              icon('pen'),
              h('span', { text: ['orders.go_on'] }),
            ),
          draft && iconButton('placement-delete', ['orders.delete.name', { title }], () => remove(order), 'trash'),
          order.status === 'placed' &&
            h('button', {
              type: 'button',
              class: 'link-button',
              label: ['orders.cancel.name', { title }],
              text: ['orders.cancel'],
              onClick: () => cancel(order),
            }),
        ),
      ),
    );
  }

  /** @param {Order | undefined} order */
  function notice(order) {
    const element = h(
      'div',
      { class: 'callout placement-notice', role: 'status' },
      icon('check'),
      h(
        'div',
        {},
        h('p', { class: 'placement-notice-title', text: ['orders.placed'] }),
        h('p', { class: 'note', text: order ? ['orders.placed.text', { title: order.title }] : ['orders.placed.plain'] }),
      ),
      iconButton('', ['orders.dismiss'], () => element.remove(), 'close'),
    );
    return element;
  }
}

/** @param {Order} order */
function nameOf(order) {
  return order.title || t('orders.untitled');
}

/** The available balance. @param {Balance | null} balance */
function purse(balance) {
  if (!balance) return [];
  const { amount, reserved } = balance;
  return [
    h(
      'section',
      { class: 'card purse', label: ['balance'] },
      h('p', { class: 'eyebrow', text: ['balance.available'] }),
      live(h('p', { class: 'purse-amount' }), () => formatMoney(amount - reserved)),
      reserved > 0 && live(h('p', { class: 'note' }), () => t('balance.reserved', { amount: formatMoney(reserved) })),
    ),
  ];
}
