/** From the cart to an order: who it is for, how it is paid, and the total once more. */
import './cart_messages.js';
import { ApiError, request } from '../api.js';
import { button, h, icon } from '../../common/dom.js';
import { bindText, currentLanguage, t } from '../../common/i18n.js';
import { sumList } from '../../common/sums.js';
import { createAttempts } from './attempt.js';
import { deliveryFields } from './delivery.js';
import { checkoutField, EMAIL, PHONE } from './field.js';
import { said } from './cart.js';

/** The field of each of the server's error codes. @type {Record<string, 'name' | 'email' | 'phone' | 'note'>} */
const FIELD_OF = { invalid_name: 'name', invalid_email: 'email', invalid_phone: 'phone', invalid_note: 'note' };

/** @param {HTMLElement} body @param {import('./shop.js').Context} context @returns {() => void} stops */
export function draw(body, { app, shop, cart, go }) {
  if (cart.lines.length === 0) {
    app.go('cart', { replace: true });
    return () => {};
  }
  const attempts = createAttempts(app.session.id);
  const typed = attempts.open?.contacts;
  const fields = {
    name: checkoutField('name', h('input', { class: 'input', type: 'text', autocomplete: 'name', maxlength: 100, value: typed?.name })),
    email: checkoutField(
      'email',
      h('input', {
        class: 'input',
        type: 'email',
        autocomplete: 'email',
        inputmode: 'email',
        autocapitalize: 'none',
        spellcheck: 'false',
        maxlength: 254,
        value: typed?.email,
      }),
      { hint: true },
    ),
    phone: checkoutField(
      'phone',
      h('input', { class: 'input', type: 'tel', autocomplete: 'tel', inputmode: 'tel', maxlength: 30, value: typed?.phone }),
      { optional: true },
    ),
    note: checkoutField('note', h('textarea', { class: 'input textarea', rows: 2, maxlength: 1000 }, typed?.note), {
      optional: true,
      hint: cart.ways.length === 0,
    }),
  };
  const delivery = deliveryFields({ cart, money: shop.money, typed: typed?.address, onFail: (error) => void explain(error) });
  const payment = h('div', { class: 'field' });
  const problem = h('div', { class: 'form-problem', role: 'alert' });
  const submitText = h('span', {});
  const submit = h('button', { type: 'submit', class: 'button button-primary button-wide' }, submitText);
  const sums = h('div', { 'aria-live': 'polite' });
  const form = h(
    'form',
    { class: 'form checkout-form', novalidate: true, onSubmit: send },
    ...Object.values(fields).map((each) => each.element),
    delivery.element,
    payment,
    sums,
    problem,
    submit,
    h('p', { class: 'note', text: ['checkout.privacy'] }),
  );
  body.replaceChildren(
    h('button', { type: 'button', class: 'back-link', onClick: () => app.back() }, icon('back'), h('span', { text: ['checkout.back'] })),
    h('div', { class: 'card' }, form),
  );
  let sending = false;

  function drawTotal() {
    if (cart.sums) sums.replaceChildren(sumList(cart.sums, ['cart.count', { n: cart.count }]));
    delivery.draw();
    bindText(submitText, '', [sending ? 'checkout.sending' : 'checkout.submit', { amount: shop.money(cart.total) }]);
  }

  async function drawPayment() {
    /** @type {{ methods: string[], mail: boolean }} */
    // Without the list there is still the way that every studio takes.
    const { methods, mail } = await request('GET', '/api/payments').catch(() => ({ methods: ['manual'], mail: true }));
    if (!mail && fields.email.hint) bindText(fields.email.hint, '', ['checkout.email.hint.no_mail']);
    /** Without mail the page of the order is the only place where anything is said. @param {string} method */
    const words = (method) => /** @type {[string]} */ ([`pay.${method}.text${method === 'manual' && !mail ? '.no_mail' : ''}`]);
    // Paying at once is what most want, so it comes first.
    const ordered = [...methods].sort((a, b) => Number(a === 'manual') - Number(b === 'manual'));
    const [only, ...others] = ordered;
    payment.replaceChildren(
      others.length === 0
        ? h(
            'div',
            { class: 'choices' },
            h('p', { class: 'field-legend', text: ['checkout.payment'] }),
            h('p', { class: 'note', text: words(only) }),
            h('input', { type: 'hidden', name: 'payment', value: only }),
          )
        : h(
            'fieldset',
            { class: 'choices' },
            h('legend', { class: 'field-legend', text: ['checkout.payment'] }),
            ...ordered.map((method, i) =>
              h(
                'label',
                { class: 'choice' },
                h('input', { type: 'radio', name: 'payment', value: method, checked: typed ? typed.payment === method : i === 0 }),
                h(
                  'span',
                  { class: 'choice-words' },
                  h('span', { class: 'choice-name', text: [`pay.${method}`] }),
                  h('span', { class: 'note', text: words(method) }),
                ),
              ),
            ),
          ),
    );
  }

  /** The content of the form; null when something is missing, which is then shown beside it. @returns {import('./attempt.js').Contacts | null} */
  function contacts() {
    const [name, email, phone, note] = [fields.name, fields.email, fields.phone, fields.note].map(({ control }) => control.value.trim());
    fields.name.fail(name ? null : ['checkout.name.empty']);
    fields.email.fail(EMAIL.test(email) ? null : [email ? 'checkout.email.wrong' : 'checkout.email.empty']);
    fields.phone.fail(!phone || PHONE.test(phone) ? null : ['checkout.phone.wrong']);
    delivery.check();
    const wrong = /** @type {HTMLElement | null} */ (form.querySelector('[aria-invalid="true"]'));
    wrong?.focus();
    if (wrong) return null;
    const address = delivery.read();
    const method = String(new FormData(form).get('payment') ?? 'manual');
    return {
      name,
      email,
      ...(phone && { phone }),
      ...(note && { note }),
      ...(address && { address }),
      language: currentLanguage(),
      payment: method,
      expected_total: cart.total,
    };
  }

  /** @param {Event} event */
  async function send(event) {
    event.preventDefault();
    if (sending) return;
    problem.replaceChildren();
    const words = contacts();
    if (!words || !cart.token) return;
    setSending(true);
    try {
      const { order_url: orderUrl, payment_url: paymentUrl } = await attempts.place(cart.token, words);
      cart.forget();
      location.assign(paymentUrl ?? orderUrl);
    } catch (error) {
      setSending(false);
      await explain(error);
    }
  }

  /** @param {boolean} on */
  function setSending(on) {
    sending = on;
    submit.disabled = on;
    form.toggleAttribute('aria-busy', on);
    drawTotal();
  }

  /** @param {unknown} error */
  async function explain(error) {
    const code = error instanceof ApiError ? error.code : '';
    const text = said(error);
    if (code in FIELD_OF) {
      const { fail, control } = fields[FIELD_OF[code]];
      fail(text);
      return control.focus();
    }
    if (code === 'invalid_address') return delivery.fail(text);
    // The way of delivery or the promo code is not offered any more: the cart says what there is.
    if (code === 'shipping_required' || code === 'unknown_shipping') await cart.read().catch(() => {});
    if (code === 'total_changed') {
      const before = shop.money(cart.total);
      await cart.read().catch(() => {});
      if (cart.lines.length === 0) return go('cart');
      problem.replaceChildren(h('p', {}, t('checkout.changed', { before, now: shop.money(cart.total) })));
      return submit.focus();
    }
    if (code === 'cart_ordered') {
      attempts.drop();
      cart.forget();
      problem.replaceChildren(
        h('p', { text: ['checkout.ordered'] }),
        button('link-button', ['cart.orders'], () => go('cart')),
      );
      submit.disabled = true;
      return;
    }
    problem.replaceChildren(
      typeof text === 'string' ? h('p', {}, text) : h('p', { text: text[0] === 'cart.network' ? ['checkout.network'] : text }),
    );
  }

  const stop = cart.on(drawTotal);
  drawTotal();
  void drawPayment();
  return stop;
}
