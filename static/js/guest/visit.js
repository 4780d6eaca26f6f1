/** A guest who comes back: what they found before, and how it is forgotten. */
import { ApiError } from './api.js';
import { toast } from '../common/dom.js';
import { commenting, consentId, forgetConsent, rememberCommenting, rememberSharing, sharing } from './consent_store.js';

/** @typedef {import('./types.js').App} App */

/** After a lost network, or a server that asks to wait. */
const AGAIN_MS = 5_000;

/**
 * Asks once for what was found under the consent of this visit.
 * @param {App} app
 * @param {() => void} shown is called when it came only after a lost network
 */
export async function comeBack(app, shown) {
  if (!consentId(app.session.id)) return;
  try {
    const found = await app.api.visit();
    if (found && !app.result && consentId(app.session.id)) app.result = { ...found, faces: [] };
  } catch (error) {
    if (!(error instanceof ApiError && error.temporary)) return;
    setTimeout(
      () => {
        if (!app.result) void comeBack(app, shown).then(() => app.result && shown());
      },
      Math.max(AGAIN_MS, error.retryAfter * 1000),
    );
  }
}

/** Ends the news that this device has asked for. @param {App} app @returns {Promise<boolean>} whether none are left */
async function stopNews(app) {
  try {
    const { knownNews, rememberNews } = await import('./news_store.js');
    const known = knownNews(app.session.id);
    if (known) await app.api.stopNews(known);
    rememberNews(app.session.id, null);
  } catch (error) {
    if (/** @type {ApiError} */ (error).status !== 404) {
      toast(['privacy.failed']);
      return false;
    }
  }
  return true;
}

/** What was sent and written from this device goes as well, which nobody expects. @param {string} sessionId */
async function mayForgetSent(sessionId) {
  if (!sharing(sessionId) && !commenting(sessionId)) return true;
  const [{ ask }, { forgetAllUnsent }] = await Promise.all([import('./ask.js'), import('./unsent.js'), import('./send_messages.js')]);
  if (!(await ask({ title: ['forget.sent.title'], text: ['forget.sent.text'], yes: ['forget.sent.yes'] }))) return false;
  await forgetAllUnsent(sessionId);
  return true;
}

/** Takes the consent back, with everything that was found under it. @param {App} app @returns {Promise<boolean>} whether it is done */
export async function forgetMe(app) {
  if (!(await mayForgetSent(app.session.id))) return false;
  const given = consentId(app.session.id);
  try {
    // The device's token first; a consent without a search has none.
    await app.api.forget();
    if (given) await app.api.withdraw(given);
  } catch (error) {
    // A consent that the server no longer has is as good as withdrawn.
    if (/** @type {ApiError} */ (error).status !== 404) {
      toast(['privacy.failed']);
      return false;
    }
  }
  forgetConsent(app.session.id);
  rememberSharing(app.session.id, null);
  rememberCommenting(app.session.id, null);
  if (!(await stopNews(app))) return false;
  app.forget();
  app.hearts?.forget();
  app.go('home', { replace: true });
  toast(['privacy.withdrawn']);
  return true;
}
