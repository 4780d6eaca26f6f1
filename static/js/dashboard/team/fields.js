/** The fields that an invitation and a change of a member have in common. */
import { field } from '../../common/field.js';
import { h } from '../../common/dom.js';
import { toInstant, toLocal } from '../studio/terms.js';

/** A choice of a role, which says what the chosen one may do. @param {string[]} roles @param {string} chosen */
export function roleField(roles, chosen) {
  const select = h('select', { class: 'input select' }, ...roles.map((role) => h('option', { value: role, text: [`role.${role}`] })));
  select.value = roles.includes(chosen) ? chosen : roles[0];
  const hint = h('p', { class: 'note' });
  const say = () => hint.replaceChildren(h('span', { text: [`team.role.${select.value}`] }));
  select.addEventListener('change', say);
  say();
  return { ...field({ label: ['team.role'], control: select, hint }), select };
}

/** When somebody's time ends, if it does. @param {string | null} iso */
export function endField(iso) {
  const input = h('input', { class: 'input', type: 'datetime-local', value: toLocal(iso) });
  return {
    ...field({ label: ['team.end'], control: input, hint: ['team.end.hint'], optional: true }),
    read: () => toInstant(input.value),
  };
}

/**
 * Sends a form once; what the server says against a field stands beside it.
 * @param {(Node | false | null)[]} content @param {import('../../common/i18n.js').Text} action @param {() => Promise<void>} send
 * @param {(error: unknown) => boolean} explain
 * @param {HTMLElement} problem
 */
export function smallForm(content, action, send, explain, problem) {
  const submit = h('button', { class: 'button button-primary button-small' }, h('span', { text: action }));
  return h(
    'form',
    {
      class: 'form',
      novalidate: true,
      onSubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        problem.textContent = '';
        submit.disabled = true;
        try {
          await send();
        } catch (error) {
          explain(error);
        } finally {
          submit.disabled = false;
        }
      },
    },
    ...content,
    problem,
    h('div', { class: 'dialog-actions' }, submit),
  );
}
