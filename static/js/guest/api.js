/** The server's HTTP interface, as the guest page uses it. */
import { currentLanguage } from '../common/i18n.js';

/** @typedef {import('./types.js').Photo} Photo */
/** @typedef {import('./types.js').SearchResult} SearchResult */
/** @typedef {import('./types.js').FacepassStatus} FacepassStatus */

const TIMEOUT_MS = 20_000;
/** A selfie may wait for a slow uplink. */
const SEARCH_TIMEOUT_MS = 60_000;
/** When the server asks to wait but does not say how long. */
const DEFAULT_RETRY_SECONDS = 3;
const LONGEST_RETRY_SECONDS = 60;

/** A failed request: the server's problem `code`, or `network`, `timeout`, `aborted` when there was no answer. */
export class ApiError extends Error {
  /**
   * @param {string} code
   * @param {{ status?: number, detail?: string, reasons?: string[], retryAfter?: number }} [details]
   */
  constructor(code, { status = 0, detail = '', reasons = [], retryAfter = 0 } = {}) {
    super(code);
    this.code = code;
    this.status = status;
    /** The server's sentence for the reader, in the language that was asked for. */
    this.detail = detail;
    this.reasons = reasons;
    /** Seconds; 0 when asking again at once makes no sense. */
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later. */
  get temporary() {
    return this.code === 'network' || this.code === 'timeout' || this.retryAfter > 0;
  }
}

/** @param {Response} response */
async function problem(response) {
  const body = await response.json().catch(() => ({}));
  const waits = response.status === 503 || response.status === 429;
  const asked = Number(response.headers.get('Retry-After'));
  const retryAfter = waits ? Math.min(asked > 0 ? asked : DEFAULT_RETRY_SECONDS, LONGEST_RETRY_SECONDS) : 0;
  // Two limits, one advice: a smaller picture.
  const code = body.code === 'body_too_large' ? 'selfie_too_large' : (body.code ?? 'internal');
  return new ApiError(code, { status: response.status, detail: body.detail, reasons: body.reasons ?? [], retryAfter });
}

/**
 * @param {string} url
 * @param {RequestInit & { signal?: AbortSignal | null, timeout?: number }} [options]
 * @returns {Promise<any>} the parsed JSON, or null for an empty answer
 * @throws {ApiError}
 */
export async function request(url, { timeout = TIMEOUT_MS, signal, ...init } = {}) {
  const controller = new AbortController();
  const abort = () => controller.abort('aborted');
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => controller.abort('timeout'), timeout);
  try {
    const response = await fetch(url, { ...init, signal: controller.signal });
    if (!response.ok) throw await problem(response);
    return response.status === 204 ? null : await response.json();
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(controller.signal.aborted ? String(controller.signal.reason) : 'network');
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** What a request with JSON is made with. @param {unknown} body */
export function json(body) {
  return { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

/** @typedef {ReturnType<typeof createApi>} Api */

/** @param {string} sessionId */
export function createApi(sessionId) {
  const base = `/api/v1/sessions/${encodeURIComponent(sessionId)}`;
  return {
    /** @returns {Promise<FacepassStatus>} */
    status: () => request(`${base}/facepass-status`),

    /**
     * @param {string | null} cursor
     * @param {number} limit
     * @returns {Promise<{ photos: Photo[], next_cursor: string | null, total: number, pending: number }>}
     */
    photos(cursor, limit) {
      const query = new URLSearchParams({ limit: String(limit) });
      if (cursor) query.set('cursor', cursor);
      return request(`${base}/photos?${query}`);
    },

    /** What the studio sells here; no prices, no shop. @returns {Promise<import('./types.js').PriceList>} */
    prices: () => request(`${base}/prices`, { headers: { 'Accept-Language': currentLanguage() } }),

    /** One ZIP of these photos, made while it is downloaded. @param {string[]} photoIds @returns {Promise<{ url: string, expires_at: string, bytes: number, photos: number }>} */
    archive: (photoIds) => request(`${base}/archives`, json({ photo_ids: photoIds })),

    /** @param {string} version @param {string} language @returns {Promise<{ consent_id: string }>} */
    consent: (version, language) => request(`${base}/consents`, json({ version, language })),

    /** @param {string} consentId */
    withdraw: (consentId) => request(`${base}/consents/${encodeURIComponent(consentId)}`, { method: 'DELETE' }),

    /**
     * @param {Blob[]} selfies 1..5
     * @param {{ consentId?: string, face?: number, signal?: AbortSignal }} options
     * @returns {Promise<SearchResult>}
     */
    search(selfies, { consentId, face, signal }) {
      const form = new FormData();
      selfies.forEach((selfie, i) => form.append('selfie', selfie, `selfie-${i + 1}.jpg`));
      if (consentId) form.append('consent_id', consentId);
      if (face !== undefined) form.append('face', String(face));
      return request(`${base}/search`, { method: 'POST', body: form, signal, timeout: SEARCH_TIMEOUT_MS });
    },
  };
}
