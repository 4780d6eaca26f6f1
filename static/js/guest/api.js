/** The server's HTTP interface, as the guest page uses it. */
import { ApiError, exchange } from '../common/api.js';

export { ApiError };

/** @typedef {import('./types.js').Photo} Photo */
/** @typedef {import('./types.js').SearchResult} SearchResult */
/** @typedef {import('./types.js').FacepassStatus} FacepassStatus */

const TIMEOUT_MS = 20_000;
/** A selfie may wait for a slow uplink. */
const SEARCH_TIMEOUT_MS = 60_000;
/** A guest who is asked to wait longer looks again sooner. */
const LONGEST_RETRY_SECONDS = 60;

/** The token of this visit, where no cookie has it: in a frame on another site. @type {string | null} */
let visit = null;
/** @type {Record<string, string>} */
let visitHeader = {};

/** From now on the token is kept in this page's memory, and not in a cookie. */
export function useVisitToken() {
  visitHeader = { 'Pixora-Visit': visit ?? 'new' };
}

/** @param {string | null} token */
function hold(token) {
  visit = token;
  if ('Pixora-Visit' in visitHeader) useVisitToken();
}

/**
 * @param {string} method
 * @param {string} url
 * @param {unknown} [body]
 * @param {import('../common/api.js').Options} [options]
 * @returns {Promise<any>} the parsed JSON, or null for an empty answer
 * @throws {ApiError}
 */
export async function request(method, url, body, options) {
  try {
    return await exchange(method, url, body, { timeout: TIMEOUT_MS, headers: visitHeader, ...options });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    error.retryAfter = Math.min(error.retryAfter, LONGEST_RETRY_SECONDS);
    // The gallery was closed with a PIN, or the visit is over: the server's page asks for it.
    if (error.code === 'pin_required') location.replace(location.pathname);
    // Two limits, one advice: a smaller picture.
    if (error.code === 'body_too_large') error.code = 'selfie_too_large';
    throw error;
  }
}

/** @typedef {ReturnType<typeof createApi>} Api */

/**
 * @typedef {object} WantedNews
 * @property {'mail' | 'push' | 'telegram'} channel
 * @property {string} [address]
 * @property {{ endpoint: string, keys: { p256dh: string, auth: string } }} [subscription]
 * @property {string} version
 * @property {string} language
 */

/**
 * @typedef {object} Narrowed what is shown of the gallery, and in which order
 * @property {string | null} [person] only photos of this person
 * @property {string | null} [chapter] only photos of this part of the day
 * @property {string | null} [credit] only photos by this photographer
 * @property {boolean} [descending] the last photo first
 */

/** @param {Narrowed} narrowed @returns {Record<string, string>} */
function asked({ person, chapter, credit, descending }) {
  return { ...(person && { person }), ...(chapter && { chapter }), ...(credit && { credit }), ...(descending && { descending: 'true' }) };
}

/** @param {string} sessionId */
export function createApi(sessionId) {
  const base = `/api/v1/sessions/${encodeURIComponent(sessionId)}`;
  return {
    /** @returns {Promise<FacepassStatus>} */
    status: () => request('GET', `${base}/facepass-status`),

    /**
     * @param {string | null} cursor
     * @param {number} limit
     * @param {Narrowed} [narrowed]
     * @returns {Promise<import('./types.js').FirstPage>}
     */
    photos(cursor, limit, narrowed = {}) {
      const query = new URLSearchParams({ limit: String(limit), ...(cursor && { cursor }), ...asked(narrowed) });
      return request('GET', `${base}/photos?${query}`);
    },

    /** One photo of the gallery. @param {string} photoId @returns {Promise<Photo>} */
    photo: (photoId) => request('GET', `${base}/gallery/${encodeURIComponent(photoId)}`),

    /** The studio's prices; without prices there is no shop. @returns {Promise<import('./types.js').PriceList>} */
    prices: () => request('GET', `${base}/prices`),

    /** The ids of the whole gallery, or of the narrowed one. @param {Narrowed} [narrowed] @returns {Promise<{ photo_ids: string[] }>} */
    photoIds: (narrowed = {}) => request('GET', `${base}/photos/ids?${new URLSearchParams(asked(narrowed))}`),

    /** What every guest sees, also where the couple asks: for a screen that everybody looks at. @param {Narrowed} [narrowed] @returns {Promise<{ photo_ids: string[] }>} */
    idsForAll: (narrowed = {}) => request('GET', `${base}/photos/ids?${new URLSearchParams({ ...asked(narrowed), for_all: 'true' })}`),

    /** How many photos each hour has. @param {Narrowed} [narrowed] @returns {Promise<import('../common/shapes.js').Answer<'GalleryHours'>>} */
    hours: (narrowed = {}) => request('GET', `${base}/photos/hours?${new URLSearchParams(asked(narrowed))}`),

    /** By what one may narrow the gallery. @returns {Promise<import('../common/shapes.js').Answer<'GalleryChapters'>>} */
    chapters: () => request('GET', `${base}/chapters`),

    /** Whom one may filter by. @returns {Promise<import('../common/shapes.js').Answer<'GuestPeople'>>} */
    people: () => request('GET', `${base}/people`),

    /** One ZIP, made while it is downloaded. @param {import('../common/archive.js').Wanted} wanted @returns {Promise<{ url: string, expires_at: string, bytes: number, photos: number }>} */
    archive: (wanted) => request('POST', `${base}/archives`, wanted),

    /** What guests are asked to agree to. @returns {Promise<import('../common/shapes.js').Answer<'AskedTexts'>>} */
    consentTexts: () => request('GET', `${base}/consent-texts`),

    /** @param {{ version: string, language: string, purpose?: string, code?: string }} given @returns {Promise<import('../common/shapes.js').Answer<'RecordedConsent'>>} */
    consent: (given) => request('POST', `${base}/consents`, given),

    /** @param {string} consentId */
    withdraw: (consentId) => request('DELETE', `${base}/consents/${encodeURIComponent(consentId)}`),

    /** @param {string} pin */
    unlock: (pin) => request('POST', `${base}/pin`, { pin }),

    /** The earlier result of this device; null when nothing is remembered. @returns {Promise<Omit<SearchResult, 'faces'> | null>} */
    visit: () => request('GET', `${base}/visit`),

    /** @param {{ version: string, language: string, photo_ids?: string[] }} wish @returns {Promise<import('../common/shapes.js').Answer<'MadeWish'>>} */
    hide: (wish) => request('POST', `${base}/hide-requests`, wish),

    /** @param {string} code @returns {Promise<import('../common/shapes.js').Answer<'WishReceipt'>>} */
    hideReceipt: (code) => request('GET', `/api/hide-requests/${encodeURIComponent(code)}`),

    /** @param {string} code */
    takeHideBack: (code) => request('DELETE', `/api/hide-requests/${encodeURIComponent(code)}`),

    /** @returns {Promise<import('../common/shapes.js').Answer<'OfferedNews'>>} */
    newsOffered: () => request('GET', `${base}/news`),

    /** @param {WantedNews} wanted @returns {Promise<import('../common/shapes.js').Answer<'BegunNews'>>} */
    beginNews: (wanted) => request('POST', `${base}/news`, wanted),

    /** @param {{ id: string, key: string }} known @returns {Promise<import('../common/shapes.js').Answer<'NewsJson'>>} */
    newsStanding: ({ id, key }) => request('GET', `/api/news/${encodeURIComponent(id)}?key=${encodeURIComponent(key)}`),

    /** @param {{ id: string, key: string }} known @returns {Promise<import('../common/shapes.js').Answer<'NewsJson'>>} */
    stopNews: ({ id, key }) => request('POST', `/api/news/${encodeURIComponent(id)}/stop?key=${encodeURIComponent(key)}`),

    /** Forgets whoever this device searched for. */
    async forget() {
      await request('DELETE', `${base}/visit`);
      hold(null);
    },

    /**
     * @param {Blob[]} selfies 1..5
     * @param {{ consentId?: string, face?: number, confirmed?: string[], signal?: AbortSignal }} options
     * @returns {Promise<SearchResult>}
     */
    async search(selfies, { consentId, face, confirmed = [], signal }) {
      const form = new FormData();
      selfies.forEach((selfie, i) => form.append('selfie', selfie, `selfie-${i + 1}.jpg`));
      if (consentId) form.append('consent_id', consentId);
      if (face !== undefined) form.append('face', String(face));
      for (const photo of confirmed) form.append('confirmed', photo);
      const { visit_token, ...found } = await request('POST', `${base}/search`, form, { signal, timeout: SEARCH_TIMEOUT_MS });
      if (visit_token) hold(visit_token);
      return found;
    },
  };
}
