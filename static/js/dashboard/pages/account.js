/** One's own account: the address to sign in with, the password. */
import '../messages/account.js';
import { button, h, toast } from '../../common/dom.js';
import { api } from '../api.js';
import { askEmail } from '../account/email.js';
import { twoStepCard } from '../account/two_step.js';
import { eraseForGood } from '../erase.js';
import { pageHead } from '../shell.js';
import { errorText, load } from '../states.js';

/** @typedef {import('../../common/shapes.js').Answer<'AccountSettings'>} Settings */

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, { user, setTitle }) {
  setTitle(['account.title']);
  const body = h('div', { class: 'account' });
  root.append(pageHead({ title: ['account.title'], text: ['account.text'] }), body);
  const reload = () =>
    load(
      body,
      () => Promise.all([api.get('/api/auth/account'), api.get('/api/auth/two-step')]),
      (/** @type {[Settings, import('../account/two_step.js').TwoStep]} */ [settings, twoStep]) => [
        emailCard(user, settings, reload),
        passwordCard(),
        twoStepCard(twoStep, reload),
        eraseCard(user),
      ],
    );
  await reload();
}

/** @param {import('../types.js').User} user @param {Settings} settings @param {() => Promise<void>} reload */
function emailCard(user, { awaited_email: awaited, mail }, reload) {
  async function cancel() {
    try {
      await api.delete('/api/auth/email');
      toast(['account.email.cancelled']);
    } catch (error) {
      toast(errorText(error));
    }
    await reload();
  }
  const change = button(
    'button button-quiet button-small',
    [user.email ? 'account.email.change' : 'account.email.add'],
    () => askEmail(reload),
    'pen',
  );
  return h(
    'section',
    { class: 'card account-card' },
    h('h2', { text: ['account.email'] }),
    user.email ? h('p', { class: 'account-value' }, user.email) : h('p', { text: ['account.email.none', { phone: user.phone ?? '' }] }),
    awaited && h('p', { class: 'note', role: 'status', text: ['account.email.awaited', { email: awaited }] }),
    !mail && h('p', { class: 'note', text: ['account.email.off'] }),
    h(
      'div',
      { class: 'account-actions' },
      mail && change,
      awaited && button('button button-quiet button-small', ['account.email.cancel'], cancel),
    ),
  );
}

/** @param {import('../types.js').User} user */
function eraseCard(user) {
  const path = `/api/users/${user.id}/erasure`;
  const gone = () => location.assign('/login');
  const erase = () => void eraseForGood({ path, title: ['erase.account'], text: ['erase.account.text'], name: user.name, gone });
  return h(
    'section',
    { class: 'card account-card' },
    h('h2', { text: ['erase.account'] }),
    h('p', { class: 'note', text: ['erase.account.text'] }),
    h(
      'div',
      { class: 'account-actions' },
      button('button button-quiet button-small button-danger-quiet', ['erase.account'], erase, 'trash'),
    ),
  );
}

function passwordCard() {
  const open = () => void import('../password.js').then(({ changePassword }) => changePassword());
  return h(
    'section',
    { class: 'card account-card' },
    h('h2', { text: ['account.password'] }),
    h('p', { class: 'note', text: ['account.password.text'] }),
    h('div', { class: 'account-actions' }, button('button button-quiet button-small', ['nav.password'], open, 'key')),
  );
}
