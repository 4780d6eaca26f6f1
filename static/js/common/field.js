/** The one kit for fields: a label, a control, a hint, and room for what is wrong with it. */
import { h } from './dom.js';

/** @typedef {import('./i18n.js').Text} Text */
/**
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {HTMLElement | null} hint
 * @property {(text: Text | string | null) => void} fail shows what is wrong, a message or the server's words, or takes it away
 * @property {() => void} focus
 */

/**
 * @param {object} options
 * @param {string} [options.id] unique on the page; made up when it is left out
 * @param {Text} options.label
 * @param {HTMLElement} options.control
 * @param {Text | HTMLElement} [options.hint]
 * @param {boolean} [options.optional] says so beside the label
 * @param {Node} [options.extra] between the control and its hint
 * @param {HTMLElement} [options.around] what stands around the control, if anything does
 * @returns {Field}
 */
export function field({ id = madeUpId(), label, control, hint, optional = false, extra, around = control }) {
  const error = h('p', { id: `${id}-error`, class: 'field-error', role: 'alert' });
  const note = hint instanceof HTMLElement ? hint : hint ? h('p', { class: 'note', text: hint }) : null;
  if (note) note.id = `${id}-hint`;
  control.id = id;
  control.setAttribute('aria-describedby', note ? `${note.id} ${error.id}` : error.id);
  const element = h(
    'div',
    { class: 'field' },
    h('label', { for: id }, h('span', { text: label }), optional && h('span', { class: 'note', text: ['field.optional'] })),
    around,
    extra,
    note,
    error,
  );
  /** @param {Text | string | null} text */
  function fail(text) {
    error.replaceChildren(...(text ? [typeof text === 'string' ? text : h('span', { text })] : []));
    if (text) control.setAttribute('aria-invalid', 'true');
    else control.removeAttribute('aria-invalid');
  }
  control.addEventListener('input', () => fail(null));
  return { element, hint: note, fail, focus: () => control.focus() };
}

function madeUpId() {
  return `field-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
}
