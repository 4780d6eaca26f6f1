/** The guest's recorded yes, remembered on this device for one visit to this session. */

/** How long a visit is at most; the server forgets by then too. */
const VISIT_MS = 12 * 60 * 60 * 1000;
/** Used when the browser blocks storage. @type {Map<string, Given>} */
const memory = new Map();
/** The version of the text that guests are asked now; a yes to another one does not count. */
let asked = '';

/** `guardian` is the version of the text that a guardian said yes to. @typedef {{ id: string, code?: string, version?: string, guardian?: string, given: number }} Given */

/** @param {string} sessionId */
const key = (sessionId) => `pixora.consent.${sessionId}`;

/** @param {string} version */
export function askFor(version) {
  asked = version;
}

/** @param {string} sessionId @returns {Given | undefined} */
export function consent(sessionId) {
  let given = memory.get(sessionId);
  try {
    given = JSON.parse(localStorage.getItem(key(sessionId)) ?? 'null') ?? given;
  } catch {
    /* what this page remembers counts */
  }
  if (!given || given.version !== asked) return undefined;
  if (Math.abs(Date.now() - given.given) < VISIT_MS) return given;
  forgetConsent(sessionId);
  return undefined;
}

/** @param {string} sessionId @returns {string | undefined} */
export function consentId(sessionId) {
  return consent(sessionId)?.id;
}

/** @param {string} sessionId @param {{ id: string, code: string, version: string }} yes */
export function rememberConsent(sessionId, yes) {
  keep(sessionId, { ...yes, given: Date.now() });
}

/** A guardian has said yes too. @param {string} sessionId @param {string} version */
export function rememberGuardian(sessionId, version) {
  const given = consent(sessionId);
  if (given) keep(sessionId, { ...given, guardian: version });
}

/** @param {string} sessionId @param {Given} given */
function keep(sessionId, given) {
  memory.set(sessionId, given);
  try {
    localStorage.setItem(key(sessionId), JSON.stringify(given));
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

/** @param {string} sessionId */
const heartsKey = (sessionId) => `pixora.hearts.${sessionId}`;

/** This device has chosen photos, so that "withdraw" is offered before the gallery is opened. @param {string} sessionId */
export function rememberHearts(sessionId) {
  try {
    localStorage.setItem(heartsKey(sessionId), '1');
  } catch {
    /* the gallery knows them */
  }
}

/** @param {string} sessionId */
export function hasHearts(sessionId) {
  try {
    return localStorage.getItem(heartsKey(sessionId)) !== null;
  } catch {
    return false;
  }
}

/** @typedef {{ id: string, code: string, version: string }} Yes */

/** A yes to the publication of something of the guest's, which stands until it is taken back. @param {string} name */
function standing(name) {
  const key = (/** @type {string} */ sessionId) => `pixora.${name}.${sessionId}`;
  /** Used when the browser blocks storage. @type {Map<string, Yes>} */
  const held = new Map();
  return {
    /** @param {string} sessionId @returns {Yes | undefined} */
    read(sessionId) {
      try {
        return JSON.parse(localStorage.getItem(key(sessionId)) ?? 'null') ?? held.get(sessionId);
      } catch {
        return held.get(sessionId);
      }
    },
    /** @param {string} sessionId @param {Yes | null} yes */
    remember(sessionId, yes) {
      if (yes) held.set(sessionId, yes);
      else held.delete(sessionId);
      try {
        if (yes) localStorage.setItem(key(sessionId), JSON.stringify(yes));
        else localStorage.removeItem(key(sessionId));
      } catch {
        /* remembered until the page closes */
      }
    },
  };
}

/** To the photos that they send. */
export const { read: sharing, remember: rememberSharing } = standing('sharing');
/** To what they write on photos. */
export const { read: commenting, remember: rememberCommenting } = standing('commenting');
