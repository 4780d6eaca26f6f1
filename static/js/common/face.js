/** A face cut out of a photo by the page itself, and a photo with a box around a face. */
import { h } from './dom.js';

/**
 * @typedef {{ width: number, height: number, thumb_url: string, preview_url: string }} Picture
 * @typedef {{ x: number, y: number, w: number, h: number }} Box fractions of the picture
 */

/** How much more than the face is shown. */
const AROUND = 1.6;
/** From so many pixels of the small picture on a face is clear enough. */
const CLEAR = 80;
const THUMB = 320;

/** The part of the picture that is shown, in its own pixels. @param {Picture} picture @param {Box} box */
function part({ width, height }, box) {
  const side = Math.min(Math.max(box.w * width, box.h * height) * AROUND, width, height);
  /** @param {number} middle @param {number} whole */
  const from = (middle, whole) => Math.min(Math.max(0, middle - side / 2), whole - side);
  return { side, x: from((box.x + box.w / 2) * width, width), y: from((box.y + box.h / 2) * height, height) };
}

/** A square with the face in it; says nothing to assistive technology. @param {Picture} picture @param {Box} box */
export function faceOf(picture, box) {
  const { side, x, y } = part(picture, box);
  const small = (side * Math.min(1, THUMB / Math.max(picture.width, picture.height))) / AROUND >= CLEAR;
  const image = h('img', { src: small ? picture.thumb_url : picture.preview_url, alt: '', loading: 'lazy', decoding: 'async' });
  image.style.width = `${(picture.width / side) * 100}%`;
  image.style.left = `${(-x / side) * 100}%`;
  image.style.top = `${(-y / side) * 100}%`;
  return h('span', { class: 'face', 'aria-hidden': 'true' }, image);
}

/** The whole photo with a box around the face. @param {Picture} picture @param {Box} box @param {import('./i18n.js').Text} alt */
export function photoWithBox(picture, box, alt) {
  const frame = h('span', { class: 'face-box' });
  for (const [name, value] of /** @type {const} */ ([
    ['left', box.x],
    ['top', box.y],
    ['width', box.w],
    ['height', box.h],
  ]))
    frame.style[name] = `${value * 100}%`;
  return h(
    'span',
    { class: 'boxed-photo' },
    h('img', { class: 'enlarged', src: picture.preview_url, alt, width: picture.width, height: picture.height }),
    frame,
  );
}
