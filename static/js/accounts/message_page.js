/** A page of the doors that says one thing and leads on. */
import { h, icon } from '../common/dom.js';

/** @typedef {import('../common/i18n.js').Text} Text */

/**
 * @param {HTMLElement} main
 * @param {{ icon: string, title: Text, text: Text | string, href: string, action: Text }} message `text`: a message, or the server's words
 */
export function showMessage(main, { icon: name, title, text, href, action }) {
  main.replaceChildren(
    h(
      'section',
      { class: 'message-page' },
      h('span', { class: 'message-icon' }, icon(name)),
      h('h1', { tabindex: '-1', text: title }),
      typeof text === 'string' ? h('p', { class: 'lead' }, text) : h('p', { class: 'lead', text }),
      h('a', { class: 'button button-primary', href }, h('span', { text: action })),
    ),
  );
  main.querySelector('h1')?.focus();
}
