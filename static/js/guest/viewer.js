/** The full-screen viewer: PhotoSwipe, loaded when the first photo is opened. */
import { button, h, iconMarkup, reducedMotion, toast } from '../common/dom.js';
import { t } from '../common/i18n.js';
import { derivativeSize, sources } from './tile.js';
import { canShareFiles, downloadUrl, maySave, sharePhotos } from './share.js';

/** @typedef {import('./types.js').Photo} Photo */

const VENDOR = new URL('../../vendor/photoswipe/', import.meta.url).href;
/** How close to the end the next page is asked for. */
const LOAD_AHEAD = 6;

/** @type {Promise<any> | null} */
let library = null;

/** The stylesheet and the module together, so that the viewer never flashes unstyled. */
export function loadLibrary() {
  library ??= Promise.all([
    import(`${VENDOR}photoswipe.esm.min.js`),
    new Promise((resolve, reject) => {
      const link = document.createElement('link');
      link.rel = 'stylesheet';
      link.href = `${VENDOR}photoswipe.css`;
      link.onload = resolve;
      link.onerror = reject;
      document.head.prepend(link);
    }),
  ])
    .then(([module]) => module.default)
    .catch((error) => {
      library = null;
      throw error;
    });
  return library;
}

/** @param {Photo} photo @param {number} index @param {number} total */
function slide(photo, index, total) {
  const { width, height } = derivativeSize(photo, 'full_url');
  const { srcset } = sources(photo, ['preview_url', 'full_url']);
  return { src: photo.full_url, srcset, width, height, msrc: photo.thumb_url, alt: t('photo.alt', { i: index + 1, n: total }), photo };
}

/**
 * @param {object} options
 * @param {Photo[]} options.photos may grow while the viewer is open
 * @param {number} options.index
 * @param {number} [options.total] when more exist than are loaded
 * @param {ReturnType<typeof import('./gallery.js').createGallery>} options.gallery
 * @param {() => Promise<unknown>} [options.loadMore]
 * @param {import('./shop/shop.js').Shop | null} [options.shop]
 * @param {import('./hearts.js').Hearts | null} [options.hearts]
 * @param {import('./types.js').App['comments']} [options.comments]
 */
export async function openViewer({ photos, index, total, gallery, loadMore, shop, hearts, comments: coming }) {
  const { imageAt } = gallery;
  let PhotoSwipe;
  /** @type {import('./comments.js').Comments | null | undefined} */
  let comments;
  try {
    [PhotoSwipe, comments] = await Promise.all([loadLibrary(), coming]);
  } catch {
    // The gallery stays: an address of its own would end on the browser's error page.
    toast([navigator.onLine ? 'viewer.failed' : 'viewer.offline']);
    return;
  }
  const count = () => Math.max(total ?? 0, photos.length);
  const pswp = new PhotoSwipe({
    dataSource: photos,
    index,
    loop: false,
    bgOpacity: 1,
    wheelToZoom: true,
    preload: [1, 2],
    showHideAnimationType: reducedMotion() ? 'none' : 'zoom',
    arrowPrevTitle: t('viewer.prev'),
    arrowNextTitle: t('viewer.next'),
    closeTitle: t('close'),
    zoomTitle: t('viewer.zoom'),
    errorMsg: t(navigator.onLine ? 'viewer.error' : 'viewer.offline'),
    paddingFn: (/** @type {{ x: number, y: number }} */ viewport) => {
      const padding = viewport.x < 700 ? { top: 56, bottom: 56, left: 0, right: 0 } : { top: 64, bottom: 32, left: 64, right: 64 };
      return { ...padding, ...comments?.room(viewport) };
    },
    closeSVG: iconMarkup('close'),
    zoomSVG: iconMarkup('zoom'),
    arrowPrevSVG: iconMarkup('back'),
    arrowNextSVG: iconMarkup('back'),
    trapFocus: true,
    returnFocus: true,
  });
  const photoShown = () => /** @type {Photo} */ (pswp.currSlide.data.photo);

  // A slide is made when it is near: thousands at once would hold up the tap that opens the first.
  pswp.addFilter('itemData', (/** @type {unknown} */ _, /** @type {number} */ i) => slide(photos[i], i, count()));
  pswp.addFilter('thumbEl', (/** @type {unknown} */ _, /** @type {unknown} */ __, /** @type {number} */ i) => imageAt(i));
  pswp.addFilter('placeholderSrc', (/** @type {string} */ src, /** @type {any} */ content) => imageAt(content.index)?.currentSrc || src);
  pswp.on('uiRegister', () => {
    if (maySave())
      pswp.ui.registerElement({
        name: 'save',
        order: 8,
        isButton: true,
        tagName: 'a',
        html: iconMarkup('save'),
        title: t('save'),
        ariaLabel: t('save'),
        onInit(/** @type {HTMLAnchorElement} */ link) {
          link.setAttribute('download', '');
          pswp.on('change', () => {
            link.href = downloadUrl(photoShown());
          });
        },
      });
    pswp.ui.registerElement({
      name: 'share',
      order: 7,
      isButton: true,
      title: t('share'),
      ariaLabel: t('share'),
      html: iconMarkup(canShareFiles() ? 'share' : 'link'),
      onClick: () => void sharePhotos([photoShown()]),
    });
    for (const each of hearts?.viewerButtons(pswp, photoShown) ?? []) pswp.ui.registerElement(each);
    for (const each of comments?.viewerElements(pswp, photoShown) ?? []) pswp.ui.registerElement(each);
    if (shop) pswp.ui.registerElement(shop.viewerButton(pswp, photoShown));
    // Only what guests have sent can be reported here.
    if (photos.some((photo) => photo.is_from_guest))
      pswp.ui.registerElement({
        name: 'from-guest',
        appendTo: 'root',
        onInit(/** @type {HTMLElement} */ element) {
          const report = button('', ['viewer.report'], () => void import('./report.js').then((it) => it.report(photoShown())));
          element.append(h('span', { text: ['photo.from_guest'] }), report);
          pswp.on('change', () => {
            element.hidden = !photoShown().is_from_guest;
          });
        },
      });
  });

  let loading = false;
  pswp.on('change', async () => {
    if (!loadMore || loading || pswp.currIndex < photos.length - LOAD_AHEAD) return;
    loading = true;
    const before = photos.length;
    await loadMore().catch(() => {});
    loading = false;
    // A slide that is drawn anew counts as a change: without more photos that would never end.
    if (before === photos.length) return;
    if (!pswp.isDestroying) pswp.refreshSlideContent(pswp.currIndex + 1);
  });

  /** Pictures that failed without a network are loaded when it is back. */
  const onOnline = () => {
    pswp.options.errorMsg = t('viewer.error');
    for (const offset of [-1, 0, 1]) pswp.refreshSlideContent(pswp.currIndex + offset);
  };
  window.addEventListener('online', onOnline);
  pswp.on('destroy', () => window.removeEventListener('online', onOnline));

  // The back button closes the viewer instead of leaving the gallery.
  history.pushState({ viewer: true }, '');
  let closedByBack = false;
  const onBack = () => {
    // A dialog over the viewer was closed.
    if (history.state?.viewer) return;
    // The comments lie over the photo, so they are closed first.
    if (comments?.close()) return history.pushState({ viewer: true }, '');
    window.removeEventListener('popstate', onBack);
    closedByBack = true;
    // PhotoSwipe does not hear `close` while it is still opening.
    if (pswp.opener.isOpen) pswp.close();
    else pswp.on('openingAnimationEnd', () => pswp.close());
  };
  window.addEventListener('popstate', onBack);
  pswp.on('close', () => {
    window.removeEventListener('popstate', onBack);
    if (!closedByBack) history.back();
    gallery.reveal(pswp.currIndex);
  });
  pswp.on('destroy', () => {
    /** @type {HTMLElement | null | undefined} */ (imageAt(pswp.currIndex)?.closest('a'))?.focus({ preventScroll: true });
  });
  pswp.init();
  pswp.element.setAttribute('aria-label', t('viewer'));
}
