/** The hearts of this device: which photos are chosen, a button for each of them, and the way to all of them. */
import './hearts_messages.js';
import { addIcons, button, iconButton, iconMarkup, toast } from '../common/dom.js';
import { bindText, t } from '../common/i18n.js';
import { loadStyles } from '../common/styles.js';
import { request } from './api.js';
import { rememberHearts } from './consent_store.js';

/** @typedef {import('./types.js').Photo} Photo */
/** @typedef {import('../common/shapes.js').Answer<'HeartsJson'>} Chosen */
/** @typedef {Awaited<ReturnType<typeof createHearts>>} Hearts */

addIcons({
  heart:
    'M12 19.5C5.5 14.8 3.5 12 3.5 9A4.3 4.3 0 0 1 7.8 4.7c1.8 0 3.3 1 4.2 2.6.9-1.6 2.4-2.6 4.2-2.6A4.3 4.3 0 0 1 20.5 9c0 3-2 5.8-8.5 10.5z',
});

/** @param {import('./types.js').App} app @param {string | null} coupleKey of the link by which the couple came */
export async function createHearts(app, coupleKey) {
  const base = `/api/v1/sessions/${encodeURIComponent(app.session.id)}/hearts`;
  /** @type {Set<() => void>} */
  const listeners = new Set();
  /** @type {Chosen} */
  let chosen = await request('GET', base);
  if (coupleKey) {
    try {
      chosen = await request('POST', `${base}/open`, { key: coupleKey });
      toast(['hearts.couple.opened']);
    } catch (error) {
      toast([/** @type {import('./api.js').ApiError} */ (error).code === 'list_not_found' ? 'hearts.couple.failed' : 'hearts.failed']);
    }
  }
  await loadStyles('hearts');
  // Only a couple that may hide photos loads what that needs.
  const hiding = chosen.hidden_ids ? (await import('./hidden.js')).createHiding(app, chosen.hidden_ids) : null;
  const ids = new Set(chosen.photo_ids);

  function tell() {
    for (const listener of [...listeners]) listener();
  }

  /** What the server says now. @param {Chosen} next */
  function take(next) {
    chosen = next;
    ids.clear();
    for (const id of next.photo_ids) ids.add(id);
    tell();
  }

  /** One after the other: two first hearts at once would make two lists. @type {Promise<unknown>} */
  let sending = Promise.resolve();
  let waiting = 0;

  /** Shows at once what was pressed; a refusal takes it back. @param {string} id */
  function toggle(id) {
    const on = !ids.has(id);
    if (on) ids.add(id);
    else ids.delete(id);
    tell();
    waiting++;
    sending = sending.then(() => send(id, on));
  }

  /** @param {string} id @param {boolean} on */
  async function send(id, on) {
    waiting--;
    if (on) rememberHearts(app.session.id);
    try {
      const { photos } = await request(on ? 'PUT' : 'DELETE', `${base}/${encodeURIComponent(id)}`);
      if (chosen.done_at) chosen = { ...chosen, done_at: null };
      // Another device of the couple has chosen meanwhile.
      if (waiting === 0 && photos !== ids.size) take(await request('GET', base));
    } catch (error) {
      if (on) ids.delete(id);
      else ids.add(id);
      tell();
      const { code } = /** @type {import('./api.js').ApiError} */ (error);
      if (code === 'selection_full') toast(['hearts.full', { limit: chosen.limit ?? 0 }]);
      else toast(['hearts.failed']);
    }
  }

  /** "12 photos", and of how many where there is a limit. @returns {import('../common/i18n.js').Text} */
  function count() {
    return chosen.limit ? ['hearts.of', { n: ids.size, limit: chosen.limit }] : ['hearts.count', { n: ids.size }];
  }

  /** @param {HTMLElement} element @param {Photo} photo */
  function mark(element, photo) {
    element.setAttribute('aria-pressed', String(ids.has(photo.photo_id)));
  }

  /** The couple selects what the photographer works on, and guests' photos are not that. @param {Photo} photo */
  const fits = (photo) => chosen.kind === 'guest' || !photo.is_from_guest;

  const hearts = {
    ids,
    hiding,
    get chosen() {
      return chosen;
    },
    count,
    toggle,
    /** @param {() => void} listener */
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** @param {{ name?: string | null, is_shared?: boolean, is_done?: boolean }} change */
    async change(change) {
      take(await request('PATCH', base, change));
    },
    /** The chosen photos themselves. @returns {Promise<Photo[]>} */
    photos: async () => (await request('GET', `${base}/photos`)).photos,

    /** @param {Photo} photo @param {number} index */
    tileButton(photo, index) {
      if (!fits(photo)) return null;
      const element = iconButton('tile-heart', ['hearts.add', { i: index + 1 }], () => toggle(photo.photo_id), 'heart');
      mark(element, photo);
      // Tiles come and go with their views; the listener goes with its tile.
      const stop = hearts.on(() => (element.isConnected ? mark(element, photo) : stop()));
      return together(element, hiding?.tileButton(photo, index));
    },

    /** What is registered with PhotoSwipe. @param {any} viewer @param {() => Photo} photoShown */
    viewerButtons: (viewer, photoShown) => [viewerHeart(viewer, photoShown), ...(hiding ? [hiding.viewerButton(viewer, photoShown)] : [])],

    /** The way to what is chosen, with how many there are. Gone while there is nothing. */
    openButton() {
      const element = button('button button-quiet button-small', ['hearts.open'], () => app.go('hearts'), 'heart');
      const text = /** @type {HTMLElement} */ (element.querySelector('span'));
      const draw = () => {
        element.hidden = ids.size === 0 && chosen.kind === 'guest';
        bindText(text, '', chosen.limit ? count() : ['hearts.open']);
        text.dataset.count = chosen.limit ? '' : String(ids.size);
      };
      draw();
      const stop = hearts.on(() => (element.isConnected ? draw() : stop()));
      return together(element, hiding?.openButton());
    },

    /** Nothing is chosen any more on this device. */
    forget() {
      take({ ...chosen, kind: 'guest', name: null, photo_ids: [], limit: null, done_at: null, share_url: null });
    },
  };
  return hearts;

  /** @param {any} viewer @param {() => Photo} photoShown */
  function viewerHeart(viewer, photoShown) {
    return {
      name: 'heart',
      order: 6,
      isButton: true,
      title: t('hearts.one'),
      ariaLabel: t('hearts.one'),
      html: iconMarkup('heart'),
      onClick: () => toggle(photoShown().photo_id),
      onInit(/** @type {HTMLElement} */ element) {
        viewer.on('change', () => {
          element.hidden = !fits(photoShown());
          mark(element, photoShown());
        });
        viewer.on(
          'destroy',
          hearts.on(() => mark(element, photoShown())),
        );
      },
    };
  }
}

/** Elements that stand side by side. @param {(Element | undefined | null)[]} elements */
function together(...elements) {
  const fragment = new DocumentFragment();
  for (const element of elements) if (element) fragment.append(element);
  return fragment;
}
