/** What a package holds: so many files, so many prints of a size, or all files of the session. */
import { button, h, iconButton } from '../../common/dom.js';
import { bindText, t } from '../../common/i18n.js';
import { partWords } from '../../common/order_words.js';
import { field } from '../studio/words.js';

/** @typedef {{ id?: string, kind: 'digital' | 'print' | 'bundle', size: string | null, quantity: number }} Part */

const KINDS = /** @type {const} */ (['digital', 'print', 'bundle']);
/** The server's limits for one package. */
const MOST_PARTS = 10;
const MOST_PHOTOS = 200;

/** @param {{ parts: Part[], sizes: string, onChange: () => void }} options `sizes`: the id of the list of usual sizes */
export function partsEditor({ parts, sizes, onChange }) {
  /** @type {ReturnType<typeof partRow>[]} */
  let rows = [];
  const list = h('ul', { class: 'part-rows' });
  const failed = h('p', { class: 'field-error', role: 'alert' });
  const add = button(
    'button button-quiet button-small',
    ['parts.add'],
    () => append({ kind: 'print', size: '', quantity: 1 }, true),
    'plus',
  );
  const element = h('fieldset', { class: 'parts' }, h('legend', { text: ['parts.title'] }), list, failed, add);

  /** @param {Part} part @param {boolean} focus */
  function append(part, focus) {
    const row = partRow({ part, sizes, onChange: changed, onRemove: () => remove(row) });
    rows = [...rows, row];
    list.append(row.element);
    add.disabled = rows.length >= MOST_PARTS;
    if (!focus) return;
    changed();
    row.focus();
  }

  /** @param {ReturnType<typeof partRow>} row */
  function remove(row) {
    const at = rows.indexOf(row);
    rows = rows.filter((each) => each !== row);
    row.element.remove();
    add.disabled = false;
    changed();
    const next = rows[at] ?? rows[at - 1];
    if (next) next.focus();
    else add.focus();
  }

  function changed() {
    failed.textContent = '';
    onChange();
  }

  for (const part of parts) append(part, false);
  const read = () => rows.map((row) => row.read());
  return {
    element,
    read,
    /** Says what is wrong. @returns {boolean} whether all is well */
    check() {
      const all = read();
      const keys = new Set(all.map(({ kind, size }) => `${kind} ${size}`));
      const photos = all.reduce((sum, { kind, quantity }) => sum + (kind === 'bundle' ? 0 : quantity), 0);
      const wrong = all.length === 0 ? 'parts.none' : keys.size < all.length ? 'parts.twice' : photos > MOST_PHOTOS ? 'parts.many' : '';
      failed.textContent = wrong && t(wrong, { most: MOST_PHOTOS });
      return rows.every((row) => row.check()) && !wrong;
    },
    /** @param {string} words */
    fail(words) {
      failed.textContent = words;
    },
    /** Takes the ids of what was stored. @param {Part[]} stored */
    take: (stored) => rows.forEach((row, i) => row.setId(stored[i]?.id)),
    focus: () => (rows[0] ? rows[0].focus() : add.focus()),
  };
}

/** @param {{ part: Part, sizes: string, onChange: () => void, onRemove: () => void }} options */
function partRow({ part, sizes, onChange, onRemove }) {
  let { id } = part;
  const kind = h(
    'select',
    { class: 'input select', onChange: changed },
    ...KINDS.map((each) => h('option', { value: each, selected: each === part.kind, text: [`parts.kind.${each}`] })),
  );
  const quantity = h('input', {
    class: 'input',
    type: 'number',
    min: 1,
    max: MOST_PHOTOS,
    required: true,
    value: part.quantity,
    onInput: changed,
  });
  const size = h('input', {
    class: 'input',
    type: 'text',
    maxlength: 40,
    required: true,
    list: sizes,
    value: part.size ?? '',
    onInput: changed,
  });
  const fields = {
    kind: field({ label: ['parts.kind'], control: kind }),
    quantity: field({ label: ['parts.quantity'], control: quantity }),
    size: field({ label: ['prices.size'], control: size }),
  };
  const remove = iconButton('', ['parts.remove', { part: '' }], onRemove, 'trash');
  const element = h('li', { class: 'part-row' }, fields.kind.element, fields.quantity.element, fields.size.element, remove);
  draw();

  function draw() {
    fields.quantity.element.hidden = kind.value === 'bundle';
    fields.size.element.hidden = kind.value !== 'print';
    bindText(remove, 'aria-label', ['parts.remove', { part: partWords(read()) }]);
  }

  function changed() {
    draw();
    onChange();
  }

  /** @returns {Part} as it is written now */
  function read() {
    const chosen = /** @type {Part['kind']} */ (kind.value);
    return {
      ...(id && { id }),
      kind: chosen,
      size: chosen === 'print' ? size.value.trim() : null,
      quantity: chosen === 'bundle' ? 1 : Number(quantity.value),
    };
  }

  return {
    element,
    read,
    check() {
      const now = read();
      const isCount = Number.isInteger(now.quantity) && now.quantity >= 1 && now.quantity <= MOST_PHOTOS;
      fields.quantity.fail(isCount ? '' : t('parts.quantity.wrong', { most: MOST_PHOTOS }));
      fields.size.fail(now.kind === 'print' && !now.size ? t('prices.size.empty') : '');
      return element.querySelector('[aria-invalid="true"]') === null;
    },
    /** @param {string | undefined} next of the stored part */
    setId(next) {
      id = next;
    },
    focus: () => kind.focus(),
  };
}
