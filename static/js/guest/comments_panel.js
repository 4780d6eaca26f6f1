/** The comments on one photo, beside it or under it: what others wrote, and a field to write. */
import { button, h, icon, iconButton, toast } from '../common/dom.js';
import { formatMoment, onLanguageChange } from '../common/i18n.js';
import { request } from './api.js';
import { ask } from './ask.js';
import { commentForm } from './comments_form.js';

/** @typedef {import('./types.js').Photo} Photo */
/** @typedef {import('../common/shapes.js').Answer<'CommentJson'>} Comment */
/** @typedef {import('../common/shapes.js').Answer<'CommentPage'>} Page */
/** @typedef {import('../common/i18n.js').Text} Text */

/** @param {import('./types.js').App} app @param {{ close: () => void, counted: (photo: string, n: number) => void }} viewer */
export function createPanel(app, { close, counted }) {
  const base = `/api/v1/sessions/${encodeURIComponent(app.session.id)}`;
  /** @type {Photo | null} */
  let photo = null;
  /** @type {Comment[]} */
  let comments = [];
  /** @type {string | null} */
  let cursor = null;
  /** Counts what is asked, so that a late answer for another photo is not shown. */
  let asked = 0;

  const heading = h('h2', { class: 'comments-title', tabindex: -1, text: ['comments.title'] });
  const state = h('div', { class: 'comments-state' });
  const list = h('ul', { class: 'comment-list', label: ['comments.title'] });
  const more = button('button button-quiet button-small', ['comments.more'], () => void read(true));
  const form = commentForm(app, {
    path: () => `${base}/gallery/${encodeURIComponent(photo?.photo_id ?? '')}/comments`,
    written: () => void read(),
    takenBack: () => void read(),
  });
  const element = h(
    'div',
    { class: 'comments' },
    h('div', { class: 'comments-head' }, heading, iconButton('', ['comments.close'], close, 'close')),
    h('div', { class: 'comments-body' }, form.element, state, list, more),
  );
  more.hidden = true;

  /** @param {Comment} comment */
  function item(comment) {
    const { id, name, text, created_at, state, is_own, may_remove, answer } = comment;
    const standing = state !== 'shown' && h('p', { class: 'note', text: [`comments.${state}`] });
    const action = is_own
      ? button('link-button', ['comments.back'], () => void remove(id, 'back'))
      : may_remove
        ? button('link-button', ['comments.remove'], () => void remove(id, 'remove'))
        : button('link-button', ['comments.report'], () => void report(id));
    return h(
      'li',
      { class: 'comment', 'data-comment': id, 'data-state': state },
      h(
        'p',
        { class: 'comment-head' },
        name ? h('strong', { dir: 'auto' }, name) : h('strong', { text: ['comments.unnamed'] }),
        is_own && h('span', { class: 'comment-own', text: ['comments.own'] }),
        h('time', { class: 'note', datetime: created_at }, formatMoment(created_at)),
      ),
      h('p', { class: 'comment-text', dir: 'auto' }, text),
      standing,
      answer &&
        h(
          'blockquote',
          { class: 'comment-answer' },
          h('p', { class: 'comment-head' }, h('strong', { dir: 'auto' }, answer.studio)),
          h('p', { class: 'comment-text', dir: 'auto' }, answer.text),
        ),
      action,
    );
  }

  function draw() {
    // What is under the reader's finger stays where it is.
    const at = /** @type {HTMLElement | null} */ (document.activeElement?.closest('.comment'))?.dataset.comment;
    list.replaceChildren(...comments.map(item));
    if (at) /** @type {HTMLElement | null} */ (list.querySelector(`[data-comment="${CSS.escape(at)}"] button`))?.focus();
    more.hidden = cursor === null;
    if (comments.length > 0) state.replaceChildren();
    else
      state.replaceChildren(
        h('p', { class: 'comments-none', text: ['comments.none'] }),
        h('p', { class: 'note', text: ['comments.none.text'] }),
      );
  }

  /** @param {Text} words @param {boolean} [again] whether it may be asked again */
  function fail(words, again = false) {
    list.replaceChildren();
    more.hidden = true;
    state.replaceChildren(
      h('p', { role: 'alert', class: 'comments-failed' }, icon('alert'), h('span', { text: words })),
      again ? button('button button-quiet button-small', ['comments.again'], () => void read()) : '',
    );
  }

  /** @param {boolean} [onwards] the next page behind those that are there */
  async function read(onwards = false) {
    if (!photo) return;
    const mine = ++asked;
    const query = onwards && cursor ? `?cursor=${encodeURIComponent(cursor)}` : '';
    try {
      /** @type {Page} */
      const page = await request('GET', `${base}/gallery/${encodeURIComponent(photo.photo_id)}/comments${query}`);
      if (mine !== asked) return;
      comments = onwards ? [...comments, ...page.comments] : page.comments;
      cursor = page.next_cursor ?? null;
      counted(photo.photo_id, page.total);
      form.element.hidden = false;
      draw();
    } catch (error) {
      if (mine !== asked) return;
      const { code, status } = /** @type {import('./api.js').ApiError} */ (error);
      form.element.hidden = status === 404 || code === 'comments_off';
      if (code === 'comments_off') fail(['comments.off']);
      else if (status === 404) fail(['comments.gone']);
      else fail([navigator.onLine ? 'comments.unread' : 'comments.offline'], true);
    }
  }

  /** @param {string} id @param {'back' | 'remove'} how one's own goes for good */
  async function remove(id, how) {
    const words = /** @type {const} */ ({
      back: { title: ['comments.back.title'], text: ['comments.back.text'], yes: ['comments.back'] },
      remove: { title: ['comments.remove.title'], text: ['comments.remove.text'], yes: ['comments.remove'] },
    });
    if (!(await ask(/** @type {any} */ (words[how])))) return;
    try {
      await request('DELETE', `${base}/comments/${encodeURIComponent(id)}`);
      toast([`comments.${how}.done`]);
    } catch {
      toast(['comments.action.failed']);
    }
    await read();
  }

  /** @param {string} id */
  async function report(id) {
    const { askWhy } = await import('./report.js');
    askWhy(`${base}/comments/${encodeURIComponent(id)}/reports`, {
      title: ['comments.report.title'],
      text: ['comments.report.text'],
      done: ['comments.report.done'],
    });
  }

  const onOnline = () => void read();
  addEventListener('online', onOnline);
  const stopLanguage = onLanguageChange(draw);

  return {
    element,
    /** @param {Photo} next */
    show(next) {
      if (photo?.photo_id === next.photo_id) return;
      photo = next;
      comments = [];
      cursor = null;
      list.replaceChildren();
      more.hidden = true;
      state.replaceChildren(h('p', { class: 'note', text: ['comments.loading'] }));
      form.begin(next.photo_id);
      void read();
    },
    focus: () => heading.focus({ preventScroll: true }),
    /** Somebody's comment came, or went. @param {string} id of the photo */
    changed(id) {
      if (photo?.photo_id === id) void read();
    },
    dispose() {
      asked = -1;
      removeEventListener('online', onOnline);
      stopLanguage();
      form.dispose();
    },
  };
}
