/** The small picture of a line of a cart or an order. */
import { addIcons, h, icon } from './dom.js';

addIcons({ box: 'M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8' });

/**
 * Cut where no head is, as everywhere; an icon where the line has no picture.
 * @param {{ kind: string, thumb_url?: string | null, focus?: { x: number, y: number } | null }} line
 */
export function thumb({ kind, thumb_url: src, focus }) {
  if (!src) return icon(kind === 'package' ? 'box' : 'grid');
  const image = h('img', { src, alt: '', loading: 'lazy', decoding: 'async' });
  if (focus) image.style.objectPosition = `${100 * focus.x}% ${100 * focus.y}%`;
  return image;
}
