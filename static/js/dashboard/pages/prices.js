/** The studio's price list, beside its preview for guests. */
import '../messages/sales.js';
import '../messages/studio.js';
import { button, h, toast } from '../../common/dom.js';
import { LANGUAGES, bindText, load as words, onLanguageChange, t } from '../../common/i18n.js';
import { formatMoney } from '../../common/money.js';
import { offerUndo } from '../../common/undo.js';
import { api, ApiError } from '../api.js';
import { partWords } from '../../common/order_words.js';
import { priceRow } from '../sales/price_row.js';
import { pageHead } from '../shell.js';
import { empty, errorText, load } from '../states.js';
import { field } from '../studio/words.js';

/** @typedef {import('../sales/price_row.js').Price} Price */
/** @typedef {{ currency: string | null, prices: Price[] }} PriceList */
/** @typedef {import('../../common/i18n.js').Messages} Messages */

/** Offered first; any other that the server sends is kept. */
const CURRENCIES = ['RUB', 'USD', 'EUR', 'GBP', 'KZT', 'BYN', 'AMD', 'GEL', 'UZS', 'TRY', 'RSD', 'AED'];
const KINDS = /** @type {const} */ (['digital', 'print', 'bundle', 'package']);
/** What a list begins with. */
const USUAL = KINDS.slice(0, 3);

/** A price to begin with, named in every language. @param {Price['kind']} kind @param {Record<string, Messages>} words */
function usual(kind, words) {
  const name = Object.entries(words).map(([language, { [`prices.usual.${kind}`]: text }]) => [language, String(text)]);
  return /** @type {Price} */ ({
    kind,
    size: kind === 'print' ? '10×15 cm' : null,
    name: Object.fromEntries(name),
    amount: null,
    active: true,
    ...(kind === 'package' && { parts: [{ kind: 'digital', size: null, quantity: 10 }] }),
  });
}

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['prices.title']);
  const [studio] = context.user.studios;
  root.append(pageHead({ title: ['prices.title'], text: ['prices.lead'] }));
  if (!studio) {
    root.append(empty({ icon: 'tag', title: ['studio.none'] }));
    return;
  }
  const body = h('div', {});
  root.append(body);
  const url = `/api/studios/${studio.id}/prices`;
  await load(
    body,
    () =>
      Promise.all([
        api.get(url),
        Promise.all(LANGUAGES.map(async (language) => [language, await words(language, 'dashboard_sales')])).then(Object.fromEntries),
      ]),
    ([list, words]) => draw(url, list, words),
  );
}

/** @param {string} url @param {PriceList} list @param {Record<string, Messages>} words */
function draw(url, list, words) {
  const known = list.currency && !CURRENCIES.includes(list.currency) ? [list.currency, ...CURRENCIES] : CURRENCIES;
  const currency = h(
    'select',
    {
      class: 'input input-small select',
      onChange: () => {
        for (const row of rows) row.setCurrency(currency.value);
        changed();
      },
    },
    ...known.map((code) => h('option', { value: code, selected: code === (list.currency ?? 'RUB') }, code)),
  );
  const holder = h('ul', { class: 'price-rows' });
  /** @type {ReturnType<typeof priceRow>[]} */
  let rows = [];
  const none = h('div', {});
  const add = h(
    'div',
    { class: 'chips', role: 'group', label: ['prices.add'] },
    ...KINDS.map((kind) => button('chip', [`prices.add.${kind}`], () => append(usual(kind, words), true), 'plus')),
  );
  const submit = h('button', { type: 'submit', class: 'button button-primary', text: ['prices.save'] });
  const state = h('p', { class: 'note', role: 'status' });
  const failed = h('p', { class: 'field-error', role: 'alert' });
  const preview = h('div', { class: 'card price-preview' });
  const form = h(
    'form',
    { class: 'form', novalidate: true, onSubmit: save },
    field({ label: ['prices.currency'], control: currency }).element,
    none,
    holder,
    add,
    failed,
    h('div', { class: 'save-bar' }, submit, state),
  );
  let dirty = false;

  /** @param {Price} price @param {boolean} focus */
  function append(price, focus) {
    const row = priceRow({ price, currency: currency.value, onChange: changed, onRemove: () => remove(row) });
    rows = [...rows, row];
    holder.append(row.element);
    if (focus) {
      changed();
      row.focus();
    }
  }

  /** @param {ReturnType<typeof priceRow>} row */
  function remove(row) {
    const at = rows.indexOf(row);
    rows = rows.filter((each) => each !== row);
    row.element.remove();
    changed();
    (rows[at] ?? rows[at - 1])?.focus();
    offerUndo(t('prices.removed'), () => {
      rows = rows.toSpliced(at, 0, row);
      holder.insertBefore(row.element, holder.children[at] ?? null);
      changed();
      row.focus();
    });
  }

  function changed() {
    setDirty(true);
    drawPreview();
  }

  /** @param {boolean} on */
  function setDirty(on) {
    dirty = on;
    if (on) bindText(state, '', ['prices.unsaved']);
    else state.textContent = '';
  }

  function drawPreview() {
    none.replaceChildren(
      ...(rows.length
        ? []
        : [
            empty({
              icon: 'tag',
              title: ['prices.none'],
              text: ['prices.none.text'],
              action: button(
                'button button-primary button-small',
                ['prices.none.start'],
                () => {
                  for (const kind of USUAL) append(usual(kind, words), false);
                  changed();
                  rows[0].focus();
                },
                'plus',
              ),
            }),
          ]),
    );
    const shown = rows.map((row) => ({ ...row.read(), shown: row.shown() })).filter((price) => price.active);
    preview.replaceChildren(
      h('h2', { class: 'eyebrow', text: ['prices.preview'] }),
      shown.length
        ? h(
            'ul',
            { class: 'preview-prices' },
            ...shown.map((price) =>
              h(
                'li',
                {},
                h(
                  'span',
                  {},
                  h('span', { class: 'preview-name' }, price.shown || '…'),
                  price.size && h('span', { class: 'note' }, price.size),
                  price.parts && h('span', { class: 'note' }, price.parts.map(partWords).join(' + ')),
                ),
                h('span', { class: 'preview-amount' }, price.amount === null ? '…' : formatMoney(price.amount, currency.value)),
              ),
            ),
          )
        : h('p', { class: 'note', text: ['prices.preview.none'] }),
    );
  }

  /** @param {Event} event */
  async function save(event) {
    event.preventDefault();
    failed.textContent = '';
    // Every row says what is wrong with it; the first gets the focus.
    const wrong = rows.filter((row) => !row.check());
    if (wrong.length) return wrong[0].focusWrong();
    submit.disabled = true;
    try {
      /** @type {PriceList} */
      const saved = await api.put(url, { currency: currency.value, prices: rows.map((row) => row.read()) });
      rows.forEach((row, i) => row.take(saved.prices[i]));
      setDirty(false);
      toast(['prices.saved']);
    } catch (error) {
      const { index, field: wrongField } = error instanceof ApiError && error.code === 'invalid_price' ? error.problem : {};
      if (rows[index]?.fail(wrongField, errorText(error))) return;
      failed.textContent = errorText(error);
    } finally {
      submit.disabled = false;
    }
  }

  for (const price of list.prices) append(price, false);
  drawPreview();
  onLanguageChange(drawPreview);
  addEventListener('beforeunload', (event) => {
    if (dirty) event.preventDefault();
  });
  return h('div', { class: 'branding' }, h('div', { class: 'card' }, form), h('div', { class: 'price-side' }, preview));
}
