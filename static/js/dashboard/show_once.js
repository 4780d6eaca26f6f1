/** A dialog with a secret that is shown this once, to copy. */
import './messages/show_once.js';
import { button, h } from '../common/dom.js';
import { openDialog } from './dialog.js';

/** @typedef {import('../common/i18n.js').Text} Text */

/**
 * @param {{ title: Text, text: Text, secret: string, onClose?: () => void }} options `secret`: the server keeps only its
 *   hash; its lines stay lines
 */
export function showOnce({ title, text, secret, onClose }) {
  const said = h('p', { class: 'eyebrow', role: 'status' });
  const shown = h('code', { class: 'mono', tabindex: '0' }, secret);
  async function copy() {
    try {
      await navigator.clipboard.writeText(secret);
      said.replaceChildren(h('span', { text: ['once.copied'] }));
    } catch {
      // Plain http has no clipboard for pages.
      getSelection()?.selectAllChildren(shown);
      said.replaceChildren(h('span', { text: ['once.copy.failed'] }));
    }
  }
  const dialog = openDialog({
    title,
    loses: true,
    onClose,
    content: [
      h('p', { text }),
      h('div', { class: 'new-key' }, shown, button('button button-quiet button-small', ['once.copy'], copy, 'copy')),
      said,
      h(
        'div',
        { class: 'dialog-actions' },
        button('button button-primary button-small', ['once.done'], () => dialog.close()),
      ),
    ],
  });
}
