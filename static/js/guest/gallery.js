/** A wall of photos in justified rows, in reading order; only those near the screen are in the page. */
import { h, icon, toast } from '../common/dom.js';
import { createWindowed } from '../common/windowed.js';
import { pageIsStill, photosCame } from './first_photos.js';
import { cropAt, placeholder, shapeOf, sizesOf, sources } from './tile.js';

/** @typedef {import('./types.js').Photo} Photo */

/**
 * @param {{ label: import('../common/i18n.js').Text, onOpen: (index: number, tile: HTMLElement) => void, onSelect?: (selected: string[]) => void, shop?: import('./shop/shop.js').Shop | null, hearts?: () => import('./hearts.js').Hearts | null, leads?: boolean, heading?: (photo: Photo, before: Photo | undefined) => import('../common/dom.js').Child }} options
 *   `onSelect` is told the ids of the chosen photos, which may be more than are loaded; `leads`: a photo for which the
 *   studio has a page of its own opens that; `heading`: what stands above a photo with which a part of the wall begins
 */
export function createGallery({ label, onOpen, onSelect, shop, hearts, leads = false, heading }) {
  /** @type {Photo[]} */
  const photos = [];
  /** Ids. @type {Set<string>} */
  const selected = new Set();
  let selecting = false;
  let few = false;
  /** What stands on the wall: headings, and photos by their index. @type {(import('../common/dom.js').Child | number)[]} */
  let boxes = [];
  /** The box of each photo. @type {number[]} */
  let boxOf = [];
  const element = h('ul', { class: 'gallery', label });
  // What the page opens with does not come in slowly.
  element.classList.add('is-first');
  void photosCame().then(() => element.classList.remove('is-first'));
  const turns = createTurns(() => wall);
  const wall = createWindowed({ element, arrange, make, drawn: turns.next, seen: photosCame });

  /** @param {number} box */
  function make(box) {
    const what = boxes[box];
    if (typeof what === 'number') return tile(photos[what], what, box);
    return h('li', { class: 'gallery-part' }, h('h2', { dir: 'auto' }, what));
  }

  /** Photos in the page, with their tiles. @returns {[number, HTMLElement][]} */
  const tiles = () => [...wall.shown()].flatMap(([box, item]) => (typeof boxes[box] === 'number' ? [[boxes[box], item]] : []));

  /** @param {number} width */
  function arrange(width) {
    const style = getComputedStyle(element);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const left = parseFloat(style.paddingLeft);
    const above = parseFloat(style.getPropertyValue('--heading')) * rem;
    boxes = [];
    boxOf = [];
    /** @type {{ heading: number, ratios: number[] }[]} */
    const parts = [];
    for (const [index, photo] of photos.entries()) {
      const words = heading?.(photo, photos[index - 1]);
      if (words) boxes.push(words);
      if (words || index === 0) parts.push({ heading: words ? above : 0, ratios: [] });
      parts[parts.length - 1].ratios.push(shapeOf(photo));
      boxOf.push(boxes.push(index) - 1);
    }
    return parted(parts, {
      width: width - left - parseFloat(style.paddingRight),
      row: parseFloat(style.getPropertyValue('--row')) * rem,
      gap: parseFloat(style.getPropertyValue('--gap')) * rem,
      left,
      // The last of a handful fills its row on a phone.
      fillLast: few && innerWidth < 640,
    });
  }

  /** @param {Photo} photo @param {number} index @param {number} box */
  function tile(photo, index, box) {
    const image = h('img', { decoding: 'async', alt: ['photo.alt.open', { i: index + 1 }] });
    image.style.objectPosition = cropAt(photo);
    image.addEventListener('load', () => image.classList.add('is-loaded'), { once: true });
    image.addEventListener('error', () => broken(image));
    const check = h('input', {
      type: 'checkbox',
      class: 'tile-check',
      label: ['select.item', { i: index + 1 }],
      checked: selected.has(photo.photo_id),
      onChange: () => toggle(photo, check.checked),
    });
    const away = (leads && photo.return_url) || null;
    const link = h(
      'a',
      {
        class: 'tile-link',
        href: away ?? photo.full_url,
        target: away && '_blank',
        rel: away && 'noopener',
        onClick: (/** @type {MouseEvent} */ event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey || (away && !selecting)) return;
          event.preventDefault();
          if (selecting) check.click();
          else onOpen(index, image);
        },
      },
      image,
    );
    const item = h(
      'li',
      { class: 'tile', 'aria-posinset': index + 1, 'aria-setsize': photos.length },
      link,
      check,
      h('span', { class: 'tile-mark', 'aria-hidden': 'true' }, icon('check')),
    );
    const heart = hearts?.()?.tileButton(photo, index);
    if (heart) item.append(heart);
    if (photo.is_from_guest) item.append(h('span', { class: 'tile-guest', text: ['photo.from_guest'] }));
    else if (shop) item.append(shop.tileButton(photo, index));
    // Each by itself, so that none holds up a touch.
    setTimeout(() => placeholder(link, photo));
    turns.add(image, box, () => {
      // Its width is known now that it is placed: the smallest sufficient picture is asked for.
      image.sizes = sizesOf(parseFloat(item.style.width));
      Object.assign(image, sources(photo));
    });
    return item;
  }

  /** @param {Photo} photo @param {boolean} on */
  function toggle(photo, on) {
    if (on) selected.add(photo.photo_id);
    else selected.delete(photo.photo_id);
    onSelect?.([...selected]);
  }

  return {
    element,
    photos,
    /** @param {Photo[]} more */
    add(more) {
      photos.push(...more);
      wall.rearrange();
    },
    /** Shows exactly these. @param {Photo[]} next */
    show(next) {
      photos.splice(0, photos.length, ...next);
      wall.renew();
    },
    /** Puts hearts on the tiles that are there, once hearts have come. */
    furnish() {
      for (const [index, item] of tiles()) {
        const heart = hearts?.()?.tileButton(photos[index], index);
        if (heart) item.querySelector('.tile-mark')?.after(heart);
      }
    },
    /** Lays the wall out, once it is in the page. */
    arrange: wall.rearrange,
    /** A handful is shown large. @param {boolean} on */
    setFew(on) {
      if (on === few) return;
      few = on;
      element.classList.toggle('is-few', on);
      wall.rearrange();
    },
    /** The tile's picture, for the viewer's opening and closing movement; null when it is far from the screen. @param {number} index */
    imageAt(index) {
      return /** @type {HTMLImageElement | null} */ (wall.at(boxOf[index])?.querySelector('img') ?? null);
    },
    /** The photo at the top of the screen; below a heading that is there, the next one. @param {number} covered */
    first(covered) {
      const box = wall.first(covered);
      const [at, next] = [boxes[box], boxes[box + 1]];
      return typeof at === 'number' ? at : typeof next === 'number' ? next : -1;
    },
    /** Brings a photo, and a heading above it, to the top of the screen. @param {number} index @param {number} covered */
    toTop(index, covered) {
      const box = boxOf[index];
      wall.toTop(box > 0 && typeof boxes[box - 1] !== 'number' ? box - 1 : box, covered);
    },
    /** Brings a tile into sight. @param {number} index */
    reveal: (index) => void wall.reveal(boxOf[index]),
    /** @param {boolean} on */
    setSelecting(on) {
      selecting = on;
      element.classList.toggle('is-selecting', on);
      if (!on) this.select([]);
    },
    /** Chooses exactly these. @param {string[]} ids */
    select(ids) {
      selected.clear();
      for (const id of ids) selected.add(id);
      for (const [index, item] of tiles()) {
        const check = /** @type {HTMLInputElement} */ (item.querySelector('.tile-check'));
        check.checked = selected.has(photos[index].photo_id);
      }
      onSelect?.([...selected]);
    },
  };
}

/** @typedef {import('../common/windowed.js').Place} Place */

/** A row of one upright photo would be a tower; the photo is cropped then. */
const HIGHEST = 2.4;

/**
 * Parts of a wall one below the other, each with its heading above it.
 * @param {{ heading: number, ratios: number[] }[]} parts `heading`: its height, 0 for none
 * @param {{ width: number, row: number, gap: number, left: number, fillLast: boolean }} wish
 * @returns {{ places: Place[], height: number }} a heading is a place before those of its photos
 */
function parted(parts, wish) {
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
function justified(ratios, { width, row, gap, left, fillLast }) {
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

/** @typedef {{ box: number, ask: () => void }} Waiting a picture by its box on the wall */

/**
 * In which order pictures are asked for. Those that are asked for at once share a slow line, and the first is as late as the
 * last: so the first comes alone, then all in sight, and then those around the screen.
 * @param {() => import('../common/windowed.js').Windowed} wallOf
 */
function createTurns(wallOf) {
  /** @type {Map<HTMLImageElement, Waiting>} */
  const waiting = new Map();
  /** Asked for and not there yet. @type {Map<HTMLImageElement, Waiting>} */
  const coming = new Map();
  let hasCome = false;

  /** @param {Map<HTMLImageElement, Waiting>} pictures those of tiles that were taken off the wall are forgotten */
  function seen(pictures) {
    for (const image of pictures.keys()) if (!image.isConnected) pictures.delete(image);
    return [...pictures].filter(([, { box }]) => wallOf().isInSight(box));
  }

  /** Asks for those whose turn it is: called when a picture has come and when others are in sight. */
  function next() {
    const now = seen(waiting);
    if (now.length > 0 && hasCome) return now.forEach(start);
    if (seen(coming).length > 0) return;
    if (now.length > 0) start(now[0]);
    else [...waiting].forEach(start);
  }

  /** @param {[HTMLImageElement, Waiting]} picture */
  function start([image, picture]) {
    waiting.delete(image);
    coming.set(image, picture);
    picture.ask();
  }

  return {
    next,
    /** @param {HTMLImageElement} image @param {number} box @param {() => void} ask gives the picture its address */
    add(image, box, ask) {
      waiting.set(image, { box, ask });
      const ended = () => {
        hasCome = true;
        if (coming.delete(image)) next();
      };
      image.addEventListener('load', ended, { once: true });
      image.addEventListener('error', ended, { once: true });
    },
  };
}

/** Shows a photo large; the viewer comes when it is wanted. @param {Parameters<typeof import('./viewer.js').openViewer>[0]} opening */
export async function openViewer(opening) {
  const viewer = await import('./viewer.js').catch(() => null);
  if (viewer) await viewer.openViewer(opening);
  else toast(['view.failed']);
}

/** Fetches the viewer while there is a network, so that a tap works without one. */
export async function prepareViewer() {
  await pageIsStill();
  await import('./viewer.js').then((viewer) => viewer.loadLibrary()).catch(() => {});
}

/** A picture that did not come because the network was gone comes when it is back. @param {HTMLImageElement} image */
function broken(image) {
  image.classList.add('is-broken');
  addEventListener(
    'online',
    () => {
      if (!image.isConnected) return;
      image.classList.remove('is-broken');
      const { srcset, src } = image;
      Object.assign(image, { srcset: '', src: '' });
      Object.assign(image, { srcset, src });
    },
    { once: true },
  );
}
