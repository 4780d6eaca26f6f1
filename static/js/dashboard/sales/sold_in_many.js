/** What is sold in several sessions, said for all of them at once. */
import '../messages/sales.js';
import { button, h, toast } from '../../common/dom.js';
import { t } from '../../common/i18n.js';
import { api } from '../api.js';
import { openDialog } from '../dialog.js';
import { errorText } from '../states.js';
import { priceChoice } from './price_choice.js';

/** @typedef {import('../studio/types.js').PhotoSession} PhotoSession */

/** Asks for the prices and sets them in one session after the other. @param {PhotoSession[]} sessions @param {() => void} changed */
export function soldInMany(sessions, changed) {
  const studios = new Set(sessions.map((session) => session.studio_id));
  if (studios.size !== 1) return toast(['sold.studios']);
  const [first] = sessions;
  // What they have in common stands there; where they differ, everything does.
  const isSame = sessions.every((session) => JSON.stringify(session.prices) === JSON.stringify(first.prices));
  const choice = priceChoice({ studioId: first.studio_id, offered: isSame ? first.prices : null, isTitled: true });
  const state = h('p', { class: 'note', role: 'status' });
  const failed = h('p', { class: 'field-error', role: 'alert' });
  const submit = h('button', { type: 'submit', class: 'button button-primary button-small', disabled: true, text: ['sold.save'] });
  const form = h(
    'form',
    { class: 'form', onSubmit: save },
    h('p', {}, t('sold.text', { n: sessions.length })),
    !isSame && h('p', { class: 'note', text: ['sold.differ'] }),
    choice.element,
    state,
    failed,
    h(
      'div',
      { class: 'dialog-actions' },
      button('button button-quiet button-small', ['cancel'], () => dialog.close()),
      submit,
    ),
  );
  const dialog = openDialog({ title: ['sessions.sold'], content: [form] });
  choice.loaded.then(
    (any) => (any ? (submit.disabled = false) : (state.textContent = t('sold.nothing'))),
    (error) => (failed.textContent = errorText(error)),
  );

  /** @param {Event} event */
  async function save(event) {
    event.preventDefault();
    submit.disabled = true;
    failed.textContent = '';
    const terms = choice.read();
    /** @type {string[]} */
    const left = [];
    let reason = '';
    for (const [i, session] of sessions.entries()) {
      state.textContent = t('sold.going', { i: i + 1, n: sessions.length });
      try {
        await api.patch(`/api/photo-sessions/${session.id}`, terms);
      } catch (error) {
        left.push(session.name);
        reason = errorText(error);
      }
    }
    state.textContent = '';
    submit.disabled = false;
    changed();
    if (left.length > 0) {
      failed.textContent = `${t('sold.failed', { n: left.length, names: left.join(', ') })} ${reason}`;
      return;
    }
    dialog.close();
    toast(t('sold.saved', { n: sessions.length }));
  }
}
