/** The checkout's fields. */
import { field } from '../../common/field.js';

/** Looser than the server's checks: these only catch slips before anything is sent. */
export const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
export const PHONE = /^[+\d][\d\s().-]{5,24}$/;

/**
 * @template {HTMLInputElement | HTMLTextAreaElement} T
 * @param {string} id also names its words, `checkout.{id}` and `checkout.{id}.hint`
 * @param {T} control
 * @param {{ optional?: boolean, hint?: boolean | import('../../common/i18n.js').Text, around?: HTMLElement }} [options] a hint has its words by the id, or its own
 */
export function checkoutField(id, control, { optional = false, hint = false, around } = {}) {
  control.required = !optional;
  const words = hint === true ? /** @type {import('../../common/i18n.js').Text} */ ([`checkout.${id}.hint`]) : hint || undefined;
  return { ...field({ id, label: [`checkout.${id}`], control, optional, hint: words, around }), control };
}
