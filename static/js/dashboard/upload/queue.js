/**
 * The upload queue of one session: hash, ask the server what it has, send the rest, three at a time.
 * It knows no page and no tus: what hashes, asks and carries comes in, so that each can be tried alone.
 *
 * Two kinds of trouble: when the way to the server is cut, everything waits and goes on together
 * (`stalled`); when one file fails, only that file waits its turn again.
 */
import { isLitter, refusal } from './collect.js';
import { TransferError } from '../../common/carrier.js';
import { isRejection } from './reasons.js';

/** @typedef {import('./types.js').Entry} Entry */
/** @typedef {import('./types.js').Picked} Picked */
/** @typedef {import('./types.js').LedgerFile} LedgerFile */

const PARALLEL = 3;
/** Files in one question to the ledger while hashing goes on, and the pause between two questions. */
const ASK_FILES = 500;
const ASK_EVERY_MS = 1000;
/** A file that failed this often in a row is set aside until the photographer tries again. */
const MAX_ATTEMPTS = 6;
const LONGEST_WAIT_S = 30;
const NOTIFY_MS = 200;

/**
 * @typedef {object} Means
 * @property {Pick<import('./hasher.js').Hasher, 'sha256'>} hasher
 * @property {import('./types.js').AskLedger} askLedger
 * @property {import('./types.js').Carrier} carrier
 * @property {() => Promise<boolean>} renew renews the sign-in; false when it has ended
 */

export class UploadQueue {
  /** @param {Means} means */
  constructor(means) {
    this.means = means;
    /** @type {Entry[]} */
    this.entries = [];
    this.paused = false;
    /** The way to the server is cut; it is tried again by itself. */
    this.stalled = false;
    this.signedOut = false;
    /** Bytes that travelled since the page was opened. */
    this.travelled = 0;
    /** System files that were left out. */
    this.litter = 0;
    /** How often a file was put to work: a comparison with the server holds until the next one is. */
    this.begun = 0;
    /** @type {Map<string, string>} what earlier visits knew: `path, size, modified` → SHA-256 */
    this.known = new Map();
    /** @type {Map<Entry, AbortController>} */
    this.active = new Map();
    this.hashing = false;
    this.asking = false;
    this.askedAt = 0;
    this.stalls = 0;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.notifying = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.waking = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.stallTimer = undefined;
  }

  /** Runs after changes, a few times a second at most. @param {() => void} listener */
  onChange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed() {
    // Photos of others become ready too: before a file is chosen, nothing of this queue has changed.
    if (this.entries.length === 0) return;
    this.notifying ??= setTimeout(() => {
      this.notifying = undefined;
      for (const listener of this.listeners) listener();
    }, NOTIFY_MS);
  }

  /** Takes files in and starts. What is in the queue already stays there once. @param {Picked[]} picked */
  add(picked) {
    const present = new Map(this.entries.map((entry) => [identity(entry), entry]));
    for (const { file, path, code: unreadable, isPicture } of picked) {
      if (isLitter(path)) {
        this.litter++;
        continue;
      }
      const again = present.get(identity({ file, path }));
      if (again) {
        // The same file chosen again: the reader's way to say "go on with this one".
        again.file = file;
        if (again.state === 'failed' || again.state === 'cancelled') this.retry(again);
        continue;
      }
      const code = unreadable ?? refusal(file, isPicture);
      const sha256 = this.known.get(identity({ file, path })) ?? '';
      /** @type {Entry} */
      const entry = {
        id: this.entries.length,
        path,
        file,
        sha256,
        code,
        sent: 0,
        photoId: '',
        indexed: false,
        attempts: 0,
        verified: false,
        lost: 0,
        notBefore: 0,
        state: code ? 'refused' : sha256 ? 'hashed' : 'waiting',
      };
      present.set(identity(entry), entry);
      this.entries.push(entry);
      this.begun++;
    }
    this.pump();
  }

  pause() {
    this.paused = true;
    this.abortAll('pause');
    this.changed();
  }

  resume() {
    this.paused = false;
    this.signedOut = false;
    this.unstall();
  }

  /** @param {Entry} entry */
  cancel(entry) {
    if (isOver(entry) && entry.state !== 'failed') return;
    this.active.get(entry)?.abort('cancel');
    entry.state = 'cancelled';
    this.pump();
  }

  cancelAll() {
    for (const entry of this.entries) this.cancel(entry);
  }

  /** @param {Entry} entry */
  retry(entry) {
    if (entry.state !== 'failed' && entry.state !== 'cancelled') return;
    Object.assign(entry, { state: entry.sha256 ? 'hashed' : 'waiting', attempts: 0, verified: false, notBefore: 0, code: '' });
    this.begun++;
    this.pump();
  }

  retryFailed() {
    for (const entry of this.entries) if (entry.state === 'failed') this.retry(entry);
  }

  /** Whether something is still to be done for which the page must stay open. */
  get running() {
    return this.entries.some((entry) => !isOver(entry));
  }

  /** Puts every idle hand to work. */
  pump() {
    this.changed();
    if (this.paused || this.signedOut) return;
    this.hashNext();
    if (this.stalled) return;
    this.askNext();
    this.sendNext();
  }

  async hashNext() {
    const entry = this.hashing ? undefined : this.entries.find((each) => each.state === 'waiting');
    if (!entry) return;
    this.hashing = true;
    entry.state = 'hashing';
    try {
      const sha256 = await this.means.hasher.sha256(entry.file);
      if (entry.state === 'hashing') Object.assign(entry, { sha256, state: 'hashed' });
    } catch {
      if (entry.state === 'hashing') Object.assign(entry, { state: 'failed', code: 'file_unreadable' });
    }
    this.hashing = false;
    this.pump();
  }

  /** Asks the ledger about hashed files: at once while nothing else is to be sent, else now and then. */
  async askNext() {
    const hashed = this.asking ? [] : this.entries.filter((entry) => entry.state === 'hashed').slice(0, ASK_FILES);
    if (hashed.length === 0) return;
    const busy = this.active.size > 0 || this.entries.some((entry) => entry.state === 'ready');
    const wait = this.askedAt + ASK_EVERY_MS - performance.now();
    if (busy && wait > 0 && hashed.length < ASK_FILES) return this.wakeIn(wait);
    this.asking = true;
    this.askedAt = performance.now();
    try {
      const answers = await this.ask(hashed);
      hashed.forEach((entry, i) => {
        if (entry.state !== 'hashed') return;
        if (answers[i].state === 'missing' || goesOn(answers[i])) entry.state = 'ready';
        else learn(entry, answers[i], 'duplicate');
      });
      this.stalls = 0;
    } catch (error) {
      this.trouble(hashed, /** @type {{ code: string, status: number, retryAfter: number }} */ (error));
    }
    this.asking = false;
    this.pump();
  }

  /** The ledger's word about each of these, in their order. @param {Entry[]} entries @returns {Promise<LedgerFile[]>} */
  async ask(entries) {
    const answers = await this.means.askLedger(entries.map((entry) => ({ filename: entry.file.name, sha256: entry.sha256 })));
    const bySha = new Map(answers.map((answer) => [answer.sha256, answer]));
    return entries.map(
      (entry) =>
        bySha.get(entry.sha256) ?? { filename: entry.file.name, sha256: entry.sha256, state: 'missing', photo_id: null, code: null },
    );
  }

  sendNext() {
    const now = performance.now();
    let soonest = Infinity;
    /** A second copy waits for the first one's end. */
    const travelling = new Set([...this.active.keys()].map((entry) => entry.sha256));
    for (const entry of this.entries) {
      if (this.active.size >= PARALLEL) return;
      if (entry.state !== 'ready' || travelling.has(entry.sha256)) continue;
      if (entry.notBefore > now) {
        soonest = Math.min(soonest, entry.notBefore - now);
        continue;
      }
      const first = this.entries.find((each) => each !== entry && each.sha256 === entry.sha256 && each.state === 'stored');
      if (first) {
        Object.assign(entry, { state: 'duplicate', photoId: first.photoId, indexed: first.indexed });
        continue;
      }
      travelling.add(entry.sha256);
      this.send(entry);
    }
    if (soonest < Infinity) this.wakeIn(soonest);
  }

  /** @param {Entry} entry */
  async send(entry) {
    const controller = new AbortController();
    this.active.set(entry, controller);
    entry.state = 'uploading';
    let before = -1;
    try {
      const sent = await this.means.carrier.send(entry, {
        signal: controller.signal,
        onProgress: (bytes) => {
          // The first report says where an earlier try stopped.
          if (before >= 0 && bytes > before) {
            this.travelled += bytes - before;
            entry.attempts = 0;
            this.stalls = 0;
          }
          before = bytes;
          entry.sent = bytes;
          this.changed();
        },
      });
      this.stalls = 0;
      if (!isCancelled(entry)) Object.assign(entry, { state: sent.result, photoId: sent.photoId, code: sent.code, sent: entry.file.size });
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      if (!isCancelled(entry)) {
        entry.state = 'ready';
        if (!controller.signal.aborted) await this.trouble([entry], error);
      }
    } finally {
      this.active.delete(entry);
    }
    this.pump();
  }

  /**
   * Decides what a failure means for the queue or for the files it met.
   * @param {Entry[]} entries
   * @param {{ code: string, status: number, retryAfter: number }} error
   */
  async trouble(entries, { code, status, retryAfter }) {
    if (status === 401) {
      const renewed = await this.means.renew().catch(() => null);
      if (renewed === null) this.stall(0);
      else if (!renewed) {
        this.signedOut = true;
        this.abortAll('pause');
      }
      return;
    }
    const unreachable = status === 0 || status === 429 || (status >= 502 && status <= 504);
    if (unreachable && code !== 'file_unreadable') {
      // A browser reports a file that was changed or taken away as a lost network.
      const [entry] = entries;
      if (entries.length > 1 || (await readable(entry.file))) return this.stall(retryAfter);
      code = 'file_unreadable';
    }
    const passing = code !== 'file_unreadable' && (status >= 500 || [403, 409, 423, 460].includes(status));
    for (const entry of entries) {
      if (passing && ++entry.attempts < MAX_ATTEMPTS)
        entry.notBefore = performance.now() + 1000 * Math.min(2 ** entry.attempts, LONGEST_WAIT_S);
      else Object.assign(entry, { state: isRejection(code) ? 'rejected' : 'failed', code });
    }
  }

  /** Everything waits and is tried again: soon at first, then every half minute, at once when the network is back. @param {number} seconds what the server asked for */
  stall(seconds) {
    if (this.stalled) return;
    this.stalled = true;
    this.abortAll('stall');
    const wait = Math.max(seconds, Math.min(2 ** this.stalls++, LONGEST_WAIT_S));
    this.stallTimer = setTimeout(() => this.unstall(), wait * 1000);
  }

  unstall() {
    clearTimeout(this.stallTimer);
    this.stalled = false;
    this.pump();
  }

  /** @param {'pause' | 'stall'} reason */
  abortAll(reason) {
    for (const controller of this.active.values()) controller.abort(reason);
  }

  /** @param {number} ms */
  wakeIn(ms) {
    this.waking ??= setTimeout(() => {
      this.waking = undefined;
      this.pump();
    }, ms + 10);
  }
}

/** The key by which two chosen files are the same, before they are hashed. @param {{ file: File, path: string }} picked */
export function identity({ file, path }) {
  return `${path}\n${file.size}\n${file.lastModified}`;
}

/** @param {Entry} entry */
export function isOver(entry) {
  return ['stored', 'duplicate', 'sidecar', 'rejected', 'refused', 'cancelled', 'failed'].includes(entry.state);
}

/** Asked again after each wait: the photographer may have cancelled meanwhile. @param {Entry} entry */
function isCancelled(entry) {
  return entry.state === 'cancelled';
}

/** A file that failed by the server's fault goes on when it comes again. @param {LedgerFile} answer */
function goesOn(answer) {
  return answer.state === 'rejected' && answer.code === 'processing_failed';
}

/** Takes over the server's word about a file that it has. @param {Entry} entry @param {LedgerFile} answer @param {'stored' | 'duplicate'} here */
export function learn(entry, answer, here) {
  const rejected = answer.state === 'rejected';
  const sidecar = answer.state === 'sidecar';
  Object.assign(entry, {
    state: rejected ? 'rejected' : sidecar ? 'sidecar' : here,
    code: rejected ? (answer.code ?? 'rejected') : '',
    photoId: answer.photo_id ?? entry.photoId,
    verified: true,
    indexed: answer.state === 'indexed',
  });
}

/** @param {File} file */
function readable(file) {
  return file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
}
