/** A new order, or a draft to continue: saved as it is typed, with the picture as it will be seen. */
import '../messages/placements.js';
import { h, icon } from '../../common/dom.js';
import { onLanguageChange, t } from '../../common/i18n.js';
import { api, ApiError } from '../api.js';
import { live } from '../studio/words.js';
import { empty, errorText, load } from '../states.js';
import { Draft } from '../placements/draft.js';
import { platformField, textField } from '../placements/fields.js';
import { orderPicture } from '../placements/picture.js';
import { dayOf, endOf } from '../days.js';
import { formatMoney, MINIMUM, parseMoney, PLATFORMS, webLink } from '../placements/words.js';

/** @typedef {import('../../common/i18n.js').Text} Text */
/** @typedef {import('../placements/types.js').Order} Order */
/** @typedef {import('../placements/types.js').Balance} Balance */
/** @typedef {import('../placements/types.js').Changes} Changes */
/** @typedef {import('../placements/draft.js').State} State */

const HOME = '/dashboard/customer';
/** Messages for the server's error codes of fields. @type {Record<string, Text>} */
const FAULTS = {
  below_minimum: ['fault.below_minimum'],
  negative: ['fault.below_minimum'],
  too_large: ['fault.too_large'],
  in_the_past: ['fault.in_the_past'],
  too_long: ['fault.too_long'],
  too_many: ['fault.too_many'],
  malformed: ['fault.url'],
  unknown: ['fault.image'],
  leads_elsewhere: ['picture.waits'],
};
/** @type {Record<State, string>} */
const SAVE_ICON = { idle: 'clock', saving: 'clock', saved: 'check', offline: 'alert', failed: 'alert' };

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['placement.new']);
  const id = new URLSearchParams(location.search).get('draft');
  const crumb = h('a', { class: 'crumb', href: HOME }, icon('back'), h('span', { text: ['order.back'] }));
  const body = h('div', {});
  root.append(
    h(
      'div',
      { class: 'session-head' },
      crumb,
      h('div', { class: 'page-words' }, h('h1', { text: ['placement.new'] }), h('p', { class: 'lead', text: ['order.lead'] })),
    ),
    body,
  );
  await load(
    body,
    () => ask(id),
    ({ order, balance }) => {
      if (id && order?.status !== 'draft')
        return empty({
          icon: 'pen',
          title: ['order.gone'],
          text: ['order.gone.text'],
          action: h('a', { class: 'button button-quiet button-small', href: HOME, text: ['order.back'] }),
        });
      return form(context.user.id, order, balance);
    },
  );
}

/** @param {string | null} id @returns {Promise<{ order: Order | null, balance: Balance | null }>} */
async function ask(id) {
  const order = id
    ? api.get(`/api/orders/${encodeURIComponent(id)}`).catch((error) => {
        if (error instanceof ApiError && (error.status === 404 || error.code === 'malformed_id')) return null;
        throw error;
      })
    : null;
  const [found, { balance }] = await Promise.all([order, api.get('/api/orders?limit=1')]);
  return { order: found, balance };
}

/** @param {string} user @param {Order | null} order the draft @param {Balance | null} balance */
function form(user, order, balance) {
  const save = h('p', { class: 'placement-save', role: 'status' });
  const draft = new Draft({
    user,
    id: order?.id ?? null,
    onState: (state, error) => {
      showState(state);
      if (error && state === 'failed') explain(error);
    },
    onMade: (made) => history.replaceState(null, '', `?draft=${made}`),
  });

  /** @param {State} state */
  function showState(state) {
    save.className = `placement-save is-${state}`;
    save.replaceChildren(icon(SAVE_ICON[state]), h('span', { text: [`order.save.${state}`] }));
  }

  /** A control that writes into the draft. @param {string} field @param {(value: string) => Changes} changes @param {Record<string, any>} props */
  const input = (field, changes, props) =>
    h('input', {
      class: 'input',
      type: 'text',
      autocomplete: 'off',
      onInput: (/** @type {Event} */ event) => typed(field, changes(/** @type {HTMLInputElement} */ (event.target).value)),
      ...props,
    });

  const title = input('title', (value) => ({ title: value }), { maxlength: 200, placeholder: ['order.name.example'] });
  const description = h('textarea', {
    class: 'input textarea',
    rows: 4,
    maxlength: 5000,
    onInput: () => typed('description', { description: description.value }),
  });
  const link = input('target_url', (value) => ({ target_url: value.trim() }), {
    type: 'url',
    inputmode: 'url',
    maxlength: 2000,
    placeholder: 'https://example.com',
    autocapitalize: 'none',
    spellcheck: 'false',
    onBlur: () => check('target_url'),
  });
  const country = input('geo.country', (value) => ({ geo: { country: value } }), { maxlength: 100, autocomplete: 'country-name' });
  const region = input('geo.region', (value) => ({ geo: { region: value } }), { maxlength: 100, autocomplete: 'address-level1' });
  const city = input('geo.city', (value) => ({ geo: { city: value } }), { maxlength: 100, autocomplete: 'address-level2' });
  const amount = input(
    'total_amount',
    (value) => {
      const kopecks = parseMoney(value);
      return { total_amount: Number.isNaN(kopecks) ? null : kopecks };
    },
    { inputmode: 'decimal', maxlength: 20, placeholder: '1500', onBlur: () => check('total_amount') },
  );
  const deadline = input('deadline', (value) => ({ deadline: endOf(value) }), {
    type: 'date',
    min: dayOf(new Date()),
    onBlur: () => check('deadline'),
  });
  const soon = h(
    'div',
    { class: 'chips' },
    .../** @type {const} */ ([
      ['week', 7],
      ['fortnight', 14],
      ['month', 30],
    ]).map(([name, days]) =>
      h('button', {
        type: 'button',
        class: 'chip',
        text: [`order.deadline.${name}`],
        onClick: () => {
          deadline.value = dayOf(new Date(Date.now() + days * 86_400_000));
          typed('deadline', { deadline: endOf(deadline.value) });
          fields.deadline.fail(null);
        },
      }),
    ),
  );
  const platforms = platformField(PLATFORMS, (chosen) => typed('platforms', { platforms: chosen }));
  const picture = orderPicture({
    link: () => link.value,
    onSource: (image) => {
      draft.change({ image_url: image });
    },
  });

  /** @type {Record<string, import('../placements/fields.js').Field>} */
  const fields = {
    target_url: textField('target_url', { label: ['order.target_url'], control: link, hint: ['order.target_url.hint'] }),
    title: textField('title', { label: ['order.name'], control: title }),
    description: textField('description', { label: ['order.description'], control: description, hint: ['order.description.hint'] }),
    platforms: platforms,
    'geo.country': textField('country', { label: ['order.country'], control: country }),
    'geo.region': textField('region', { label: ['order.region'], control: region, optional: true }),
    'geo.city': textField('city', { label: ['order.city'], control: city, optional: true }),
    total_amount: textField('amount', { label: ['order.amount'], control: amount, hint: ['order.amount.hint'] }),
    deadline: textField('deadline', { label: ['order.deadline'], control: deadline, hint: ['order.deadline.hint'], extra: soon }),
  };
  const available = () => (balance ? balance.amount - balance.reserved : Infinity);
  const hint = balance && /** @type {{ hint?: HTMLElement }} */ (fields.total_amount).hint;
  if (hint) {
    hint.removeAttribute('data-i18n');
    live(hint, () => t('order.amount.available', { amount: formatMoney(available()) }));
  }

  /** The fault of a field as it is now; an empty field is `missing`. @type {Record<string, () => Text | null>} */
  const faults = {
    target_url: () => (!link.value.trim() ? ['fault.missing'] : webLink(link.value) ? null : ['fault.url']),
    title: () => (title.value.trim() ? null : ['fault.missing']),
    description: () => (description.value.trim() ? null : ['fault.missing']),
    platforms: () => (platforms.chosen().length > 0 ? null : ['fault.platforms']),
    'geo.country': () => (country.value.trim() ? null : ['fault.missing']),
    total_amount: () => {
      if (!amount.value.trim()) return ['fault.missing'];
      const kopecks = parseMoney(amount.value);
      if (Number.isNaN(kopecks)) return ['fault.amount'];
      if (kopecks < MINIMUM) return ['fault.below_minimum'];
      return kopecks > available() ? ['fault.balance', { amount: formatMoney(available()) }] : null;
    },
    deadline: () => {
      if (!deadline.value) return ['fault.missing'];
      const end = endOf(deadline.value);
      return end && Date.parse(end) > Date.now() ? null : ['fault.in_the_past'];
    },
  };
  const required = Object.keys(faults);

  const bar = h('div', { class: 'placement-bar-fill' });
  const words = h('span', { class: 'note' });
  const progress = h('div', { class: 'placement-bar', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': required.length }, bar);
  function drawProgress() {
    const done = required.filter((name) => faults[name]() === null).length;
    progress.setAttribute('aria-valuenow', String(done));
    words.textContent = t('order.progress', { n: done, all: required.length });
    progress.setAttribute('aria-label', words.textContent);
    bar.style.width = `${(100 * done) / required.length}%`;
  }
  onLanguageChange(() => {
    if (words.isConnected) drawProgress();
  });

  /** @param {string} field @param {Changes} changes */
  function typed(field, changes) {
    fields[field].fail(null);
    problem.replaceChildren();
    draft.change(changes);
    if (field === 'target_url') picture.linkChanged();
    drawProgress();
  }

  /** Says what is wrong with a field that was left; an empty one is not wrong yet. @param {string} name */
  function check(name) {
    const fault = faults[name]();
    fields[name].fail(fault?.[0] === 'fault.missing' ? null : fault);
  }

  /** Marks fields and goes to the first. @param {Map<string, Text>} wrong */
  function mark(wrong) {
    for (const name of Object.keys(fields)) fields[name].fail(wrong.get(name) ?? null);
    Object.keys(fields).find((name) => wrong.has(name) && (fields[name].focus(), true));
    problem.replaceChildren(...(wrong.size > 0 ? [h('span', { text: ['order.check', { n: wrong.size }] })] : []));
  }

  /** Shows the server's refusal beside the fields that it names. @param {ApiError} error */
  function explain(error) {
    const named = /** @type {string[]} */ (error.problem.fields ?? []);
    if (error.code === 'insufficient_balance')
      return mark(
        new Map([['total_amount', /** @type {Text} */ (['fault.balance', { amount: formatMoney(error.problem.available ?? 0) }])]]),
      );
    if (named.includes('image_url')) picture.fail(FAULTS[error.problem.faults?.image_url] ?? ['fault.image']);
    const known = named.filter((name) => name in fields);
    if (known.length > 0) return mark(new Map(known.map((name) => [name, FAULTS[error.problem.faults?.[name]] ?? ['fault.missing']])));
    problem.replaceChildren(errorText(error));
  }

  const problem = h('p', { class: 'field-error placement-problem', role: 'alert' });
  // A field that is left for the button would say what is wrong with it, and the button would move away under the press.
  const submit = h(
    'button',
    { class: 'button button-primary button-wide', onMousedown: (/** @type {Event} */ event) => event.preventDefault() },
    h('span', { text: ['order.place'] }),
  );

  /** @param {Event} event */
  async function place(event) {
    event.preventDefault();
    problem.replaceChildren();
    const wrong = new Map(
      required.flatMap((name) => {
        const fault = faults[name]();
        return fault ? [[name, fault]] : [];
      }),
    );
    mark(/** @type {Map<string, Text>} */ (wrong));
    if (wrong.size > 0) return;
    submit.disabled = true;
    submit.replaceChildren(h('span', { class: 'spinner', 'aria-hidden': 'true' }), h('span', { text: ['order.placing'] }));
    try {
      const { image, ok } = await picture.finished();
      if (!ok) return;
      if (image) draft.change({ image_url: image });
      if (!(await draft.flush()) || !draft.id) return;
      await api.patch(`/api/orders/${draft.id}`, { status: 'placed' });
      location.assign(`${HOME}?placed=${draft.id}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      explain(error);
    } finally {
      submit.disabled = false;
      submit.replaceChildren(h('span', { text: ['order.place'] }));
    }
  }

  // The unsaved state in this browser is newer than the server's.
  const known = { ...order, ...draft.unsaved, geo: { ...order?.geo, ...draft.unsaved.geo } };
  title.value = known.title ?? '';
  description.value = known.description ?? '';
  link.value = known.target_url ?? '';
  country.value = known.geo.country ?? '';
  region.value = known.geo.region ?? '';
  city.value = known.geo.city ?? '';
  amount.value = known.total_amount ? String(known.total_amount / 100) : '';
  deadline.value = known.deadline ? dayOf(new Date(known.deadline)) : '';
  platforms.choose(known.platforms ?? []);
  // Where the draft shows a code already, the next one is drawn on what lies below it.
  picture.set('image_url' in draft.unsaved ? (draft.unsaved.image_url ?? null) : (order?.source_image_url ?? order?.image_url ?? null));
  showState(draft.id && draft.clean ? 'saved' : 'idle');
  drawProgress();
  if (!draft.clean) void draft.flush();

  /** @param {string} name a message @param {...Node} parts */
  const part = (name, ...parts) => h('section', { class: 'placement-part' }, h('h2', { text: [name] }), ...parts);
  return h(
    'form',
    { class: 'placement-form form', novalidate: true, onSubmit: place },
    h('div', { class: 'placement-status' }, progress, h('div', { class: 'placement-status-words' }, words, save)),
    h(
      'div',
      { class: 'placement-columns' },
      h('div', { class: 'placement-side' }, part('order.part.picture', picture.element, fields.target_url.element)),
      h(
        'div',
        { class: 'placement-main' },
        part('order.part.about', fields.title.element, fields.description.element),
        part(
          'order.part.where',
          platforms.element,
          h('div', { class: 'placement-row' }, fields['geo.country'].element, fields['geo.region'].element, fields['geo.city'].element),
        ),
        part('order.part.budget', h('div', { class: 'placement-row' }, fields.total_amount.element, fields.deadline.element)),
        problem,
        submit,
      ),
    ),
  );
}
