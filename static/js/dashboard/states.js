/** Placeholders for content: loading, empty, failed. */
import './messages/shell.js';
import { button, h, icon } from '../common/dom.js';
import { t } from '../common/i18n.js';
import { ApiError } from './api.js';

/** @typedef {import('../common/i18n.js').Text} Text */

/** Reads out that the page works on something. */
export function loading() {
  return h(
    'div',
    { class: 'state', role: 'status' },
    h('span', { class: 'spinner', 'aria-hidden': 'true' }),
    h('span', { text: ['state.loading'] }),
  );
}

/** @param {{ icon: string, title: Text, text?: Text, action?: Node }} options */
export function empty({ icon: name, title, text, action }) {
  return h(
    'div',
    { class: 'state state-empty' },
    h('span', { class: 'message-icon' }, icon(name)),
    h('h2', { text: title }),
    text && h('p', { class: 'note', text }),
    action,
  );
}

/** One sentence about a failure, in the page's language. @param {unknown} error */
export function errorText(error) {
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 0) return t(error.code === 'network' ? 'error.network' : 'error.timeout');
  return error.detail || error.title || t('error.server');
}

/** @param {unknown} error @param {() => void} [retry] */
export function failure(error, retry) {
  return h(
    'div',
    { class: 'state state-empty', role: 'alert' },
    h('span', { class: 'message-icon' }, icon('alert')),
    h('p', {}, errorText(error)),
    retry && button('button button-quiet button-small', ['retry'], retry),
  );
}

/**
 * Fills `root` from the server: waiting first, then what `draw` makes, or the failure with a way to
 * try again.
 * @template T
 * @param {Element} root
 * @param {() => Promise<T>} ask
 * @param {(answer: T) => Node | Node[]} draw
 */
export async function load(root, ask, draw) {
  root.setAttribute('aria-busy', 'true');
  if (!root.hasChildNodes()) root.replaceChildren(loading());
  try {
    root.replaceChildren(...[draw(await ask())].flat());
  } catch (error) {
    root.replaceChildren(
      failure(error, () => {
        root.replaceChildren();
        load(root, ask, draw);
      }),
    );
  } finally {
    root.removeAttribute('aria-busy');
  }
}
