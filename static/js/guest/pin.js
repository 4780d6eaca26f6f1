/** The page of a gallery that opens with a PIN. */
import './pin_messages.js';
import { h } from '../common/dom.js';
import { bindText } from '../common/i18n.js';

function pinInAddress() {
  try {
    return decodeURIComponent(/^#pin=(.+)$/i.exec(location.hash)?.[1] ?? '');
  } catch {
    return '';
  }
}

/** @param {import('./api.js').Api} api @returns {import('./types.js').View} */
export function pinView(api) {
  const input = h('input', {
    class: 'input pin-input',
    id: 'pin',
    name: 'pin',
    required: true,
    maxlength: 32,
    autocomplete: 'one-time-code',
    autocapitalize: 'off',
    spellcheck: 'false',
    'aria-describedby': 'pin-error',
  });
  const error = h('p', { class: 'field-error', id: 'pin-error', role: 'alert' });
  const open = h('button', { class: 'button button-primary button-wide', text: ['pin.open'] });
  const form = h(
    'form',
    { class: 'form pin-form', onSubmit: (/** @type {Event} */ event) => void send(event) },
    h('label', { for: 'pin', text: ['pin.label'] }),
    input,
    error,
    open,
  );
  const element = h('section', { class: 'sheet' }, h('h1', { text: ['pin.title'] }), h('p', { class: 'lead', text: ['pin.text'] }), form);

  /** @param {Event} [event] */
  async function send(event) {
    event?.preventDefault();
    error.textContent = '';
    input.removeAttribute('aria-invalid');
    open.disabled = true;
    try {
      await api.unlock(input.value);
      // The page is written anew, now with the gallery in it. The link keeps its PIN to itself, and what was come for.
      if (/^#(list|choose)=/.test(location.hash)) location.reload();
      else location.replace(location.pathname);
    } catch (failure) {
      const { code, retryAfter } = /** @type {import('./api.js').ApiError} */ (failure);
      const known = code === 'pin_wrong' || code === 'too_many_attempts';
      bindText(error, '', [known ? `pin.${code}` : 'pin.failed', { n: retryAfter }]);
      open.disabled = false;
      input.setAttribute('aria-invalid', 'true');
      input.select();
    }
  }

  return {
    element,
    entered() {
      // A printed code may carry the PIN, behind the sign that no browser sends on.
      input.value = pinInAddress();
      if (input.value) void send();
      else input.focus();
    },
  };
}
