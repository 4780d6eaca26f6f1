/** Labelled fields with a hint and an error of their own. */
import { h, icon } from '../common/dom.js';
import { bindText } from '../common/i18n.js';

/** @typedef {import('../common/i18n.js').Text} Text */
/** @typedef {{ element: HTMLElement, input: HTMLInputElement, fail: (text: Text | string | null) => void }} Field */

/**
 * @param {{ id: string, label: Text, hint?: HTMLElement, props: Record<string, any> }} options
 * @param {(input: HTMLInputElement) => HTMLElement} [wrap] what stands around the input
 * @returns {Field}
 */
export function field({ id, label, hint, props }, wrap = (input) => input) {
  const error = h('p', { id: `${id}-error`, class: 'field-error' });
  if (hint) hint.id = `${id}-hint`;
  const input = h('input', {
    id,
    name: id,
    class: 'input',
    'aria-describedby': `${id}-error${hint ? ` ${id}-hint` : ''}`,
    required: true,
    ...props,
  });
  const element = h('div', { class: 'field' }, h('label', { for: id, text: label }), wrap(input), hint, error);
  /** Shows what is wrong, a message or the server's words, or takes it away. @param {Text | string | null} text */
  function fail(text) {
    error.replaceChildren(...(text ? [typeof text === 'string' ? text : h('span', { text })] : []));
    if (text) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
  }
  input.addEventListener('input', () => fail(null));
  return { element, input, fail };
}

/** A field for a password, with a button that shows what is typed. @param {Parameters<typeof field>[0]} options @returns {Field} */
export function passwordField(options) {
  return field({ ...options, props: { type: 'password', autocapitalize: 'none', spellcheck: 'false', ...options.props } }, (input) => {
    const eye = h('button', {
      type: 'button',
      class: 'icon-button field-eye',
      'aria-controls': options.id,
      onClick: () => show(input.type === 'password'),
    });
    /** @param {boolean} shown */
    function show(shown) {
      input.type = shown ? 'text' : 'password';
      bindText(eye, 'aria-label', [shown ? 'password.hide' : 'password.show']);
      eye.replaceChildren(icon(shown ? 'eyeoff' : 'eye'));
    }
    show(false);
    return h('div', { class: 'field-secret' }, input, eye);
  });
}

/** Says that required fields are empty, and goes to the first. @param {Field[]} fields @returns {boolean} whether all are filled */
export function allFilled(fields) {
  const missing = fields.filter(({ input }) => !input.value.trim());
  for (const each of missing) each.fail(['field.required']);
  missing[0]?.input.focus();
  return missing.length === 0;
}
