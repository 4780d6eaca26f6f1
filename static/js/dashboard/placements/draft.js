/**
 * A draft that saves itself as it is typed.
 *
 * What the server has not acknowledged is kept in this browser: a lost network, a closed tab or an ended
 * sign-in loses nothing, the next visit goes on. One request is on its way at a time; what changes
 * meanwhile goes with the next. The first makes the draft, under one Idempotency-Key with one body, so
 * that an answer that was lost makes no second one.
 */
import { api, ApiError, idempotent } from '../api.js';

/** @typedef {import('./types.js').Changes} Changes */
/** @typedef {'idle' | 'saving' | 'saved' | 'offline' | 'failed'} State */
/** @typedef {{ headers: Record<string, string>, body: Changes & { draft: true } }} Birth */

const PAUSE_MS = 700;
/** Between tries while there is no answer. */
const RETRY_MS = 4000;

/** Later ones win; a place is put together from its parts. @param {Changes} into @param {Changes} changes @returns {Changes} */
function merged(into, changes) {
  return { ...into, ...changes, ...(into.geo || changes.geo ? { geo: { ...into.geo, ...changes.geo } } : {}) };
}

export class Draft {
  /**
   * @param {object} options
   * @param {string} options.user whose it is: a browser may have several
   * @param {string | null} options.id null: made with the first change
   * @param {(state: State, error?: ApiError) => void} options.onState
   * @param {(id: string) => void} options.onMade
   */
  constructor({ user, id, onState, onMade }) {
    this.id = id;
    this.user = user;
    this.onState = onState;
    this.onMade = onMade;
    /** @type {Birth | null} a first request without an answer so far */
    this.birth = null;
    /** @type {Changes} not on its way yet */
    this.pending = {};
    /** @type {Changes} on its way */
    this.sent = {};
    this.timer = 0;
    /** @type {Promise<boolean> | null} */
    this.saving = null;
    this.recall();
    window.addEventListener('online', () => {
      void this.flush();
    });
    // Typing stops with the tab: what is left is written down, and goes now if it still can.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') void this.flush();
    });
  }

  /** The changes in this browser that the server may not have. @returns {Changes} */
  get unsaved() {
    const { draft: _, ...made } = this.birth?.body ?? { draft: true };
    return merged(merged(made, this.sent), this.pending);
  }

  get clean() {
    return !this.birth && Object.keys(this.pending).length === 0 && Object.keys(this.sent).length === 0;
  }

  /** @param {Changes} changes */
  change(changes) {
    this.pending = merged(this.pending, changes);
    this.remember();
    this.onState('saving');
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      void this.flush();
    }, PAUSE_MS);
  }

  /** Sends what has changed. @returns {Promise<boolean>} whether the server has everything now */
  async flush() {
    clearTimeout(this.timer);
    while (!this.clean) {
      this.saving ??= this.send().finally(() => {
        this.saving = null;
      });
      if (!(await this.saving)) return false;
    }
    return true;
  }

  /** One request. @returns {Promise<boolean>} */
  async send() {
    this.onState('saving');
    if (this.id) {
      this.sent = this.pending;
      this.pending = {};
    } else if (!this.birth) {
      // Its body stays what it is while there is no answer, whatever is typed meanwhile.
      this.birth = { headers: idempotent(), body: { ...this.pending, draft: true } };
      this.pending = {};
    }
    this.remember();
    try {
      if (this.birth) await this.make(this.birth);
      else await api.patch(`/api/orders/${this.id}`, this.sent);
      this.sent = {};
      this.remember();
      if (this.clean) this.onState('saved');
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const away = error.status === 0 || error.status === 429 || error.status >= 500;
      this.pending = merged(this.sent, this.pending);
      this.sent = {};
      if (!away && this.birth) {
        // Refused for what it says: the next change may be better, the same again is not.
        const { draft: _, ...said } = this.birth.body;
        this.pending = merged(said, this.pending);
        this.birth = null;
      }
      this.remember();
      this.onState(away ? 'offline' : 'failed', error);
      if (away)
        this.timer = window.setTimeout(() => {
          void this.flush();
        }, RETRY_MS);
      return false;
    }
  }

  /** @param {Birth} birth */
  async make({ headers, body }) {
    const { id } = await api.post('/api/orders', body, { headers });
    this.forget();
    this.birth = null;
    this.id = id;
    this.onMade(id);
  }

  get key() {
    return `pixora.order.${this.user}.${this.id ?? 'new'}`;
  }

  remember() {
    try {
      if (this.clean) localStorage.removeItem(this.key);
      else localStorage.setItem(this.key, JSON.stringify({ birth: this.birth, changes: merged(this.sent, this.pending) }));
    } catch {
      /* storage is blocked; the page still saves while it is open */
    }
  }

  forget() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      /* nothing was kept */
    }
  }

  recall() {
    try {
      const { birth, changes } = JSON.parse(localStorage.getItem(this.key) ?? '{}');
      this.birth = birth ?? null;
      this.pending = changes ?? {};
    } catch {
      /* nothing was kept, or nothing that can be read */
    }
  }
}
