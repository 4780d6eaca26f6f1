/** The page /reset: asks for a link by mail; /reset#TOKEN, where that link leads: another password. */
import './messages.js';
import '../dashboard/icons.js';
import { h } from '../common/dom.js';
import { frame } from '../common/frame.js';
import { api } from '../dashboard/api.js';
import { errorText } from '../dashboard/states.js';
import { field } from './field.js';
import { form } from './form.js';
import { showMessage } from './message_page.js';
import { newPasswordField } from './new_password.js';
import { titled } from './title.js';

/** In the fragment, which browsers send to no server and write into no Referer. */
const token = location.hash.slice(1);

/** @param {import('../common/i18n.js').Text} text @param {Node} content */
function gate(text, content) {
  main.replaceChildren(
    h(
      'section',
      { class: 'gate' },
      h('div', { class: 'gate-words' }, h('h1', { text: ['reset.title'] }), h('p', { class: 'lead', text })),
      h('div', { class: 'card gate-card' }, content),
      h('p', { class: 'note gate-note' }, h('a', { href: '/login', text: ['login.title'] })),
    ),
  );
}

async function ask() {
  // Where no mail is sent nothing is asked for that would never come.
  const { mail } = await api.get('/api/payments').catch(() => ({ mail: true }));
  if (!mail) {
    showMessage(main, { icon: 'link', title: ['reset.title'], text: ['reset.no_mail'], href: '/login', action: ['login.title'] });
    return;
  }
  const login = field({
    id: 'login',
    label: ['login.name'],
    props: { type: 'text', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', inputmode: 'email' },
  });
  gate(
    ['reset.text'],
    form({
      fields: [login],
      action: ['reset.send'],
      async send() {
        await api.post('/api/auth/reset', { login: login.input.value.trim() });
        showMessage(main, { icon: 'check', title: ['reset.sent.title'], text: ['reset.sent'], href: '/login', action: ['login.title'] });
      },
    }),
  );
}

/** The link is spent or never was one: it is of no use in the history. */
function forgetToken() {
  history.replaceState(null, '', '/reset');
}

function choose() {
  const password = newPasswordField(['reset.password']);
  gate(
    ['reset.choose'],
    form({
      fields: [password],
      action: ['reset.go'],
      async send() {
        await api.post('/api/auth/reset/confirm', { token, password: password.input.value });
        forgetToken();
        showMessage(main, { icon: 'check', title: ['reset.done.title'], text: ['reset.done'], href: '/login', action: ['login.title'] });
      },
      explain(error) {
        if (error.code === 'reset_link_invalid') {
          forgetToken();
          showMessage(main, {
            icon: 'link',
            title: ['setup.invalid.title'],
            text: errorText(error),
            href: '/reset',
            action: ['reset.again'],
          });
          return true;
        }
        if (error.code !== 'weak_password') return false;
        password.fail(errorText(error));
        password.input.focus();
        return true;
      },
    }),
  );
}

const { main } = frame();
titled('reset.title');
if (token) choose();
else void ask();
