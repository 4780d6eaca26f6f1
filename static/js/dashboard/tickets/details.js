/** A ticket's details and status, with the controls that its reader has. */
import { button, h, icon, toast } from '../../common/dom.js';
import { t } from '../../common/i18n.js';
import { api } from '../api.js';
import { confirm } from '../dialog.js';
import { errorText } from '../states.js';
import { time } from '../time.js';
import { priorityBadge, statusBadge } from './words.js';

/** @typedef {import('./types.js').WholeTicket} WholeTicket */
/** @typedef {import('./types.js').Status} Status */

/**
 * @param {{ user: import('../types.js').User, desk: boolean, assignees: import('./types.js').Person[], changed: (ticket: WholeTicket) => void }} options
 *   `changed`: the ticket as the server has it after a change
 */
export function createDetails({ user, desk, assignees, changed }) {
  const badges = h('p', { class: 'badges', 'aria-live': 'polite' });
  const facts = h('dl', { class: 'facts' });
  const controls = h('div', { class: 'ticket-controls' });
  const element = h('aside', { class: 'card ticket-details', label: ['ticket.details'] }, badges, facts, controls);
  /** @type {WholeTicket} */
  let ticket;

  /** @param {string} url @param {object} body @param {import('../../common/i18n.js').Text} done */
  async function change(url, body, done) {
    try {
      changed(await api.post(url, { ticket_id: ticket.id, ...body }));
      toast(done);
    } catch (error) {
      toast(errorText(error));
      // The control goes back to what is true.
      drawControls();
    }
  }

  /** @param {Status} status */
  const setStatus = (status) => change('/api/ticket/status', { status }, ['ticket.status.set', { status: t(`ticket.status.${status}`) }]);
  /** @param {string | null} to */
  const assign = (to) => change('/api/ticket/assign', { assigned_to: to }, ['ticket.assigned.set']);

  async function close() {
    if (await confirm({ title: ['ticket.close.title'], text: ['ticket.close.text'], action: ['ticket.close'], danger: false }))
      await setStatus('closed');
  }

  function statusControl() {
    const select = h(
      'select',
      { class: 'input input-small select', id: 'ticket-status', onChange: () => setStatus(/** @type {Status} */ (select.value)) },
      ...[ticket.status, ...ticket.next_statuses].map((status) => h('option', { value: status, text: [`ticket.status.${status}`] })),
    );
    return h('div', { class: 'field' }, h('label', { for: 'ticket-status', text: ['tickets.status'] }), select);
  }

  function assignControl() {
    // The present assignee, even if the reader could not assign the ticket to them.
    const has = ticket.assigned_to;
    const people = has && !assignees.some(({ id }) => id === has.id) ? [has, ...assignees] : assignees;
    const select = h(
      'select',
      {
        class: 'input input-small select',
        id: 'ticket-assigned',
        disabled: ticket.status === 'closed',
        onChange: () => assign(select.value || null),
      },
      h('option', { value: '', text: ['ticket.assigned.nobody'] }),
      ...people.map(({ id, name }) => h('option', { value: id }, name)),
    );
    select.value = has?.id ?? '';
    return h('div', { class: 'field' }, h('label', { for: 'ticket-assigned', text: ['tickets.assigned'] }), select);
  }

  function drawControls() {
    const focused =
      document.activeElement instanceof HTMLElement && controls.contains(document.activeElement) ? document.activeElement.id : '';
    const may = (/** @type {Status} */ status) => ticket.next_statuses.includes(status);
    controls.replaceChildren(
      ...[
        desk && statusControl(),
        desk && assignControl(),
        desk &&
          ticket.assigned_to?.id !== user.id &&
          ticket.status !== 'closed' &&
          button('button button-quiet button-small', ['ticket.assign.me'], () => assign(user.id), 'person'),
        !desk && may('closed') && button('button button-quiet button-small', ['ticket.close'], close, 'check'),
        !desk && may('open') && button('button button-quiet button-small', ['ticket.reopen'], () => setStatus('open'), 'undo'),
      ].filter((each) => each instanceof Node),
    );
    if (focused) document.getElementById(focused)?.focus();
  }

  /** @param {string} key @param {Node | string} value */
  const fact = (key, value) => h('div', {}, h('dt', { text: [key] }), h('dd', {}, value));

  return {
    element,
    /** @param {WholeTicket} fresh */
    draw(fresh) {
      ticket = fresh;
      badges.replaceChildren(
        ...[
          statusBadge(ticket.status, desk),
          priorityBadge(ticket.priority),
          h('span', { class: 'badge', text: [`ticket.category.${ticket.category}`] }),
        ].filter((each) => each instanceof Node),
      );
      facts.replaceChildren(
        ...[
          desk && fact('ticket.author', ticket.author.name),
          !desk && ticket.assigned_to && fact('tickets.assigned', ticket.assigned_to.name),
          fact('ticket.created', time(ticket.created_at)),
          fact('ticket.updated', time(ticket.updated_at)),
          ticket.closed_at && fact('ticket.closed_at', time(ticket.closed_at)),
        ].filter((each) => each instanceof Node),
      );
      drawControls();
    },
    /** For a closed ticket, in place of the reply. */
    closed() {
      return h(
        'div',
        { class: 'callout' },
        icon('lock'),
        h(
          'div',
          {},
          h('p', { class: 'message-author', text: ['ticket.is_closed'] }),
          h('p', { class: 'note', text: [desk ? 'ticket.is_closed.desk' : 'ticket.is_closed.text'] }),
        ),
      );
    },
  };
}
