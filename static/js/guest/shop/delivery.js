/** How prints are delivered: the studio's ways, and the address for those that need one. */
import { h } from '../../common/dom.js';
import { checkoutField } from './field.js';

/** @typedef {{ street: string, postal_code: string, city: string, country?: string }} Address */

const PARTS = /** @type {const} */ ([
  ['street', 'street-address', 120],
  ['postal_code', 'postal-code', 16],
  ['city', 'address-level2', 120],
  ['country', 'country-name', 120],
]);

/**
 * @param {object} options
 * @param {import('./cart.js').CartState} options.cart
 * @param {(amount: number) => string} options.money
 * @param {Address | undefined} options.typed
 * @param {(error: unknown) => void} options.onFail
 */
export function deliveryFields({ cart, money, typed, onFail }) {
  const choices = h('fieldset', { class: 'choices' });
  const fields = PARTS.map(([name, autocomplete, maxlength]) => ({
    name,
    ...checkoutField(
      name,
      h('input', { class: 'input', type: 'text', autocomplete: `shipping ${autocomplete}`, maxlength, value: typed?.[name] ?? '' }),
      { optional: name === 'country' },
    ),
  }));
  const [street, postal, city, country] = fields;
  const address = h(
    'div',
    { class: 'address' },
    street.element,
    h('div', { class: 'address-town' }, postal.element, city.element),
    country.element,
  );
  const element = h('div', { class: 'form' }, choices, address);
  let drawn = '';

  const way = () => cart.ways.find((each) => each.id === cart.wayId);

  /** @param {string} id */
  const choose = (id) => void cart.choose({ shipping_id: id }).catch(onFail);

  function draw() {
    element.hidden = cart.ways.length === 0;
    address.hidden = !way()?.needs_address;
    const now = JSON.stringify([cart.ways, money(0)]);
    if (now !== drawn) {
      drawn = now;
      choices.replaceChildren(
        h('legend', { class: 'field-legend', text: ['checkout.delivery'] }),
        ...cart.ways.map((each) =>
          h(
            'label',
            { class: 'choice' },
            h('input', {
              type: 'radio',
              name: 'delivery',
              value: each.id,
              checked: each.id === cart.wayId,
              onChange: () => choose(each.id),
            }),
            h(
              'span',
              { class: 'choice-words choice-priced' },
              h('span', { class: 'choice-name' }, each.name),
              h('span', { class: 'note' }, money(each.amount)),
            ),
          ),
        ),
      );
    }
  }

  // One has to be chosen: the first one is, until the buyer says otherwise.
  if (cart.ways.length > 0 && !way()) choose(cart.ways[0].id);
  draw();

  return {
    element,
    draw,
    /** Whether the address is whole; what is missing is shown beside it. */
    check() {
      if (!way()?.needs_address) return true;
      for (const each of [street, postal, city]) each.fail(each.control.value.trim() ? null : ['checkout.address.empty']);
      return element.querySelector('[aria-invalid="true"]') === null;
    },
    /** @returns {Address | null} null where none is needed */
    read() {
      if (!way()?.needs_address) return null;
      const [a, b, c, d] = fields.map(({ control }) => control.value.trim());
      return { street: a, postal_code: b, city: c, ...(d && { country: d }) };
    },
    /** @param {import('../../common/i18n.js').Text | string} words */
    fail(words) {
      street.fail(words);
      street.focus();
    },
  };
}
