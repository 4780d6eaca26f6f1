/**
 * A grid of photos of which many can be chosen, as in a file manager: a press chooses or leaves one,
 * Shift a range, Ctrl or ⌘ + A all, arrows walk, Space chooses, Enter looks closer, Escape lets go.
 * For assistive technology it is a listbox whose options are the photos. Only tiles near the screen are in the page.
 */
import { thumbHashToDataURL } from '../../../vendor/thumbhash/thumbhash.js';
import { h, icon } from '../../common/dom.js';
import { createWindowed } from '../../common/windowed.js';
import { reasonText } from '../upload/reasons.js';
import { enlarge } from './enlarge.js';
import { markOfKey } from './marks.js';
import '../messages/narrowing.js';
import '../messages/people.js';
import '../messages/upload.js';

/** @typedef {import('./types.js').Photo} Photo */

/** A press that lasts is a wish to look closer, on a telephone. */
const LONG_PRESS_MS = 500;
/** As in upload.css, in rem: the least width of a tile, the gap between tiles, the line with the file's name. */
const TILE = { least: 9.5, gap: 0.75, name: 1.6 };
/** So many tiles are kept beyond those that are shown, so that their pictures do not flicker. */
const MOST_KEPT = 400;

/** @param {{ session: import('./types.js').PhotoSession, onSelect: () => void, onDelete: () => void, onKey: (key: string) => void, onMark: ReturnType<typeof import('./marks.js').createMarker> }} options */
export function createGrid({ session, onSelect, onDelete, onKey, onMark }) {
  /** @type {Photo[]} */
  let photos = [];
  /** Tiles that were made, by photo. @type {Map<string, { element: HTMLElement, look: string }>} */
  const tiles = new Map();
  /** Ids; they may be of photos that were not loaded yet. @type {Set<string>} */
  const selected = new Set();
  /** The photo that the keyboard stands on, and where a range starts. */
  let current = 0;
  let anchor = 0;
  const element = h('div', { class: 'photo-grid', role: 'listbox', 'aria-multiselectable': 'true', label: ['photos.title'], hidden: true });
  const wall = createWindowed({ element, arrange, make: (index) => kept(photos[index], index) });

  /** @param {number} width */
  function arrange(width) {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const gap = TILE.gap * rem;
    const across = columns(width);
    const side = (width - (across - 1) * gap) / across;
    const height = side + TILE.name * rem;
    const places = photos.map((_, i) => ({
      x: (i % across) * (side + gap),
      y: Math.floor(i / across) * (height + gap),
      width: side,
      height,
    }));
    const last = places.at(-1);
    return { places, height: last ? last.y + last.height : 0 };
  }

  /** Tiles in one row. */
  function columns(width = element.clientWidth) {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const least = Math.min(TILE.least * rem, 0.3 * innerWidth);
    return Math.max(1, Math.floor((width + TILE.gap * rem) / (least + TILE.gap * rem)));
  }

  /** The photo's tile as it was made before, unless the photo has changed: pictures must not flicker under live events. @param {Photo} photo @param {number} index */
  function kept(photo, index) {
    const before = tiles.get(photo.photo_id);
    const made = before?.look === look(photo) ? before : { element: tile(photo), look: look(photo) };
    tiles.set(photo.photo_id, made);
    made.element.setAttribute('aria-selected', String(selected.has(photo.photo_id)));
    made.element.setAttribute('aria-posinset', String(index + 1));
    made.element.setAttribute('aria-setsize', String(photos.length));
    made.element.tabIndex = index === current ? 0 : -1;
    return made.element;
  }

  /** @param {Photo} photo */
  function look(photo) {
    return `${photo.state} ${photo.is_selected} ${photo.is_withheld} ${photo.thumb_url} ${photo.reject_code} ${photo.rating} ${photo.label} ${photo.couple_hid_at} ${photo.couple_overruled} ${photo.filename} ${photo.bin_until}`;
  }

  /** @param {Photo} photo */
  function tile(photo) {
    const badges = [
      photo.state === 'queued' &&
        h('span', { class: 'tile-badge' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }), h('span', { text: ['photo.queued'] })),
      photo.state === 'rejected' &&
        h('span', { class: 'tile-badge is-bad' }, icon('alert'), h('span', { text: reasonText(photo.reject_code ?? '', photo.readable) })),
      photo.state === 'ready' &&
        !photo.is_selected &&
        h('span', { class: 'tile-badge' }, icon('eyeoff'), h('span', { text: ['photo.hidden'] })),
      photo.state === 'ready' &&
        photo.is_withheld &&
        h('span', { class: 'tile-badge' }, icon('eyeoff'), h('span', { text: ['photo.withheld'] })),
      photo.damaged &&
        h(
          'span',
          { class: 'tile-badge is-bad' },
          icon('alert'),
          h('span', {
            text: (photo.readable ?? 100) < 100 ? ['photo.damaged.part', { readable: photo.readable ?? 0 }] : ['photo.damaged'],
          }),
        ),
      photo.bin_until &&
        h('span', { class: 'tile-badge' }, icon('trash'), h('span', { text: ['bin.days', { n: daysUntil(photo.bin_until) }] })),
      photo.animated && h('span', { class: 'tile-badge' }, h('span', { text: ['photo.animated'] })),
      photo.couple_hid_at &&
        h(
          'span',
          { class: 'tile-badge' },
          icon('eyeoff'),
          h('span', { text: [photo.couple_overruled ? 'photo.couple_overruled' : 'photo.couple_hid'] }),
        ),
      photo.colour && h('span', { class: `tile-badge tile-label is-${photo.colour}` }, photo.label),
      photo.rating === -1 && h('span', { class: 'tile-badge is-bad' }, icon('close'), h('span', { text: ['photo.reject'] })),
      photo.is_from_guest && h('span', { class: 'tile-badge' }, h('span', { text: ['photo.from_guest'] })),
      (photo.rating ?? 0) > 0 &&
        h('span', { class: 'tile-badge', label: ['photo.stars', { n: photo.rating ?? 0 }] }, '★'.repeat(photo.rating ?? 0)),
    ];
    const image = photo.thumb_url && h('img', { src: photo.thumb_url, alt: '', loading: 'lazy', decoding: 'async', draggable: 'false' });
    // Heads stay in the tile.
    if (image && photo.focus) image.style.objectPosition = `${100 * photo.focus.x}% ${100 * photo.focus.y}%`;
    const made = h(
      'div',
      {
        class: `photo-tile is-${photo.state} ${isShown(photo) ? '' : 'is-hidden'}`,
        role: 'option',
        tabindex: '-1',
        'aria-selected': String(selected.has(photo.photo_id)),
        'data-id': photo.photo_id,
      },
      h(
        'span',
        { class: 'tile-frame' },
        image || icon('image'),
        h('span', { class: 'tile-check', 'aria-hidden': 'true' }, icon('check')),
        h('span', { class: 'tile-badges' }, ...badges),
      ),
      h('span', { class: 'tile-name' }, photo.filename),
    );
    if (photo.thumbhash && photo.thumb_url) paint(/** @type {HTMLElement} */ (made.firstChild), photo.thumbhash);
    return made;
  }

  function draw() {
    const focused = element.contains(document.activeElement);
    if (tiles.size > MOST_KEPT) for (const [id, { element: each }] of tiles) if (!each.isConnected) tiles.delete(id);
    element.hidden = photos.length === 0;
    current = Math.min(current, Math.max(0, photos.length - 1));
    wall.renew();
    stand(current, focused);
    onSelect();
  }

  /** @param {number} index @param {boolean} focus */
  function stand(index, focus) {
    element.querySelector('[tabindex="0"]')?.setAttribute('tabindex', '-1');
    current = index;
    const tile = focus ? wall.reveal(index) : wall.at(index);
    if (tile) tile.tabIndex = 0;
    if (focus) tile?.focus({ preventScroll: true });
  }

  /** @param {number} index @param {boolean} on */
  function set(index, on) {
    const id = photos[index].photo_id;
    if (on) selected.add(id);
    else selected.delete(id);
    wall.at(index)?.setAttribute('aria-selected', String(on));
  }

  /** @param {number} from @param {number} to */
  function setRange(from, to) {
    for (let i = Math.min(from, to); i <= Math.max(from, to); i++) set(i, true);
  }

  /** @param {number} index @param {boolean} range */
  function choose(index, range) {
    if (range) setRange(anchor, index);
    else {
      set(index, !selected.has(photos[index].photo_id));
      anchor = index;
    }
    stand(index, true);
    onSelect();
  }

  /** @param {Event} event */
  function indexOf(event) {
    const id = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('.photo-tile'))?.dataset.id;
    return id ? photos.findIndex((photo) => photo.photo_id === id) : -1;
  }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pressing;
  let wasLong = false;
  element.addEventListener('pointerdown', (event) => {
    wasLong = false;
    const index = indexOf(event);
    if (index < 0 || event.pointerType === 'mouse') return;
    pressing = setTimeout(() => {
      wasLong = true;
      enlarge(session, photos, index, onMark);
    }, LONG_PRESS_MS);
  });
  for (const name of ['pointerup', 'pointercancel', 'pointermove']) element.addEventListener(name, () => clearTimeout(pressing));
  element.addEventListener('mousedown', (event) => {
    if (event.shiftKey) event.preventDefault();
  });
  element.addEventListener('click', (event) => {
    const index = indexOf(event);
    if (index >= 0 && !wasLong) choose(index, event.shiftKey);
  });
  element.addEventListener('dblclick', (event) => {
    const index = indexOf(event);
    if (index >= 0) enlarge(session, photos, index, onMark);
  });
  element.addEventListener('contextmenu', (event) => {
    if (wasLong) event.preventDefault();
  });

  element.addEventListener('keydown', (event) => {
    if (photos.length === 0) return;
    /** @type {Record<string, number>} */
    const moves = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns(),
      ArrowDown: columns(),
      Home: -current,
      End: photos.length - 1 - current,
    };
    if (event.key in moves) {
      const to = current + moves[event.key];
      if (to >= 0 && to < photos.length) {
        stand(to, true);
        if (event.shiftKey) {
          setRange(anchor, to);
          onSelect();
        } else anchor = to;
      }
    } else if (event.key === ' ') choose(current, event.shiftKey);
    else if (event.key === 'Enter') enlarge(session, photos, current, onMark);
    else if (event.key === 'Escape' && selected.size > 0) clear();
    else if (event.key === 'Delete' || event.key === 'Backspace') onDelete();
    else if (markOfKey(event, [])) {
      const loaded = photos.filter((photo) => selected.has(photo.photo_id));
      const mark = markOfKey(event, selected.size > 0 ? loaded : [photos[current]]);
      if (mark) void onMark(selected.size > 0 ? [...selected] : [photos[current].photo_id], mark);
    } else if ((event.ctrlKey || event.metaKey) && event.code === 'KeyA') element.dispatchEvent(new Event('selectall'));
    else if (event.ctrlKey || event.metaKey || event.altKey || event.key.length > 1) return;
    else return onKey(event.key.toLowerCase());
    event.preventDefault();
  });

  /** Chooses exactly these. @param {string[]} ids */
  function select(ids) {
    selected.clear();
    for (const id of ids) selected.add(id);
    for (const [index, each] of wall.shown()) each.setAttribute('aria-selected', String(selected.has(photos[index].photo_id)));
    onSelect();
  }
  const clear = () => select([]);

  return {
    element,
    selected,
    clear,
    get photos() {
      return photos;
    },
    /** @param {Photo[]} next */
    show(next) {
      const at = [current, anchor].map((index) => photos[index]?.photo_id);
      const known = new Set();
      // A photo that came while pages were read may be on two of them.
      photos = next.filter((photo) => !known.has(photo.photo_id) && known.add(photo.photo_id));
      [current, anchor] = at.map((id) =>
        Math.max(
          0,
          photos.findIndex((photo) => photo.photo_id === id),
        ),
      );
      draw();
    },
    first: wall.first,
    toTop: wall.toTop,
    select,
    /** @param {string[]} ids @param {Partial<Photo>} change */
    mark(ids, change) {
      const changed = new Set(ids);
      photos = photos.map((photo) => (changed.has(photo.photo_id) ? { ...photo, ...change } : photo));
      draw();
    },
    /** @param {string[]} ids */
    remove(ids) {
      const gone = new Set(ids);
      for (const id of ids) selected.delete(id);
      photos = photos.filter((photo) => !gone.has(photo.photo_id));
      draw();
    },
  };
}

/** Whether guests see it. @param {Photo} photo */
function isShown(photo) {
  return photo.is_selected && !photo.is_withheld && (!photo.couple_hid_at || photo.couple_overruled);
}

/** Days that are begun count. @param {string} time */
function daysUntil(time) {
  return Math.max(1, Math.ceil((Date.parse(time) - Date.now()) / 86_400_000));
}

/** @param {HTMLElement} element @param {string} thumbhash base64 */
function paint(element, thumbhash) {
  try {
    element.style.backgroundImage = `url(${thumbHashToDataURL(Uint8Array.from(atob(thumbhash), (letter) => letter.charCodeAt(0)))})`;
  } catch {
    /* a damaged hash leaves the plain tint */
  }
}
