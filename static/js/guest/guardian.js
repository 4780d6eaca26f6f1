/** A guardian's yes, where the session asks for one: a child is found by a selfie only with it. */
import './guardian_messages.js';
import { button, h, iconButton } from '../common/dom.js';
import { currentLanguage } from '../common/i18n.js';
import { showSheet } from '../common/sheet.js';
import { consent, rememberGuardian } from './consent_store.js';
import { askedText, shownText, textsChanged } from './consent_text.js';

/** @typedef {import('./types.js').App} App */

/** Whether a guardian may be asked, and has not said yes. @param {App} app */
export function guardianIsAsked(app) {
  const { guardian_version: version } = app.session;
  return Boolean(version) && consent(app.session.id)?.guardian !== version;
}

/** The way to the question. @param {App} app @param {() => void} agreed @param {() => Promise<boolean>} [first] records the consent to the search itself */
export function guardianOffer(app, agreed, first) {
  return h(
    'div',
    { class: 'guardian-offer' },
    h('p', { class: 'note', text: ['guardian.note'] }),
    button('button button-quiet', ['guardian.open'], () => askGuardian(app, agreed, first), 'person'),
  );
}

/** @param {App} app @param {() => void} agreed @param {() => Promise<boolean>} [first] */
function askGuardian(app, agreed, first) {
  const words = shownText(app, 'guardian');
  const error = h('p', { class: 'field-error', role: 'alert' });
  const yes = button('button button-primary button-wide', ['guardian.yes'], agree);
  const dialog = h(
    'dialog',
    {
      class: 'dialog',
      'aria-labelledby': 'guardian-title',
      onClose: () => {
        words.dispose();
        dialog.remove();
      },
    },
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id: 'guardian-title', text: ['guardian.title'] }),
      iconButton('', ['close'], () => dialog.close(), 'close'),
    ),
    words.element,
    error,
    yes,
  );

  async function agree() {
    yes.disabled = true;
    error.replaceChildren();
    try {
      const { version } = await askedText(app, 'guardian');
      if (!words.isShown()) return await words.draw();
      if (first && !(await first())) return dialog.close();
      const code = consent(app.session.id)?.code;
      await app.api.consent({ version, language: currentLanguage(), purpose: 'guardian', ...(code && { code }) });
      app.session.guardian_version = version;
      rememberGuardian(app.session.id, version);
      dialog.close();
      agreed();
    } catch (failure) {
      const { code } = /** @type {{ code?: string }} */ (failure);
      if (code === 'consent_outdated') {
        textsChanged(app);
        void words.draw();
      }
      error.append(h('span', { text: [code === 'consent_outdated' ? 'consent.changed' : 'consent.failed'] }));
    } finally {
      yes.disabled = false;
    }
  }

  showSheet(dialog);
}
