/** The guest's recorded yes, remembered for this session in this tab only. */

/** The text that was agreed to; a new text is a new version. The Telegram bot shows the same: `src/telegram/words.rs`. */
export const CONSENT_VERSION = '2026-11.3';

/** Used when the browser blocks storage. @type {Map<string, string>} */
const memory = new Map();

/** @param {string} sessionId */
const key = (sessionId) => `pixora.consent.${CONSENT_VERSION}.${sessionId}`;

/** @param {string} sessionId @returns {string | undefined} */
export function consentId(sessionId) {
  try {
    return sessionStorage.getItem(key(sessionId)) ?? memory.get(sessionId);
  } catch {
    return memory.get(sessionId);
  }
}

/** @param {string} sessionId @param {string} consentId */
export function rememberConsent(sessionId, consentId) {
  memory.set(sessionId, consentId);
  try {
    sessionStorage.setItem(key(sessionId), consentId);
  } catch {
    /* remembered until the page closes */
  }
}

/** @param {string} sessionId */
export function forgetConsent(sessionId) {
  memory.delete(sessionId);
  try {
    sessionStorage.removeItem(key(sessionId));
  } catch {
    /* nothing was stored */
  }
}
