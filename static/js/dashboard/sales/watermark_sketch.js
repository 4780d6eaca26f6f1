/** What a mark will look like, drawn before it is saved: the same tiles at the same slant, roughly. */
import { svg } from '../studio/svg.js';

const WIDTH = 1024;
const HEIGHT = 683;
/** Degrees; the mark climbs. */
const SLANT = -30;

/**
 * @param {object} mark
 * @param {string | null} mark.photo address of a photo to draw it on; a plain ground when there is none
 * @param {'none' | 'text' | 'logo'} mark.kind
 * @param {string} mark.text
 * @param {string | null} mark.logo PNG, base64
 * @param {number} mark.opacity percent
 */
export function sketch({ photo, kind, text, logo, opacity }) {
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true', class: 'watermark-sketch' });
  picture.append(svg('rect', { width: WIDTH, height: HEIGHT, class: 'watermark-ground' }));
  if (photo) picture.append(svg('image', { href: photo, width: WIDTH, height: HEIGHT, preserveAspectRatio: 'xMidYMid slice' }));
  const shown = kind === 'text' ? Boolean(text) : kind === 'logo' && logo !== null;
  if (!shown) return picture;

  const size = 34;
  const width = kind === 'text' ? Math.max(160, text.length * size * 0.62 + 90) : 220;
  const height = kind === 'text' ? 150 : 190;
  const tile = svg('pattern', { id: 'watermark-tile', width, height: height * 2, patternUnits: 'userSpaceOnUse', patternTransform: `rotate(${SLANT})` });
  for (const [x, y] of [[0, 0], [-width / 2, height], [width / 2, height]]) {
    tile.append(kind === 'text'
      ? svg('text', { x: x + width / 2, y: y + height / 2, 'text-anchor': 'middle', 'font-size': size, class: 'watermark-words' }, text)
      : svg('image', { href: `data:image/png;base64,${logo}`, x: x + 45, y: y + 30, width: 130, height: 130 }));
  }
  const all = svg('defs', {});
  all.append(tile);
  picture.append(all, svg('rect', { width: WIDTH, height: HEIGHT, fill: 'url(#watermark-tile)', opacity: opacity / 100 }));
  return picture;
}
