/**
 * Work that goes on while one moves in the panel: an upload. Its page stays alive behind the others, and the bar says
 * how far it is.
 *
 * @typedef {object} Work
 * @property {string} path of its page
 * @property {string} name of what is worked on
 * @property {() => boolean} running
 * @property {() => number} percent
 */

/** @type {Set<Work>} */
const all = new Set();
/** @type {Set<() => void>} */
const listeners = new Set();

/** @param {Work} work @returns {() => void} to call when it is further */
export function goesOn(work) {
  all.add(work);
  return () => {
    for (const listener of listeners) listener();
  };
}

/** The task that runs now. */
export function running() {
  return [...all].filter((work) => work.running());
}

/** @param {() => void} listener */
export function onProgress(listener) {
  listeners.add(listener);
}
