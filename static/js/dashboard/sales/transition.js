/** Asks before an order becomes something else, with room for a note, and tells the server. */
import { h, toast } from '../../common/dom.js';
import { t } from '../../common/i18n.js';
import { api } from '../api.js';
import { openDialog } from '../dialog.js';
import { errorText } from '../states.js';
import { field } from '../studio/words.js';

/** Transitions that cannot be undone. */
const GRAVE = ['cancelled', 'refunded'];

/**
 * @param {import('../../order/types.js').Order} order
 * @param {import('../../order/types.js').Status} to
 * @returns {Promise<boolean>} whether the order is another now, also when somebody else was faster
 */
export function askTransition(order, to) {
  return new Promise((done) => {
    let changed = false;
    const key = to === 'refunded' && order.payment !== 'manual' ? 'order.to.refunded.online' : `order.to.${to}`;
    const note = h('textarea', { class: 'input textarea', rows: 2, maxlength: 1000 });
    const failed = h('p', { class: 'field-error', role: 'alert' });
    const yes = h('button', {
      type: 'submit',
      class: `button button-small ${GRAVE.includes(to) ? 'button-danger' : 'button-primary'}`,
      text: [key],
    });
    const form = h(
      'form',
      { class: 'form', novalidate: true, onSubmit: send },
      h('p', { text: [`${key}.text`] }),
      field({ label: ['order.note'], control: note, hint: ['order.note.hint'], optional: true }).element,
      failed,
      h(
        'div',
        { class: 'dialog-actions' },
        h('button', { type: 'button', class: 'button button-quiet button-small', text: ['cancel'], onClick: () => dialog.close() }),
        yes,
      ),
    );
    const dialog = openDialog({ title: [`${key}.title`], content: [form], onClose: () => done(changed) });
    yes.focus();

    /** @param {Event} event */
    async function send(event) {
      event.preventDefault();
      yes.disabled = true;
      failed.textContent = '';
      try {
        const moved = await api.post(`/api/shop/orders/${order.id}/transitions`, {
          to,
          ...(note.value.trim() && { note: note.value.trim() }),
        });
        changed = true;
        toast(moved.status === to ? ['order.moved', { status: t(`order.status.${to}`) }] : ['order.refund.asked']);
        dialog.close();
      } catch (error) {
        failed.textContent = errorText(error);
        // Somebody else was faster: the page shows what the order is now.
        changed = /** @type {import('../api.js').ApiError} */ (error).code === 'order_transition_refused';
        yes.disabled = changed;
      }
    }
  });
}
