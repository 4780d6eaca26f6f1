/**
 * The shapes of tickets.
 *
 * @typedef {import('../../common/shapes.js').Answer<'TicketStatus'>} Status
 * @typedef {import('../../common/shapes.js').Answer<'TicketPriority'>} Priority
 * @typedef {import('../../common/shapes.js').Answer<'TicketCategory'>} Category
 * @typedef {import('../../common/shapes.js').Answer<'PersonJson'>} Person
 * @typedef {import('../../common/shapes.js').Answer<'AttachmentJson'>} Attachment
 * @typedef {import('../../common/shapes.js').Answer<'TicketJson'>} Ticket
 * @typedef {import('../../common/shapes.js').Answer<'ReplyJson'>} Reply
 * @typedef {import('../../common/shapes.js').Answer<'WholeTicketJson'>} WholeTicket
 */
export {};
