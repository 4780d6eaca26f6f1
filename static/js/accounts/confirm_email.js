/** The page /confirm-email#TOKEN, where the link in a mail to a new address leads. */
import './messages.js';
import '../dashboard/icons.js';
import { h } from '../common/dom.js';
import { frame } from '../common/frame.js';
import { api } from '../dashboard/api.js';
import { errorText } from '../dashboard/states.js';
import { form } from './form.js';
import { showMessage } from './message_page.js';
import { titled } from './title.js';

/** In the fragment, which browsers send to no server and write into no Referer. */
const token = location.hash.slice(1);
const ACCOUNT = '/dashboard/settings/account';

/** @param {import('../common/i18n.js').Text | string} text */
function failed(text) {
  showMessage(main, { icon: 'link', title: ['setup.invalid.title'], text, href: ACCOUNT, action: ['email.account'] });
}

/** Asks for a press, because programs that look through mails follow links. */
function draw() {
  const confirm = form({
    fields: [],
    action: ['email.confirm'],
    async send() {
      const { email } = await api.post('/api/auth/email/confirm', { token });
      history.replaceState(null, '', '/confirm-email');
      showMessage(main, {
        icon: 'check',
        title: ['email.done.title'],
        text: ['email.done', { email }],
        href: ACCOUNT,
        action: ['email.account'],
      });
    },
    explain(error) {
      if (!['email_link_invalid', 'login_taken'].includes(error.code)) return false;
      history.replaceState(null, '', '/confirm-email');
      failed(errorText(error));
      return true;
    },
  });
  main.append(
    h(
      'section',
      { class: 'gate' },
      h('div', { class: 'gate-words' }, h('h1', { text: ['email.title'] }), h('p', { class: 'lead', text: ['email.text'] })),
      h('div', { class: 'card gate-card' }, confirm),
    ),
  );
}

const { main } = frame();
titled('email.title');
if (token) draw();
else failed(['email.none']);
