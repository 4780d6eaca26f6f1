/** How the hand-off stands, told as it changes: by the event stream, else by asking now and then. */
import { ApiError } from './api.js';

/** Between two questions where there is no stream. */
const POLL_MS = 4000;
/** Of `EventSource`, which may not be there to be asked. */
const OPEN = 1;
const CLOSED = 2;

/** @typedef {import('./api.js').Session} Session */

/**
 * @param {import('./api.js').Api} api
 * @param {{ onSession: (session: Session) => void, onGone: (code: string) => void, onConnection: (connected: boolean) => void }} heard
 * @returns {() => void} stops
 */
export function watch(api, { onSession, onGone, onConnection }) {
  /** @type {EventSource | null} */
  let source = null;
  let over = false;

  function stop() {
    over = true;
    source?.close();
    clearInterval(timer);
    window.removeEventListener('online', ask);
    document.removeEventListener('visibilitychange', seen);
  }

  /** @param {string} code */
  function gone(code) {
    if (over) return;
    stop();
    onGone(code);
  }

  async function ask() {
    try {
      const session = await api.read();
      if (over) return;
      onConnection(true);
      onSession(session);
      if ('EventSource' in window && (!source || source.readyState === CLOSED)) listen();
    } catch (error) {
      if (over) return;
      if (error instanceof ApiError && [404, 410, 422].includes(error.status)) gone(error.code);
      else onConnection(false);
    }
  }

  function listen() {
    source?.close();
    source = new EventSource(api.events);
    source.addEventListener('open', () => onConnection(true));
    source.addEventListener('session', (event) => onSession(JSON.parse(event.data)));
    source.addEventListener('gone', (event) => gone(JSON.parse(event.data).code));
  }

  /** Phones put a page to sleep with its connection. */
  function seen() {
    if (document.visibilityState === 'visible') ask();
  }

  const timer = setInterval(() => {
    if (source?.readyState !== OPEN) ask();
  }, POLL_MS);
  window.addEventListener('online', ask);
  document.addEventListener('visibilitychange', seen);
  ask();
  return stop;
}
