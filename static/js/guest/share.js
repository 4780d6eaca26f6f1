/** Saving and sharing photos with what the phone offers. */
import { h, toast } from '../common/dom.js';

/** @typedef {import('./types.js').Photo} Photo */

/** Phones put shared files into the photo library; a dozen at once is what share sheets take. */
const MOST_SHARED_FILES = 12;
/** More than these are one ZIP rather than as many downloads. */
export const MOST_SAVED = MOST_SHARED_FILES;
/** Browsers drop downloads that start in the same instant. */
const BETWEEN_DOWNLOADS_MS = 350;

/** The copies that the studio lets guests save. @type {NonNullable<import('./types.js').Session['downloads']>} */
let saving = 'full';

/** @param {typeof saving} level */
export function allowSaving(level) {
  saving = level;
}

/** What is sent around as the link to the gallery; this page's own address where nothing else is said. @type {string | null} */
let galleryLink = null;

/** @param {string} url */
export function shareAs(url) {
  galleryLink = url;
}

/** What links begin with; this page's own address where the studio has no other. @type {string | null} */
let origin = null;

/** @param {string | null | undefined} url */
export function shareUnder(url) {
  origin = url ?? null;
}

/** The link to the gallery. */
export function linkToGallery() {
  return galleryLink ?? new URL(location.pathname + location.search, origin ?? location.href).href;
}

/** Whether anything may be saved here. */
export function maySave() {
  return saving !== 'off';
}

/** The copy that may be saved. @param {Photo} photo */
function saved(photo) {
  return saving === 'web' ? photo.preview_url : photo.full_url;
}

/** @param {Photo} photo */
export function downloadUrl(photo) {
  return `${saved(photo)}?download=1`;
}

/** @param {Photo} photo */
function download(photo) {
  const link = h('a', { href: downloadUrl(photo), download: photo.filename });
  document.body.append(link);
  link.click();
  link.remove();
}

/** @param {Photo} photo */
async function asFile(photo) {
  const response = await fetch(saved(photo));
  if (!response.ok) throw new Error(`photo answered ${response.status}`);
  const blob = await response.blob();
  return new File([blob], photo.filename.replace(/\.[^.]*$/, '') + '.jpg', { type: blob.type || 'image/jpeg' });
}

/** Whether this device has a share sheet that takes pictures. */
export function canShareFiles() {
  if (!maySave()) return false;
  const probe = new File([new Uint8Array(1)], 'photo.jpg', { type: 'image/jpeg' });
  return typeof navigator.canShare === 'function' && navigator.canShare({ files: [probe] });
}

/** A phone or tablet, where "save" means the photo library rather than a downloads folder. */
function touchFirst() {
  return matchMedia('(pointer: coarse)').matches;
}

/** @param {Photo[]} photos */
export async function savePhotos(photos) {
  if (photos.length > 1 && photos.length <= MOST_SHARED_FILES && touchFirst() && canShareFiles()) {
    toast(['save.preparing']);
    if (await shareFiles(photos)) return;
  }
  for (const [i, photo] of photos.entries()) {
    if (i > 0) await new Promise((resolve) => setTimeout(resolve, BETWEEN_DOWNLOADS_MS));
    download(photo);
  }
}

/** @param {Photo[]} photos @returns {Promise<boolean>} false when another way should be tried */
async function shareFiles(photos) {
  try {
    const files = await Promise.all(photos.slice(0, MOST_SHARED_FILES).map(asFile));
    if (!navigator.canShare({ files })) return false;
    await navigator.share({ files });
    return true;
  } catch (error) {
    return error instanceof DOMException && error.name === 'AbortError';
  }
}

/** The page of the session, or of one photo of it: it is shut with the gallery, which the address of a picture does not say. @param {string} session @param {string | null} photo */
function pageOf(session, photo) {
  return new URL(`/session/${session}${photo ? `/photo/${photo}` : ''}`, origin ?? location.href).href;
}

/** The files where possible, else the link. @param {Photo[]} photos @param {number} [n] how many are meant, if not all of them are loaded */
export async function sharePhotos(photos, n = photos.length) {
  if (canShareFiles() && n === photos.length && photos.length <= MOST_SHARED_FILES && (await shareFiles(photos))) return;
  const url = pageOf(photos[0].photo_session_id, photos.length === 1 && n === 1 ? photos[0].photo_id : null);
  try {
    if (typeof navigator.share === 'function' && touchFirst()) {
      await navigator.share({ url });
      return;
    }
    await copyText(url);
    toast(['share.copied']);
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) toast(['share.failed']);
  }
}

/** The clipboard, or the old way where the page is not a secure context. @param {string} text */
export async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = h('textarea', { class: 'visually-hidden', readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
