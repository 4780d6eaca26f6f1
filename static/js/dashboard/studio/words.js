/** Small parts that several of the studio's pages share. */
import { h } from '../../common/dom.js';
import { field as labelled } from '../../common/field.js';
import { formatNumber, onLanguageChange, t } from '../../common/i18n.js';

/** @typedef {import('../../common/i18n.js').Text} Text */

export const STATUSES = /** @type {const} */ (['created', 'active', 'completed', 'archived']);

/** A session of the studio's own database may have a status that Pixora does not know: it is shown as it is. @param {string} status */
export function statusBadge(status) {
  const known = STATUSES.find((each) => each === status.toLowerCase());
  if (!known) return h('span', { class: 'badge badge-status' }, status);
  return h('span', { class: `badge badge-status badge-${known}`, text: [`status.${known}`] });
}

/** Text that is computed from the language: drawn now and on every switch. @template {Element} E @param {E} element @param {() => string} words @returns {E} */
export function live(element, words) {
  const draw = () => {
    element.textContent = words();
  };
  draw();
  const stop = onLanguageChange(() => (element.isConnected ? draw() : stop()));
  return element;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** "3.4 MB", decimal as every system but Windows counts. @param {number} bytes */
export function formatBytes(bytes) {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  const number = formatNumber(value, { maximumFractionDigits: power > 1 && value < 100 ? 1 : 0 });
  return `${number} ${t(`unit.${UNITS[power]}`)}`;
}

/** "about 5 min" as hours, minutes and seconds in the reader's language. @param {number} seconds */
export function formatDuration(seconds) {
  /** @param {number} value @param {'second' | 'minute' | 'hour'} unit */
  const part = (value, unit) => formatNumber(value, { style: 'unit', unit, unitDisplay: 'short' });
  if (seconds < 60) return part(Math.max(1, Math.round(seconds)), 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return part(minutes, 'minute');
  return minutes % 60 ? `${part(Math.floor(minutes / 60), 'hour')} ${part(minutes % 60, 'minute')}` : part(minutes / 60, 'hour');
}

/** A field of the panel: what is wrong with it is where one goes on. @param {Parameters<typeof labelled>[0]} options */
export function field(options) {
  const made = labelled(options);
  return {
    ...made,
    /** @param {string} words '' takes the error away */
    fail(words) {
      made.fail(words);
      if (words) made.focus();
    },
  };
}

/** A switch: a checkbox that says on and off. @param {{ label: Text, hint?: Text, checked: boolean, onChange?: (input: HTMLInputElement) => void }} options */
export function toggle({ label, hint, checked, onChange }) {
  const input = h('input', { type: 'checkbox', role: 'switch', class: 'switch-input', checked, onChange: () => onChange?.(input) });
  const element = h(
    'label',
    { class: 'switch' },
    input,
    h('span', { class: 'switch-track', 'aria-hidden': 'true' }),
    h('span', { class: 'switch-words' }, h('span', { text: label }), hint && h('span', { class: 'note', text: hint })),
  );
  return { element, input };
}

/** Puts words into the clipboard, also over plain http, where the clipboard API does not exist. @param {string} words @returns {Promise<boolean>} */
export async function copyText(words) {
  if (navigator.clipboard)
    return navigator.clipboard.writeText(words).then(
      () => true,
      () => false,
    );
  const area = h('textarea', { class: 'visually-hidden', readonly: true });
  area.value = words;
  // Inside an open dialog everything else is inert.
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  return copied;
}

/** 128 random bits for `Idempotency-Key`; `crypto.randomUUID` needs a secure context. */
export function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
