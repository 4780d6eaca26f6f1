/** The checkout's fields. */
import { field } from '../../common/field.js';

/** Looser than the server's checks: these only catch slips before anything is sent. */
export const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
export const PHONE = /^[+\d][\d\s().-]{5,24}$/;

/**
 * @template {HTMLInputElement | HTMLTextAreaElement} T
 * @param {string} id also names its words, `checkout.{id}` and `checkout.{id}.hint`
 * @param {T} control
 * @param {{ optional?: boolean, hint?: boolean }} [options]
 */
export function checkoutField(id, control, { optional = false, hint = false } = {}) {
  control.required = !optional;
  return { ...field({ id, label: [`checkout.${id}`], control, optional, hint: hint ? [`checkout.${id}.hint`] : undefined }), control };
}
