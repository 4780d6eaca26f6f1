/** Asks a guest before something that cannot be taken back. */
import { button, h } from '../common/dom.js';
import { showSheet } from '../common/sheet.js';

/**
 * @param {{ title: import('../common/i18n.js').Text, text: import('../common/i18n.js').Text, yes: import('../common/i18n.js').Text }} words
 * @returns {Promise<boolean>} whether the guest said yes
 */
export function ask({ title, text, yes }) {
  return new Promise((done) => {
    let agreed = false;
    const agree = () => {
      agreed = true;
      dialog.close();
    };
    const dialog = h(
      'dialog',
      { class: 'dialog', 'aria-labelledby': 'ask-title', onClose: close },
      h('h2', { id: 'ask-title', text: title }),
      h('p', { text }),
      h(
        'div',
        { class: 'dialog-actions' },
        button('button button-quiet button-small', ['close'], () => dialog.close()),
        button('button button-danger button-small', yes, agree),
      ),
    );
    function close() {
      dialog.remove();
      done(agreed);
    }
    showSheet(dialog);
  });
}
