/** A session that cannot be shown: what happened and what the guest can do. */
import './error_messages.js';
import { button, h, icon } from '../common/dom.js';

const KNOWN = [
  'session_not_found',
  'malformed_id',
  'facepass_disabled',
  'face_search_off',
  'not_revealed',
  'source_unavailable',
  'customers_only',
  'photo_not_found',
  'link_not_found',
  'forbidden',
];
/** Faults of ours pass; the others stay until somebody else does something. */
const PASSING = ['source_unavailable', 'internal', 'too_often'];

/** What is said of a refusal that has no words of its own: only a fault of ours is called one. @param {string} code @param {number} status */
function wordsFor(code, status) {
  if (KNOWN.includes(code)) return code;
  if (code === 'not_found') return 'malformed_id';
  if (status === 429) return 'too_often';
  return status >= 400 && status < 500 ? 'refused' : 'internal';
}

/** @param {string} code @param {number} [status] of the answer @returns {import('./types.js').View} */
export function errorView(code, status = 500) {
  const known = wordsFor(code, status);
  const element = h(
    'section',
    { class: 'message-page' },
    h('span', { class: 'message-icon' }, icon(PASSING.includes(known) ? 'clock' : 'qr')),
    h('h1', { text: [`error.${known}.title`] }),
    h('p', { class: 'lead', text: [`error.${known}`] }),
    [...PASSING, 'face_search_off'].includes(known) && button('button button-primary', ['retry'], () => location.reload()),
  );
  return { element };
}
