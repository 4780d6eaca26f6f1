/** Files that are on their way, kept on the device so that they go on after a reload; without storage they are chosen again. */

const NAME = 'pixora-unsent';
const STORE = 'files';

/** @typedef {{ session: string, file: File }} Unsent */

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { autoIncrement: true });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} use
 * @returns {Promise<T | undefined>} undefined where the browser keeps nothing
 */
async function withStore(mode, use) {
  try {
    const database = await open();
    try {
      return await new Promise((done, failed) => {
        const transaction = database.transaction(STORE, mode);
        const asked = use(transaction.objectStore(STORE));
        transaction.oncomplete = () => done(asked.result);
        transaction.onabort = () => failed(transaction.error);
      });
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

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
