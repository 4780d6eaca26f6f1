/**
 * What happens in the session while the page is open: one event stream, shared by all views. Where there is
 * none (an old browser, a proxy in the way, too many guests), `connected` is false and the views poll.
 */

/** @typedef {import('./types.js').Photo} Photo */
/**
 * @typedef {{ type: 'counts', data: { ready: number, queued: number, rejected: number } }
 *   | { type: 'photo', data: { photo_id: string, state: string, is_selected: boolean } }
 *   | { type: 'comments', data: { photo_id: string, comments: number } }
 *   | { type: 'session', data: { status: string, gallery_open: boolean, facepass_enabled: boolean } }
 *   | { type: 'match', data: Photo }} LiveEvent
 */

const NAMES = /** @type {const} */ (['counts', 'photo', 'comments', 'session', 'match']);
/** After the server has said no; a lost connection is the browser's to mend. */
const REFUSED_MS = 60_000;

/** @typedef {ReturnType<typeof createLive>} Live */

/** @param {string} sessionId */
export function createLive(sessionId) {
  const base = `/api/v1/sessions/${encodeURIComponent(sessionId)}/events`;
  /** @type {Set<(event: LiveEvent) => void>} */
  const listeners = new Set();
  /** @type {EventSource | null} */
  let source = null;
  /** @type {string | null} */
  let search = null;
  /** @type {number | undefined} */
  let timer;
  /** Asks why the server says no. */
  let refused = () => {};

  function open() {
    close();
    if (!('EventSource' in window)) return;
    source = new EventSource(search ? `${base}?search_id=${encodeURIComponent(search)}` : base);
    source.addEventListener('error', onError);
    for (const type of NAMES) {
      source.addEventListener(type, (event) => {
        const told = /** @type {LiveEvent} */ ({ type, data: JSON.parse(event.data) });
        for (const listener of [...listeners]) listener(told);
      });
    }
  }

  function onError() {
    if (source?.readyState !== EventSource.CLOSED) return;
    close();
    refused();
    timer = window.setTimeout(open, REFUSED_MS);
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  return {
    open,
    close,
    /** @param {() => void} listener */
    onRefused(listener) {
      refused = listener;
    },
    get connected() {
      return source?.readyState === EventSource.OPEN;
    },
    /** From now on new photos of the person of this search are told. @param {string | null} searchId */
    follow(searchId) {
      if (searchId === search) return;
      search = searchId;
      open();
    },
    /** @param {(event: LiveEvent) => void} listener @returns {() => void} stops */
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
