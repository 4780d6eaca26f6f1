/** The field in which a guest writes on a photo: their yes to the publication, and their words. */
import { button, h, toast } from '../common/dom.js';
import { bindText, currentLanguage } from '../common/i18n.js';
import { request } from './api.js';
import { ask } from './ask.js';
import { askedText, recordOf, shownText, textsChanged } from './consent_text.js';
import { commenting, rememberCommenting } from './consent_store.js';
import { savedName, saveName } from './sender_name.js';

const LONGEST = 500;
/** How many characters are left is said from here on. */
const NEAR = 100;
/** What has words of its own. */
const FAILURES = ['invalid_comment', 'invalid_sender_name', 'too_many_comments_from_guest', 'too_many_comments', 'too_many_attempts'];

/** Words that were not sent, by photo: they stay while the guest looks at others. */
const DRAFT = 'pixora.comment.';

/** @param {string} photo */
function draftOf(photo) {
  try {
    return sessionStorage.getItem(DRAFT + photo) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} photo @param {string} text */
function keepDraft(photo, text) {
  try {
    if (text) sessionStorage.setItem(DRAFT + photo, text);
    else sessionStorage.removeItem(DRAFT + photo);
  } catch {
    /* it is there while the photo is */
  }
}

/** @param {import('./types.js').App} app @param {{ path: () => string, written: () => void, takenBack: () => void }} panel */
export function commentForm(app, { path, written, takenBack }) {
  const { session } = app;
  let photo = '';
  const text = h('textarea', {
    class: 'input comment-field',
    id: 'comment-text',
    rows: 3,
    maxlength: LONGEST,
    dir: 'auto',
    onInput: typed,
  });
  const left = h('p', { class: 'note comment-left', role: 'status' });
  const name = h('input', {
    class: 'input',
    id: 'comment-name',
    maxlength: 60,
    autocomplete: 'name',
    dir: 'auto',
    'aria-describedby': 'comment-name-hint',
    value: savedName(),
    onInput: () => saveName(name.value.trim()),
  });
  const error = h('p', { class: 'field-error', role: 'alert' });
  const words = shownText(app, 'commenting');
  const consent = h('details', { class: 'comment-consent' }, h('summary', { text: ['comments.agreed'] }));
  const send = h('button', { type: 'submit', class: 'button button-primary' }, h('span', { text: ['comments.send'] }));
  const more = h(
    'div',
    { class: 'comment-more' },
    h(
      'div',
      { class: 'field' },
      h('label', { class: 'field-label', for: 'comment-name', text: ['comments.name'] }),
      name,
      h('p', { class: 'note', id: 'comment-name-hint', text: ['comments.name.hint'] }),
    ),
    session.comments === 'moderated' && h('p', { class: 'note', text: ['comments.lead.moderated'] }),
    words.element,
    error,
    send,
  );
  const element = h(
    'form',
    {
      class: 'comment-form',
      onSubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void write();
      },
    },
    h('label', { class: 'field-label', for: 'comment-text', text: ['comments.text'] }),
    text,
    left,
    more,
    consent,
  );

  /** Name, consent and button come with the first word, so that what others wrote is in sight until then. */
  function typed() {
    keepDraft(photo, text.value);
    more.hidden = text.value.trim() === '' && document.activeElement !== text;
    const rest = LONGEST - text.value.length;
    if (rest > NEAR) left.replaceChildren();
    else bindText(left, '', ['comments.left', { n: rest }]);
    left.hidden = rest > NEAR;
  }
  text.addEventListener('focus', typed);

  function drawConsent() {
    const yes = commenting(session.id);
    words.element.hidden = Boolean(yes);
    bindText(/** @type {HTMLElement} */ (send.firstElementChild), '', [yes ? 'comments.send' : 'comments.agree']);
    consent.hidden = !yes;
    consent.replaceChildren(
      /** @type {Node} */ (consent.firstElementChild),
      ...(yes ? [recordOf(yes.code), button('button button-quiet button-wide', ['comments.all'], () => void takeAllBack(yes))] : []),
    );
  }

  /** @param {import('../common/i18n.js').Text} why */
  const say = (why) => void error.replaceChildren(h('span', { text: why }));

  /** The guest's yes, which is recorded with their first comment. */
  async function agreed() {
    const before = commenting(session.id);
    if (before) return before;
    const { version } = await askedText(app, 'commenting');
    if (!words.isShown()) {
      await words.draw();
      return null;
    }
    const given = { version, language: currentLanguage(), purpose: 'commenting' };
    const { consent_id: id, code } = await app.api.consent(given);
    const yes = { id, code, version };
    rememberCommenting(session.id, yes);
    drawConsent();
    return yes;
  }

  async function write() {
    error.replaceChildren();
    if (text.value.trim() === '') return say(['comments.failed.invalid_comment']);
    send.disabled = true;
    const of = photo;
    try {
      const yes = await agreed();
      if (!yes) return;
      /** @type {import('../common/shapes.js').Answer<'CommentJson'>} */
      const comment = await request('POST', path(), { text: text.value, name: name.value, consent_id: yes.id });
      keepDraft(of, '');
      if (of === photo) {
        text.value = '';
        typed();
        more.hidden = true;
      }
      toast([comment.state === 'shown' ? 'comments.sent' : 'comments.sent.waiting']);
      written();
    } catch (failure) {
      refused(failure);
    } finally {
      send.disabled = false;
    }
  }

  /** @param {unknown} failure */
  function refused(failure) {
    const { code, status } = /** @type {import('./api.js').ApiError} */ (failure);
    if (code === 'unknown_consent' || code === 'consent_outdated') {
      rememberCommenting(session.id, null);
      textsChanged(app);
      void words.draw();
      drawConsent();
      return say(['consent.changed']);
    }
    // The list says what has happened to the photo.
    if (status === 404 || code === 'comments_off') return written();
    if (!navigator.onLine) return say(['comments.failed.offline']);
    say([FAILURES.includes(code) ? `comments.failed.${code}` : 'comments.failed']);
  }

  /** @param {import('./consent_store.js').Yes} yes */
  async function takeAllBack(yes) {
    if (!(await ask({ title: ['comments.all.title'], text: ['comments.all.text'], yes: ['comments.all'] }))) return;
    try {
      await app.api.withdraw(yes.id);
    } catch (failure) {
      // A consent that the server no longer has is as good as withdrawn.
      if (/** @type {import('./api.js').ApiError} */ (failure).status !== 404) return toast(['comments.action.failed']);
    }
    rememberCommenting(session.id, null);
    toast(['comments.all.done']);
    drawConsent();
    takenBack();
  }

  return {
    element,
    /** Begins with another photo. @param {string} id */
    begin(id) {
      photo = id;
      text.value = draftOf(id);
      name.value = savedName();
      error.replaceChildren();
      drawConsent();
      typed();
    },
    dispose: words.dispose,
  };
}
