/** The studio's promo codes: the list, and the dialog that makes or changes one. */
import { button, h, iconButton, toast } from '../../common/dom.js';
import { bindText, formatDate, t } from '../../common/i18n.js';
import { formatMoney } from '../../common/money.js';
import { percent } from '../../common/sums.js';
import { api } from '../api.js';
import { dayOf, startOf } from '../days.js';
import { openDialog } from '../dialog.js';
import { errorText } from '../states.js';
import { field, live, toggle } from '../studio/words.js';
import { parseAmount, writeAmount } from './price_row.js';

/** @typedef {import('../../common/shapes.js').Answer<'PromoJson'>} Promo */
/** @typedef {{ id: string, name: string }} Session */

/** @param {string} url @param {{ promos: Promo[], sessions: Session[], currency: string | null }} options */
export function promoSection(url, { promos, sessions, currency }) {
  const list = h('ul', { class: 'promo-rows' });
  const none = h('p', { class: 'note', text: ['promos.none'] });
  let all = promos;

  async function refresh() {
    all = (await api.get(url)).promo_codes;
    draw();
  }

  /** @param {Promo} promo */
  async function remove(promo) {
    try {
      await api.delete(`${url}/${promo.id}`);
      toast(['promos.removed']);
    } catch (error) {
      toast(errorText(error));
    }
    await refresh();
  }

  /** @param {Promo} promo */
  function row(promo) {
    const session = sessions.find((each) => each.id === promo.session_id);
    const facts = () =>
      [
        promo.percent ? `−${percent(promo.percent * 100)}` : `−${formatMoney(promo.amount ?? 0, promo.currency ?? '')}`,
        session?.name,
        promo.from && t('promos.from.day', { day: formatDate(promo.from) }),
        promo.until && t('promos.until.day', { day: formatDate(promo.until) }),
        promo.most_uses ? t('promos.uses.of', { n: promo.uses, most: promo.most_uses }) : t('promos.uses', { n: promo.uses }),
        !promo.active && t('promos.off'),
      ]
        .filter(Boolean)
        .join(' · ');
    return h(
      'li',
      { class: 'promo-row' },
      h('span', { class: 'promo-words' }, h('span', { class: 'mono' }, promo.code), live(h('span', { class: 'note' }), facts)),
      iconButton('', ['promos.edit', { code: promo.code }], () => edit(promo), 'pen'),
      iconButton('', ['promos.remove', { code: promo.code }], () => void remove(promo), 'trash'),
    );
  }

  function draw() {
    none.hidden = all.length > 0;
    list.replaceChildren(...all.map(row));
  }

  /** @param {Promo | null} promo null for a new one */
  function edit(promo) {
    promoDialog({ url, promo, sessions, currency, onSaved: () => void refresh() });
  }

  draw();
  return h(
    'section',
    { class: 'card section' },
    h('h2', { text: ['promos.title'] }),
    h('p', { class: 'note', text: ['promos.lead'] }),
    none,
    list,
    h(
      'div',
      {},
      button('button button-quiet button-small', ['promos.add'], () => edit(null), 'plus'),
    ),
  );
}

/** @param {{ url: string, promo: Promo | null, sessions: Session[], currency: string | null, onSaved: () => void }} options */
function promoDialog({ url, promo, sessions, currency, onSaved }) {
  const unit = promo?.currency ?? currency;
  const code = h('input', {
    class: 'input',
    type: 'text',
    maxlength: 40,
    autocomplete: 'off',
    spellcheck: 'false',
    value: promo?.code ?? '',
  });
  const kind = h(
    'select',
    { class: 'input select', onChange: drawKind },
    h('option', { value: 'percent', text: ['promos.kind.percent'], selected: !promo?.amount }),
    // An amount is of the price list's currency.
    unit && h('option', { value: 'amount', text: ['promos.kind.amount', { currency: unit }], selected: Boolean(promo?.amount) }),
  );
  const value = h('input', {
    class: 'input',
    type: 'text',
    inputmode: 'decimal',
    autocomplete: 'off',
    value: promo?.percent ? String(promo.percent) : writeAmount(promo?.amount ?? null, unit ?? ''),
  });
  const session = h(
    'select',
    { class: 'input select' },
    h('option', { value: '', text: ['promos.session.all'] }),
    ...sessions.map((each) => h('option', { value: each.id, selected: each.id === promo?.session_id }, each.name)),
  );
  const from = h('input', { class: 'input', type: 'date', value: promo?.from ? dayOf(new Date(promo.from)) : '' });
  // The day that is named counts to its end: the code ends with the next one.
  const last = promo?.until ? dayOf(new Date(new Date(promo.until).getTime() - 1)) : '';
  const until = h('input', { class: 'input', type: 'date', value: last });
  const most = h('input', { class: 'input', type: 'text', inputmode: 'numeric', value: promo?.most_uses ? String(promo.most_uses) : '' });
  const once = toggle({ label: ['promos.once'], checked: promo?.once_per_email ?? false });
  const active = toggle({ label: ['promos.active'], checked: promo?.active ?? true });
  const fields = {
    code: field({ label: ['promos.code'], control: code, hint: ['promos.code.hint'] }),
    percent: field({ label: ['promos.value'], control: value }),
    session_id: field({ label: ['promos.session'], control: session }),
    from: field({ label: ['promos.from'], control: from, optional: true }),
    until: field({ label: ['promos.until'], control: until, optional: true }),
    most_uses: field({ label: ['promos.most'], control: most, hint: ['promos.most.hint'], optional: true }),
  };
  const failed = h('p', { class: 'field-error', role: 'alert' });
  const submit = h('button', {
    type: 'submit',
    class: 'button button-primary button-small',
    text: [promo ? 'promos.save' : 'promos.create'],
  });
  const form = h(
    'form',
    { class: 'form', novalidate: true, onSubmit: send },
    fields.code.element,
    h('div', { class: 'promo-pair' }, field({ label: ['promos.kind'], control: kind }).element, fields.percent.element),
    fields.session_id.element,
    h('div', { class: 'promo-pair' }, fields.from.element, fields.until.element),
    fields.most_uses.element,
    once.element,
    active.element,
    failed,
    h('div', { class: 'dialog-actions' }, submit),
  );
  const dialog = openDialog({ title: [promo ? 'promos.title' : 'promos.add'], content: [form], loses: true });
  drawKind();

  function drawKind() {
    bindText(/** @type {Element} */ (fields.percent.element.querySelector('label span')), '', [
      kind.value === 'amount' ? 'promos.kind.amount' : 'promos.kind.percent',
      { currency: unit ?? '' },
    ]);
  }

  /** @param {Event} event */
  async function send(event) {
    event.preventDefault();
    failed.textContent = '';
    const isAmount = kind.value === 'amount';
    const number = isAmount ? parseAmount(value.value, unit ?? '') : /^\d{1,3}$/.test(value.value.trim()) ? Number(value.value) : null;
    if (!number) return fields.percent.fail(t('promos.value.wrong'));
    if (most.value.trim() && !/^\d{1,7}$/.test(most.value.trim())) return fields.most_uses.fail(t('promos.most.wrong'));
    submit.disabled = true;
    const body = {
      code: code.value.trim(),
      percent: isAmount ? null : number,
      amount: isAmount ? number : null,
      session_id: session.value || null,
      from: from.value ? startOf(from.value) : null,
      until: until.value ? startOf(until.value, 1) : null,
      most_uses: most.value.trim() ? Number(most.value) : null,
      once_per_email: once.input.checked,
      active: active.input.checked,
    };
    try {
      await (promo ? api.put(`${url}/${promo.id}`, body) : api.post(url, body));
      toast(['promos.saved']);
      dialog.close();
      onSaved();
    } catch (error) {
      const { code: name, problem } = /** @type {import('../api.js').ApiError} */ (error);
      const wrong = name === 'promo_code_taken' ? 'code' : problem?.field === 'amount' ? 'percent' : problem?.field;
      const at = fields[/** @type {keyof typeof fields} */ (wrong)];
      if (at) at.fail(errorText(error));
      else failed.textContent = errorText(error);
    } finally {
      submit.disabled = false;
    }
  }
}
