/** A wall of photos in justified rows, in reading order; the layout itself is CSS. */
import { thumbHashToDataURL } from '../../vendor/thumbhash/thumbhash.js';
import { h, icon } from '../common/dom.js';

/** @typedef {import('./types.js').Photo} Photo */
/** @typedef {'thumb_url' | 'preview_url' | 'full_url'} Size */

/** Long sides of the derivatives, in pixels; a smaller original is never enlarged. @type {Record<Size, number>} */
const LONG_SIDE = { thumb_url: 320, preview_url: 1024, full_url: 2048 };
/** Beyond these shapes a tile crops: a panorama or a banner would tear its row. */
const NARROWEST = 0.66;
const WIDEST = 2.1;

/** The pixels of a derivative. @param {Photo} photo @param {Size} size */
export function derivativeSize(photo, size) {
  const scale = Math.min(1, LONG_SIDE[size] / Math.max(photo.width, photo.height));
  return { width: Math.max(1, Math.round(photo.width * scale)), height: Math.max(1, Math.round(photo.height * scale)) };
}

/** `src` and `srcset` with the derivatives' real widths. @param {Photo} photo @param {Size[]} sizes */
export function sources(photo, sizes = ['thumb_url', 'preview_url', 'full_url']) {
  /** @type {Map<number, string>} A small original gives equal derivatives; one of them is enough. */
  const byWidth = new Map();
  for (const size of sizes) {
    const { width } = derivativeSize(photo, size);
    if (!byWidth.has(width)) byWidth.set(width, photo[size]);
  }
  return { src: photo.thumb_url, srcset: [...byWidth].map(([width, url]) => `${url} ${width}w`).join(', ') };
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

/**
 * @param {{ label: import('../common/i18n.js').Text, onOpen: (index: number, tile: HTMLElement) => void, onSelect?: (selected: Photo[]) => void, shop?: import('./shop/shop.js').Shop | null }} options
 */
export function createGallery({ label, onOpen, onSelect, shop }) {
  /** @type {Photo[]} */
  const photos = [];
  /** @type {Set<Photo>} */
  const selected = new Set();
  let selecting = false;
  const element = h('ul', { class: 'gallery', label });

  /** @param {Photo} photo @param {number} index */
  function tile(photo, index) {
    const ratio = Math.min(WIDEST, Math.max(NARROWEST, photo.width / photo.height));
    const image = h('img', {
      loading: 'lazy',
      decoding: 'async',
      alt: ['photo.alt.open', { i: index + 1 }],
      // A row is 7 to 16 rem high, and may grow by a third to fill the line.
      sizes: `(min-width: 900px) ${Math.ceil(ratio * 300)}px, ${Math.ceil(Math.min(100, ratio * 52))}vw`,
      ...sources(photo),
    });
    if (photo.box) image.style.objectPosition = `${percent(photo.box.x + photo.box.w / 2)} ${percent(photo.box.y + photo.box.h / 2)}`;
    image.addEventListener('load', () => image.classList.add('is-loaded'), { once: true });
    image.addEventListener('error', () => image.classList.add('is-broken'), { once: true });
    const check = h('input', {
      type: 'checkbox',
      class: 'tile-check',
      label: ['select.item', { i: index + 1 }],
      onChange: () => toggle(photo, check.checked),
    });
    const link = h(
      'a',
      {
        class: 'tile-link',
        href: photo.full_url,
        onClick: (/** @type {MouseEvent} */ event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          if (selecting) check.click();
          else onOpen(index, image);
        },
      },
      image,
    );
    const item = h('li', { class: 'tile' }, link, check, h('span', { class: 'tile-mark', 'aria-hidden': 'true' }, icon('check')));
    if (shop) item.append(shop.tileButton(photo, index));
    item.style.setProperty('--ratio', String(ratio));
    placeholder(link, photo);
    return item;
  }

  /** @param {Photo} photo @param {boolean} on */
  function toggle(photo, on) {
    if (on) selected.add(photo);
    else selected.delete(photo);
    onSelect?.([...selected]);
  }

  return {
    element,
    photos,
    /** @param {Photo[]} more */
    add(more) {
      element.append(...more.map((photo, i) => tile(photo, photos.length + i)));
      photos.push(...more);
    },
    /** The tile's picture, for the viewer's opening and closing movement. @param {number} index */
    imageAt(index) {
      return /** @type {HTMLImageElement | null} */ (element.children[index]?.querySelector('img') ?? null);
    },
    /** @param {boolean} on */
    setSelecting(on) {
      selecting = on;
      element.classList.toggle('is-selecting', on);
      if (!on) this.selectAll(false);
    },
    /** @param {boolean} on */
    selectAll(on) {
      for (const [i, photo] of photos.entries()) {
        const check = /** @type {HTMLInputElement} */ (element.children[i].querySelector('.tile-check'));
        check.checked = on;
        if (on) selected.add(photo);
        else selected.delete(photo);
      }
      onSelect?.([...selected]);
    },
  };
}

/** @param {number} fraction */
const percent = (fraction) => `${Math.round(fraction * 100)}%`;
