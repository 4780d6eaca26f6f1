/** The dialog that makes a photo session or changes one's words. */
import { h } from '../../common/dom.js';
import { api, ApiError } from '../api.js';
import { openDialog } from '../dialog.js';
import { errorText } from '../states.js';
import { field, randomKey, toggle } from './words.js';

/** @typedef {import('./types.js').PhotoSession} PhotoSession */

/** Suggestions as in the spec's own examples; anything can be typed. */
const KINDS = ['wedding', 'portrait', 'event'];

/** An instant as `<input type="datetime-local">` wants it, in the reader's time zone. @param {string | null} iso */
function toLocal(iso) {
  if (!iso) return '';
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const DOWNLOADS = /** @type {const} */ (['off', 'web', 'full', 'original']);

/** Who gets in, from when, until when, and what is saved. @param {PhotoSession} session */
function termsOf(session) {
  const pin = h('input', {
    class: 'input',
    type: 'text',
    maxlength: 32,
    autocomplete: 'off',
    spellcheck: 'false',
    value: session.pin ?? '',
  });
  const reveals = h('input', { class: 'input', type: 'datetime-local', value: toLocal(session.reveals_at) });
  const ends = h('input', { class: 'input', type: 'datetime-local', value: toLocal(session.ends_at) });
  const downloads = h(
    'select',
    { class: 'input select' },
    ...DOWNLOADS.map((each) => h('option', { value: each, text: [`downloads.${each}`] })),
  );
  downloads.value = session.downloads;
  const instant = (/** @type {HTMLInputElement} */ input) => (input.value ? new Date(input.value).toISOString() : null);
  const element = h(
    'details',
    { class: 'terms', open: Boolean(session.pin || session.reveals_at || session.ends_at || session.downloads !== 'full') },
    h('summary', { text: ['terms.title'] }),
    h(
      'div',
      { class: 'form' },
      field({ label: ['terms.pin'], control: pin, optional: true }).element,
      field({ label: ['terms.reveals'], control: reveals, optional: true }).element,
      field({ label: ['terms.ends'], control: ends, optional: true }).element,
      field({ label: ['terms.downloads'], control: downloads }).element,
    ),
  );
  return {
    element,
    read: () => ({ pin: pin.value.trim() || null, reveals_at: instant(reveals), ends_at: instant(ends), downloads: downloads.value }),
  };
}

/** @param {PhotoSession | null} session null makes a new one @returns {Promise<PhotoSession | null>} as the server has it now; null when closed */
export function editSession(session) {
  return new Promise((done) => {
    /** @type {PhotoSession | null} */
    let result = null;
    // One key for the whole dialog: pressing the button again after a lost answer makes one session.
    const idempotency = randomKey();
    const name = h('input', {
      class: 'input',
      type: 'text',
      required: true,
      maxlength: 200,
      autocomplete: 'off',
      placeholder: ['session.name.example'],
    });
    const description = h('textarea', { class: 'input textarea', rows: 2, maxlength: 2000 });
    const when = h('input', { class: 'input', type: 'datetime-local' });
    const gallery = toggle({ label: ['gallery'], hint: ['gallery.hint'], checked: true });
    const facepass = toggle({ label: ['facepass'], hint: ['facepass.hint'], checked: true });
    if (session) {
      name.value = session.name;
      description.value = session.description ?? '';
      when.value = toLocal(session.scheduled_at);
    }
    const terms = session ? termsOf(session) : null;
    const nameField = field({ label: ['session.name'], control: name });
    const kinds = h(
      'div',
      { class: 'chips' },
      ...KINDS.map((kind) =>
        h('button', {
          type: 'button',
          class: 'chip',
          text: [`session.kind.${kind}`],
          onClick: (/** @type {Event} */ event) => {
            name.value = /** @type {HTMLElement} */ (event.currentTarget).textContent ?? '';
            name.focus();
          },
        }),
      ),
    );
    const submit = h('button', { class: 'button button-primary button-wide', text: [session ? 'session.save' : 'session.create'] });
    const failed = h('p', { class: 'field-error', role: 'alert' });
    const form = h(
      'form',
      { class: 'form', novalidate: true, onSubmit: save },
      nameField.element,
      !session && kinds,
      field({ label: ['session.description'], control: description, optional: true }).element,
      field({ label: ['session.when'], control: when, optional: true }).element,
      terms?.element ?? null,
      !session && gallery.element,
      !session && facepass.element,
      failed,
      submit,
    );
    const dialog = openDialog({ title: [session ? 'session.edit' : 'session.new'], content: [form], onClose: () => done(result) });
    name.focus();

    /** @param {Event} event */
    async function save(event) {
      event.preventDefault();
      nameField.fail('');
      failed.textContent = '';
      submit.disabled = true;
      const body = {
        name: name.value.trim(),
        description: description.value.trim(),
        scheduled_at: when.value ? new Date(when.value).toISOString() : null,
      };
      try {
        result = session
          ? await api.patch(`/api/photo-sessions/${session.id}`, { ...body, ...terms?.read() })
          : await api.post(
              '/api/photo-sessions',
              { ...body, gallery_open: gallery.input.checked, face_search: facepass.input.checked },
              { headers: { 'Idempotency-Key': idempotency } },
            );
        dialog.close();
      } catch (error) {
        if (error instanceof ApiError && error.code === 'invalid_name') nameField.fail(errorText(error));
        else failed.textContent = errorText(error);
      } finally {
        submit.disabled = false;
      }
    }
  });
}
