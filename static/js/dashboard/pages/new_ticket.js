/** A new ticket. */
import { h, icon } from '../../common/dom.js';
import { t } from '../../common/i18n.js';
import { api, ApiError } from '../api.js';
import { pageHead } from '../shell.js';
import { errorText } from '../states.js';
import { field, randomKey } from '../studio/words.js';
import { createFiles } from '../tickets/files.js';
import { CATEGORIES, complaint, isDesk, PRIORITIES } from '../tickets/words.js';

/** Files over a slow line. */
const SEND_MS = 15 * 60_000;

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['new_ticket.title']);
  root.classList.add('page-narrow');
  // One key for the page: pressing the button again after a lost answer makes one ticket.
  let key = randomKey();
  const subject = h('input', {
    class: 'input',
    type: 'text',
    required: true,
    maxlength: 200,
    autocomplete: 'off',
    placeholder: ['new_ticket.subject.placeholder'],
  });
  const message = h('textarea', { class: 'input textarea', required: true, rows: 8, placeholder: ['new_ticket.message.placeholder'] });
  const category = choice(CATEGORIES, 'category', 'general');
  const priority = choice(PRIORITIES, 'priority', 'normal');
  const fields = {
    subject: field({ label: ['new_ticket.subject'], control: subject }),
    category: field({ label: ['tickets.category'], control: category }),
    priority: field({ label: ['tickets.priority'], control: priority }),
    message: field({ label: ['new_ticket.message'], control: message }),
  };
  const submit = h('button', { class: 'button button-primary' }, h('span', { text: ['new_ticket.submit'] }));
  const failed = h('p', { class: 'form-problem', role: 'alert' });
  const form = h('form', { class: 'form card ticket-form', novalidate: true, onSubmit: send });
  const files = createFiles(form);
  form.append(
    fields.subject.element,
    h('div', { class: 'ticket-form-row' }, fields.category.element, fields.priority.element),
    fields.message.element,
    files.element,
    failed,
    submit,
  );
  form.addEventListener('input', () => {
    key = randomKey();
  });
  root.append(
    h(
      'a',
      { class: 'back-link', href: '/dashboard/tickets' },
      icon('back'),
      h('span', { text: [isDesk(context.user) ? 'ticket.back.desk' : 'ticket.back.own'] }),
    ),
    pageHead({ title: ['new_ticket.title'], text: ['new_ticket.lead'] }),
    form,
  );
  subject.focus();

  /** @param {SubmitEvent} event */
  async function send(event) {
    event.preventDefault();
    failed.textContent = '';
    fields.message.fail(complaint(message.value));
    fields.subject.fail(subject.value.trim() ? '' : t('new_ticket.subject.required'));
    if (form.querySelector('[aria-invalid="true"]')) return;
    const body = new FormData();
    for (const [name, control] of Object.entries({ subject, category, priority, message })) body.append(name, control.value);
    if (!files.into(body)) return;
    busy(true);
    try {
      const { id } = await api.post('/api/ticket', body, { headers: { 'Idempotency-Key': key }, timeout: SEND_MS });
      location.assign(`/dashboard/tickets/${id}`);
    } catch (error) {
      busy(false);
      refused(error);
    }
  }

  /** @param {unknown} error */
  function refused(error) {
    if (error instanceof ApiError) {
      const name = /** @type {keyof typeof fields} */ (error.problem.field);
      if (error.code === 'invalid_ticket' && name in fields) return fields[name].fail(errorText(error));
      if (files.refuse(error)) return;
    }
    failed.textContent = errorText(error);
  }

  /** @param {boolean} sending */
  function busy(sending) {
    submit.disabled = sending;
    submit.replaceChildren(
      ...(sending ? [h('span', { class: 'spinner', 'aria-hidden': 'true' })] : []),
      h('span', { text: [sending ? 'ticket.sending' : 'new_ticket.submit'] }),
    );
  }
}

/** @param {readonly string[]} values @param {string} name @param {string} usual */
function choice(values, name, usual) {
  const element = h(
    'select',
    { class: 'input select' },
    ...values.map((value) => h('option', { value, text: [`ticket.${name}.${value}`] })),
  );
  element.value = usual;
  return element;
}
