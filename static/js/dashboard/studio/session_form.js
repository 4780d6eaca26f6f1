/** The dialog that makes a photo session or changes one's words. */
import { h } from '../../common/dom.js';
import { ownZone } from '../../common/i18n.js';
import { api, ApiError } from '../api.js';
import { openDialog } from '../dialog.js';
import { errorText } from '../states.js';
import { termsForm, toInstant, toLocal } from './terms.js';
import { field, randomKey, toggle } from './words.js';

/** @typedef {import('./types.js').PhotoSession} PhotoSession */

/** Suggestions as in the spec's own examples; anything can be typed. */
const KINDS = ['wedding', 'portrait', 'event'];

/** Every zone that this browser knows, and the one that is chosen. @param {string} chosen */
function zones(chosen) {
  const known = new Set([chosen, 'UTC', ...Intl.supportedValuesOf('timeZone')]);
  return [...known]
    .sort()
    .map((name) => h('option', { value: name, selected: name === chosen, translate: 'no' }, name.replaceAll('_', ' ')));
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
    const zone = h('select', { class: 'input select' }, ...zones(session?.time_zone ?? ownZone()));
    if (session) {
      name.value = session.name;
      description.value = session.description ?? '';
      when.value = toLocal(session.scheduled_at, session.time_zone);
    }
    const terms = session ? termsForm(session) : null;
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
      field({ label: ['session.zone'], control: zone, hint: ['session.zone.hint'] }).element,
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
        time_zone: zone.value,
        scheduled_at: toInstant(when.value, zone.value),
      };
      try {
        result = session
          ? await api.patch(`/api/photo-sessions/${session.id}`, { ...body, ...terms?.read(zone.value) })
          : await api.post(
              '/api/photo-sessions',
              { ...body, gallery_open: gallery.input.checked, face_search: facepass.input.checked },
              { headers: { 'Idempotency-Key': idempotency } },
            );
        dialog.close();
      } catch (error) {
        if (error instanceof ApiError && error.code === 'invalid_name') nameField.fail(errorText(error));
        else if (error instanceof ApiError && error.code === 'invalid_terms') terms?.fail(error.problem.field, errorText(error));
        else failed.textContent = errorText(error);
      } finally {
        submit.disabled = false;
      }
    }
  });
}
