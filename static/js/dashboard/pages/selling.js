/** How a studio sells beside its prices: payment by hand, tax, receipts, delivery, promo codes. */
import '../messages/sales.js';
import '../messages/selling.js';
import '../messages/studio.js';
import { button, h, toast } from '../../common/dom.js';
import { formatNumber, t } from '../../common/i18n.js';
import { api, ApiError } from '../api.js';
import { promoSection } from '../sales/promos.js';
import { shippingRow } from '../sales/shipping_row.js';
import { pageHead } from '../shell.js';
import { empty, errorText, load } from '../states.js';
import { field } from '../studio/words.js';

/** @typedef {import('../../common/shapes.js').Answer<'ShopSettingsJson'>} Settings */

const TAXES = /** @type {const} */ (['none', 'included', 'added']);
/** The most that one page of the list of sessions gives. */
const MOST_SESSIONS = 200;

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['selling.title']);
  const [studio] = context.user.studios;
  root.append(pageHead({ title: ['selling.title'], text: ['selling.lead'] }));
  if (!studio) {
    root.append(empty({ icon: 'tag', title: ['studio.none'] }));
    return;
  }
  const body = h('div', { class: 'section' });
  root.append(body);
  const url = `/api/studios/${studio.id}`;
  const ask = () =>
    Promise.all([
      api.get(`${url}/shop-settings`),
      api.get(`${url}/prices`),
      api.get(`${url}/promo-codes`),
      api.get(`/api/photo-sessions?limit=${MOST_SESSIONS}`),
    ]);
  await load(body, ask, ([settings, { currency }, { promo_codes: promos }, { sessions }]) => [
    settingsForm(`${url}/shop-settings`, settings, currency ?? 'RUB'),
    promoSection(`${url}/promo-codes`, { promos, sessions, currency }),
  ]);
}

/** "20", "5,5" → hundredths of a percent; null when it is no rate. @param {string} words */
function parseRate(words) {
  const [, whole, fraction = ''] = words.trim().match(/^(\d{1,2})(?:[.,](\d{1,2}))?$/) ?? [];
  if (whole === undefined) return null;
  const rate = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  return rate <= 5000 ? rate : null;
}

/** @param {string} url @param {Settings} settings @param {string} currency */
function settingsForm(url, settings, currency) {
  const instructions = h('textarea', { class: 'input textarea', rows: 4, maxlength: 2000 }, settings.payment_instructions ?? '');
  const seller = h('textarea', { class: 'input textarea', rows: 3, maxlength: 500 }, settings.seller ?? '');
  const kind = settings.tax ? (settings.tax.included ? 'included' : 'added') : 'none';
  const tax = h(
    'select',
    { class: 'input select', onChange: drawTax },
    ...TAXES.map((each) => h('option', { value: each, selected: each === kind, text: [`selling.tax.${each}`] })),
  );
  const rate = h('input', {
    class: 'input',
    type: 'text',
    inputmode: 'decimal',
    autocomplete: 'off',
    value: settings.tax ? formatNumber(settings.tax.rate / 100, { useGrouping: false }) : '',
  });
  const fields = {
    payment_instructions: field({ label: ['selling.instructions'], control: instructions, hint: ['selling.instructions.hint'] }),
    seller: field({ label: ['selling.seller'], control: seller, hint: ['selling.seller.hint'] }),
    tax: field({ label: ['selling.tax.rate'], control: rate }),
  };
  /** @type {ReturnType<typeof shippingRow>[]} */
  let rows = [];
  const ways = h('ul', { class: 'price-rows' });
  const failed = h('p', { class: 'field-error', role: 'alert' });
  const submit = h('button', { type: 'submit', class: 'button button-primary', text: ['selling.save'] });

  /** @param {import('../sales/shipping_row.js').Way} way */
  function append(way) {
    const row = shippingRow({ way, currency, onRemove: () => remove(row) });
    rows = [...rows, row];
    ways.append(row.element);
    return row;
  }

  /** @param {ReturnType<typeof shippingRow>} row */
  function remove(row) {
    const at = rows.indexOf(row);
    rows = rows.filter((each) => each !== row);
    row.element.remove();
    (rows[at] ?? rows[at - 1])?.focus();
  }

  function drawTax() {
    fields.tax.element.hidden = tax.value === 'none';
  }

  /** @param {Event} event */
  async function save(event) {
    event.preventDefault();
    failed.textContent = '';
    const hundredths = parseRate(rate.value);
    if (tax.value !== 'none' && hundredths === null) return fields.tax.fail(t('selling.tax.wrong'));
    if (rows.filter((row) => !row.check()).length > 0) return;
    submit.disabled = true;
    try {
      /** @type {Settings} */
      const saved = await api.put(url, {
        payment_instructions: instructions.value.trim() || null,
        seller: seller.value.trim() || null,
        tax: tax.value === 'none' ? null : { rate: hundredths, included: tax.value === 'included' },
        shipping: rows.map((row) => row.read()),
      });
      rows.forEach((row, i) => row.setId(saved.shipping[i]?.id ?? undefined));
      toast(['selling.saved']);
    } catch (error) {
      const name = error instanceof ApiError ? error.problem.field : '';
      const at = fields[/** @type {keyof typeof fields} */ (name)];
      if (at) at.fail(errorText(error));
      else failed.textContent = errorText(error);
    } finally {
      submit.disabled = false;
    }
  }

  for (const way of settings.shipping) append({ ...way, id: way.id ?? undefined });
  drawTax();
  return h(
    'form',
    { class: 'form card', novalidate: true, onSubmit: save },
    fields.payment_instructions.element,
    fields.seller.element,
    h('div', { class: 'promo-pair' }, field({ label: ['selling.tax'], control: tax }).element, fields.tax.element),
    h('h2', { text: ['selling.shipping'] }),
    h('p', { class: 'note', text: ['selling.shipping.hint'] }),
    ways,
    h(
      'div',
      {},
      button(
        'button button-quiet button-small',
        ['selling.shipping.add'],
        () => append({ name: {}, amount: 0, needs_address: true, active: true }).focus(),
        'plus',
      ),
    ),
    failed,
    h('div', { class: 'save-bar' }, submit),
  );
}
