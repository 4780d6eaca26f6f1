/** One photo large over the page, and from there to the one before and the next. */
import { button, h, icon, iconButton, toast } from '../../common/dom.js';
import { formatDate, t } from '../../common/i18n.js';
import { api } from '../api.js';
import { openDialog } from '../dialog.js';
import { eraseForGood } from '../erase.js';
import { errorText } from '../states.js';
import { reasonText } from '../upload/reasons.js';
import { markControls, markOfKey } from './marks.js';
import { live } from './words.js';

/** @typedef {import('./types.js').Photo} Photo */

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

/** The photographer's texts in the file. @param {Photo} photo */
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

/** @param {Photo} photo */
function picture(photo) {
  if (!photo.preview_url || photo.state !== 'ready')
    return h('p', {
      class: 'state enlarged-absent',
      text: photo.state === 'rejected' ? reasonText(photo.reject_code ?? '', photo.readable) : ['photo.queued'],
    });
  return h('img', {
    class: 'enlarged',
    src: photo.preview_url,
    alt: ['photo.named', { name: photo.filename }],
    width: photo.width,
    height: photo.height,
  });
}

/** @param {Photo} photo */
function facts(photo) {
  return [
    photo.filename,
    photo.width && `${photo.width} × ${photo.height}`,
    photo.faces !== null && photo.state === 'ready' && t('photo.faces', { n: photo.faces }),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** When the couple hid it. @param {Photo} photo */
function hidden({ couple_hid_at: at, couple_overruled: overruled }) {
  const when = at ? [live(h('p', { class: 'note' }), () => t('photo.couple_hid.when', { when: formatDate(at) }))] : [];
  return overruled ? [...when, h('p', { class: 'note', text: ['photo.couple_overruled'] })] : when;
}

/**
 * @param {import('./types.js').PhotoSession} session whose photos they are
 * @param {Photo[]} photos in their order
 * @param {number} index which one first
 * @param {ReturnType<typeof import('./marks.js').createMarker>} onMark
 */
export function enlarge(session, photos, index, onMark) {
  photos = [...photos];
  const body = h('div', { class: 'enlarged-body' });
  let controls = h('div', {});
  const place = h('p', { class: 'note', role: 'status' });
  const before = iconButton('', ['photo.before'], () => go(-1), 'back');
  const next = iconButton('', ['photo.next'], () => go(1), 'forward');
  const dialog = openDialog({
    title: ['photo.title'],
    className: 'dialog-wide',
    content: [h('div', { class: 'enlarged-steps' }, before, place, next), body],
  });
  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowLeft') go(-1);
    else if (event.key === 'ArrowRight') go(1);
    else {
      const mark = markOfKey(event, [photos[index]]);
      if (mark) void give(mark);
    }
  });

  /** @param {import('./marks.js').Mark} mark */
  async function give(mark) {
    const at = index;
    const change = await onMark([photos[at].photo_id], mark);
    if (!change) return;
    photos[at] = { ...photos[at], ...change };
    if (at === index) drawMarks();
  }

  /** The button that was pressed keeps the keyboard. */
  function drawMarks() {
    const buttons = () => [...controls.querySelectorAll('button')];
    const focused = buttons().findIndex((each) => each === document.activeElement);
    const fresh = markControls([photos[index]], (mark) => void give(mark));
    controls.replaceWith(fresh);
    controls = fresh;
    buttons()[focused]?.focus();
  }

  /** The grid hears of it by the session's events. @param {Photo} photo */
  async function erase({ photo_id: id }) {
    const path = `/api/photos/${id}/erasure`;
    if (await eraseForGood({ path, title: ['erase.photo'], text: ['erase.photo.text'] })) dialog.close();
  }

  /** The button that makes a photo the session's cover, or takes it off. @param {Photo} photo */
  function coverButton({ photo_id: id }) {
    const is = session.cover_photo_id === id;
    return button('button button-quiet button-small', [is ? 'cover.unset' : 'cover.set'], () => void setCover(is ? null : id), 'image');
  }

  /** @param {string | null} id */
  async function setCover(id) {
    try {
      Object.assign(session, await api.patch(`/api/photo-sessions/${session.id}`, { cover_photo_id: id }));
      toast([id ? 'cover.done' : 'cover.gone']);
      go(0);
    } catch (error) {
      toast(errorText(error));
    }
  }

  /** @param {number} step */
  function go(step) {
    index = Math.min(photos.length - 1, Math.max(0, index + step));
    const photo = photos[index];
    body.replaceChildren(
      picture(photo),
      controls,
      h('p', { class: 'note enlarged-note' }, facts(photo)),
      ...hidden(photo),
      ...written(photo),
      downloads(photo),
    );
    drawMarks();
    body.append(
      h(
        'p',
        { class: 'session-buttons' },
        photo.state === 'ready' && coverButton(photo),
        button('button button-quiet button-small button-danger-quiet', ['erase.photo'], () => void erase(photo), 'trash'),
      ),
    );
    place.textContent = `${index + 1} / ${photos.length}`;
    before.disabled = index === 0;
    next.disabled = index === photos.length - 1;
  }
  go(0);
}
