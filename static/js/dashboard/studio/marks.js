/** Stars, colour labels and rejections of photos: the keys of Lightroom, the controls for a pointer, and the way back. */
import '../messages/marks.js';
import { h, toast } from '../../common/dom.js';
import { t } from '../../common/i18n.js';
import { portions } from '../../common/portions.js';
import { offerUndo } from '../../common/undo.js';
import { api } from '../api.js';
import { openDialog } from '../dialog.js';
import { errorText } from '../states.js';

/** @typedef {import('./types.js').Photo} Photo */
/** @typedef {{ rating?: number, label?: string | null }} Mark */

export const COLOURS = /** @type {const} */ (['red', 'yellow', 'green', 'blue', 'purple']);
const REJECTED = -1;
/** As in Lightroom; purple has no key there either. @type {Record<string, string>} */
const LABEL_KEYS = { 6: 'red', 7: 'yellow', 8: 'green', 9: 'blue' };

/** What a key gives to photos; what all of them have already is taken off. @param {KeyboardEvent} event @param {Photo[]} photos @returns {Mark | null} */
export function markOfKey(event, photos) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (/^[0-5]$/.test(event.key)) return { rating: Number(event.key) };
  if (event.key in LABEL_KEYS) return labelled(LABEL_KEYS[event.key], photos);
  if (event.code === 'KeyX' && !event.shiftKey) return rejected(photos);
  return null;
}

/** @param {string} colour @param {Photo[]} photos @returns {Mark} */
function labelled(colour, photos) {
  return { label: photos.length > 0 && photos.every((photo) => photo.colour === colour) ? null : colour };
}

/** @param {Photo[]} photos @returns {Mark} */
function rejected(photos) {
  return { rating: photos.length > 0 && photos.every((photo) => photo.rating === REJECTED) ? 0 : REJECTED };
}

/**
 * @param {string} sessionId
 * @param {(ids: string[], change: Partial<Photo>) => void} show shows at once what was given
 */
export function createMarker(sessionId, show) {
  const path = `/api/photo-sessions/${sessionId}/photos/marks`;

  /** @param {string[]} ids @param {Mark} mark */
  async function send(ids, mark) {
    const before = [];
    for (const portion of portions(ids)) before.push(...(await api.post(path, { photo_ids: portion, ...mark })).before);
    show(ids, shown(mark));
    return before;
  }

  /** What changed, or `null` when it failed. @param {string[]} ids @param {Mark} mark */
  async function give(ids, mark) {
    try {
      const before = await send(ids, mark);
      offerUndo(t('marks.given', { n: ids.length }), () => void takeBack(before));
      return shown(mark);
    } catch (error) {
      toast(errorText(error));
      return null;
    }
  }

  /** @param {{ photo_ids: string[], rating: number, label?: string | null }[]} before */
  async function takeBack(before) {
    try {
      for (const { photo_ids: ids, rating, label } of before) await send(ids, { rating, label: label ?? null });
      toast(['marks.taken_back']);
    } catch (error) {
      toast(errorText(error));
    }
  }

  return give;
}

/** How photos stand once a mark was given to them. @param {Mark} mark @returns {Partial<Photo>} */
function shown({ rating, label }) {
  const colour = COLOURS.find((each) => each === label?.toLowerCase());
  return {
    ...(rating !== undefined && { rating: rating === 0 ? null : rating }),
    ...(label !== undefined && { label, colour }),
  };
}

/** Buttons for the marks of photos. @param {Photo[]} photos @param {(mark: Mark) => void} give */
export function markControls(photos, give) {
  /** What all of them have. @template T @param {(photo: Photo) => T} of */
  const common = (of) => (photos.length > 0 && photos.every((photo) => of(photo) === of(photos[0])) ? of(photos[0]) : null);
  const rating = common((photo) => photo.rating) ?? 0;
  const stars = [1, 2, 3, 4, 5].map((n) =>
    h(
      'button',
      {
        type: 'button',
        class: 'mark-star',
        label: ['photo.stars', { n }],
        'aria-pressed': String(rating === n),
        'data-lit': String(rating >= n),
        onClick: () => give({ rating: rating === n ? 0 : n }),
      },
      '★',
    ),
  );
  const colours = COLOURS.map((colour) =>
    h('button', {
      type: 'button',
      class: `mark-colour is-${colour}`,
      label: [`marks.${colour}`],
      title: [`marks.${colour}`],
      'aria-pressed': String(common((photo) => photo.colour) === colour),
      onClick: () => give(labelled(colour, photos)),
    }),
  );
  const reject = h('button', {
    type: 'button',
    class: 'mark-reject',
    text: ['marks.reject'],
    'aria-pressed': String(rating === REJECTED),
    onClick: () => give(rejected(photos)),
  });
  return h(
    'div',
    { class: 'marks', role: 'group', label: ['marks.title'] },
    h('span', { class: 'marks-part' }, ...stars),
    h('span', { class: 'marks-part' }, ...colours),
    reject,
  );
}

/**
 * Stars and labels of many photos, for a pointer; with the keyboard the keys do it.
 * @param {string[]} ids @param {() => Photo[]} loaded those of them that are there @param {ReturnType<typeof createMarker>} give
 */
export function openMarks(ids, loaded, give) {
  const place = h('div', { class: 'marks-dialog' });
  const draw = () => {
    const buttons = () => [...place.querySelectorAll('button')];
    const focused = buttons().findIndex((each) => each === document.activeElement);
    place.replaceChildren(
      markControls(loaded(), async (mark) => {
        if (await give(ids, mark)) draw();
      }),
    );
    buttons()[focused]?.focus();
  };
  draw();
  openDialog({ title: ['selection.count', { n: ids.length }], content: [place, h('p', { class: 'note', text: ['marks.keys'] })] });
}
