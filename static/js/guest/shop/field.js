/** The checkout's fields: a label, a hint, and room for what is wrong. */
import { h } from '../../common/dom.js';

/** Looser than the server's checks: these only catch slips before anything is sent. */
export const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
export const PHONE = /^[+\d][\d\s().-]{5,24}$/;

/**
 * @param {string} id also names its words, `checkout.{id}` and `checkout.{id}.hint`
 * @param {HTMLInputElement | HTMLTextAreaElement} control
 * @param {{ optional?: boolean, hint?: boolean }} [options]
 */
export function checkoutField(id, control, { optional = false, hint = false } = {}) {
  const error = h('p', { class: 'field-error', id: `${id}-error` });
  control.id = id;
  control.setAttribute('aria-describedby', `${hint ? `${id}-hint ` : ''}${id}-error`);
  if (!optional) control.required = true;
  const element = h(
    'div',
    { class: 'field' },
    h('label', { for: id }, h('span', { text: [`checkout.${id}`] }), optional && h('span', { class: 'note', text: ['checkout.optional'] })),
    control,
    hint && h('p', { class: 'note', id: `${id}-hint`, text: [`checkout.${id}.hint`] }),
    error,
  );

  /** Says what is wrong, in a message or the server's words; null takes it away. @param {import('../../common/i18n.js').Text | string | null} text */
  function fail(text) {
    error.replaceChildren(...(text ? [typeof text === 'string' ? text : h('span', { text })] : []));
    if (text) control.setAttribute('aria-invalid', 'true');
    else control.removeAttribute('aria-invalid');
  }
  control.addEventListener('input', () => fail(null));
  return { element, control, fail };
}
