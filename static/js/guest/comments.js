/** Comments on photos: how many each has, and the button of the viewer that opens them. */
import './comments_messages.js';
import { addIcons, iconMarkup, toast } from '../common/dom.js';
import { formatNumber, t } from '../common/i18n.js';
import { loadStyles } from '../common/styles.js';
import { request } from './api.js';

/** @typedef {import('./types.js').Photo} Photo */
/** @typedef {ReturnType<typeof createComments>} Comments */
/** @typedef {ReturnType<typeof import('./comments_panel.js').createPanel>} Panel */

/** From this width on the comments stand beside the photo, below it they are a sheet under it. */
const BESIDE = 900;
const PANEL_WIDTH = 384;
/** Of the screen, for the sheet. */
const SHEET = 0.6;
/** The stream may have been cut meanwhile. */
const STALE_MS = 20_000;

addIcons({
  comment: 'M5 5h14a1.5 1.5 0 0 1 1.5 1.5v8A1.5 1.5 0 0 1 19 16h-6.5L8 19.8V16H5a1.5 1.5 0 0 1-1.5-1.5v-8A1.5 1.5 0 0 1 5 5z',
});

/** @param {import('./types.js').App} app */
export function createComments(app) {
  const path = `/api/v1/sessions/${encodeURIComponent(app.session.id)}/comments`;
  /** @type {Map<string, number>} */
  let counts = new Map();
  let read = 0;
  /** Of the viewer that is open. @type {(() => void) | null} */
  let draw = null;
  /** @type {Panel | null} */
  let panel = null;
  /** Whether the panel is open, or on its way. */
  let open = false;
  /** @type {() => void} */
  let place = () => {};

  async function refresh() {
    if (Date.now() - read < STALE_MS) return;
    read = Date.now();
    try {
      /** @type {import('../common/shapes.js').Answer<'CommentCounts'>} */
      const { photos } = await request('GET', path);
      counts = new Map(photos.map(({ photo_id, comments }) => [photo_id, comments]));
      draw?.();
    } catch {
      // The panel says what is wrong, when it is opened.
      read = 0;
    }
  }

  /** @param {string} photo @param {number} n */
  function count(photo, n) {
    if (n > 0) counts.set(photo, n);
    else counts.delete(photo);
    draw?.();
  }

  app.live.on(({ type, data }) => {
    if (type !== 'comments') return;
    count(data.photo_id, data.comments);
    panel?.changed(data.photo_id);
  });
  void refresh();

  const comments = {
    /** What the photo leaves to the panel. @param {{ x: number, y: number }} viewport */
    room({ x, y }) {
      if (!open) return {};
      return x < BESIDE ? { bottom: Math.round(y * SHEET) + 8 } : { right: PANEL_WIDTH + 56 };
    },

    /** @returns {boolean} whether it was open */
    close() {
      if (!open) return false;
      open = false;
      place();
      return true;
    },

    /** What is registered with PhotoSwipe. @param {any} viewer @param {() => Photo} photoShown */
    viewerElements(viewer, photoShown) {
      open = false;
      panel = null;
      void refresh();
      /** @type {HTMLElement} */
      let opener;
      /** @type {HTMLElement} */
      let host;

      draw = () => {
        const n = counts.get(photoShown().photo_id) ?? 0;
        const name = n > 0 ? t('comments.count', { n }) : t('comments.open');
        opener.dataset.number = n > 0 ? formatNumber(n) : '';
        opener.title = name;
        opener.setAttribute('aria-label', name);
        opener.setAttribute('aria-expanded', String(open));
      };

      place = () => {
        host.hidden = !open;
        viewer.element.classList.toggle('has-comments', open);
        draw?.();
        viewer.updateSize(true);
        if (!open && host.contains(document.activeElement)) opener.focus();
      };

      async function toggle() {
        if (comments.close()) return;
        open = true;
        try {
          const [{ createPanel }] = await Promise.all([import('./comments_panel.js'), loadStyles('comments')]);
          if (viewer.isDestroying) return;
          if (!panel) {
            panel = createPanel(app, { close: () => comments.close(), counted: count });
            host.append(panel.element);
          }
        } catch {
          open = false;
          return toast([navigator.onLine ? 'comments.unread' : 'comments.offline']);
        }
        place();
        panel.show(photoShown());
        panel.focus();
      }

      viewer.on('change', () => {
        draw?.();
        if (open) panel?.show(photoShown());
      });
      // The opening movement ends where the photo was to be before.
      viewer.on('openingAnimationEnd', () => open && viewer.updateSize(true));
      viewer.on('destroy', () => {
        panel?.dispose();
        panel = draw = null;
        open = false;
        place = () => {};
      });
      return [
        {
          name: 'comments',
          order: 6,
          isButton: true,
          html: iconMarkup('comment'),
          onClick: () => void toggle(),
          onInit(/** @type {HTMLElement} */ element) {
            opener = element;
            opener.setAttribute('aria-controls', 'comments-panel');
          },
        },
        {
          name: 'comments-panel',
          appendTo: 'root',
          onInit(/** @type {HTMLElement} */ element) {
            host = element;
            host.id = 'comments-panel';
            host.hidden = true;
            // The keys, the wheel and the fingers of the viewer are for the photo.
            for (const type of ['keydown', 'wheel', 'pointerdown', 'touchstart', 'click'])
              host.addEventListener(type, (event) => event.stopPropagation(), { passive: true });
            host.addEventListener('keydown', (event) => event.key === 'Escape' && comments.close());
          },
        },
      ];
    },
  };
  return comments;
}
