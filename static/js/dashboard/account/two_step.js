/** The second step of signing in: an app, passkeys, recovery codes. */
import '../messages/two_step.js';
import '../messages/password.js';
import '../../accounts/messages.js';
import { field, passwordField } from '../../accounts/field.js';
import { form } from '../../accounts/form.js';
import { isDeclined, isThere, makePasskey, passkeysHere } from '../../accounts/passkey.js';
import { button, h, icon, toast } from '../../common/dom.js';
import { formatMoment } from '../../common/i18n.js';
import { api } from '../api.js';
import { openDialog } from '../dialog.js';
import { showOnce } from '../show_once.js';
import { errorText } from '../states.js';
import { time } from '../time.js';

/** @typedef {import('../../common/shapes.js').Answer<'TwoStepJson'>} TwoStep */
/** @typedef {import('../../common/shapes.js').Answer<'PasskeyJson'>} Passkey */
/** @typedef {import('../../common/i18n.js').Text} Text */

/** @param {TwoStep} state @param {() => Promise<void>} reload */
export function twoStepCard(state, reload) {
  const on = state.app || state.passkeys.length > 0;
  return h(
    'section',
    { class: 'card account-card' },
    h(
      'h2',
      {},
      h('span', { text: ['two_step.title'] }),
      ' ',
      h('span', { class: on ? 'badge badge-good' : 'badge', text: [on ? 'two_step.on' : 'two_step.off'] }),
    ),
    h('p', { class: 'note', text: ['two_step.text'] }),
    h('h3', { class: 'eyebrow', text: ['two_step.app'] }),
    h('p', { text: [state.app ? 'two_step.app.there' : 'two_step.app.none'] }),
    h(
      'div',
      { class: 'account-actions' },
      state.app
        ? button('button button-quiet button-small', ['two_step.app.remove'], () => removeApp(reload), 'trash')
        : button('button button-quiet button-small', ['two_step.app.add'], () => addApp(reload), 'phone'),
    ),
    h('h3', { class: 'eyebrow', text: ['two_step.passkeys'] }),
    state.passkeys.length > 0
      ? h('ul', { class: 'passkeys' }, ...state.passkeys.map((each) => passkeyRow(each, reload)))
      : h('p', { text: [state.passkeys_possible && passkeysHere() ? 'two_step.passkeys.none' : 'two_step.passkeys.off'] }),
    state.passkeys_possible &&
      passkeysHere() &&
      h(
        'div',
        { class: 'account-actions' },
        button('button button-quiet button-small', ['two_step.passkeys.add'], () => addPasskey(reload), 'key'),
      ),
    on && h('h3', { class: 'eyebrow', text: ['two_step.recovery'] }),
    on && h('p', { text: ['two_step.recovery.left', { n: state.recovery_codes }] }),
    on &&
      h(
        'div',
        { class: 'account-actions' },
        button('button button-quiet button-small', ['two_step.recovery.renew'], () => renewCodes(reload), 'undo'),
      ),
  );
}

/** @param {Passkey} passkey @param {() => Promise<void>} reload */
function passkeyRow(passkey, reload) {
  const remove = () =>
    askPassword({
      title: ['two_step.passkey.remove.title', { name: passkey.name }],
      text: ['two_step.passkey.remove.text'],
      action: ['two_step.remove'],
      async send(password) {
        await api.post(`/api/auth/passkeys/${passkey.id}/removal`, { password });
        toast(['two_step.passkey.removed']);
        await reload();
      },
    });
  return h(
    'li',
    { class: 'passkey' },
    h(
      'div',
      {},
      h('p', { class: 'account-value' }, passkey.name),
      h(
        'p',
        { class: 'note' },
        h('span', { text: ['two_step.passkey.made'] }),
        ' ',
        time(passkey.created_at, formatMoment),
        passkey.last_used_at && ' · ',
        passkey.last_used_at && h('span', { text: ['two_step.passkey.used'] }),
        passkey.last_used_at && ' ',
        passkey.last_used_at && time(passkey.last_used_at),
      ),
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'button button-quiet button-small',
        label: ['two_step.passkey.remove', { name: passkey.name }],
        onClick: remove,
      },
      icon('trash'),
      h('span', { text: ['two_step.remove'] }),
    ),
  );
}

/**
 * A dialog that a password confirms.
 * @param {{ title: Text, text: Text, action: Text, extra?: import('../../accounts/field.js').Field, send: (password: string) => Promise<void> }} options
 */
function askPassword({ title, text, action, extra, send }) {
  const password = passwordField({ id: 'own-password', label: ['two_step.password'], props: { autocomplete: 'current-password' } });
  const problem = h('p', { class: 'field-error', role: 'alert' });
  const dialog = openDialog({
    title,
    loses: true,
    content: [
      h('p', { text }),
      form({
        fields: extra ? [extra, password] : [password],
        action,
        async send() {
          problem.replaceChildren();
          try {
            await send(password.input.value);
          } catch (error) {
            if (!(error instanceof DOMException)) throw error;
            const said = isThere(error) ? 'two_step.passkey.there' : isDeclined(error) ? 'step.declined' : 'two_step.passkey.failed';
            problem.replaceChildren(h('span', { text: [said] }));
            element().querySelector('button[type=submit]')?.removeAttribute('disabled');
            return;
          }
          dialog.close();
        },
        explain(error) {
          if (error.code !== 'invalid_credentials') return false;
          password.fail(['password.wrong']);
          password.input.focus();
          return true;
        },
      }),
      problem,
    ],
  });
  const element = () => dialog;
  (extra ?? password).input.focus();
}

/** @param {() => Promise<void>} reload */
function addApp(reload) {
  askPassword({
    title: ['two_step.app.add'],
    text: ['two_step.app.add.text'],
    action: ['two_step.next'],
    async send(password) {
      confirmApp(await api.post('/api/auth/two-step/app', { password }), reload);
    },
  });
}

/** @param {import('../../common/shapes.js').Answer<'NewAuthenticator'>} made @param {() => Promise<void>} reload */
function confirmApp({ secret, qr_svg: picture }, reload) {
  const code = field({
    id: 'app-code',
    label: ['two_step.app.code'],
    props: { type: 'text', inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: 7 },
  });
  const dialog = openDialog({
    title: ['two_step.app.add'],
    loses: true,
    content: [
      h('p', { text: ['two_step.app.scan'] }),
      h('img', { class: 'app-code', alt: ['two_step.app.alt'], src: `data:image/svg+xml,${encodeURIComponent(picture)}` }),
      h('details', {}, h('summary', { text: ['two_step.app.by_hand'] }), h('code', { class: 'mono app-secret', tabindex: '0' }, secret)),
      form({
        fields: [code],
        action: ['two_step.app.confirm'],
        async send() {
          const { recovery_codes: codes } = await api.post('/api/auth/two-step/app/confirm', { code: code.input.value.trim() });
          dialog.close();
          toast(['two_step.app.added']);
          await reload();
          showCodes(codes);
        },
        explain(error) {
          if (error.code !== 'invalid_code') return false;
          code.fail(errorText(error));
          code.input.focus();
          code.input.select();
          return true;
        },
      }),
    ],
  });
  code.input.focus();
}

/** @param {() => Promise<void>} reload */
function removeApp(reload) {
  askPassword({
    title: ['two_step.app.remove'],
    text: ['two_step.app.remove.text'],
    action: ['two_step.remove'],
    async send(password) {
      await api.post('/api/auth/two-step/app/removal', { password });
      toast(['two_step.app.removed']);
      await reload();
    },
  });
}

/** @param {() => Promise<void>} reload */
function addPasskey(reload) {
  const name = field({
    id: 'passkey-name',
    label: ['two_step.passkey.name'],
    hint: h('p', { class: 'note', text: ['two_step.passkey.name.hint'] }),
    props: { type: 'text', maxlength: 100, autocomplete: 'off' },
  });
  askPassword({
    title: ['two_step.passkeys.add'],
    text: ['two_step.passkeys.add.text'],
    action: ['two_step.next'],
    extra: name,
    async send(password) {
      const made = await makePasskey(await api.post('/api/auth/passkeys/options', { password }));
      const { recovery_codes: codes } = await api.post('/api/auth/passkeys', { name: name.input.value.trim(), ...made });
      toast(['two_step.passkey.added']);
      await reload();
      showCodes(codes);
    },
  });
}

/** @param {() => Promise<void>} reload */
function renewCodes(reload) {
  askPassword({
    title: ['two_step.recovery.renew'],
    text: ['two_step.recovery.renew.text'],
    action: ['two_step.recovery.renew'],
    async send(password) {
      const { recovery_codes: codes } = await api.post('/api/auth/two-step/recovery-codes', { password });
      await reload();
      showCodes(codes);
    },
  });
}

/** @param {string[]} codes none where there were some already */
function showCodes(codes) {
  if (codes.length > 0) showOnce({ title: ['two_step.recovery'], text: ['two_step.recovery.text'], secret: codes.join('\n') });
}
