/** The pages /login and /auth/signin: a password, or a QR code that a signed-in phone confirms. */
import './messages.js';
import '../dashboard/icons.js';
import { h } from '../common/dom.js';
import { frame } from '../common/frame.js';
import { api, mayBeSignedIn, renew } from '../dashboard/api.js';
import { loading } from '../dashboard/states.js';
import { field, passwordField } from './field.js';
import { form } from './form.js';
import { nextPage } from './next.js';
import { qrPanel } from './qr_panel.js';
import { passkeyButton, secondStep } from './second_step.js';
import { tabs } from './tabs.js';
import { titled } from './title.js';

/** A customer is greeted as one; who signs in, and where that leads, is the same. */
const customer = new URLSearchParams(location.search).get('role') === 'customer';
const TITLE = customer ? 'login.customer.title' : 'login.title';
const enter = () => location.replace(nextPage(location.search, location.origin));

function passwordPanel() {
  const login = field({
    id: 'login',
    label: ['login.name'],
    props: { type: 'text', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', inputmode: 'email' },
  });
  const password = passwordField({ id: 'password', label: ['login.password'], props: { autocomplete: 'current-password' } });
  return {
    login,
    element: form({
      fields: [login, password],
      action: ['login.enter'],
      async send() {
        await api.post('/api/auth/login', { login: login.input.value.trim(), password: password.input.value });
        enter();
      },
      explain(error) {
        if (error.code === 'second_step_required') {
          drawSecondStep(error.problem);
          return true;
        }
        if (error.code !== 'invalid_credentials') return false;
        password.fail(['login.wrong']);
        password.input.focus();
        password.input.select();
        return true;
      },
    }),
  };
}

/** @param {Record<string, any>} problem the server's, with what the second step needs */
function drawSecondStep({ step_token: token, methods }) {
  const step = secondStep({ step_token: token, methods }, { enter, again: draw });
  main.replaceChildren(
    h(
      'section',
      { class: 'gate' },
      h('div', { class: 'gate-words' }, h('h1', { text: ['step.title'] }), h('p', { class: 'lead', text: ['step.text'] })),
      h('div', { class: 'card gate-card' }, step.element),
    ),
  );
  step.focus();
}

function draw() {
  const password = passwordPanel();
  const qr = qrPanel(enter);
  main.replaceChildren(
    h(
      'section',
      { class: 'gate' },
      h('div', { class: 'gate-words' }, h('h1', { text: [TITLE] }), customer && h('p', { class: 'lead', text: ['login.customer.lead'] })),
      h(
        'div',
        { class: 'card gate-card' },
        tabs(
          ['login.tabs'],
          [
            { id: 'by-password', label: ['login.by_password'], icon: 'key', panel: h('div', {}, password.element, passkeyButton(enter)) },
            { id: 'by-qr', label: ['login.by_qr'], icon: 'qr', panel: qr.element, entered: qr.start, left: qr.stop },
          ],
        ),
      ),
      h('p', { class: 'note gate-note' }, h('a', { href: '/reset', text: ['reset.forgot'] })),
      h('p', { class: 'note gate-note', text: [customer ? 'login.customer.note' : 'login.guest'] }),
    ),
  );
  // Only where no keyboard would cover the page.
  if (matchMedia('(pointer: fine)').matches) password.login.input.focus();
}

const { main } = frame();
titled(TITLE);
main.append(loading());
// A page that was opened after the access token's 15 minutes leads here, while the sign-in still holds.
if (mayBeSignedIn() && (await renew().catch(() => false))) enter();
else draw();
