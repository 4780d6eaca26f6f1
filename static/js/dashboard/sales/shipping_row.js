/** One way of delivery in the editor. */
import { h, iconButton } from '../../common/dom.js';
import { bindText, t } from '../../common/i18n.js';
import { field, toggle } from '../studio/words.js';
import { namesFields } from './names.js';
import { parseAmount, writeAmount } from './price_row.js';

/** @typedef {{ id?: string, name: import('./names.js').Names, amount: number | null, needs_address: boolean, active: boolean }} Way */

/** @param {{ way: Way, currency: string, onRemove: () => void }} options */
export function shippingRow({ way, currency, onRemove }) {
  let { id } = way;
  const names = namesFields({ name: way.name, onInput: drawName });
  const amount = h('input', {
    class: 'input',
    type: 'text',
    inputmode: 'decimal',
    autocomplete: 'off',
    required: true,
    value: writeAmount(way.amount, currency),
  });
  const amountField = field({ label: ['selling.shipping.amount', { currency }], control: amount });
  const address = toggle({ label: ['selling.shipping.address'], checked: way.needs_address });
  const active = toggle({ label: ['selling.shipping.active'], checked: way.active });
  const remove = iconButton('', ['selling.shipping.remove', { name: names.shown() }], onRemove, 'trash');
  const element = h(
    'li',
    { class: 'price-row' },
    h('div', { class: 'price-row-head' }, address.element, active.element, remove),
    h('div', { class: 'price-fields' }, names.element, amountField.element),
    names.others,
  );

  function drawName() {
    bindText(remove, 'aria-label', ['selling.shipping.remove', { name: names.shown() }]);
  }

  return {
    element,
    /** @returns {Way} as it is written now */
    read: () => ({
      ...(id && { id }),
      name: names.read(),
      amount: parseAmount(amount.value, currency),
      needs_address: address.input.checked,
      active: active.input.checked,
    }),
    /** Says beside each field what is wrong. @returns {boolean} whether all is well */
    check() {
      amountField.fail(parseAmount(amount.value, currency) === null ? t('selling.shipping.amount.wrong') : '');
      names.check();
      return element.querySelector('[aria-invalid="true"]') === null;
    },
    /** @param {string | undefined} next of the stored way */
    setId(next) {
      id = next;
    },
    focus: names.focus,
  };
}
