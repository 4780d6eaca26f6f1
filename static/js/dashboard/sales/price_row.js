/** One price in the editor: its names, its size if it is a print, its parts if it is a package, its amount as people write it. */
import { h, icon, iconButton } from '../../common/dom.js';
import { bindText, currentLanguage, t } from '../../common/i18n.js';
import { minorDigits } from '../../common/money.js';
// The icon of a package.
import '../../common/thumb.js';
import { field, toggle } from '../studio/words.js';
import { namesFields } from './names.js';
import { partsEditor } from './parts.js';

/**
 * @typedef {object} Price
 * @property {string} [id] of one that is stored
 * @property {'digital' | 'bundle' | 'print' | 'package'} kind
 * @property {string | null} size
 * @property {import('./names.js').Names} name
 * @property {number | null} amount minor units; null while it is being written
 * @property {boolean} active
 * @property {import('./parts.js').Part[]} [parts] of a package
 */

const SIZES = ['10×15 cm', '13×18 cm', '15×20 cm', '20×30 cm', '30×40 cm'];
const ICONS = { digital: 'image', bundle: 'grid', print: 'receipt', package: 'box' };

/** In the reader's language; the server answers every one. @param {{ name: Record<string, string> }} price */
export function priceName({ name }) {
  return name[currentLanguage()] ?? '';
}

/** "1 200,50" → 120050; null when it is no amount of this currency. @param {string} words @param {string} currency */
export function parseAmount(words, currency) {
  const digits = minorDigits(currency);
  const [, whole, fraction = ''] = words.replace(/\s/g, '').match(/^(\d{1,9})(?:[.,](\d+))?$/) ?? [];
  if (whole === undefined || fraction.length > digits) return null;
  return Number(whole + fraction.padEnd(digits, '0'));
}

/** 120050 → "1200.50", which the field takes back. @param {number | null} amount @param {string} currency */
export function writeAmount(amount, currency) {
  if (amount === null) return '';
  const digits = minorDigits(currency);
  const words = String(amount).padStart(digits + 1, '0');
  const fraction = words.slice(words.length - digits);
  return digits === 0 || Number(fraction) === 0 ? words.slice(0, words.length - digits) : `${words.slice(0, -digits)}.${fraction}`;
}

/** @param {{ price: Price, currency: string, onChange: () => void, onRemove: () => void }} options */
export function priceRow({ price, currency, onChange, onRemove }) {
  let { id } = price;
  let unit = currency;
  const listId = `sizes-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const names = namesFields({ name: price.name, onInput: changed });
  const size = h('input', {
    class: 'input',
    type: 'text',
    maxlength: 40,
    required: true,
    list: listId,
    value: price.size ?? '',
    onInput: changed,
  });
  const amount = h('input', {
    class: 'input',
    type: 'text',
    inputmode: 'decimal',
    autocomplete: 'off',
    required: true,
    value: writeAmount(price.amount, currency),
    onInput: changed,
  });
  const sizeField = field({ label: ['prices.size'], control: size });
  const amountField = field({ label: ['prices.amount', { currency }], control: amount });
  const active = toggle({ label: ['prices.active'], checked: price.active, onChange });
  const parts = price.kind === 'package' ? partsEditor({ parts: price.parts ?? [], sizes: listId, onChange }) : null;
  const remove = iconButton('', ['prices.remove', { name: priceName(price) }], onRemove, 'trash');
  const element = h(
    'li',
    { class: 'price-row' },
    h(
      'div',
      { class: 'price-row-head' },
      h(
        'span',
        { class: 'price-kind' },
        icon(ICONS[price.kind]),
        h(
          'span',
          { class: 'price-kind-words' },
          h('span', { text: [`prices.kind.${price.kind}`] }),
          h('span', { class: 'note', text: [`prices.kind.${price.kind}.hint`] }),
        ),
      ),
      active.element,
      remove,
    ),
    h(
      'div',
      { class: 'price-fields' },
      names.element,
      price.kind === 'print' && sizeField.element,
      ['print', 'package'].includes(price.kind) && h('datalist', { id: listId }, ...SIZES.map((value) => h('option', { value }))),
      amountField.element,
    ),
    names.others,
    parts?.element,
  );
  drawName();

  function drawName() {
    bindText(remove, 'aria-label', ['prices.remove', { name: [names.shown(), size.value].filter(Boolean).join(', ') }]);
  }

  function changed() {
    drawName();
    onChange();
  }

  /** @returns {Price} as it is written now */
  function read() {
    return {
      ...(id && { id }),
      kind: price.kind,
      size: price.kind === 'print' ? size.value.trim() : null,
      name: names.read(),
      amount: parseAmount(amount.value, unit),
      active: active.input.checked,
      ...(parts && { parts: parts.read() }),
    };
  }

  /** Says beside each field what is wrong. @returns {boolean} whether all is well */
  function check() {
    const now = read();
    amountField.fail(now.amount ? '' : t('prices.amount.wrong', { example: minorDigits(unit) ? '300' : '3000' }));
    if (price.kind === 'print') sizeField.fail(now.size ? '' : t('prices.size.empty'));
    const isFilled = parts?.check() ?? true;
    names.check();
    return isFilled && element.querySelector('[aria-invalid="true"]') === null;
  }

  return {
    element,
    read,
    check,
    /** Shows the server's error for a field. @param {string} name @param {string} words @returns {boolean} whether it is one of these */
    fail(name, words) {
      const wrong = { name: names, size: price.kind === 'print' ? sizeField : undefined, amount: amountField, parts }[name];
      wrong?.fail(words);
      return Boolean(wrong);
    },
    /** Takes the ids of the stored price. @param {Price | undefined} stored */
    take(stored) {
      id = stored?.id;
      parts?.take(stored?.parts ?? []);
    },
    /** What the reader reads. */
    shown: names.shown,
    /** @param {string} next ISO 4217 */
    setCurrency(next) {
      unit = next;
      bindText(/** @type {Element} */ (amountField.element.querySelector('label span')), '', ['prices.amount', { currency: next }]);
    },
    focus() {
      if (amount.value) names.focus();
      else amount.focus();
    },
    focusWrong() {
      const wrong = /** @type {HTMLElement | null} */ (element.querySelector('[aria-invalid="true"]'));
      if (wrong) wrong.focus();
      else parts?.focus();
    },
  };
}
