/** The second step of signing in: a passkey, a code of the app, a recovery code. */
import { button, h } from '../common/dom.js';
import { api } from '../dashboard/api.js';
import { errorText } from '../dashboard/states.js';
import { field } from './field.js';
import { form } from './form.js';
import { isDeclined, passkeysHere, usePasskey } from './passkey.js';

/** Signs in by a passkey; says in `problem` what went wrong. @param {string | null} token of the first step @param {HTMLElement} problem @param {() => void} enter */
async function signInByPasskey(token, problem, enter) {
  problem.replaceChildren();
  try {
    const options = await api.post('/api/auth/login/passkey/options', { step_token: token });
    await api.post('/api/auth/login/passkey', await usePasskey(options));
    enter();
  } catch (error) {
    problem.replaceChildren(isDeclined(error) ? h('p', { text: ['step.declined'] }) : h('p', {}, errorText(error)));
  }
}

/** The way in without a password; nothing where the browser has no passkeys. @param {() => void} enter */
export function passkeyButton(enter) {
  if (!passkeysHere()) return null;
  const problem = h('div', { class: 'form-problem', role: 'alert' });
  return h(
    'div',
    { class: 'step-passkey' },
    button('button button-quiet button-wide', ['step.passkey.alone'], () => void signInByPasskey(null, problem, enter), 'key'),
    problem,
  );
}

/**
 * @param {{ step_token: string, methods: string[] }} step as the server says it
 * @param {{ enter: () => void, again: () => void }} ways `again`: the first step, when this one has taken too long
 */
export function secondStep({ step_token: token, methods }, { enter, again }) {
  const problem = h('div', { class: 'form-problem', role: 'alert' });
  const hasApp = methods.includes('totp');
  const code = field({
    id: 'code',
    label: [hasApp ? 'step.code' : 'step.recovery'],
    hint: h('p', { class: 'note', text: [hasApp ? 'step.code.hint' : 'step.recovery.hint'] }),
    props: {
      type: 'text',
      autocomplete: 'one-time-code',
      autocapitalize: 'none',
      spellcheck: 'false',
      inputmode: hasApp ? 'numeric' : 'text',
      maxlength: 20,
    },
  });
  const byCode = form({
    fields: [code],
    action: ['login.enter'],
    async send() {
      await api.post('/api/auth/login/code', { step_token: token, code: code.input.value.trim() });
      enter();
    },
    explain(error) {
      if (error.code === 'second_step_expired') {
        again();
        return true;
      }
      if (error.code !== 'invalid_code') return false;
      code.fail(errorText(error));
      code.input.focus();
      code.input.select();
      return true;
    },
  });
  /** Recovery codes have letters, for which a telephone must not show digits only. */
  const recovery = button('button button-quiet button-wide', ['step.recovery.use'], () => {
    code.input.setAttribute('inputmode', 'text');
    recovery.remove();
    code.hint?.replaceChildren(h('span', { text: ['step.recovery.hint'] }));
    code.input.focus();
  });
  return {
    element: h(
      'div',
      { class: 'step' },
      methods.includes('passkey') &&
        passkeysHere() &&
        button('button button-primary button-wide', ['step.passkey'], () => void signInByPasskey(token, problem, enter), 'key'),
      problem,
      byCode,
      hasApp && methods.includes('recovery_code') && recovery,
      button('button button-quiet button-wide', ['step.back'], again),
    ),
    focus: () => code.input.focus(),
  };
}
