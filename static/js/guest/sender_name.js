/** The name that a guest gives with their photos, kept on this device. */

const NAME = 'pixora.sender';

/** @returns {string} */
export function savedName() {
  try {
    return localStorage.getItem(NAME) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} name */
export function saveName(name) {
  try {
    localStorage.setItem(NAME, name);
  } catch {
    /* it is written again the next time */
  }
}
