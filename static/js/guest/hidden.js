/** Photos that the couple hides from other guests, where the photographer lets it: a button for each, and all of them. */
import './hidden_messages.js';
import { button, iconButton, iconMarkup, toast } from '../common/dom.js';
import { t } from '../common/i18n.js';
import { portions } from '../common/portions.js';
import { offerUndo } from '../common/undo.js';
import { request } from './api.js';

/** @typedef {import('./types.js').App} App */
/** @typedef {import('./types.js').Photo} Photo */
/** @typedef {ReturnType<typeof createHiding>} Hiding */

/** @param {App} app @param {string[]} hidden ids */
export function createHiding(app, hidden) {
  const path = `/api/v1/sessions/${encodeURIComponent(app.session.id)}/hidden`;
  const ids = new Set(hidden);
  /** What is being hidden now: others may be told before this device has its answer. @type {Set<string>} */
  const sent = new Set();
  /** @type {Set<() => void>} */
  const listeners = new Set();

  /** @param {string[]} next what is hidden now */
  function take(next) {
    ids.clear();
    for (const id of next) ids.add(id);
    for (const listener of [...listeners]) listener();
  }

  /** @param {string[]} photos @param {boolean} isHidden */
  async function change(photos, isHidden) {
    for (const id of photos) sent.add(id);
    try {
      for (const portion of portions(photos)) take((await request('POST', path, { photo_ids: portion, is_hidden: isHidden })).photo_ids);
      const said = t(isHidden ? 'hidden.done' : 'hidden.shown', { n: photos.length });
      offerUndo(said, () => void change(photos, !isHidden));
    } catch (error) {
      const { code } = /** @type {import('./api.js').ApiError} */ (error);
      toast([{ hiding_overruled: 'hidden.overruled', hiding_not_allowed: 'hidden.refused' }[code] ?? 'hidden.failed']);
    }
    for (const id of photos) sent.delete(id);
  }

  /** @param {Element} element @param {Photo} photo */
  function mark(element, photo) {
    const isHidden = ids.has(photo.photo_id);
    element.setAttribute('aria-pressed', String(isHidden));
    element.closest('.tile')?.classList.toggle('is-kept-back', isHidden);
  }

  const hiding = {
    ids,
    change,
    /** Whether guests do not see the photo because this couple hides it. @param {string} id */
    keeps: (id) => ids.has(id) || sent.has(id),
    /** @param {() => void} listener */
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** @returns {Promise<Photo[]>} */
    photos: async () => (await request('GET', path)).photos,

    /** @param {Photo} photo @param {number} index */
    tileButton(photo, index) {
      const flip = () => void change([photo.photo_id], !ids.has(photo.photo_id));
      const element = iconButton('tile-hide', ['hidden.photo', { i: index + 1 }], flip, 'eyeoff');
      element.setAttribute('aria-pressed', String(ids.has(photo.photo_id)));
      queueMicrotask(() => mark(element, photo));
      // Tiles come and go with their views; the listener goes with its tile.
      const stop = hiding.on(() => (element.isConnected ? mark(element, photo) : stop()));
      return element;
    },

    /** Registers the button with PhotoSwipe. @param {any} viewer @param {() => Photo} photoShown */
    viewerButton: (viewer, photoShown) => ({
      name: 'hide',
      order: 5,
      isButton: true,
      title: t('hidden.one'),
      ariaLabel: t('hidden.one'),
      html: iconMarkup('eyeoff'),
      onClick: () => void change([photoShown().photo_id], !ids.has(photoShown().photo_id)),
      onInit(/** @type {HTMLElement} */ element) {
        viewer.on('change', () => mark(element, photoShown()));
        viewer.on(
          'destroy',
          hiding.on(() => mark(element, photoShown())),
        );
      },
    }),

    /** Hides what is selected in a gallery. @param {() => string[]} selected */
    selectionButton: (selected) => iconButton('', ['hidden.many'], () => selected().length && void change(selected(), true), 'eyeoff'),

    /** The way to what is hidden. */
    openButton() {
      const element = button('button button-quiet button-small', ['hidden.open'], () => app.go('hidden'), 'eyeoff');
      const draw = () => {
        element.hidden = ids.size === 0;
        /** @type {HTMLElement} */ (element.querySelector('span')).dataset.count = String(ids.size);
      };
      draw();
      const stop = hiding.on(() => (element.isConnected ? draw() : stop()));
      return element;
    },
  };
  return hiding;
}
