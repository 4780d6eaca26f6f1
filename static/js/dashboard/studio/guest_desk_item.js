/** One photo or comment of a guest, as the studio looks at it. */
import { button, h } from '../../common/dom.js';
import { formatMoment } from '../../common/i18n.js';

/** @typedef {import('../../common/shapes.js').Answer<'GuestPhotoJson'>} Sent */
/** @typedef {import('../../common/shapes.js').Answer<'DeskCommentJson'>} Written */
/** @typedef {import('../../common/shapes.js').Answer<'Picture'>} Picture */

/**
 * @typedef {object} Entry
 * @property {'photo' | 'comment'} kind
 * @property {string} id
 * @property {Picture} picture the photo, or the one that the comment is on
 * @property {string} name of the guest; may be empty
 * @property {string} at when it came
 * @property {number} reports
 * @property {string[]} notes
 * @property {'waiting' | 'shown' | 'declined'} state
 * @property {string} [text]
 * @property {Written['answer']} [answer]
 */

/** @param {Sent} sent @returns {Entry} */
export function ofPhoto(sent) {
  const { photo_id: id, sender: name, sent_at: at, reports, notes, is_shown } = sent;
  return { kind: 'photo', id, picture: sent, name, at, reports, notes, state: is_shown ? 'shown' : 'waiting' };
}

/** @param {Written} written @returns {Entry} */
export function ofComment({ id, photo, name, created_at: at, reports, notes, state, text, answer }) {
  return { kind: 'comment', id, picture: photo, name, at, reports, notes, state, text, answer };
}

/**
 * @typedef {object} Desk
 * @property {boolean} isChosen
 * @property {(on: boolean) => void} choose
 * @property {(shown: boolean) => void} decide
 * @property {(text: string) => Promise<boolean>} answer
 */

/** @param {Entry} entry @param {Desk} desk */
export function deskItem(entry, desk) {
  const { kind, id, picture, reports, notes, state, at } = entry;
  const choose = h('input', {
    type: 'checkbox',
    class: 'guest-photo-check',
    checked: desk.isChosen,
    label: ['guests.choose', { name: entry.text ?? picture.filename }],
    onChange: () => desk.choose(choose.checked),
  });
  const image = h('img', {
    src: kind === 'photo' ? picture.tile_url : picture.thumb_url,
    alt: picture.filename,
    width: picture.width,
    height: picture.height,
    loading: 'lazy',
  });
  return h(
    'li',
    { class: `guest-photo${kind === 'comment' ? ' guest-comment' : ''}`, 'data-entry': id, 'data-photo': kind === 'photo' && id },
    h('label', { class: 'guest-photo-picture' }, choose, image),
    h(
      'div',
      { class: 'guest-photo-words' },
      reports > 0 && h('p', { class: 'guest-photo-reported', text: ['guests.reported', { n: reports }] }),
      ...notes.map((words) => h('blockquote', { class: 'guest-photo-note', dir: 'auto' }, words)),
      ...(kind === 'comment' ? comment(entry, desk) : [whose(entry, at)]),
      kind === 'photo' && state === 'shown' && h('p', { class: 'note', text: ['guests.shown'] }),
    ),
    h(
      'div',
      { class: 'session-buttons' },
      (kind === 'photo' || state !== 'shown' || reports > 0) &&
        button(
          'button button-primary button-small',
          [state === 'shown' ? 'guests.keep' : 'guests.show.one'],
          () => desk.decide(true),
          'check',
        ),
      state !== 'declined' &&
        button(
          'button button-quiet button-small button-danger-quiet',
          [kind === 'photo' ? 'guests.refuse.one' : 'guests.comment.decline'],
          () => desk.decide(false),
          'trash',
        ),
    ),
  );
}

/** @param {Entry} entry @param {string} at */
function whose({ name }, at) {
  return h(
    'p',
    { class: 'note' },
    h('span', { text: name ? ['guests.from', { name }] : ['guests.unnamed'] }),
    ' · ',
    h('time', { datetime: at }, formatMoment(at)),
  );
}

/** @param {Entry} entry @param {Desk} desk @returns {HTMLElement[]} */
function comment({ name, at, text, answer, picture, state }, desk) {
  const place = h('div', { class: 'desk-answer' });

  function drawAnswer() {
    const words = answer
      ? [
          h('p', { class: 'note', text: ['guests.answer.of', { studio: answer.studio }] }),
          h('p', { class: 'desk-comment-text', dir: 'auto' }, answer.text),
        ]
      : [];
    const open = button('link-button', [answer ? 'guests.answer.change' : 'guests.answer'], write);
    place.replaceChildren(...words, ...(state === 'declined' ? [] : [open]));
  }

  function write() {
    const field = h('textarea', {
      class: 'input',
      rows: 2,
      maxlength: 500,
      dir: 'auto',
      label: ['guests.answer.label'],
      'aria-describedby': 'desk-answer-hint',
    });
    field.value = answer?.text ?? '';
    place.replaceChildren(
      h(
        'form',
        {
          class: 'form desk-answer-form',
          onSubmit: async (/** @type {Event} */ event) => {
            event.preventDefault();
            await desk.answer(field.value);
          },
        },
        field,
        h('p', { class: 'note', id: 'desk-answer-hint', text: ['guests.answer.hint'] }),
        h(
          'div',
          { class: 'session-buttons' },
          h('button', { type: 'submit', class: 'button button-primary button-small', text: ['guests.answer.save'] }),
          button('button button-quiet button-small', ['guests.answer.cancel'], drawAnswer),
        ),
      ),
    );
    field.focus();
  }

  drawAnswer();
  return [
    h(
      'p',
      { class: 'note' },
      h('span', { text: name ? ['guests.comment.by', { name }] : ['guests.comment.unnamed'] }),
      ' ',
      h('span', { text: ['guests.comment.on', { name: picture.filename }] }),
    ),
    h('p', { class: 'desk-comment-text', dir: 'auto' }, text ?? ''),
    h('p', { class: 'note' }, h('time', { datetime: at }, formatMoment(at))),
    place,
  ];
}
