/** One file after the other through the worker. Photos are up to 100 MB: one in memory at a time. */

/** @typedef {ReturnType<typeof createHasher>} Hasher */

export function createHasher() {
  /** @type {Worker | undefined} */
  let worker;
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();

  /** @param {Blob} file @returns {Promise<string>} */
  function one(file) {
    const thread = (worker ??= new Worker(new URL('hash.worker.js', import.meta.url), { type: 'module' }));
    return new Promise((resolve, reject) => {
      thread.onmessage = ({ data }) => (data.sha256 ? resolve(data.sha256) : reject(new Error(data.error)));
      thread.onerror = (event) => reject(new Error(event.message));
      thread.postMessage(file);
    });
  }

  return {
    /** @param {Blob} file @returns {Promise<string>} 64 hexadecimal digits; rejects when the file cannot be read */
    sha256(file) {
      const next = last.then(() => one(file));
      last = next.catch(() => {});
      return next;
    },
    close() {
      worker?.terminate();
      worker = undefined;
    },
  };
}
