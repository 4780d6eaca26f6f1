/** Where a promo code is written into the cart, or taken out of it. */
import { button, h } from '../../common/dom.js';
import { t } from '../../common/i18n.js';
import { checkoutField } from './field.js';
import { said } from './cart.js';

/** @param {{ cart: import('./cart.js').CartState }} options */
export function promoField({ cart }) {
  const control = h('input', {
    class: 'input input-small',
    type: 'text',
    maxlength: 40,
    autocomplete: 'off',
    autocapitalize: 'characters',
    spellcheck: 'false',
  });
  const apply = h('button', { type: 'submit', class: 'button button-quiet button-small', text: ['promo.apply'] });
  const field = checkoutField('promo', control, { optional: true, around: h('div', { class: 'promo-line' }, control, apply) });
  const form = h('form', { class: 'promo-form', novalidate: true, onSubmit: send }, field.element);
  const chosen = h('p', { class: 'promo-chosen' });
  const element = h('div', { class: 'promo' }, form, chosen);

  /** @param {string | null} code */
  async function choose(code) {
    apply.disabled = true;
    try {
      await cart.choose({ promo_code: code });
      control.value = '';
      /** @type {HTMLElement | null} */ (code === null ? control : chosen.querySelector('button'))?.focus();
    } catch (error) {
      field.fail(said(error));
      control.focus();
    } finally {
      apply.disabled = false;
    }
  }

  /** @param {Event} event */
  function send(event) {
    event.preventDefault();
    const code = control.value.trim();
    if (!code) return field.fail(['promo.empty']);
    void choose(code);
  }

  function draw() {
    const { promo } = cart;
    form.hidden = promo !== null && !promo.problem;
    chosen.hidden = promo === null;
    if (!promo) return;
    // One that counted when it was written and does not any more stays in the cart until it is taken out.
    chosen.classList.toggle('is-wrong', Boolean(promo.problem));
    const words = promo.problem ? `${promo.code}: ${promo.detail}` : t('promo.counts', { code: promo.code });
    const remove = button('link-button', ['promo.remove'], () => void choose(null));
    chosen.replaceChildren(h('span', {}, words), remove);
  }
  return { element, draw };
}
