/** The replies of a ticket, in order. Replies that are shown stay as they are; only new ones are added. */
import { h, icon } from '../../common/dom.js';
import { time } from '../time.js';
import { attachmentList, initials } from './words.js';

/** @typedef {import('./types.js').WholeTicket} WholeTicket */
/** @typedef {import('./types.js').Reply} Reply */

/** @param {WholeTicket} ticket @param {string} reader the reader's id */
export function createThread(ticket, reader) {
  /** @type {Set<string>} */
  const shown = new Set();
  const list = h('ol', { class: 'thread', label: ['ticket.history'] });
  const { author, message, created_at: createdAt, attachments } = ticket;
  list.append(
    entry(
      { author: { ...author, role: 'customer' }, message, created_at: createdAt, attachments, id: ticket.id, is_internal: false },
      ticket,
      reader,
    ),
  );

  return {
    element: list,
    /** Adds what is new; returns it. @param {Reply[]} replies */
    add(replies) {
      const fresh = replies.filter(({ id }) => !shown.has(id));
      for (const reply of fresh) {
        shown.add(reply.id);
        list.append(entry(reply, ticket, reader));
      }
      return fresh;
    },
  };
}

/** @param {Reply} reply @param {WholeTicket} ticket @param {string} reader */
function entry(reply, ticket, reader) {
  const { author, message, is_internal: internal } = reply;
  const answers = author.id !== ticket.author.id;
  const kind = internal ? 'is-internal' : answers ? 'is-answer' : '';
  return h(
    'li',
    { class: `message ${kind} ${author.id === reader ? 'is-mine' : ''}`, 'data-reply': reply.id },
    h('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(author.name)),
    h(
      'div',
      { class: 'message-body' },
      h(
        'p',
        { class: 'message-head' },
        h('span', { class: 'message-author' }, author.name),
        answers && h('span', { class: 'note', text: [`role.${author.role}`] }),
        h('span', { class: 'note' }, time(reply.created_at)),
      ),
      internal && h('p', { class: 'message-internal' }, icon('lock'), h('span', { text: ['ticket.internal'] })),
      h('p', { class: 'message-words' }, message),
      attachmentList(reply.attachments),
    ),
  );
}
