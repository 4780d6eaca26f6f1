/** The studio's own web site: where a found photo leads, and which sites may show the search. */
import '../messages/website.js';
import { h, toast } from '../../common/dom.js';
import { api } from '../api.js';
import { errorText } from '../states.js';
import { field } from './words.js';

/** @typedef {import('../../common/shapes.js').Answer<'ReturnUrlJson'>} Leads */
/** @typedef {import('../../common/shapes.js').Answer<'WebOriginsJson'>} Sites */

/** @param {string} studio the address of its settings @param {Leads} leads @param {Sites} sites */
export function websiteForm(studio, leads, sites) {
  const address = h('input', {
    class: 'input',
    type: 'text',
    inputmode: 'url',
    spellcheck: 'false',
    autocapitalize: 'off',
    maxlength: 500,
    placeholder: 'https://studio.example/photos/{external_id}',
    value: leads.return_url ?? '',
  });
  const origins = h('textarea', {
    class: 'input',
    rows: 3,
    spellcheck: 'false',
    autocapitalize: 'off',
    placeholder: 'https://studio.example',
  });
  origins.value = sites.origins.join('\n');
  // Braces of the hint stand for themselves.
  const names = { session_id: '{session_id}', photo_id: '{photo_id}', external_id: '{external_id}' };
  const addressField = field({ label: ['website.leads'], control: address, hint: ['website.leads.hint', names] });
  const originsField = field({ label: ['website.origins'], control: origins, hint: ['website.origins.hint'] });
  const submit = h('button', { class: 'button button-primary', text: ['studio.save'] });

  /** Saves one of the two; what is wrong with it is said at its field. @param {ReturnType<typeof field>} of @param {() => Promise<void>} change */
  async function put(of, change) {
    try {
      await change();
      return true;
    } catch (error) {
      of.fail(errorText(error));
      return false;
    }
  }

  /** @param {Event} event */
  async function save(event) {
    event.preventDefault();
    submit.disabled = true;
    addressField.fail('');
    originsField.fail('');
    const isLeading = await put(addressField, async () => {
      await api.put(`${studio}/return-url`, { return_url: address.value.trim() || null });
    });
    const lines = origins.value.split(/\s+/).filter(Boolean);
    const isNamed = await put(originsField, async () => {
      /** @type {Sites} */
      const named = await api.put(`${studio}/web-origins`, { origins: lines });
      origins.value = named.origins.join('\n');
    });
    submit.disabled = false;
    if (isLeading && isNamed) toast(['website.saved']);
  }

  return h(
    'section',
    { class: 'card credits', label: ['website.title'] },
    h('h2', { text: ['website.title'] }),
    h('p', { class: 'note', text: ['website.lead'] }),
    h('form', { class: 'form', novalidate: true, onSubmit: save }, addressField.element, originsField.element, h('div', {}, submit)),
  );
}
