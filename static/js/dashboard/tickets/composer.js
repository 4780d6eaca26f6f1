/** Where a reply is written. It stands apart from the history, so that nothing that arrives disturbs it. */
import { h, toast } from '../../common/dom.js';
import { bindText } from '../../common/i18n.js';
import { api, ApiError } from '../api.js';
import { errorText } from '../states.js';
import { field, randomKey, toggle } from '../studio/words.js';
import { createFiles } from './files.js';
import { complaint } from './words.js';

/** Files over a slow line. */
const SEND_MS = 15 * 60_000;

/**
 * @param {string} id the ticket's
 * @param {{ desk: boolean, sent: () => unknown }} options `sent`: something was said
 */
export function createComposer(id, { desk, sent }) {
  let key = randomKey();
  const message = h('textarea', { class: 'input textarea', rows: 4 });
  const words = field({ label: ['ticket.reply'], control: message });
  const note = toggle({ label: ['ticket.note.toggle'], hint: ['ticket.note.toggle.hint'], checked: false, onChange: draw });
  const submit = h('button', { class: 'button button-primary button-small' });
  const failed = h('p', { class: 'form-problem', role: 'alert' });
  const form = h('form', { class: 'form card composer', novalidate: true, onSubmit: send });
  const files = createFiles(form);
  form.append(words.element, files.element, failed, h('div', { class: 'composer-end' }, desk && note.element, submit));
  form.addEventListener('input', () => {
    key = randomKey();
  });
  // As in chats; a line break stays what it is.
  message.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  draw();

  function draw() {
    const internal = note.input.checked;
    form.classList.toggle('is-internal', internal);
    bindText(message, 'placeholder', [internal ? 'ticket.note.placeholder' : 'ticket.reply.placeholder']);
    submit.replaceChildren(h('span', { text: [internal ? 'ticket.note.send' : 'ticket.reply.send'] }));
  }

  /** @param {SubmitEvent} event */
  async function send(event) {
    event.preventDefault();
    failed.textContent = '';
    words.fail(complaint(message.value));
    const body = new FormData();
    body.append('message', message.value);
    body.append('is_internal', String(note.input.checked));
    if (message.getAttribute('aria-invalid') === 'true' || !files.into(body)) return;
    const internal = note.input.checked;
    submit.disabled = true;
    submit.replaceChildren(h('span', { class: 'spinner', 'aria-hidden': 'true' }), h('span', { text: ['ticket.sending'] }));
    try {
      await api.post(`/api/ticket/${id}/response`, body, { headers: { 'Idempotency-Key': key }, timeout: SEND_MS });
      message.value = '';
      files.clear();
      key = randomKey();
      toast([internal ? 'ticket.noted' : 'ticket.sent']);
      await sent();
    } catch (error) {
      if (error instanceof ApiError && error.code === 'invalid_ticket') words.fail(errorText(error));
      else if (!(error instanceof ApiError && files.refuse(error))) failed.textContent = errorText(error);
    } finally {
      submit.disabled = false;
      draw();
    }
  }

  return {
    element: form,
    /** On a closed ticket only notes can be left. @param {boolean} closed */
    only(closed) {
      note.input.disabled = closed;
      if (closed) note.input.checked = true;
      draw();
    },
  };
}
