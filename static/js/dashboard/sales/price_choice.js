/** Which prices of a studio's list are offered: a part of the form of a session, and of the dialog for several. */
import { h } from '../../common/dom.js';
import { formatMoney } from '../../common/money.js';
import { api } from '../api.js';
import { priceName } from './price_row.js';

/** @typedef {import('./price_row.js').Price & { id: string, amount: number }} Price */

/**
 * There is nothing to choose where nothing is sold.
 * @param {{ studioId: string, offered: string[] | null | undefined, isTitled?: boolean }} options `offered`: the prices that are offered now;
 *   all where it is nothing; `isTitled`: something above says what they are
 */
export function priceChoice({ studioId, offered, isTitled = false }) {
  /** @type {HTMLInputElement[]} */
  let boxes = [];
  const list = h('div', { class: 'sold' });
  const element = h(
    'fieldset',
    { class: 'sold-here', hidden: true },
    h('legend', { class: isTitled ? 'visually-hidden' : '', text: ['terms.sold'] }),
    list,
  );

  async function load() {
    /** @type {{ currency: string, prices: Price[] }} */
    const { currency, prices } = await api.get(`/api/studios/${studioId}/prices`);
    boxes = prices
      .filter((price) => price.active)
      .map((price) => {
        const box = h('input', { type: 'checkbox', value: price.id, checked: !offered || offered.includes(price.id) });
        list.append(h('label', { class: 'check' }, box, h('span', {}, `${priceName(price)} · ${formatMoney(price.amount, currency)}`)));
        return box;
      });
    element.hidden = boxes.length === 0;
    return boxes.length > 0;
  }

  return {
    element,
    /** @returns {Promise<boolean>} whether there is anything to choose; fails for who may not read the list */
    loaded: load(),
    read() {
      if (boxes.length === 0) return {};
      const chosen = boxes.filter((box) => box.checked);
      return { prices: chosen.length === boxes.length ? null : chosen.map((box) => box.value) };
    },
  };
}
