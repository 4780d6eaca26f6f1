/** The guest's recorded yes, remembered on this device for one visit to this session. */

/** The text that was agreed to; a new text is a new version. The Telegram bot shows the same: `src/telegram/words.rs`. */
export const CONSENT_VERSION = '2026-11.4';

/** How long a visit is at most; the server forgets by then too. */
const VISIT_MS = 12 * 60 * 60 * 1000;
/** Used when the browser blocks storage. @type {Map<string, string>} */
const memory = new Map();

/** @param {string} sessionId */
const key = (sessionId) => `pixora.consent.${CONSENT_VERSION}.${sessionId}`;

/** @param {string} sessionId @returns {string | undefined} */
export function consentId(sessionId) {
  try {
    const { id, given } = JSON.parse(localStorage.getItem(key(sessionId)) ?? '{}');
    const recent = typeof given === 'number' && Math.abs(Date.now() - given) < VISIT_MS;
    if (!recent) localStorage.removeItem(key(sessionId));
    return recent ? id : memory.get(sessionId);
  } catch {
    return memory.get(sessionId);
  }
}

/** @param {string} sessionId @param {string} consentId */
export function rememberConsent(sessionId, consentId) {
  memory.set(sessionId, consentId);
  try {
    localStorage.setItem(key(sessionId), JSON.stringify({ id: consentId, given: Date.now() }));
  } catch {
    /* remembered until the page closes */
  }
}

/** @param {string} sessionId */
export function forgetConsent(sessionId) {
  memory.delete(sessionId);
  try {
    localStorage.removeItem(key(sessionId));
  } catch {
    /* nothing was stored */
  }
}
