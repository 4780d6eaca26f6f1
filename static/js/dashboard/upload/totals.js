/** The figures of a queue: what the progress bar, the ledger and the screen reader say. */

/** @typedef {import('./types.js').Entry} Entry */

/**
 * Every chosen file is in exactly one of: stored, duplicates, sidecars, rejected, refused, cancelled, failed, open.
 * @typedef {object} Totals
 * @property {number} files
 * @property {number} bytes of files that need no refusing
 * @property {number} stored
 * @property {number} duplicates
 * @property {number} sidecars read, and no pictures
 * @property {number} rejected by the server
 * @property {number} refused here
 * @property {number} cancelled
 * @property {number} failed
 * @property {number} open
 * @property {number} hashing files whose hash is still unknown
 * @property {number} indexed of `stored` and `duplicates`, those that guests can find
 * @property {number} preparing of `stored` and `duplicates`, those that they cannot find yet
 * @property {number} doneBytes arrived, or not to be sent
 * @property {number} openBytes still to travel
 */

/** @param {Entry[]} entries @returns {Totals} */
export function totalsOf(entries) {
  /** @type {Totals} */
  const totals = {
    files: entries.length,
    bytes: 0,
    stored: 0,
    duplicates: 0,
    sidecars: 0,
    rejected: 0,
    refused: 0,
    cancelled: 0,
    failed: 0,
    open: 0,
    hashing: 0,
    indexed: 0,
    preparing: 0,
    doneBytes: 0,
    openBytes: 0,
  };
  for (const entry of entries) {
    const size = entry.file.size;
    if (entry.state === 'refused' || entry.state === 'cancelled') {
      totals[entry.state]++;
      continue;
    }
    totals.bytes += size;
    if (entry.state === 'stored' || entry.state === 'duplicate') {
      totals[entry.state === 'stored' ? 'stored' : 'duplicates']++;
      totals[entry.indexed ? 'indexed' : 'preparing']++;
      totals.doneBytes += size;
    } else if (entry.state === 'rejected' || entry.state === 'sidecar') {
      totals[entry.state === 'rejected' ? 'rejected' : 'sidecars']++;
      totals.doneBytes += size;
    } else {
      totals[entry.state === 'failed' ? 'failed' : 'open']++;
      if (entry.state === 'waiting' || entry.state === 'hashing') totals.hashing++;
      totals.doneBytes += entry.sent;
      if (entry.state !== 'failed') totals.openBytes += size - entry.sent;
    }
  }
  return totals;
}

/** Bytes per second over the last ten seconds, from readings of a growing counter. */
export function createSpeedometer() {
  const WINDOW_MS = 10_000;
  /** @type {{ at: number, bytes: number }[]} */
  let readings = [];
  return {
    /** @param {number} bytes @param {number} [now] ms */
    read(bytes, now = performance.now()) {
      readings = readings.filter((reading) => now - reading.at < WINDOW_MS);
      readings.push({ at: now, bytes });
      const [first] = readings;
      return now - first.at < 500 ? 0 : ((bytes - first.bytes) * 1000) / (now - first.at);
    },
    reset() {
      readings = [];
    },
  };
}
