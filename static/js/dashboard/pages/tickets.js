/** The tickets: one's own, or all that the desk answers. */
import { button, h, icon } from '../../common/dom.js';
import { api } from '../api.js';
import { pageHead } from '../shell.js';
import { empty, failure, load } from '../states.js';
import { listen } from '../tickets/live.js';
import { CATEGORIES, isDesk, PRIORITIES, priorityBadge, STATUSES, statusBadge } from '../tickets/words.js';
import { time } from '../time.js';

/** @typedef {import('../tickets/types.js').Ticket} Ticket */

const PAGE_SIZE = 20;
/** The server's largest page: as much of a long list is read anew when something changes. */
const MOST = 200;

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  const desk = isDesk(context.user);
  const side = desk ? 'desk' : 'own';
  context.setTitle([`tickets.title.${side}`]);
  /** @type {Ticket[]} */
  let tickets = [];
  /** @type {string | null} */
  let cursor = null;
  const list = h('ul', { class: 'ticket-list', label: [`tickets.title.${side}`] });
  const body = h('div', { class: 'section' });
  const create = () =>
    h(
      'a',
      { class: 'button button-primary button-small', href: '/dashboard/tickets/new' },
      icon('plus'),
      h('span', { text: ['tickets.new'] }),
    );

  const filters = {
    status: select(
      'status',
      STATUSES.map((each) => [each, `ticket.status.${each}`]),
    ),
    category: select(
      'category',
      CATEGORIES.map((each) => [each, `ticket.category.${each}`]),
    ),
    priority: select(
      'priority',
      PRIORITIES.map((each) => [each, `ticket.priority.${each}`]),
    ),
    ...(desk && {
      assigned: select('assigned', [
        ['me', 'tickets.assigned.me'],
        ['none', 'tickets.assigned.none'],
      ]),
    }),
  };
  const bar = h('div', { class: 'toolbar ticket-filters', role: 'group', label: ['tickets.filters'] }, ...Object.values(filters));
  root.append(pageHead({ title: [`tickets.title.${side}`], text: [`tickets.lead.${side}`], actions: [create()] }), bar, body);

  /** One filter; the address keeps what it stands at. @param {string} name @param {string[][]} options value and message of each */
  function select(name, options) {
    const element = h(
      'select',
      { class: 'input input-small select', label: [`tickets.${name}`], onChange: filter },
      h('option', { value: '', text: [`tickets.${name}.all`] }),
      ...options.map(([value, text]) => h('option', { value, text: [text] })),
    );
    element.value = new URLSearchParams(location.search).get(name) ?? '';
    if (element.selectedIndex < 0) element.value = '';
    return element;
  }

  function wanted() {
    return Object.entries(filters)
      .filter(([, { value }]) => value)
      .map(([name, { value }]) => [name, value]);
  }

  function filter() {
    const query = new URLSearchParams(wanted());
    history.replaceState(null, '', query.size ? `?${query}` : location.pathname);
    return reload();
  }

  /** @param {string | null} after @param {number} limit */
  function page(after, limit) {
    return api.get(`/api/ticket?${new URLSearchParams([...wanted(), ['limit', String(limit)], ...(after ? [['cursor', after]] : [])])}`);
  }

  function reload() {
    return load(
      body,
      () => page(null, PAGE_SIZE),
      (answer) => {
        ({ tickets, next_cursor: cursor } = answer);
        return draw();
      },
    );
  }

  function draw() {
    bar.hidden = tickets.length === 0 && wanted().length === 0;
    if (tickets.length === 0) {
      if (wanted().length === 0)
        return [
          empty({
            icon: 'chat',
            title: [`tickets.none.${side}`],
            text: [`tickets.none.${side}.text`],
            action: desk ? undefined : create(),
          }),
        ];
      return [
        empty({
          icon: 'chat',
          title: ['tickets.none.filter'],
          action: button('button button-quiet button-small', ['tickets.reset'], reset),
        }),
      ];
    }
    const focused = document.activeElement instanceof HTMLAnchorElement ? document.activeElement.dataset.ticket : undefined;
    list.replaceChildren(...tickets.map((ticket) => card(ticket, desk)));
    if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-ticket="${focused}"]`))?.focus();
    return cursor ? [list, button('button button-quiet button-small ticket-more', ['tickets.more'], more)] : [list];
  }

  function reset() {
    for (const each of Object.values(filters)) each.value = '';
    return filter();
  }

  /** @param {Event} event */
  async function more(event) {
    const pressed = /** @type {HTMLButtonElement} */ (event.currentTarget);
    const first = tickets.length;
    pressed.disabled = true;
    try {
      const answer = await page(cursor, PAGE_SIZE);
      const known = new Set(tickets.map(({ id }) => id));
      tickets = [...tickets, ...answer.tickets.filter((/** @type {Ticket} */ { id }) => !known.has(id))];
      cursor = answer.next_cursor;
      body.replaceChildren(...draw());
      // The button is gone: on with the first of the new ones.
      list.querySelectorAll('a')[first]?.focus();
    } catch (error) {
      pressed.replaceWith(failure(error, () => body.replaceChildren(...draw())));
    }
  }

  async function refresh() {
    try {
      const answer = await page(null, Math.min(MOST, Math.max(PAGE_SIZE, tickets.length)));
      ({ tickets, next_cursor: cursor } = answer);
      body.replaceChildren(...draw());
    } catch {
      /* the list stays as it is until the next change */
    }
  }

  await reload();
  context.onLeave(listen('/api/ticket/events', refresh));
}

/** @param {Ticket} ticket @param {boolean} desk */
function card(ticket, desk) {
  const { id, subject, message, status, priority, category, author, assigned_to: assignee, reply_count: n } = ticket;
  return h(
    'li',
    {},
    h(
      'a',
      { class: `ticket-card is-${status}`, href: `/dashboard/tickets/${id}`, 'data-ticket': id },
      h(
        'span',
        { class: 'ticket-card-head' },
        h('span', { class: 'ticket-subject' }, subject),
        h('span', { class: 'badges' }, priorityBadge(priority), statusBadge(status, desk)),
      ),
      h('span', { class: 'ticket-excerpt' }, message),
      h(
        'span',
        { class: 'ticket-meta' },
        h('span', { text: [`ticket.category.${category}`] }),
        desk && h('span', { text: ['tickets.from', { name: author.name }] }),
        assignee && h('span', { text: ['tickets.to', { name: assignee.name }] }),
        h('span', { class: 'ticket-count' }, icon('chat'), h('span', { text: n ? ['tickets.replies', { n }] : ['tickets.noreplies'] })),
        time(ticket.updated_at),
      ),
    ),
  );
}
