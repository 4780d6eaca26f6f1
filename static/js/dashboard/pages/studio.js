/** How the studio looks on its cards: name, colour, logo, with the card as it will be printed. */
import '../messages/studio.js';
import { h, toast } from '../../common/dom.js';
import { onLanguageChange, t } from '../../common/i18n.js';
import { api, ApiError } from '../api.js';
import { pageHead } from '../shell.js';
import { empty, errorText, load } from '../states.js';
import { cardPreview } from '../studio/card_preview.js';
import { creditsForm } from '../studio/credits.js';
import { logoField } from '../studio/logo.js';
import { ownAddress } from '../studio/own_address.js';
import { peopleSwitch } from '../studio/people_switch.js';
import { websiteForm } from '../studio/website.js';
import { field } from '../studio/words.js';

/** @typedef {import('../../common/shapes.js').Answer<'BrandingJson'>} Branding */

const DEFAULT_COLOUR = '#a9472a';

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['studio.title']);
  const [studio] = context.user.studios;
  root.append(pageHead({ title: ['studio.title'], text: ['studio.lead'] }));
  if (!studio) {
    root.append(empty({ icon: 'image', title: ['studio.none'] }));
    return;
  }
  const body = h('div', {});
  root.append(body);
  await load(
    body,
    () =>
      Promise.all([
        api.get(`/api/studios/${studio.id}/branding`),
        api.get(`/api/studios/${studio.id}/credits`),
        api.get(`/api/studios/${studio.id}/people`),
        api.get(`/api/studios/${studio.id}/return-url`),
        api.get(`/api/studios/${studio.id}/web-origins`),
        api.get(`/api/studios/${studio.id}/host`),
      ]),
    ([branding, credits, people, leads, sites, host]) =>
      h(
        'div',
        { class: 'studio-settings' },
        draw(`/api/studios/${studio.id}/branding`, branding),
        creditsForm(`/api/studios/${studio.id}/credits`, credits),
        peopleSwitch(`/api/studios/${studio.id}/people`, people),
        ownAddress(`/api/studios/${studio.id}`, host),
        websiteForm(`/api/studios/${studio.id}`, leads, sites),
      ),
  );
}

/** @param {string} url @param {Branding} branding */
function draw(url, branding) {
  let logo = branding.logo_png_base64;
  const name = h('input', { class: 'input', type: 'text', required: true, maxlength: 100, value: branding.name, onInput: preview });
  const colour = h('input', { class: 'colour-well', type: 'color', value: branding.colour ?? DEFAULT_COLOUR, onInput: preview });
  const nameField = field({ label: ['studio.name'], control: name });
  const colourField = field({ label: ['studio.colour'], control: colour, hint: ['studio.colour.hint'] });
  const contact = h('input', { class: 'input', type: 'text', maxlength: 200, value: branding.contact ?? '', autocomplete: 'off' });
  const site = h('input', {
    class: 'input',
    type: 'url',
    maxlength: 200,
    value: branding.site ?? '',
    placeholder: 'https://',
    autocomplete: 'off',
  });
  const contactField = field({ label: ['studio.contact'], control: contact, hint: ['studio.contact.hint'], optional: true });
  const siteField = field({ label: ['studio.site'], control: site, optional: true });
  const shown = logoField('studio.logo', {
    removeWords: 'studio.logo.remove',
    note: h('p', { class: 'note', text: ['studio.logo.hint'] }),
    picked: setLogo,
    removed: () => setLogo(null),
  });
  const submit = h('button', { class: 'button button-primary', text: ['studio.save'] });
  const failed = h('p', { class: 'field-error', role: 'alert' });

  const card = h('div', { class: 'print-frame' });
  const form = h(
    'form',
    { class: 'form', novalidate: true, onSubmit: save },
    nameField.element,
    colourField.element,
    shown.element,
    contactField.element,
    siteField.element,
    failed,
    h('div', {}, submit),
  );

  function preview() {
    shown.remove.hidden = logo === null;
    card.replaceChildren(cardPreview({ name: name.value, colour: colour.value, logo }));
  }

  /** @param {string | null} base64 */
  function setLogo(base64) {
    logo = base64;
    preview();
  }

  /** @param {Event} event */
  async function save(event) {
    event.preventDefault();
    for (const each of [nameField, contactField, siteField]) each.fail('');
    failed.textContent = '';
    if (!name.value.trim()) return nameField.fail(t('studio.name.empty'));
    submit.disabled = true;
    try {
      await api.put(url, {
        name: name.value.trim(),
        colour: colour.value,
        logo_png_base64: logo,
        contact: contact.value.trim() || null,
        site: site.value.trim() || null,
      });
      toast(['studio.saved']);
    } catch (error) {
      const code = error instanceof ApiError ? error.code : '';
      if (code === 'invalid_site') siteField.fail(errorText(error));
      else if (code === 'invalid_contact') contactField.fail(errorText(error));
      else failed.textContent = errorText(error);
    } finally {
      submit.disabled = false;
    }
  }

  preview();
  onLanguageChange(() => {
    if (card.isConnected) preview();
  });
  return h(
    'div',
    { class: 'branding' },
    h('div', { class: 'card' }, form),
    h('div', { class: 'branding-preview' }, h('h2', { class: 'eyebrow', text: ['studio.preview'] }), card),
  );
}
