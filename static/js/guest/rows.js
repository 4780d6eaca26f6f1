/** Photos in justified rows: as many to a row as fit at the height that is wished for, then as high as fills it. */

/** @typedef {import('../common/windowed.js').Place} Place */

/** A row of one upright photo would be a tower; the photo is cropped then. */
const HIGHEST = 2.4;

/**
 * Parts of a wall one below the other, each with its heading above it.
 * @param {{ heading: number, ratios: number[] }[]} parts `heading`: its height, 0 for none
 * @param {{ width: number, row: number, gap: number, left: number, fillLast: boolean }} wish
 * @returns {{ places: Place[], height: number }} a heading is a place before those of its photos
 */
export function parted(parts, wish) {
  /** @type {Place[]} */
  const places = [];
  let y = 0;
  for (const { heading, ratios } of parts) {
    if (heading > 0) places.push({ x: wish.left, y, width: wish.width, height: heading });
    const rows = justified(ratios, wish);
    for (const place of rows.places) places.push({ ...place, y: place.y + y + heading });
    y += heading + rows.height + wish.gap;
  }
  return { places, height: Math.max(0, y - wish.gap) };
}

/**
 * @param {number[]} ratios width / height of each photo
 * @param {{ width: number, row: number, gap: number, left: number, fillLast: boolean }} wish in CSS pixels
 * @returns {{ places: Place[], height: number }}
 */
export function justified(ratios, { width, row, gap, left, fillLast }) {
  /** @type {Place[]} */
  const places = [];
  let y = 0;
  let start = 0;
  while (start < ratios.length) {
    let end = start;
    let sum = 0;
    while (end < ratios.length && (end === start || (sum + ratios[end]) * row + (end - start) * gap <= width)) sum += ratios[end++];
    const full = (width - (end - start - 1) * gap) / sum;
    const isLast = end === ratios.length;
    const height = isLast && !fillLast ? Math.min(full, row) : Math.min(full, row * HIGHEST);
    let x = left;
    for (let i = start; i < end; i++) {
      const share = isLast && !fillLast ? ratios[i] * height : ratios[i] * full;
      places.push({ x, y, width: share, height });
      x += share + gap;
    }
    y += height + gap;
    start = end;
  }
  return { places, height: Math.max(0, y - gap) };
}
