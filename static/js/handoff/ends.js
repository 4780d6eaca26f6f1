/** A hand-off that is over, not there, or cannot be reached. */
import { button, h, icon } from '../common/dom.js';

const KNOWN = ['handoff_expired', 'handoff_not_found'];

/** @param {string} code */
export function endView(code) {
  const known = KNOWN.includes(code) ? code : code === 'malformed_id' ? 'handoff_not_found' : 'other';
  return h(
    'section',
    { class: 'message-page' },
    h('span', { class: 'message-icon' }, icon(known === 'handoff_not_found' ? 'qr' : known === 'other' ? 'alert' : 'clock')),
    h('h1', { tabindex: '-1', text: [`gone.${known}.title`] }),
    h('p', { class: 'lead', text: [`gone.${known}`] }),
    known === 'other' && button('button button-primary', ['retry'], () => location.reload()),
  );
}
