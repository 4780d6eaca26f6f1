/** One ticket: what was said in it, an answer, where it stands. New messages appear by themselves. */
import { h, icon, toast } from '../../common/dom.js';
import { api, ApiError } from '../api.js';
import { empty, load } from '../states.js';
import { createComposer } from '../tickets/composer.js';
import { createDetails } from '../tickets/details.js';
import { listen } from '../tickets/live.js';
import { createThread } from '../tickets/thread.js';
import { isDesk } from '../tickets/words.js';

/** @typedef {import('../tickets/types.js').WholeTicket} WholeTicket */

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['ticket.title']);
  const desk = isDesk(context.user);
  const id = location.pathname.split('/').filter(Boolean).at(-1) ?? '';
  const url = `/api/ticket/${encodeURIComponent(id)}`;
  const back = h(
    'a',
    { class: 'back-link', href: '/dashboard/tickets' },
    icon('back'),
    h('span', { text: [desk ? 'ticket.back.desk' : 'ticket.back.own'] }),
  );
  const body = h('div', { class: 'section' });
  root.append(back, body);
  const ask = () => Promise.all([api.get(url), desk ? api.get('/api/ticket/assignees') : { assignees: [] }]);
  await load(body, ask, ([ticket, { assignees }]) => draw(ticket, assignees));

  /** @param {WholeTicket} first @param {import('../tickets/types.js').Person[]} assignees */
  function draw(first, assignees) {
    const thread = createThread(first, context.user.id);
    const composer = createComposer(first.id, { desk, sent: refresh });
    const details = createDetails({ user: context.user, desk, assignees, changed: update });
    const news = h('p', { class: 'visually-hidden', role: 'status' });
    const closed = details.closed();
    thread.add(first.replies);
    update(first);
    const leave = listen(`${url}/events`, refresh);
    context.onLeave(leave);

    /** @param {WholeTicket} ticket */
    function update(ticket) {
      const isClosed = ticket.status === 'closed';
      details.draw(ticket);
      closed.hidden = !isClosed;
      composer.element.hidden = isClosed && !desk;
      composer.only(isClosed);
      for (const reply of thread.add(ticket.replies)) {
        if (reply.author.id === context.user.id) continue;
        news.replaceChildren(h('span', { text: ['ticket.news', { name: reply.author.name }] }));
        toast(['ticket.news', { name: reply.author.name }]);
      }
    }

    async function refresh() {
      try {
        update(await api.get(url));
      } catch (error) {
        // The typed text stays, whatever the network does; a deleted ticket takes no answer.
        if (!(error instanceof ApiError && error.status === 404)) return;
        leave();
        body.replaceChildren(empty({ icon: 'chat', title: ['ticket.gone'], text: ['ticket.gone.text'] }));
      }
    }

    return h(
      'div',
      { class: 'ticket-layout' },
      h('h1', { class: 'ticket-title' }, first.subject),
      details.element,
      h('div', { class: 'ticket-main' }, thread.element, news, closed, composer.element),
    );
  }
}
