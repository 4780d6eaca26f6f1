/**
 * The one place where a page speaks to the server: JSON in, JSON out, problems as `ApiError`. What each area adds
 * (tokens that are renewed, a clock that is compared) stands in its own `api.js`.
 */
import { currentLanguage } from './i18n.js';

const TIMEOUT_MS = 30_000;
/** When the server asks to wait but does not say how long. */
const DEFAULT_RETRY_SECONDS = 3;

/** @typedef {Partial<import('./shapes.js').Answer<'Problem'>> & Record<string, any>} Problem an RFC 9457 document, with members of a code's own */

/** A failed request: the server's problem, or the code `network`, `timeout` or `aborted` when there was no answer. */
export class ApiError extends Error {
  /**
   * @param {string} code stable, for the program
   * @param {{ status?: number, title?: string, detail?: string, retryAfter?: number, problem?: Problem }} [details]
   */
  constructor(code, { status = 0, title = '', detail = '', retryAfter = 0, problem = {} } = {}) {
    super(code);
    this.code = code;
    this.status = status;
    /** In the page's language, as the server says it; empty when there was no answer. */
    this.title = title;
    this.detail = detail;
    /** Seconds; 0 when the server did not ask to wait. */
    this.retryAfter = retryAfter;
    /** The whole RFC 9457 document, for members of a code's own. */
    this.problem = problem;
  }

  /** Whether the same request may succeed later. */
  get temporary() {
    return this.code === 'network' || this.code === 'timeout' || this.retryAfter > 0;
  }
}

/** @param {number} status @param {string | null} header */
export function retryAfter(status, header) {
  const asked = Number(header);
  if (asked > 0) return asked;
  return status === 503 || status === 429 ? DEFAULT_RETRY_SECONDS : 0;
}

/** @param {number} status @param {Problem | null} problem the answer's body, if it was JSON @param {string | null} header `Retry-After` */
export function refusal(status, problem, header) {
  const { code = 'internal', title, detail } = problem ?? {};
  return new ApiError(code, { status, title, detail, retryAfter: retryAfter(status, header), problem: problem ?? {} });
}

/**
 * @typedef {object} Options
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal | null} [signal]
 * @property {number} [timeout] ms
 * @property {(response: Response) => void} [seen] is given every answer, refusals too
 */

/**
 * One request and its answer.
 * @param {string} method
 * @param {string} url
 * @param {unknown} [body] FormData and Blob go as they are, anything else as JSON
 * @param {Options} [options]
 * @returns {Promise<any>} the parsed JSON, or null for an empty answer
 * @throws {ApiError}
 */
export async function exchange(method, url, body, { headers = {}, signal, timeout = TIMEOUT_MS, seen } = {}) {
  const plain = body === undefined || body instanceof FormData || body instanceof Blob;
  // By hand: phones of four years ago have neither AbortSignal.any nor AbortSignal.timeout.
  const controller = new AbortController();
  const abort = () => controller.abort('aborted');
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => controller.abort('timeout'), timeout);
  let response;
  let text;
  try {
    response = await fetch(url, {
      method,
      headers: {
        Accept: 'application/json',
        'Accept-Language': currentLanguage(),
        ...(plain ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: plain ? /** @type {BodyInit | undefined} */ (body) : JSON.stringify(body),
      signal: controller.signal,
    });
    text = await response.text();
  } catch {
    throw new ApiError(controller.signal.aborted ? String(controller.signal.reason) : 'network');
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
  seen?.(response);
  let json = null;
  try {
    json = text && JSON.parse(text);
  } catch {
    /* an answer of something between us and the server */
  }
  if (response.ok) return json || null;
  throw refusal(response.status, json, response.headers.get('Retry-After'));
}
