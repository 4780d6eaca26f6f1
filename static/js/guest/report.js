/** A guest reports a photo that another guest has sent. */
import './send_messages.js';
import { button, h, toast } from '../common/dom.js';
import { request } from './api.js';

/** @param {import('./types.js').Photo} photo */
export function report(photo) {
  const note = h('textarea', { class: 'input report-note', id: 'report-note', maxlength: 300, rows: 3 });
  const dialog = h(
    'dialog',
    { class: 'dialog report', 'aria-labelledby': 'report-title', onClose: () => dialog.remove() },
    h('h2', { id: 'report-title', text: ['report.title'] }),
    h('p', { text: ['report.text'] }),
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
      const path = `/api/v1/sessions/${photo.photo_session_id}/gallery/${photo.photo_id}/reports`;
      await request('POST', path, { note: note.value });
      dialog.close();
      toast(['report.done']);
    } catch {
      toast(['report.failed']);
    }
  }

  // Over the viewer, which takes the keys and the focus for itself.
  (document.querySelector('.pswp') ?? document.body).append(dialog);
  dialog.showModal();
}
