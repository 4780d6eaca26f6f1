/** The dialog that invites somebody: by mail, or by a link that is shown once. */
import { h, toast } from '../../common/dom.js';
import { field } from '../../common/field.js';
import { api, ApiError } from '../api.js';
import { openDialog } from '../dialog.js';
import { showOnce } from '../show_once.js';
import { errorText } from '../states.js';
import { endField, roleField, smallForm } from './fields.js';

/** @param {string} path of the team @param {import('./types.js').Team} team @param {() => Promise<void>} reload */
export function invite(path, team, reload) {
  const role = roleField(team.roles, 'photographer');
  const input = h('input', {
    class: 'input',
    type: 'email',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    inputmode: 'email',
    disabled: !team.mail,
  });
  const email = field({
    label: ['team.email'],
    control: input,
    hint: [team.mail ? 'team.email.hint' : 'team.email.off'],
    optional: true,
  });
  const end = endField(null);
  const problem = h('p', { class: 'field-error', role: 'alert' });

  async function send() {
    const address = input.value.trim();
    const { url } = await api.post(`${path}/invitations`, {
      role: role.select.value,
      email: address || null,
      member_until: end.read(),
    });
    dialog.close();
    if (address) toast(['team.sent', { email: address }]);
    else showOnce({ title: ['team.link.title'], text: ['team.link.text'], secret: url });
    await reload();
  }

  /** @param {unknown} error */
  function explain(error) {
    const at = { invalid_email: email, invalid_end: end, invalid_role: role }[error instanceof ApiError ? error.code : ''];
    if (at) {
      at.fail(errorText(error));
      at.focus();
    } else problem.textContent = errorText(error);
    return true;
  }

  const dialog = openDialog({
    title: ['team.invite'],
    loses: true,
    content: [smallForm([role.element, email.element, end.element], ['team.send'], send, explain, problem)],
  });
  (team.mail ? email : role).focus();
}
