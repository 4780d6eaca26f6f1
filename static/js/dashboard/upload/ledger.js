/**
 * The account at the end: each chosen file by name and hash against what the server holds, so that
 * "5,000 sent" is never only this page's opinion.
 */
import { learn } from './queue.js';

/** @typedef {import('./types.js').Entry} Entry */
/** @typedef {import('./queue.js').UploadQueue} UploadQueue */

/** The server's limit for one question. */
const MOST_FILES = 5000;
const AGAIN_MS = 5000;
/** Photos are made ready in the order of their arrival: asking about the oldest ones is enough. */
const REFRESH_FILES = 500;
const SETTLED = new Set(['stored', 'duplicate', 'sidecar', 'rejected']);

/**
 * Asks about every file that the server should have; one that it has not goes on its way again, and
 * is set aside when that happens twice.
 * @param {UploadQueue} queue
 * @returns {Promise<{ asked: number, missing: number }>}
 */
export async function reconcile(queue) {
  const settled = queue.entries.filter((entry) => SETTLED.has(entry.state));
  let missing = 0;
  for (let at = 0; at < settled.length; at += MOST_FILES) {
    const batch = settled.slice(at, at + MOST_FILES);
    const answers = await queue.ask(batch);
    batch.forEach((entry, i) => {
      if (answers[i].state !== 'missing') return learn(entry, answers[i], entry.state === 'duplicate' ? 'duplicate' : 'stored');
      // The server keeps no record of files that it refused before receiving them.
      if (entry.state === 'rejected') return;
      if (entry.verified) return setAside(entry);
      missing++;
      if (entry.lost++ > 0) return Object.assign(entry, { state: 'failed', code: 'missing' });
      queue.begun++;
      Object.assign(entry, { state: 'ready', sent: 0, indexed: false });
    });
  }
  queue.pump();
  return { asked: settled.length, missing };
}

/**
 * Compares what was sent with what is there: once nothing is on its way, a second time when the last
 * photo is ready, and from the beginning when a file was put to work since.
 * @param {UploadQueue} queue
 */
export function createComparison(queue) {
  /** @typedef {{ asked: number, missing: number, at: Date, final: boolean, begun: number }} Comparison */
  /** @type {Comparison | undefined} */
  let last;
  let comparing = false;
  let failedAt = -AGAIN_MS;
  const current = () => (last?.begun === queue.begun ? last : undefined);

  return {
    /** What holds of the files as they are now; undefined while it is still to come. */
    current,
    /** @param {import('./totals.js').Totals} totals */
    async compare({ open, preparing }) {
      if (open > 0 || comparing || performance.now() - failedAt < AGAIN_MS) return;
      // These are the figures that stay.
      const final = preparing === 0;
      const before = current();
      if (before && (before.final || !final)) return;
      comparing = true;
      const { begun } = queue;
      try {
        last = { ...(await reconcile(queue)), at: new Date(), final, begun };
      } catch {
        failedAt = performance.now();
        setTimeout(() => queue.changed(), AGAIN_MS + 100);
      }
      comparing = false;
      queue.changed();
    },
  };
}

/** Learns which stored files have become ready since. @param {UploadQueue} queue */
export async function refresh(queue) {
  const waiting = queue.entries.filter(isPreparing).slice(0, REFRESH_FILES);
  if (waiting.length === 0) return;
  const answers = await queue.ask(waiting);
  waiting.forEach((entry, i) => {
    if (answers[i].state !== 'missing') learn(entry, answers[i], entry.state === 'duplicate' ? 'duplicate' : 'stored');
    else if (entry.verified) setAside(entry);
  });
  queue.changed();
}

/** For a photo that was here and was deleted since: sending it again would bring it back. @param {Entry} entry */
export function setAside(entry) {
  Object.assign(entry, { state: 'cancelled', code: 'deleted', indexed: false });
}

/** @param {Entry} entry */
export function isPreparing(entry) {
  return (entry.state === 'stored' || entry.state === 'duplicate') && !entry.indexed;
}

/**
 * RFC 4180 with a byte order mark, so that Excel reads the names right.
 * @param {Entry[]} entries
 * @param {(entry: Entry) => { result: string, reason: string }} words in the reader's language
 */
export function ledgerCsv(entries, words) {
  const rows = entries.map((entry) => {
    const { result, reason } = words(entry);
    return [entry.path, entry.file.size, entry.sha256, entry.state, result, entry.code, reason, entry.photoId].map(cell).join(',');
  });
  return `\uFEFF${['file,bytes,sha256,state,result,code,reason,photo_id', ...rows].join('\r\n')}\r\n`;
}

/** A cell that a spreadsheet takes for a formula is made text. @param {string | number} value */
function cell(value) {
  const text = String(value).replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
