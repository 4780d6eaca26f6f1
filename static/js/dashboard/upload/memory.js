/**
 * What is being uploaded, kept in IndexedDB so that a closed tab costs nothing: names, sizes and
 * hashes of one list a session. A browser does not let a page open the files again by itself; with
 * this list the photographer chooses the folder once more and only what is missing travels.
 */
import { deviceStore } from '../../common/device_store.js';
import { identity } from './queue.js';

/** @typedef {import('./types.js').Entry} Entry */
/** @typedef {import('./totals.js').Totals} Totals */
/** @typedef {{ at: number, totals: Totals }} Last the account of the last upload that was finished */
/** @typedef {{ session: string, files: [identity: string, name: string, sha256: string][], last?: Last }} Kept */

const inStore = deviceStore('pixora-uploads', 'lists', { keyPath: 'session' });

/** @param {string} session @returns {Promise<Kept | undefined>} */
export function recall(session) {
  return inStore('readonly', (store) => store.get(session));
}

/** Keeps what is to be sent. @param {string} session @param {Entry[]} entries @param {Kept['files']} left of an earlier visit */
export function remember(session, entries, left) {
  const chosen = entries
    .filter((entry) => entry.state !== 'refused' && entry.state !== 'cancelled')
    .map((entry) => [identity(entry), entry.file.name, entry.sha256]);
  return inStore('readwrite', (store) => store.put({ session, files: [...left, ...chosen] }));
}

/** Keeps the account of an upload that is finished, without its files. @param {string} session @param {Totals} totals */
export function settle(session, totals) {
  return inStore('readwrite', (store) => store.put({ session, files: [], last: { at: Date.now(), totals } }));
}

/** @param {string} session */
export function forget(session) {
  return inStore('readwrite', (store) => store.delete(session));
}
