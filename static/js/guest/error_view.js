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
];
/** Faults of ours pass; the others stay until somebody else does something. */
const PASSING = ['source_unavailable', 'internal'];

/** @param {string} code @returns {import('./types.js').View} */
export function errorView(code) {
  const known = KNOWN.includes(code) ? code : code === 'not_found' ? 'malformed_id' : 'internal';
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
