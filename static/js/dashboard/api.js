/**
 * The server's HTTP interface for signed-in pages: JSON in, JSON out, problems as `ApiError`.
 *
 *   import { api, ApiError } from '../api.js';
 *   const { sessions } = await api.get('/api/photo-sessions?limit=50');
 *   await api.patch(`/api/photos/${id}`, { is_selected: true });
 *   await api.post(`/api/photo-sessions/${id}/photos`, formData);          // FormData goes as it is
 *   await api.post('/api/photo-sessions', body, { headers: idempotent() });
 *
 * The browser holds the tokens in HttpOnly cookies. A request that meets an expired access token
 * renews it once and goes out again; when that fails, the page goes to /login and comes back after.
 * Other clients on the page (tus, EventSource) take `csrfHeaders()` and, after a 401, `renew()`.
 */
import { ApiError, exchange } from '../common/api.js';

export { ApiError };

const RENEW_LOCK = 'pixora.renew';

/** The headers of a request that changes something, beside the cookies. @returns {Record<string, string>} */
export function csrfHeaders() {
  const token = document.cookie.match(/(?:^|; )pixora_csrf=([^;]*)/)?.[1];
  return token ? { 'X-CSRF-Token': decodeURIComponent(token) } : {};
}

/** A header that lets a request be sent again without doing its work twice. Keep it for the retries of one action. */
export function idempotent() {
  // Not randomUUID: plain http does not have it.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return { 'Idempotency-Key': Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}

/** Whether this browser has signed in and not out again; the tokens may still have ended. */
export function mayBeSignedIn() {
  return 'X-CSRF-Token' in csrfHeaders();
}

/**
 * Renews the tokens, once for all tabs: a refresh token that is used twice looks stolen and ends the
 * sign-in, so the tabs take turns, and who comes after a renewal only uses it.
 * @returns {Promise<boolean>} false when the sign-in has ended
 * @throws {ApiError} when there was no clear answer
 */
export async function renew() {
  // Plain http (not localhost) has no Web Locks: there the tabs do not wait for each other.
  return navigator.locks ? navigator.locks.request(RENEW_LOCK, renewInTurn) : renewInTurn();
}

async function renewInTurn() {
  // Asked of the server: what one tab writes into the storage may reach another one after the lock.
  return (await isAccepted('GET', '/api/auth/me')) || (await isAccepted('POST', '/api/auth/refresh', {}));
}

/** Whether the server takes the tokens that the browser holds. @param {string} method @param {string} url @param {unknown} [body] */
async function isAccepted(method, url, body) {
  try {
    await once(method, url, body, {});
    return true;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return false;
    throw error;
  }
}

/** Where one signs in to see this page: customers have words of their own. */
export function signInPage() {
  return location.pathname.startsWith('/dashboard/customer') ? '/auth/signin?role=customer' : '/login';
}

/** Leaves for the sign-in, to come back here after. */
export function toLogin() {
  const page = signInPage();
  location.assign(
    `${page}${page.includes('?') ? '&' : '?'}next=${encodeURIComponent(location.pathname + location.search + location.hash)}`,
  );
}

/** @typedef {import('../common/api.js').Options} Options */

/** @param {string} method @param {string} url @param {unknown} body @param {Options} options */
function once(method, url, body, options) {
  return exchange(method, url, body, { ...options, headers: { ...(method === 'GET' ? {} : csrfHeaders()), ...options.headers } });
}

/**
 * @param {string} method
 * @param {string} url
 * @param {unknown} [body] JSON, FormData or Blob
 * @param {Options} [options]
 * @returns {Promise<any>} the parsed JSON, or null for an empty answer
 * @throws {ApiError}
 */
export async function request(method, url, body, options = {}) {
  try {
    return await once(method, url, body, options);
  } catch (error) {
    // Other 401s are about a password, a code or a passkey, not about the tokens.
    if (!(error instanceof ApiError) || error.code !== 'sign_in_required') throw error;
    if (!mayBeSignedIn() || !(await renew())) {
      toLogin();
      // The page is leaving: nobody is there to read an error.
      return new Promise(() => {});
    }
    return once(method, url, body, options);
  }
}

export const api = {
  /** @param {string} url @param {Options} [options] */
  get: (url, options) => request('GET', url, undefined, options),
  /** @param {string} url @param {unknown} [body] @param {Options} [options] */
  post: (url, body = {}, options) => request('POST', url, body, options),
  /** @param {string} url @param {unknown} body @param {Options} [options] */
  put: (url, body, options) => request('PUT', url, body, options),
  /** @param {string} url @param {unknown} body @param {Options} [options] */
  patch: (url, body, options) => request('PATCH', url, body, options),
  /** @param {string} url @param {Options} [options] */
  delete: (url, options) => request('DELETE', url, undefined, options),
};
