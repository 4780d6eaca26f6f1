/** The fields of signing in: required inputs, and passwords that can be shown. */
import { h, icon } from '../common/dom.js';
import { field as labelled } from '../common/field.js';
import { bindText } from '../common/i18n.js';

/** @typedef {import('../common/i18n.js').Text} Text */
/** @typedef {import('../common/field.js').Field & { input: HTMLInputElement }} Field */

/**
 * @param {{ id: string, label: Text, hint?: HTMLElement, props: Record<string, any> }} options
 * @param {(input: HTMLInputElement) => HTMLElement} [wrap] what stands around the input
 * @returns {Field}
 */
export function field({ id, label, hint, props }, wrap = (input) => input) {
  const input = h('input', { name: id, class: 'input', required: true, ...props });
  return { ...labelled({ id, label, hint, control: input, around: wrap(input) }), input };
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
