/** What can be done with a member of the team. */
import { button, h, toast } from '../../common/dom.js';
import { field } from '../../common/field.js';
import { api, ApiError } from '../api.js';
import { confirm, openDialog } from '../dialog.js';
import { showOnce } from '../show_once.js';
import { errorText } from '../states.js';
import { endField, roleField, smallForm } from './fields.js';

/** @typedef {import('./types.js').Member} Member */
/** @typedef {import('./types.js').Team} Team */

/**
 * The items of a member's menu; none where the reader may do nothing.
 * @param {Member} member @param {Team} team @param {string} path of the team @param {() => Promise<void>} reload
 */
export function actions(member, team, path, reload) {
  if (!member.is_managed) return [];
  const own = `${path}/${member.id}`;

  /** @param {() => Promise<unknown>} work @param {import('../../common/i18n.js').Text} done */
  async function act(work, done) {
    try {
      await work();
      toast(done);
    } catch (error) {
      toast(errorText(error));
    }
    await reload();
  }

  async function disable() {
    const title = /** @type {const} */ (['team.disable.title', { name: member.name }]);
    if (!(await confirm({ title: [...title], text: ['team.disable.text'], action: ['team.disable'] }))) return;
    await act(() => api.patch(own, { disabled: true }), ['team.disable.done']);
  }

  async function endTwoStep() {
    if (
      !(await confirm({ title: ['team.two_step.title', { name: member.name }], text: ['team.two_step.text'], action: ['team.two_step'] }))
    )
      return;
    await act(() => api.delete(`${own}/two-step`), ['team.two_step.done']);
  }

  async function resetLink() {
    try {
      const { url } = await api.post(`${own}/reset-link`);
      showOnce({ title: ['team.reset'], text: ['team.reset.text'], secret: url });
    } catch (error) {
      toast(errorText(error));
    }
  }

  /** @param {import('../../common/i18n.js').Text} text @param {() => unknown} work @param {string} icon */
  const item = (text, work, icon) => button('menu-item', text, () => void work(), icon);
  const whole = member.is_managed_whole;
  return [
    item(['team.change'], () => change(member, team, own, reload), 'pen'),
    whole && !member.disabled && item(['team.reset'], resetLink, 'link'),
    whole && !member.is_me && item(['team.two_step'], endTwoStep, 'shield'),
    whole && !member.disabled && item(['team.disable'], disable, 'eyeoff'),
    whole && member.disabled && item(['team.enable'], () => act(() => api.patch(own, { disabled: false }), ['team.enable.done']), 'check'),
    item(['team.remove'], () => remove(member, team, own, reload), 'trash'),
  ].filter((each) => each instanceof Node);
}

/** @param {Member} member @param {Team} team @param {string} path @param {() => Promise<void>} reload */
function change(member, team, path, reload) {
  const role = roleField(team.roles.includes(member.role) ? team.roles : [member.role, ...team.roles], member.role);
  role.select.disabled = !member.is_managed_whole;
  const end = endField(member.ends_at);
  const problem = h('p', { class: 'field-error', role: 'alert' });
  async function send() {
    const changed = { ends_at: end.read(), ...(role.select.value === member.role ? {} : { role: role.select.value }) };
    await api.patch(path, changed);
    dialog.close();
    toast(['team.saved']);
    await reload();
  }
  /** @param {unknown} error */
  function explain(error) {
    if (error instanceof ApiError && error.code === 'invalid_end') end.fail(errorText(error));
    else problem.textContent = errorText(error);
    return true;
  }
  const dialog = openDialog({
    title: ['team.change'],
    loses: true,
    content: [h('p', {}, member.name), smallForm([role.element, end.element], ['team.save'], send, explain, problem)],
  });
}

/** Says what goes and what stays, and asks who gets their sessions. @param {Member} member @param {Team} team @param {string} path @param {() => Promise<void>} reload */
function remove(member, team, path, reload) {
  const heirs = team.members.filter(
    (each) => each.id !== member.id && !each.disabled && ['super_admin', 'admin', 'photographer'].includes(each.role),
  );
  const select = h(
    'select',
    { class: 'input select' },
    h('option', { value: '', text: ['team.remove.keep'] }),
    ...heirs.map((each) => h('option', { value: each.id }, each.name)),
  );
  const problem = h('p', { class: 'field-error', role: 'alert' });
  const heir = member.sessions
    ? field({ label: ['team.remove.sessions', { n: member.sessions }], control: select }).element
    : h('p', { class: 'note', text: ['team.remove.none'] });
  async function send() {
    await api.post(`${path}/removal`, { heir_id: select.value || null });
    dialog.close();
    toast(['team.removed', { name: member.name }]);
    await reload();
  }
  const dialog = openDialog({
    title: ['team.remove.title', { name: member.name }],
    loses: true,
    content: [
      h('p', { text: ['team.remove.text'] }),
      smallForm(
        [heir],
        ['team.remove'],
        send,
        (error) => {
          problem.textContent = errorText(error);
          return true;
        },
        problem,
      ),
    ],
  });
}
