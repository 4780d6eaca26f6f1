/**
 * A grid of photos of which many can be chosen, as in a file manager: a press chooses or leaves one,
 * Shift a range, Ctrl or ⌘ + A all, arrows walk, Space chooses, Enter looks closer, Escape lets go.
 * For assistive technology it is a listbox whose options are the photos.
 */
import { thumbHashToDataURL } from '../../../vendor/thumbhash/thumbhash.js';
import { h, icon } from '../../common/dom.js';
import { t } from '../../common/i18n.js';
import { openDialog } from '../dialog.js';
import { reasonText } from '../upload/reasons.js';
import '../messages/upload.js';

/** @typedef {import('./types.js').Photo} Photo */

/** A press that lasts is a wish to look closer, on a telephone. */
const LONG_PRESS_MS = 500;

/** @param {{ onSelect: () => void, onDelete: () => void }} options */
export function createGrid({ onSelect, onDelete }) {
  /** @type {Photo[]} */
  let photos = [];
  /** @type {Map<string, { element: HTMLElement, look: string }>} */
  let tiles = new Map();
  /** @type {Set<string>} */
  const selected = new Set();
  /** The photo that the keyboard stands on, and where a range starts. */
  let current = 0;
  let anchor = 0;
  const element = h('div', { class: 'photo-grid', role: 'listbox', 'aria-multiselectable': 'true', label: ['photos.title'], hidden: true });

  /** @param {Photo} photo */
  function look(photo) {
    return `${photo.state} ${photo.is_selected} ${photo.thumb_url} ${photo.reject_code} ${photo.rating} ${photo.filename}`;
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
      photo.damaged &&
        h(
          'span',
          { class: 'tile-badge is-bad' },
          icon('alert'),
          h('span', {
            text: (photo.readable ?? 100) < 100 ? ['photo.damaged.part', { readable: photo.readable ?? 0 }] : ['photo.damaged'],
          }),
        ),
      photo.animated && h('span', { class: 'tile-badge' }, h('span', { text: ['photo.animated'] })),
      (photo.rating ?? 0) > 0 &&
        h('span', { class: 'tile-badge', label: ['photo.stars', { n: photo.rating ?? 0 }] }, '★'.repeat(photo.rating ?? 0)),
    ];
    const made = h(
      'div',
      {
        class: `photo-tile is-${photo.state} ${photo.is_selected ? '' : 'is-hidden'}`,
        role: 'option',
        tabindex: '-1',
        'aria-selected': String(selected.has(photo.photo_id)),
        'data-id': photo.photo_id,
      },
      h(
        'span',
        { class: 'tile-frame' },
        photo.thumb_url
          ? h('img', { src: photo.thumb_url, alt: '', loading: 'lazy', decoding: 'async', draggable: 'false' })
          : icon('image'),
        h('span', { class: 'tile-check', 'aria-hidden': 'true' }, icon('check')),
        h('span', { class: 'tile-badges' }, ...badges),
      ),
      h('span', { class: 'tile-name' }, photo.filename),
    );
    if (photo.thumbhash && photo.thumb_url) paint(/** @type {HTMLElement} */ (made.firstChild), photo.thumbhash);
    return made;
  }

  /** Draws what changed and keeps the rest: pictures must not flicker under live events. */
  function draw() {
    /** @type {typeof tiles} */
    const next = new Map();
    for (const photo of photos) {
      const before = tiles.get(photo.photo_id);
      next.set(photo.photo_id, before?.look === look(photo) ? before : { element: tile(photo), look: look(photo) });
    }
    const focused = element.contains(document.activeElement);
    const wanted = [...next.values()].map((each) => each.element);
    const keep = new Set(wanted);
    for (const child of [...element.children]) if (!keep.has(/** @type {HTMLElement} */ (child))) child.remove();
    wanted.forEach((each, i) => {
      if (element.children[i] !== each) element.insertBefore(each, element.children[i] ?? null);
    });
    tiles = next;
    for (const id of selected) if (!tiles.has(id)) selected.delete(id);
    element.hidden = photos.length === 0;
    current = Math.min(current, Math.max(0, photos.length - 1));
    stand(current, focused);
    onSelect();
  }

  /** @param {number} index @param {boolean} focus */
  function stand(index, focus) {
    element.querySelector('[tabindex="0"]')?.setAttribute('tabindex', '-1');
    current = index;
    const tile = tiles.get(photos[index]?.photo_id)?.element;
    tile?.setAttribute('tabindex', '0');
    if (focus) {
      tile?.focus({ preventScroll: true });
      tile?.scrollIntoView({ block: 'nearest' });
    }
  }

  /** @param {number} index @param {boolean} on */
  function set(index, on) {
    const id = photos[index].photo_id;
    if (on) selected.add(id);
    else selected.delete(id);
    tiles.get(id)?.element.setAttribute('aria-selected', String(on));
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
      enlarge(photos[index]);
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
    if (index >= 0) enlarge(photos[index]);
  });
  element.addEventListener('contextmenu', (event) => {
    if (wasLong) event.preventDefault();
  });

  /** Tiles in one row. */
  function columns() {
    return getComputedStyle(element).gridTemplateColumns.split(' ').length;
  }

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
    else if (event.key === 'Enter') enlarge(photos[current]);
    else if (event.key === 'Escape' && selected.size > 0) clear();
    else if (event.key === 'Delete' || event.key === 'Backspace') onDelete();
    else if ((event.ctrlKey || event.metaKey) && event.code === 'KeyA') element.dispatchEvent(new Event('selectall'));
    else return;
    event.preventDefault();
  });

  function clear() {
    selected.clear();
    for (const { element: each } of tiles.values()) each.setAttribute('aria-selected', 'false');
    onSelect();
  }

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
    selectAll() {
      photos.forEach((_, i) => set(i, true));
      onSelect();
    },
    /** @param {string[]} ids @param {Partial<Photo>} change */
    mark(ids, change) {
      const changed = new Set(ids);
      photos = photos.map((photo) => (changed.has(photo.photo_id) ? { ...photo, ...change } : photo));
      draw();
    },
    /** @param {string[]} ids */
    remove(ids) {
      const gone = new Set(ids);
      photos = photos.filter((photo) => !gone.has(photo.photo_id));
      draw();
    },
  };
}

/** @param {HTMLElement} element @param {string} thumbhash base64 */
function paint(element, thumbhash) {
  try {
    element.style.backgroundImage = `url(${thumbHashToDataURL(Uint8Array.from(atob(thumbhash), (letter) => letter.charCodeAt(0)))})`;
  } catch {
    /* a damaged hash leaves the plain tint */
  }
}

/** What the photographer wrote into the file. @param {Photo} photo */
function written({ caption, creator, copyright, label, keywords }) {
  /** @type {[string, string | null | undefined][]} */
  const lines = [
    ['photo.caption', caption],
    ['photo.creator', creator],
    ['photo.copyright', copyright],
    ['photo.label', label],
    ['photo.keywords', keywords?.join(', ')],
  ];
  return lines.filter(([, text]) => text).map(([key, text]) => h('p', { class: 'note', text: [key, { text: text ?? '' }] }));
}

/** The photo's files as they were sent. @param {Photo} photo */
function downloads({ photo_id: id, filename, raw }) {
  /** @type {[string, string][]} */
  const files = [['original', filename]];
  if (raw) files.push(['raw', raw.filename]);
  return h(
    'p',
    { class: 'session-buttons' },
    ...files.map(([path, name]) =>
      h(
        'a',
        { class: 'button button-quiet button-small', href: `/api/photos/${id}/${path}`, download: name },
        icon('save'),
        h('span', {}, name),
      ),
    ),
  );
}

/** The photo large, over the page. @param {Photo} photo */
function enlarge(photo) {
  const picture =
    photo.preview_url && photo.state === 'ready'
      ? h('img', {
          class: 'enlarged',
          src: photo.preview_url,
          alt: ['photo.alt', { name: photo.filename }],
          width: photo.width,
          height: photo.height,
        })
      : h('p', {
          class: 'state',
          text: photo.state === 'rejected' ? reasonText(photo.reject_code ?? '', photo.readable) : ['photo.queued'],
        });
  openDialog({
    title: ['photo.title'],
    className: 'dialog-wide',
    content: [
      picture,
      h(
        'p',
        { class: 'note enlarged-note' },
        [
          photo.filename,
          photo.width && `${photo.width} × ${photo.height}`,
          photo.faces !== null && photo.state === 'ready' && t('photo.faces', { n: photo.faces }),
        ]
          .filter(Boolean)
          .join(' · '),
      ),
      ...written(photo),
      downloads(photo),
    ],
  });
}
