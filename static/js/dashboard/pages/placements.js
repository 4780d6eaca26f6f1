/** Customers' placement orders, for whoever moves them on. */
import '../messages/placements.js';
import '../messages/placement_desk.js';
import { button, h, toast } from '../../common/dom.js';
import { api } from '../api.js';
import { confirm } from '../dialog.js';
import { noPicture, placementFacts } from '../placements/card.js';
import { orderBadge } from '../placements/words.js';
import { pageHead } from '../shell.js';
import { empty, errorText, load } from '../states.js';
import { time } from '../time.js';

/** @typedef {import('../placements/types.js').Order} Order */
/** @typedef {import('../placements/types.js').Status} Status */

/** Drafts are their customer's alone. */
const SHOWN = /** @type {const} */ (['placed', 'in_progress', 'completed', 'cancelled']);
/** Where an order may go from here. @type {Partial<Record<Status, Status[]>>} */
const NEXT = { placed: ['in_progress', 'cancelled'], in_progress: ['completed', 'cancelled'] };

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, { setTitle }) {
  setTitle(['desk.title']);
  /** @type {Order[]} */
  let orders = [];
  /** @type {string | null} */
  let cursor = null;
  const status = h(
    'select',
    { class: 'input select', label: ['desk.status'] },
    ...SHOWN.map((each) => h('option', { value: each, text: [`placement.status.${each}`] })),
  );
  status.addEventListener('change', () => void begin());
  const body = h('div', { class: 'placements', label: ['desk.title'] });
  root.append(
    pageHead({ title: ['desk.title'], text: ['desk.text'] }),
    h('div', { class: 'desk-filter' }, h('label', {}, h('span', { text: ['desk.status'] }), status)),
    body,
  );

  /** @param {string | null} after */
  async function fetchPage(after) {
    const query = new URLSearchParams({ status: status.value, ...(after ? { cursor: after } : {}) });
    const page = await api.get(`/api/orders?${query}`);
    orders = after ? [...orders, ...page.orders] : page.orders;
    cursor = page.next_cursor;
  }

  const begin = () => load(body, () => fetchPage(null), parts);

  function parts() {
    if (orders.length === 0) return [empty({ icon: 'qr', title: ['desk.empty'], text: ['desk.empty.text'] })];
    return [
      h('ul', { class: 'placement-list' }, ...orders.map((each) => card(each, move))),
      ...(cursor ? [button('button button-quiet button-small placement-more', ['orders.more'], more)] : []),
    ];
  }

  async function more() {
    try {
      await fetchPage(cursor);
    } catch (error) {
      toast(errorText(error));
    }
    body.replaceChildren(...parts());
  }

  /** @param {Order} order @param {Status} to */
  async function move(order, to) {
    const asks = to === 'cancelled' || to === 'completed';
    if (
      asks &&
      !(await confirm({
        title: [`desk.${to}.title`],
        text: [`desk.${to}.text`, { title: order.title }],
        action: [`desk.to.${to}`],
        danger: to === 'cancelled',
      }))
    )
      return;
    try {
      await api.patch(`/api/orders/${order.id}`, { status: to });
      toast(['desk.moved']);
    } catch (error) {
      toast(errorText(error));
    }
    await begin();
  }

  await begin();
}

/** @param {Order} order @param {(order: Order, to: Status) => Promise<void>} move */
function card(order, move) {
  return h(
    'li',
    { class: 'placement-card' },
    h(
      'div',
      { class: 'placement-thumb' },
      order.preview_url && order.image_url
        ? h(
            'a',
            { href: order.image_url, target: '_blank', rel: 'noopener', label: ['desk.open', { title: order.title }] },
            h('img', { src: order.preview_url, alt: ['orders.picture', { title: order.title }], loading: 'lazy' }),
          )
        : noPicture(),
    ),
    h(
      'div',
      { class: 'placement-words' },
      h('div', { class: 'placement-head' }, h('h2', {}, order.title), orderBadge(order.status)),
      h('p', { class: 'note' }, order.customer_name ?? '', order.customer_name ? ' · ' : '', time(order.created_at)),
      order.description && h('p', {}, order.description),
      placementFacts(order),
      h(
        'div',
        { class: 'placement-actions' },
        ...(NEXT[order.status] ?? []).map((to) =>
          h(
            'button',
            {
              type: 'button',
              class: to === 'cancelled' ? 'button button-quiet button-small' : 'button button-primary button-small',
              label: [`desk.to.${to}.name`, { title: order.title }],
              onClick: () => void move(order, to),
            },
            h('span', { text: [`desk.to.${to}`] }),
          ),
        ),
      ),
    ),
  );
}
