/** A guest reports a photo that another guest has sent, or a comment. */
import './send_messages.js';
import { button, h, toast } from '../common/dom.js';
import { request } from './api.js';

/** @param {import('./types.js').Photo} photo */
export function report(photo) {
  const path = `/api/v1/sessions/${photo.photo_session_id}/gallery/${photo.photo_id}/reports`;
  askWhy(path, { title: ['report.title'], text: ['report.text'], done: ['report.done'] });
}

/** @typedef {import('../common/i18n.js').Text} Text */

/** Asks what is wrong with something, and sends it. @param {string} path @param {{ title: Text, text: Text, done: Text }} words */
export function askWhy(path, { title, text, done }) {
  const note = h('textarea', { class: 'input report-note', id: 'report-note', maxlength: 300, rows: 3 });
  const dialog = h(
    'dialog',
    { class: 'dialog report', 'aria-labelledby': 'report-title', onClose: () => dialog.remove() },
    h('h2', { id: 'report-title', text: title }),
    h('p', { text }),
    h('div', { class: 'field' }, h('label', { class: 'field-label', for: 'report-note', text: ['report.note'] }), note),
    h(
      'div',
      { class: 'dialog-actions' },
      button('button button-quiet button-small', ['close'], () => dialog.close()),
      button('button button-danger button-small', ['report.yes'], () => void send()),
    ),
  );
  // The keys of the viewer under it are letters and arrows, too.
  dialog.addEventListener('keydown', (event) => event.stopPropagation());

  async function send() {
    try {
      await request('POST', path, { note: note.value });
      dialog.close();
      toast(done);
    } catch {
      toast(['report.failed']);
    }
  }

  // Over the viewer, which takes the keys and the focus for itself.
  (document.querySelector('.pswp') ?? document.body).append(dialog);
  dialog.showModal();
}
