/** How one photo stands in a tile: which of its copies, where it is cut, and what is seen before it has come. */
import { thumbHashToDataURL } from '../../vendor/thumbhash/thumbhash.js';

/** @typedef {import('./types.js').Photo} Photo */
/** @typedef {'thumb_url' | 'tile_url' | 'preview_url' | 'full_url'} Size */

/** Long sides of the derivatives, in pixels; a smaller original is never enlarged. @type {Record<Size, number>} */
const LONG_SIDE = { thumb_url: 320, tile_url: 640, preview_url: 1024, full_url: 2048 };
/** Beyond these shapes a tile crops: a panorama or a banner would tear its row. */
const NARROWEST = 0.66;
const WIDEST = 2.1;

/** The long side that stands in a derivative's address: guests may be sent a smaller one in its place. @param {string} url @param {Size} size */
function longSide(url, size) {
  return Number(/\/(\d+)-[0-9a-f]{16}[^/]*$/.exec(url)?.[1] ?? LONG_SIDE[size]);
}

/** The pixels of a derivative. @param {Photo} photo @param {Size} size */
export function derivativeSize(photo, size) {
  const scale = Math.min(1, longSide(photo[size], size) / Math.max(photo.width, photo.height));
  return { width: Math.max(1, Math.round(photo.width * scale)), height: Math.max(1, Math.round(photo.height * scale)) };
}

/** Whether the studio's mark lies over it. @param {string} url */
function isMarked(url) {
  return /-[0-9a-f]{16}-[0-9a-f]{16}\.jpg$/.test(url);
}

/** `srcset` and `src` with the derivatives' real widths; `src/http/shared/picture.rs` does the same. @param {Photo} photo @param {Size[]} sizes the smallest first */
export function sources(photo, sizes = ['thumb_url', 'tile_url', 'preview_url']) {
  // Where the studio has set a mark, tiles with and without it would stand side by side.
  const marked = sizes.filter((size) => isMarked(photo[size]));
  /** @type {Map<number, string>} A small original gives equal derivatives; one of them is enough. */
  const byWidth = new Map();
  for (const size of marked.length ? marked : sizes) {
    const { width } = derivativeSize(photo, size);
    if (!byWidth.has(width)) byWidth.set(width, photo[size]);
  }
  const [src] = byWidth.values();
  // `srcset` first: a browser that has heard of `src` before would ask for it at once.
  return { srcset: [...byWidth].map(([width, url]) => `${url} ${width}w`).join(', '), src };
}

/** So many dots for each CSS pixel are enough for a tile, whatever the screen has: the next larger copy has twice the bytes. */
const MOST_DOTS = 1.5;

/** `sizes` of a tile. @param {number} width in CSS pixels */
export function sizesOf(width) {
  return `${width * Math.min(1, MOST_DOTS / devicePixelRatio)}px`;
}

/** Hair, in heights of the face above it. */
const HAIR = 0.4;

/** `crates/domain/src/crop.rs` says why. @param {number} from @param {number} to fractions of a side */
function kept(from, to) {
  const [a, b] = [Math.max(0, from), Math.min(1, to)];
  const rest = 1 - (b - a);
  return percent(rest > 0 ? Math.min(1, a / rest) : 0.5);
}

/** Where a crop is cut, so that no head in it is: that of the matched face, or all heads. @param {Pick<Photo, 'box' | 'focus' | 'width' | 'height'>} photo */
export function cropAt({ box, focus, width, height }) {
  if (box) return `${kept(box.x, box.x + box.w)} ${kept(box.y - HAIR * box.h, box.y + box.h)}`;
  if (focus) return `${percent(focus.x)} ${percent(focus.y)}`;
  // Heads are in the upper part of tall pictures.
  return width / height < NARROWEST ? '50% 20%' : '50% 50%';
}

/** Paints a photo's thumbhash behind an element until the picture is there. @param {HTMLElement} element @param {Photo} photo */
export function placeholder(element, photo) {
  if (!photo.thumbhash) return;
  try {
    const bytes = Uint8Array.from(atob(photo.thumbhash), (letter) => letter.charCodeAt(0));
    element.style.backgroundImage = `url(${thumbHashToDataURL(bytes)})`;
  } catch {
    /* a damaged hash leaves the plain tint */
  }
}

/** The shape that a tile is given. @param {Photo} photo */
export function shapeOf({ width, height }) {
  return Math.min(WIDEST, Math.max(NARROWEST, width / height));
}

/** @param {number} fraction */
const percent = (fraction) => `${Math.round(fraction * 100)}%`;
