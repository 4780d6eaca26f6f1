/** Asks before any camera opens; the yes is recorded by the server first. */
import { button, h } from '../common/dom.js';
import { askFor, rememberConsent } from './consent_store.js';
import { askedText, sayRefused, shownText } from './consent_text.js';
import { currentLanguage } from '../common/i18n.js';
import { liveCameraPossible } from './camera.js';

/** @typedef {import('./types.js').App} App */

/** @param {App} app @returns {import('./types.js').View} */
export function consentView(app) {
  const error = h('p', { class: 'field-error', role: 'alert' });
  const words = shownText(app, 'match');
  const yes = button('button button-primary', [liveCameraPossible() ? 'consent.yes' : 'consent.yes.nocamera'], agree);
  const element = h(
    'section',
    { class: 'sheet' },
    h('h1', { text: ['consent.title'] }),
    words.element,
    error,
    h(
      'div',
      { class: 'actions' },
      yes,
      button('button button-quiet', ['consent.no'], () => app.go('all', { replace: true })),
    ),
  );

  /** Records the yes; `false` when the text has to be read first, because nobody agrees to what they were not shown. */
  async function record() {
    const { version } = await askedText(app, 'match');
    if (!words.isShown()) {
      await words.draw();
      return false;
    }
    const { consent_id: id, code } = await app.api.consent({ version, language: currentLanguage() });
    askFor(version);
    rememberConsent(app.session.id, { id, code, version });
    return true;
  }

  async function offerGuardian() {
    const { guardianOffer } = await import('./guardian.js');
    element.append(guardianOffer(app, () => app.go('find', { replace: true }), record));
  }

  async function agree() {
    yes.disabled = true;
    error.replaceChildren();
    try {
      if (await record()) app.go('find', { replace: true });
    } catch (failure) {
      sayRefused(app, failure, words, error);
    } finally {
      yes.disabled = false;
    }
  }

  if (app.session.guardian_version) void offerGuardian();
  return { element, dispose: words.dispose };
}
