/** The page /join#TOKEN, where an invitation into a studio's team leads. */
import './messages.js';
import '../dashboard/icons.js';
import { h } from '../common/dom.js';
import { frame } from '../common/frame.js';
import { formatMoment } from '../common/i18n.js';
import { api, ApiError } from '../dashboard/api.js';
import { errorText, loading } from '../dashboard/states.js';
import { field } from './field.js';
import { form } from './form.js';
import { showMessage } from './message_page.js';
import { newPasswordField } from './new_password.js';
import { titled } from './title.js';

/** @typedef {import('../common/shapes.js').Answer<'OpenedInvitation'>} Invitation */

/** In the fragment, which browsers send to no server and write into no Referer. */
const token = location.hash.slice(1);

/** @param {import('../common/i18n.js').Text | string} text */
function invalid(text) {
  showMessage(main, { icon: 'link', title: ['join.invalid.title'], text, href: '/login', action: ['login.title'] });
}

/** @param {Invitation} invitation */
function draw(invitation) {
  const name = field({ id: 'name', label: ['setup.name'], props: { type: 'text', autocomplete: 'name', maxlength: 100 } });
  const email = field({
    id: 'email',
    label: ['setup.email'],
    props: {
      type: 'email',
      autocomplete: 'username',
      autocapitalize: 'none',
      spellcheck: 'false',
      inputmode: 'email',
      value: invitation.email ?? '',
    },
  });
  const password = newPasswordField(['setup.password'], () => [name.input.value, email.input.value]);
  for (const each of [name, email]) each.input.addEventListener('input', password.judge);
  const until = invitation.member_until;
  main.replaceChildren(
    h(
      'section',
      { class: 'gate' },
      h(
        'div',
        { class: 'gate-words' },
        h('h1', { text: ['join.title', { studio: invitation.studio_name }] }),
        h('p', { class: 'lead', text: [`join.as.${invitation.role}`] }),
        until && h('p', { class: 'note', text: ['join.until', { when: formatMoment(until) }] }),
      ),
      h(
        'div',
        { class: 'card gate-card' },
        form({
          fields: [name, email, password],
          action: ['join.go'],
          async send() {
            const login = email.input.value.trim();
            const given = { token, name: name.input.value.trim(), email: login, password: password.input.value };
            await api.post('/api/invitations/accept', given);
            history.replaceState(null, '', '/join');
            showMessage(main, {
              icon: 'check',
              title: ['join.done.title'],
              text: ['join.done', { email: login }],
              href: '/login',
              action: ['login.title'],
            });
          },
          explain(error) {
            if (error.code === 'invitation_invalid') {
              invalid(errorText(error));
              return true;
            }
            const at = {
              invalid_email: email,
              role_differs: email,
              invalid_name: name,
              weak_password: password,
              invalid_credentials: password,
            }[error.code];
            at?.fail(error.code === 'invalid_credentials' ? ['join.known'] : errorText(error));
            at?.input.focus();
            return at !== undefined;
          },
        }),
      ),
      h('p', { class: 'note gate-note', text: ['join.account'] }),
    ),
  );
}

const { main } = frame();
titled('join.head');
main.append(loading());
if (!token) invalid(['email.none']);
else
  api.post('/api/invitations/open', { token }).then(draw, (error) => {
    if (!(error instanceof ApiError)) throw error;
    invalid(errorText(error));
  });
