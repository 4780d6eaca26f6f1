/** One search, carried through busy servers and lost connections until it is answered or cancelled. */
import { ApiError } from './api.js';
import { consentId } from './consent_store.js';

/** @typedef {import('./types.js').App} App */
/** @typedef {{ kind: 'queue' | 'network' | 'offline', seconds: number } | null} Waiting */

const MOST_ATTEMPTS = 8;

/**
 * @param {App} app
 * @param {Blob[]} selfies
 * @param {{ face?: number, confirmed?: string[], signal: AbortSignal, onWait: (waiting: Waiting) => void }} options
 *   `onWait` is told every second why and how long the search waits, and null when it goes on
 * @returns {Promise<import('./types.js').SearchResult>}
 * @throws {ApiError}
 */
export async function search(app, selfies, { face, confirmed, signal, onWait }) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await app.api.search(selfies, { consentId: consentId(app.session.id), face, confirmed, signal });
    } catch (error) {
      if (!(error instanceof ApiError) || !error.temporary || attempt === MOST_ATTEMPTS) throw error;
      await waitBefore(error, attempt, signal, onWait);
      onWait(null);
    }
  }
}

/** @param {ApiError} error @param {number} attempt @param {AbortSignal} signal @param {(waiting: Waiting) => void} onWait */
async function waitBefore(error, attempt, signal, onWait) {
  let seconds = error.retryAfter || Math.min(2 ** attempt, 15);
  while (seconds > 0 || !navigator.onLine) {
    const offline = !navigator.onLine;
    onWait({ kind: offline ? 'offline' : error.retryAfter ? 'queue' : 'network', seconds });
    await pause(1000, signal);
    if (!offline) seconds--;
    else if (navigator.onLine) return;
  }
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new ApiError('aborted'));
    const onAbort = () => {
      clearTimeout(timer);
      reject(new ApiError('aborted'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
