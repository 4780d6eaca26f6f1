/** Asks before any camera opens; the yes is recorded by the server first. */
import { button, h } from '../common/dom.js';
import { CONSENT_VERSION, rememberConsent } from './consent_store.js';
import { consentFacts } from './shell.js';
import { currentLanguage } from '../common/i18n.js';
import { liveCameraPossible } from './camera.js';

/** @typedef {import('./types.js').App} App */

/** @param {App} app @returns {import('./types.js').View} */
export function consentView(app) {
  const error = h('p', { class: 'field-error', role: 'alert' });
  const yes = button('button button-primary', [liveCameraPossible() ? 'consent.yes' : 'consent.yes.nocamera'], agree);
  const element = h(
    'section',
    { class: 'sheet' },
    h('h1', { text: ['consent.title'] }),
    h('p', { class: 'lead', text: ['consent.lead'] }),
    consentFacts(),
    error,
    h(
      'div',
      { class: 'actions' },
      yes,
      button('button button-quiet', ['consent.no'], () => app.go('all', { replace: true })),
    ),
  );

  async function agree() {
    yes.disabled = true;
    error.replaceChildren();
    try {
      const { consent_id } = await app.api.consent(CONSENT_VERSION, currentLanguage());
      rememberConsent(app.session.id, consent_id);
      app.go('find', { replace: true });
    } catch (failure) {
      const problem = /** @type {import('./api.js').ApiError} */ (failure);
      if (problem.status === 404) return app.fail(problem.code);
      yes.disabled = false;
      error.append(h('span', { text: ['consent.failed'] }));
    }
  }

  return { element };
}
