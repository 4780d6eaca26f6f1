/** The dialog in which users change their own password; the menu of the account opens it. */
import './messages/password.js';
import '../accounts/messages.js';
import { passwordField } from '../accounts/field.js';
import { form } from '../accounts/form.js';
import { SHORTEST } from '../accounts/strength.js';
import { h, toast } from '../common/dom.js';
import { api } from './api.js';
import { openDialog } from './dialog.js';
import { errorText } from './states.js';

/** Told to the document: other sessions have ended. */
export const PASSWORD_CHANGED = 'pixora-password';

/** The server ends the other sessions with the old password, and the API keys unless told to keep them. */
export async function changePassword() {
  // Where the question cannot be asked, the keys end, which is the default.
  const { keys } = await api.get('/api/keys').catch(() => ({ keys: [] }));
  const keep = h('input', { id: 'keep-keys', type: 'checkbox' });
  const current = passwordField({
    id: 'current-password',
    label: ['password.current'],
    props: { autocomplete: 'current-password' },
  });
  const next = passwordField({
    id: 'new-password',
    label: ['password.new'],
    hint: h('p', { class: 'eyebrow', text: ['strength.empty', { n: SHORTEST }] }),
    props: { autocomplete: 'new-password' },
  });
  const dialog = openDialog({
    title: ['nav.password'],
    loses: true,
    content: [
      ...(keys.length
        ? [
            h(
              'label',
              { class: 'choice', for: 'keep-keys' },
              keep,
              h(
                'span',
                { class: 'choice-name' },
                h('span', { text: ['password.keep_keys'] }),
                h('span', { class: 'note' }, keys.map((/** @type {{ name: string }} */ each) => each.name).join(', ')),
              ),
            ),
          ]
        : []),
      form({
        fields: [current, next],
        action: ['password.change'],
        async send() {
          await api.post('/api/auth/password', {
            current_password: current.input.value,
            new_password: next.input.value,
            keep_api_keys: keep.checked,
          });
          dialog.close();
          toast(['password.changed']);
          document.dispatchEvent(new Event(PASSWORD_CHANGED));
        },
        explain(error) {
          if (error.code === 'invalid_credentials') current.fail(['password.wrong']);
          else if (error.code === 'weak_password') next.fail(errorText(error));
          else return false;
          (error.code === 'weak_password' ? next : current).input.focus();
          return true;
        },
      }),
    ],
  });
  current.input.focus();
}
