/** The mark on what guests look at before they pay, with a picture of what it does. */
import '../messages/sales.js';
import '../messages/studio.js';
import { h, toast } from '../../common/dom.js';
import { bindText, t } from '../../common/i18n.js';
import { api } from '../api.js';
import { pageHead } from '../shell.js';
import { empty, errorText, load } from '../states.js';
import { logoField } from '../studio/logo.js';
import { field } from '../studio/words.js';

/** @typedef {{ kind: typeof KINDS[number], text: string | null, opacity: number, logo_png_base64: string | null }} Watermark */

const KINDS = /** @type {const} */ (['none', 'text', 'logo']);
/** Percent; what the server takes. */
const OPACITY = { min: 10, max: 90 };
/** A pause in typing or sliding. */
const SETTLED_MS = 250;

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['watermark.title']);
  const [studio] = context.user.studios;
  root.append(pageHead({ title: ['watermark.title'], text: ['watermark.lead'] }));
  if (!studio) {
    root.append(empty({ icon: 'stamp', title: ['studio.none'] }));
    return;
  }
  const body = h('div', {});
  root.append(body);
  const url = `/api/studios/${studio.id}`;
  await load(
    body,
    () => Promise.all([api.get(`${url}/watermark`), api.get(`${url}/branding`)]),
    ([mark, branding]) => draw(`${url}/watermark`, mark, branding),
  );
}

/** @param {string} url @param {Watermark} stored @param {{ name: string, logo_png_base64: string | null }} branding */
function draw(url, stored, branding) {
  let logo = stored.logo_png_base64;
  let kind = stored.kind;
  const kinds = h(
    'fieldset',
    { class: 'fieldset' },
    h('legend', { text: ['watermark.kind'] }),
    h(
      'div',
      { class: 'chips' },
      ...KINDS.map((each) =>
        h(
          'label',
          { class: 'chip chip-radio' },
          h('input', {
            type: 'radio',
            name: 'kind',
            value: each,
            checked: each === kind,
            class: 'visually-hidden',
            onChange: () => {
              kind = each;
              changed();
            },
          }),
          h('span', { text: [`watermark.kind.${each}`] }),
        ),
      ),
    ),
  );
  const text = h('input', {
    class: 'input',
    type: 'text',
    maxlength: 60,
    required: true,
    value: stored.text ?? branding.name,
    onInput: changed,
  });
  const textField = field({ label: ['watermark.text'], control: text, hint: ['watermark.text.hint'] });
  const opacity = h('input', { class: 'range', type: 'range', ...OPACITY, step: 5, value: stored.opacity, onInput: changed });
  const opacityField = field({ label: ['watermark.opacity'], control: opacity });
  const logoNote = h('p', { class: 'note' });
  const chooser = logoField('watermark.logo', {
    removeWords: 'watermark.logo.reset',
    note: logoNote,
    picked: setLogo,
    removed: () => setLogo(null),
  });
  const failed = h('p', { class: 'field-error', role: 'alert' });
  const submit = h('button', { type: 'submit', class: 'button button-primary', text: ['watermark.save'] });
  const form = h(
    'form',
    { class: 'form', novalidate: true, onSubmit: save },
    kinds,
    textField.element,
    chooser.element,
    opacityField.element,
    failed,
    h('div', {}, submit),
  );
  const picture = h('img', { class: 'watermark-picture', alt: ['watermark.preview.alt'], width: 1024, height: 683 });
  const caption = h('p', { class: 'note', role: 'status' });
  /** The logo that the server knows. */
  let storedLogo = logo;
  /** @type {number | undefined} */
  let timer;
  picture.addEventListener('load', () => say(picture.dataset.kind === 'none' ? 'none' : 'exact'));
  picture.addEventListener('error', () => say('failed'));

  /** @param {'drawing' | 'exact' | 'none' | 'logo' | 'failed'} what of the sample is to be known */
  function say(what) {
    picture.toggleAttribute('aria-busy', what === 'drawing');
    bindText(caption, '', [`watermark.preview.${what}`]);
  }

  function chosenLogo() {
    return logo ?? branding.logo_png_base64;
  }

  function drawForm() {
    textField.element.hidden = kind !== 'text';
    chooser.element.hidden = kind !== 'logo';
    opacityField.element.hidden = kind === 'none';
    chooser.remove.hidden = logo === null || branding.logo_png_base64 === null;
    bindText(logoNote, '', [logo ? 'watermark.logo.own' : branding.logo_png_base64 ? 'watermark.logo.branding' : 'watermark.logo.missing']);
    opacity.setAttribute('aria-valuetext', `${opacity.value} %`);
  }

  function changed() {
    drawForm();
    failed.textContent = '';
    clearTimeout(timer);
    timer = window.setTimeout(drawPreview, SETTLED_MS);
  }

  /** The server draws what is not saved yet as well, all but a logo that it has not seen. */
  function drawPreview() {
    const words = text.value.trim();
    const shown = kind === 'text' && !words ? 'none' : kind === 'logo' && !chosenLogo() ? 'none' : kind;
    const query = new URLSearchParams({ kind: shown, opacity: opacity.value, ...(shown === 'text' && { text: words }) });
    const unseen = kind === 'logo' && logo !== storedLogo;
    if (unseen) return say('logo');
    say('drawing');
    picture.dataset.kind = shown;
    picture.src = `${url}/preview.jpg?${query}`;
  }

  /** @param {string | null} base64 */
  function setLogo(base64) {
    logo = base64;
    changed();
  }

  /** @param {Event} event */
  async function save(event) {
    event.preventDefault();
    textField.fail('');
    if (kind === 'text' && !text.value.trim()) return textField.fail(t('watermark.text.empty'));
    if (kind === 'logo' && !chosenLogo()) {
      failed.textContent = t('watermark.logo.missing');
      return;
    }
    submit.disabled = true;
    try {
      await api.put(url, {
        kind,
        text: kind === 'text' ? text.value.trim() : null,
        opacity: Number(opacity.value),
        logo_png_base64: kind === 'logo' ? logo : null,
      });
      storedLogo = kind === 'logo' ? logo : null;
      toast(['watermark.saved']);
      drawPreview();
    } catch (error) {
      failed.textContent = errorText(error);
    } finally {
      submit.disabled = false;
    }
  }

  drawForm();
  drawPreview();
  return h(
    'div',
    { class: 'watermark' },
    h('div', { class: 'card' }, form),
    h('figure', { class: 'watermark-preview' }, h('figcaption', { class: 'eyebrow', text: ['watermark.preview'] }), picture, caption),
  );
}
