/**
 * The table card as the server prints it (src/cards/card.rs), drawn with the same measures, one unit
 * a millimetre. The code on it leads nowhere: it only has the look of one.
 */
import { t } from '../../common/i18n.js';
import { svg } from './svg.js';

const WIDTH = 105;
const HEIGHT = 148;
const MIDDLE = WIDTH / 2;
const MARGIN = 9;
const CODE = 62;
const CODE_TOP = 42.5;
/** Modules of the code's side with its quiet zone, and without. */
const MODULES = 45;
const QUIET = 4;

/** Of a letter, in its size. */
const LETTER = 0.6;

/** Keeps a line on the card, which the server would break. @param {string} text @param {number} size @returns {Record<string, string | number>} */
function within(text, size) {
  const room = WIDTH - 2 * MARGIN;
  return text.length * size * LETTER > room ? { textLength: room, lengthAdjust: 'spacingAndGlyphs' } : {};
}

/** @param {{ name: string, colour: string, logo: string | null }} branding `logo`: PNG, base64 */
export function cardPreview({ name, colour, logo }) {
  const card = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    class: 'print-card',
    role: 'img',
    'aria-label': t('studio.preview'),
    'text-anchor': 'middle',
  });
  /** @param {number} y @param {number} size @param {number} weight @param {string} fill @param {string} text @param {number} [x] */
  const line = (y, size, weight, fill, text, x = MIDDLE) =>
    card.append(svg('text', { x, y, 'font-size': size, 'font-weight': weight, fill, ...within(text, size) }, text));
  card.append(svg('rect', { width: WIDTH, height: HEIGHT, fill: '#fff' }));
  line(15, 3.6, 400, '#555', name);
  line(31, 7, 700, '#111', t('studio.preview.session'));
  const left = (WIDTH - CODE) / 2;
  card.append(
    svg('rect', { x: left - 1, y: CODE_TOP - 1, width: CODE + 2, height: CODE + 2, rx: 4, fill: '#fff', stroke: colour }),
    svg('path', { d: looksLikeCode(), fill: '#111', transform: `translate(${left} ${CODE_TOP}) scale(${CODE / MODULES})` }),
  );
  if (logo) {
    const side = CODE * 0.2;
    const [x, y] = [MIDDLE - side / 2, CODE_TOP + (CODE - side) / 2];
    card.append(
      svg('rect', { x: x - 1, y: y - 1, width: side + 2, height: side + 2, rx: 1, fill: '#fff' }),
      svg('image', { x, y, width: side, height: side, href: `data:image/png;base64,${logo}` }),
    );
  }
  line(115.5, 5.2, 700, '#111', t('studio.preview.title'));
  const column = (WIDTH - 2 * MARGIN) / 3;
  for (const n of [1, 2, 3]) {
    const x = MARGIN + column * (n - 0.5);
    card.append(svg('circle', { cx: x, cy: 122.5, r: 2.6, fill: colour }));
    line(123.8, 3.6, 700, isLight(colour) ? '#111' : '#fff', String(n), x);
    t(`studio.preview.step.${n}`)
      .split('|')
      .forEach((text, row) => line(129 + row * 3.8, 3, 400, '#222', text, x));
  }
  line(140, 2.3, 400, '#555', `${location.host}/session/…`);
  return card;
}

/** Three finder patterns and noise that is the same every time. */
function looksLikeCode() {
  const inside = MODULES - 2 * QUIET;
  let noise = 7;
  let path = '';
  /** @param {number} x @param {number} y */
  const finder = (x, y) => {
    const [i, j] = [x < 8 ? x : inside - 1 - x, y < 8 ? y : inside - 1 - y];
    if (i > 7 || j > 7 || (x > 8 && y > 8)) return null;
    const ring = Math.max(Math.abs(i - 3), Math.abs(j - 3));
    return ring !== 2 && ring < 4;
  };
  for (let y = 0; y < inside; y++) {
    for (let x = 0; x < inside; x++) {
      noise = (noise * 1103515245 + 12345) % 2 ** 31;
      if (finder(x, y) ?? noise > 2 ** 30) path += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
    }
  }
  return path;
}

/** Whether dark letters are read better on this `#rrggbb`. @param {string} colour */
function isLight(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => (parseInt(colour.slice(at, at + 2), 16) / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.33;
}
