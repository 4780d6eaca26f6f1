/** Which news this device has asked for, so that they can be stopped here too. */

/** @typedef {{ id: string, key: string }} Known */

/** @param {string} session */
const name = (session) => `pixora.news.${session}`;

/** @param {string} session @returns {Known | null} */
export function knownNews(session) {
  try {
    return JSON.parse(localStorage.getItem(name(session)) ?? 'null');
  } catch {
    return null;
  }
}

/** @param {string} session @param {Known | null} known */
export function rememberNews(session, known) {
  try {
    if (known) localStorage.setItem(name(session), JSON.stringify(known));
    else localStorage.removeItem(name(session));
  } catch {
    /* every message has a link that stops them */
  }
}
