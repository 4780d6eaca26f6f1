/** How a session's gallery is closed to guests and what it offers them: a part of the form of a session. */
import { h } from '../../common/dom.js';
import { momentOf, ownZone, wallClock } from '../../common/i18n.js';
import { priceChoice } from '../sales/price_choice.js';
import { field, toggle } from './words.js';

/** @typedef {import('./types.js').PhotoSession} PhotoSession */

const DOWNLOADS = /** @type {const} */ (['off', 'web', 'full', 'original']);
const PREVIEWS = /** @type {const} */ (['none', 'cover', 'photos']);
const GUEST_PHOTOS = /** @type {const} */ (['off', 'moderated', 'open']);
const COMMENTS = /** @type {const} */ (['off', 'moderated', 'open']);
const AT_END = /** @type {const} */ (['archive', 'erase']);

/** An instant as `<input type="datetime-local">` wants it. @param {string | null} iso @param {string | null} [zone] the session's, else the reader's own */
export function toLocal(iso, zone) {
  return iso ? wallClock(iso, zone ?? ownZone()) : '';
}

/** The other way. @param {string} local @param {string | null} [zone] */
export function toInstant(local, zone) {
  return local ? momentOf(local, zone ?? ownZone()) : null;
}

/** @param {string} name @param {readonly string[]} words @param {string} value */
function choice(name, words, value) {
  const select = h('select', { class: 'input select' }, ...words.map((word) => h('option', { value: word, text: [`${name}.${word}`] })));
  select.value = value;
  return select;
}

/** @param {PhotoSession} session */
export function termsForm(session) {
  const pin = h('input', {
    class: 'input',
    type: 'text',
    maxlength: 32,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    value: session.pin ?? '',
  });
  const reveals = h('input', { class: 'input', type: 'datetime-local', value: toLocal(session.reveals_at ?? null, session.time_zone) });
  const ends = h('input', { class: 'input', type: 'datetime-local', value: toLocal(session.ends_at ?? null, session.time_zone) });
  const atEnd = choice('at_end', AT_END, session.at_end);
  const downloads = choice('downloads', DOWNLOADS, session.downloads);
  const previews = choice('previews', PREVIEWS, session.previews);
  const guestPhotos = choice('guest_photos', GUEST_PHOTOS, session.guest_photos);
  const comments = choice('comments', COMMENTS, session.comments);
  const eachMost = h('input', { class: 'input', type: 'number', min: 1, max: 1000, value: session.most_from_a_guest });
  const allMost = h('input', { class: 'input', type: 'number', min: 1, max: 10000, value: session.most_from_guests });
  const limits = h(
    'div',
    { class: 'form' },
    field({ label: ['terms.most_each'], control: eachMost }).element,
    field({ label: ['terms.most_all'], control: allMost }).element,
  );
  limits.hidden = session.guest_photos === 'off';
  guestPhotos.addEventListener('change', () => (limits.hidden = guestPhotos.value === 'off'));
  const watermark = toggle({ label: ['terms.watermark'], hint: ['terms.watermark.hint'], checked: session.watermark });
  const atEndField = field({ label: ['terms.at_end'], control: atEnd });
  atEndField.element.hidden = !ends.value;
  ends.addEventListener('input', () => (atEndField.element.hidden = !ends.value));
  const fields = {
    pin: field({ label: ['terms.pin'], hint: ['terms.pin.hint'], control: pin, optional: true }),
    reveals_at: field({ label: ['terms.reveals'], control: reveals, optional: true }),
    ends_at: field({ label: ['terms.ends'], control: ends, optional: true }),
  };
  const sold = priceChoice({ studioId: session.studio_id, offered: session.prices });
  // A photographer who may not read the list does not choose from it.
  sold.loaded.catch(() => {});
  const isOpen = Boolean(
    session.pin ||
    session.reveals_at ||
    session.ends_at ||
    session.downloads !== 'full' ||
    session.prices ||
    !session.watermark ||
    session.previews !== 'none' ||
    session.guest_photos !== 'off' ||
    session.comments !== 'off',
  );
  const element = h(
    'details',
    { class: 'terms', open: isOpen },
    h('summary', { text: ['terms.title'] }),
    h(
      'div',
      { class: 'form' },
      fields.pin.element,
      fields.reveals_at.element,
      fields.ends_at.element,
      atEndField.element,
      field({ label: ['terms.downloads'], hint: ['terms.downloads.hint'], control: downloads }).element,
      watermark.element,
      field({ label: ['terms.previews'], hint: ['terms.previews.hint'], control: previews }).element,
      field({ label: ['terms.guest_photos'], hint: ['terms.guest_photos.hint'], control: guestPhotos }).element,
      limits,
      field({ label: ['terms.comments'], hint: ['terms.comments.hint'], control: comments }).element,
      sold.element,
    ),
  );
  return {
    element,
    /** @param {string} zone in which the fields are read */
    read: (zone) => ({
      pin: pin.value.trim() || null,
      reveals_at: toInstant(reveals.value, zone),
      ends_at: toInstant(ends.value, zone),
      at_end: atEnd.value,
      downloads: downloads.value,
      watermark: watermark.input.checked,
      previews: previews.value,
      guest_photos: guestPhotos.value,
      most_from_a_guest: Number(eachMost.value),
      most_from_guests: Number(allMost.value),
      comments: comments.value,
      ...sold.read(),
    }),
    /** @param {string} name @param {string} words */
    fail(name, words) {
      element.open = true;
      for (const [each, { fail }] of Object.entries(fields)) fail(each === name ? words : '');
    },
  };
}
