/** Files that are on their way, kept on the device so that they go on after a reload; without storage they are chosen again. */
import { deviceStore } from '../common/device_store.js';

/** @typedef {{ session: string, file: File }} Unsent */

const withStore = deviceStore('pixora-unsent', 'files', { autoIncrement: true });

/** @param {string} session @param {File} file @returns {Promise<IDBValidKey | undefined>} by which it is forgotten */
export function keepUnsent(session, file) {
  return withStore('readwrite', (store) => store.add({ session, file }));
}

/** @param {IDBValidKey} key */
export async function forgetUnsent(key) {
  await withStore('readwrite', (store) => store.delete(key));
}

/** Those of a session, the first first. @param {string} session @returns {Promise<{ key: IDBValidKey, file: File }[]>} */
export async function unsent(session) {
  const keys = (await withStore('readonly', (store) => store.getAllKeys())) ?? [];
  /** @type {Unsent[]} */
  const kept = (await withStore('readonly', (store) => store.getAll())) ?? [];
  return keys.flatMap((key, i) => (kept[i]?.session === session ? [{ key, file: kept[i].file }] : []));
}

/** Forgets all of a session. @param {string} session */
export async function forgetAllUnsent(session) {
  for (const { key } of await unsent(session)) await forgetUnsent(key);
}
