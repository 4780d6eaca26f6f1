/**
 * The shapes of docs/API.md about tickets.
 *
 * @typedef {'open' | 'in_progress' | 'awaiting_reply' | 'resolved' | 'closed'} Status
 * @typedef {'low' | 'normal' | 'high' | 'urgent'} Priority
 * @typedef {'general' | 'technical' | 'billing' | 'other'} Category
 * @typedef {{ id: string, name: string }} Person
 * @typedef {{ id: string, filename: string, bytes: number, media_type: string, url: string }} Attachment
 *
 * @typedef {object} Ticket
 * @property {string} id
 * @property {string} subject
 * @property {string} message
 * @property {Priority} priority
 * @property {Category} category
 * @property {Status} status
 * @property {Person | null} assigned_to
 * @property {Person} author
 * @property {string | null} closed_at
 * @property {string} created_at
 * @property {string} updated_at
 * @property {number} reply_count
 * @property {Attachment[]} attachments
 *
 * @typedef {object} Reply
 * @property {string} id
 * @property {Person & { role: import('../types.js').User['role'] }} author
 * @property {string} message
 * @property {boolean} is_internal
 * @property {string} created_at
 * @property {Attachment[]} attachments
 *
 * @typedef {Ticket & { replies: Reply[], next_statuses: Status[] }} WholeTicket
 */
export {};
