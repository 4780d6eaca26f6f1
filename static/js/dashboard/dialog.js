/** Dialogs over the page: the browser's own <dialog>, which keeps the focus in and gives it back. */
import './messages/shell.js';
import { button, h, iconButton } from '../common/dom.js';

/** @typedef {import('../common/i18n.js').Text} Text */

/**
 * Opens a dialog with a heading; Escape, its cross and, unless `loses` says that closing loses something, a press outside close it.
 * @param {{ title: Text, content: (Node | false | null)[], className?: string, loses?: boolean, onClose?: () => void }} options
 * @returns {HTMLDialogElement}
 */
export function openDialog({ title, content, className = '', loses = false, onClose }) {
  const id = `dialog-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const dialog = h(
    'dialog',
    {
      class: `dialog ${className}`,
      'aria-labelledby': id,
      onClose: () => {
        dialog.remove();
        onClose?.();
      },
    },
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id, text: title }),
      iconButton('', ['close'], () => dialog.close(), 'close'),
    ),
    ...content,
  );
  // The press, not the click: selecting text may end outside.
  if (!loses)
    dialog.addEventListener('pointerdown', (event) => {
      if (event.target === dialog) dialog.close();
    });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Asks before something that cannot be taken back.
 * @param {{ title: Text, text: Text, action: Text, danger?: boolean }} options
 * @returns {Promise<boolean>} whether the reader agreed
 */
export function confirm({ title, text, action, danger = true }) {
  return new Promise((done) => {
    let agreed = false;
    const yes = button(`button button-small ${danger ? 'button-danger' : 'button-primary'}`, action, () => {
      agreed = true;
      dialog.close();
    });
    const no = button('button button-quiet button-small', ['cancel'], () => dialog.close());
    const dialog = openDialog({
      title,
      content: [h('p', { text }), h('div', { class: 'dialog-actions' }, no, yes)],
      onClose: () => done(agreed),
    });
    no.focus();
  });
}
