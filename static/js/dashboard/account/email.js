/** The dialog that asks for another e-mail address. */
import '../messages/account.js';
import '../messages/password.js';
import '../../accounts/messages.js';
import { field, passwordField } from '../../accounts/field.js';
import { form } from '../../accounts/form.js';
import { h, toast } from '../../common/dom.js';
import { api } from '../api.js';
import { openDialog } from '../dialog.js';
import { errorText } from '../states.js';

/** @param {() => Promise<void>} asked called once the mail is on its way */
export function askEmail(asked) {
  const email = field({
    id: 'new-email',
    label: ['account.email.new'],
    hint: h('p', { class: 'note', text: ['account.email.hint'] }),
    props: { type: 'email', autocomplete: 'email', autocapitalize: 'none', spellcheck: 'false', inputmode: 'email' },
  });
  const password = passwordField({
    id: 'own-password',
    label: ['account.email.password'],
    props: { autocomplete: 'current-password' },
  });
  const dialog = openDialog({
    title: ['account.email.change'],
    loses: true,
    content: [
      form({
        fields: [email, password],
        action: ['account.email.send'],
        async send() {
          const address = email.input.value.trim();
          await api.post('/api/auth/email', { email: address, password: password.input.value });
          dialog.close();
          toast(['account.email.sent', { email: address }]);
          await asked();
        },
        explain(error) {
          if (error.code === 'invalid_credentials') password.fail(['password.wrong']);
          else if (['invalid_email', 'login_taken'].includes(error.code)) email.fail(errorText(error));
          else return false;
          (error.code === 'invalid_credentials' ? password : email).input.focus();
          return true;
        },
      }),
    ],
  });
  email.input.focus();
}
