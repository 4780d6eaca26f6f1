/** What a page keeps on the device in a store of its own in IndexedDB. */

/**
 * @param {string} database @param {string} name of the store, the only one in the database
 * @param {IDBObjectStoreParameters} options
 */
export function deviceStore(database, name, options) {
  /** @returns {Promise<IDBDatabase>} */
  function open() {
    return new Promise((done, failed) => {
      const asked = indexedDB.open(database, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(name, options);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  }

  /**
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest<T>} use
   * @returns {Promise<T | undefined>} undefined where the browser keeps nothing (private windows)
   */
  return async function withStore(mode, use) {
    try {
      const opened = await open();
      try {
        return await new Promise((done, failed) => {
          const transaction = opened.transaction(name, mode);
          const asked = use(transaction.objectStore(name));
          transaction.oncomplete = () => done(asked.result);
          transaction.onabort = () => failed(transaction.error);
        });
      } finally {
        opened.close();
      }
    } catch {
      return undefined;
    }
  };
}
