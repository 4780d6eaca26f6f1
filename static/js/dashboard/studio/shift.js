/** How the shift of a clock is written. */

/** "1:02:03" @param {number} seconds */
export function duration(seconds) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Hours, minutes and seconds, or minutes and seconds; `null` for anything else. @param {string} text */
export function parse(text) {
  const match = /^\s*(?:(\d{1,6}):)?(\d{1,2}):(\d{2})\s*$/.exec(text);
  if (!match || Number(match[2]) > 59 || Number(match[3]) > 59) return null;
  return Number(match[1] ?? 0) * 3600 + Number(match[2]) * 60 + Number(match[3]);
}
