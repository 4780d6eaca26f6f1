/** What things come to: what is taken off, what comes on top, and the total. The server computes every amount. */
import './order_words.js';
import { h } from './dom.js';
import { formatNumber, t } from './i18n.js';
import { formatMoney } from './money.js';

/**
 * @typedef {object} Sums
 * @property {string} currency
 * @property {number} items_amount
 * @property {{ code: string, amount: number } | null | undefined} [discount]
 * @property {{ name: string, amount: number } | null | undefined} [shipping]
 * @property {{ rate: number, included: boolean, amount: number } | null | undefined} [tax]
 * @property {number} total_amount
 */

/** "19 %" of 1900. @param {number} rate hundredths of a percent */
export const percent = (rate) => formatNumber(rate / 10_000, { style: 'percent', maximumFractionDigits: 2 });

/** The parts of a total in the order in which they are counted; none where the items are all. @param {Sums} sums @returns {[string, string][]} */
export function parts({ currency, items_amount: items, discount, shipping, tax }) {
  /** @param {number} amount */
  const money = (amount) => formatMoney(amount, currency);
  if (!discount && !shipping && (!tax || tax.included)) return [];
  return /** @type {[string, string][]} */ (
    [
      [t('sum.items'), money(items)],
      discount && [t('sum.promo', { code: discount.code }), `−${money(discount.amount)}`],
      shipping && [shipping.name, money(shipping.amount)],
      tax && !tax.included && [t('sum.tax', { percent: percent(tax.rate) }), money(tax.amount)],
    ].filter(Boolean)
  );
}

/** The tax that the total holds already. @param {Sums} sums */
export function heldTax({ currency, tax }) {
  return tax?.included ? t('sum.tax.held', { percent: percent(tax.rate), amount: formatMoney(tax.amount, currency) }) : '';
}

/** @param {Sums} sums @param {import('./i18n.js').Text} label of the total */
export function sumList(sums, label) {
  const held = heldTax(sums);
  return h(
    'dl',
    { class: 'sum' },
    ...parts(sums).map(([name, amount]) => h('div', { class: 'sum-row sum-part' }, h('dt', {}, name), h('dd', {}, amount))),
    h(
      'div',
      { class: 'sum-row' },
      h('dt', { text: label }),
      h('dd', { class: 'sum-amount' }, formatMoney(sums.total_amount, sums.currency)),
    ),
    held && h('div', { class: 'sum-row sum-part' }, h('dt', {}, held), h('dd', {}, '')),
  );
}
