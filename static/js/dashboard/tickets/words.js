/** Small parts that the tickets' pages share. */
import '../messages/tickets.js';
import { addIcons, h, icon } from '../../common/dom.js';
import { t } from '../../common/i18n.js';
import { formatBytes, live } from '../studio/words.js';

addIcons({
  clip: 'M19 11.5l-7.2 7.2a4.5 4.5 0 0 1-6.4-6.4l7.6-7.6a3 3 0 0 1 4.3 4.3l-7.5 7.5a1.5 1.5 0 0 1-2.2-2.2l6.8-6.8',
  lock: 'M6.5 11h11v8.5h-11zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  file: 'M6.5 3.5h7l4 4v13h-11zM13.5 3.5v4h4',
  person: 'M12 11.5a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2zM4.8 20c.6-3.6 3.4-5.6 7.2-5.6s6.6 2 7.2 5.6',
});

export const STATUSES = /** @type {const} */ (['open', 'in_progress', 'awaiting_reply', 'resolved', 'closed']);
export const PRIORITIES = /** @type {const} */ (['low', 'normal', 'high', 'urgent']);
export const CATEGORIES = /** @type {const} */ (['general', 'technical', 'billing', 'other']);

/** Whether somebody answers tickets. @param {import('../types.js').User} user */
export function isDesk(user) {
  return ['super_admin', 'admin', 'operator'].includes(user.role);
}

/** @param {import('./types.js').Status} status @param {boolean} [desk] whose word for it */
export function statusBadge(status, desk = true) {
  const own = status === 'awaiting_reply' && !desk ? 'ticket.status.awaiting_reply.you' : `ticket.status.${status}`;
  return h('span', { class: `badge badge-ticket is-${status}`, text: [own] });
}

/** Nothing for what is neither hurried nor slow. @param {import('./types.js').Priority} priority */
export function priorityBadge(priority) {
  return priority !== 'normal' && h('span', { class: `badge badge-priority is-${priority}`, text: [`ticket.priority.${priority}`] });
}

/** Files to be saved. @param {import('./types.js').Attachment[]} files */
export function attachmentList(files) {
  return (
    files.length > 0 &&
    h(
      'ul',
      { class: 'attachments', label: ['ticket.files'] },
      ...files.map((file) =>
        h(
          'li',
          {},
          h(
            'a',
            { class: 'attachment', href: file.url, download: file.filename },
            icon(file.media_type.startsWith('image/') ? 'image' : 'file'),
            h('span', { class: 'attachment-name' }, file.filename),
            live(h('span', { class: 'note' }), () => formatBytes(file.bytes)),
          ),
        ),
      ),
    )
  );
}

/** "Anna Petrova" → "AP". @param {string} name */
export function initials(name) {
  return name
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0].toUpperCase())
    .join('');
}

/** The fault of a message, or ''. @param {string} words */
export function complaint(words) {
  if (!words.trim()) return t('ticket.message.required');
  return [...words.trim()].length > 10_000 ? t('ticket.message.long') : '';
}
