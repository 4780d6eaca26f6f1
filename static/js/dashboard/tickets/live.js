/** That tickets change, as the server tells it (server-sent events). What has changed is read anew. */
import { api } from '../api.js';

/** The browser reconnects by itself after a cut, but not after an answer that is no stream (401, 503). */
const REOPEN_MS = 5000;
/** Changes that come together are one. */
const TOGETHER_MS = 150;

/**
 * @param {string} url of the stream
 * @param {() => unknown} changed also when the stream was away and something may have been missed
 * @returns {() => void} ends it
 */
export function listen(url, changed) {
  let opened = false;
  /** @type {number | undefined} */
  let timer;
  /** @type {EventSource} */
  let source;
  let over = false;
  const soon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(changed, TOGETHER_MS);
  };

  function open() {
    source = new EventSource(url);
    source.onopen = () => {
      if (opened) soon();
      opened = true;
    };
    source.addEventListener('ticket', soon);
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(async () => {
        // A plain request renews an expired sign-in, which a stream cannot.
        await api.get('/api/auth/me').catch(() => {});
        if (!over) open();
      }, REOPEN_MS);
    };
  }
  open();
  return () => {
    over = true;
    source.close();
  };
}
