/** The server's limit for one change of many photos. */
const MOST_AT_ONCE = 500;

/** Ids in portions that the server takes. @param {string[]} ids @returns {Generator<string[]>} */
export function* portions(ids) {
  for (let at = 0; at < ids.length; at += MOST_AT_ONCE) yield ids.slice(at, at + MOST_AT_ONCE);
}
