/** Live changes of one session from the server (server-sent events). */
import { api } from '../api.js';

/** The browser reconnects by itself after a cut, but not after an answer that is no stream (401, 503). */
const REOPEN_MS = 5000;

/**
 * @typedef {object} Events
 * @property {{ photo_id: string, state: 'queued' | 'ready' | 'rejected' | 'deleted', is_selected: boolean }} photo
 * @property {{ photo_id: string, comments: number }} comments
 * @property {{ ready: number, queued: number, rejected: number }} counts
 * @property {{ status: import('./types.js').Status, facepass_enabled: boolean }} session
 * @property {null} opened the stream (re)started: something may have been missed
 */

/** @typedef {ReturnType<typeof listen>} Live */

/** @param {string} sessionId */
export function listen(sessionId) {
  const url = `/api/photo-sessions/${sessionId}/events`;
  /** @type {Map<string, Set<(data: any) => void>>} */
  const listeners = new Map();

  /** @param {string} name @param {unknown} data */
  function tell(name, data) {
    for (const listener of listeners.get(name) ?? []) listener(data);
  }

  /** @type {EventSource | undefined} */
  let source;
  let over = false;

  function open() {
    if (over) return;
    source = new EventSource(url);
    source.onopen = () => tell('opened', null);
    for (const name of ['photo', 'comments', 'counts', 'session']) {
      source.addEventListener(name, (event) => tell(name, JSON.parse(/** @type {MessageEvent} */ (event).data)));
    }
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      setTimeout(async () => {
        // A plain request renews an expired sign-in, which a stream cannot.
        await api.get(`/api/photo-sessions/${sessionId}`).catch(() => {});
        open();
      }, REOPEN_MS);
    };
  }
  open();

  return {
    /** The page that listens has been left. */
    close() {
      over = true;
      source?.close();
    },
    /** @template {keyof Events} K @param {K} name @param {(data: Events[K]) => void} listener */
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
    },
  };
}
