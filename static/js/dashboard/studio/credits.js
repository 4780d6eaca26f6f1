/** The credits in the files that guests download: creator, copyright, contact, and nothing else. */
import { h, toast } from '../../common/dom.js';
import { api } from '../api.js';
import { errorText } from '../states.js';
import { field, toggle } from './words.js';

/** @typedef {{ creator: string | null, copyright: string | null, contact: string | null, from_photos: boolean }} Credits */

const LONGEST = 200;

/** @param {string} url @param {Credits} credits */
export function creditsForm(url, credits) {
  /** @param {'creator' | 'copyright' | 'contact'} name */
  const input = (name) => h('input', { class: 'input', type: 'text', name, maxlength: LONGEST, value: credits[name] ?? '' });
  const inputs = { creator: input('creator'), copyright: input('copyright'), contact: input('contact') };
  const fromPhotos = toggle({ label: ['credits.from_photos'], checked: credits.from_photos });
  const submit = h('button', { class: 'button button-primary', text: ['studio.save'] });
  const failed = h('p', { class: 'field-error', role: 'alert' });

  /** @param {Event} event */
  async function save(event) {
    event.preventDefault();
    failed.textContent = '';
    submit.disabled = true;
    try {
      /** @param {HTMLInputElement} each */
      const text = (each) => each.value.trim() || null;
      await api.put(url, {
        creator: text(inputs.creator),
        copyright: text(inputs.copyright),
        contact: text(inputs.contact),
        from_photos: fromPhotos.input.checked,
      });
      toast(['credits.saved']);
    } catch (error) {
      failed.textContent = errorText(error);
    } finally {
      submit.disabled = false;
    }
  }

  return h(
    'section',
    { class: 'card credits', label: ['credits.title'] },
    h('h2', { text: ['credits.title'] }),
    h('p', { class: 'note', text: ['credits.lead'] }),
    h(
      'form',
      { class: 'form', novalidate: true, onSubmit: save },
      field({ label: ['credits.creator'], control: inputs.creator }).element,
      field({ label: ['credits.copyright'], control: inputs.copyright }).element,
      field({ label: ['credits.contact'], control: inputs.contact, hint: ['credits.contact.hint'] }).element,
      fromPhotos.element,
      failed,
      h('div', {}, submit),
    ),
  );
}
