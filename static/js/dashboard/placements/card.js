/** The parts that a placement order's card has in the customer's list and on the studio's desk. */
import { h, icon } from '../../common/dom.js';
import { formatDate } from '../../common/i18n.js';
import { live } from '../studio/words.js';
import { formatMoney, webLink } from './words.js';

/** In place of a picture. */
export function noPicture() {
  return h('span', { class: 'placement-thumb-none' }, icon('image'), h('span', { class: 'visually-hidden', text: ['orders.no_picture'] }));
}

/** Budget, deadline, place, platforms and link, as far as they are there. @param {import('./types.js').Order} order */
export function placementFacts(order) {
  const place = [order.geo.city, order.geo.region, order.geo.country].filter(Boolean).join(', ');
  const host = webLink(order.target_url)?.hostname;
  return h(
    'dl',
    { class: 'placement-facts' },
    order.total_amount !== null &&
      fact(
        'orders.budget',
        live(h('span', {}), () => formatMoney(order.total_amount ?? 0)),
      ),
    order.deadline &&
      fact(
        'orders.deadline',
        live(h('span', {}), () => formatDate(order.deadline ?? '')),
      ),
    place && fact('orders.place', h('span', {}, place)),
    order.platforms.length > 0 && fact('orders.platforms', h('span', {}, order.platforms.join(', '))),
    host && fact('orders.link', h('a', { href: order.target_url, rel: 'noopener noreferrer', target: '_blank' }, host)),
  );
}

/** @param {string} name a message @param {Node} value */
function fact(name, value) {
  return h('div', { class: 'placement-fact' }, h('dt', { text: [name] }), h('dd', {}, value));
}
