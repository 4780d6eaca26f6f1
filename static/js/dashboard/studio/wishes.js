/** Guests who ask to be left out, and the photographer's answer. */
import '../messages/people.js';
import { button, h, toast } from '../../common/dom.js';
import { formatDate } from '../../common/i18n.js';
import { api } from '../api.js';
import { errorText } from '../states.js';
import { live, toggle } from './words.js';

/** @typedef {import('../../common/shapes.js').Answer<'ManagedWish'>} Wish */

/** @param {string} sessionId @param {string | null} zone of the session */
export function createWishes(sessionId, zone) {
  const path = `/api/photo-sessions/${sessionId}/hide-requests`;
  const list = h('ul', { class: 'wishes', role: 'list' });
  const holder = h('div', {});
  const element = h(
    'section',
    { class: 'card wishes-card', label: ['wishes.title'] },
    h('h2', { text: ['wishes.title'] }),
    h('p', { class: 'note', text: ['wishes.text'] }),
    holder,
    list,
  );

  async function load() {
    try {
      const { hide_requests: wishes, by_itself: byItself } = await api.get(path);
      const itself = toggle({
        label: ['wishes.by_itself'],
        hint: ['wishes.by_itself.hint'],
        checked: byItself,
        onChange: async (input) => {
          try {
            await api.patch(path, { by_itself: input.checked });
          } catch (error) {
            input.checked = !input.checked;
            toast(errorText(error));
          }
        },
      });
      holder.replaceChildren(itself.element);
      list.replaceChildren(...wishes.map(row));
    } catch (error) {
      toast(errorText(error));
    }
  }

  /** @param {Wish} wish */
  function row(wish) {
    const isOver = wish.state === 'withdrawn';
    return h(
      'li',
      { class: 'wish' },
      h(
        'div',
        {},
        h('p', {}, h('strong', { text: [`wishes.${wish.state}`, { n: wish.photos_asked }] })),
        live(h('p', { class: 'note' }), () => formatDate(wish.created_at, undefined, zone)),
        wish.photos_held_back > 0 && h('p', { class: 'note', text: ['wishes.held', { n: wish.photos_held_back }] }),
      ),
      !isOver &&
        h(
          'div',
          { class: 'session-buttons' },
          wish.state !== 'hidden' && button('button button-primary button-small', ['wishes.accept'], () => void answer(wish, true)),
          wish.state !== 'refused' && button('button button-quiet button-small', ['wishes.refuse'], () => void answer(wish, false)),
        ),
    );
  }

  /** @param {Wish} wish @param {boolean} accept */
  async function answer({ hide_request_id: id }, accept) {
    try {
      await api.post(`${path}/${id}`, { accept });
      await load();
    } catch (error) {
      toast(errorText(error));
    }
  }

  return { element, load };
}
