/** Several photos as one ZIP: its size is told before anything travels. */
import { h, icon, iconButton } from './dom.js';
import { ApiError } from './api.js';
import { formatNumber, onLanguageChange, t } from './i18n.js';
import './archive_messages.js';
import { showSheet } from './sheet.js';

/** The photos in an archive. @typedef {{ photo_ids: string[] } | { all: true }} Wanted */

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];

/** "48 MB". @param {number} bytes */
function formatBytes(bytes) {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return formatNumber(value, { style: 'unit', unit: UNITS[power], maximumFractionDigits: value < 10 ? 1 : 0 });
}

/**
 * @param {(wanted: Wanted) => Promise<{ url: string, bytes: number, photos: number }>} archive begins it
 * @param {Wanted} wanted
 */
export function openArchive(archive, wanted) {
  const body = h('div', { class: 'archive-body', 'aria-live': 'polite' });
  const dialog = h(
    'dialog',
    {
      class: 'dialog',
      'aria-labelledby': 'archive-title',
      onClose: () => {
        unlisten();
        dialog.remove();
      },
    },
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id: 'archive-title', text: ['zip.title'] }),
      iconButton('', ['close'], () => dialog.close(), 'close'),
    ),
    body,
  );
  let draw = () => {};
  const unlisten = onLanguageChange(() => draw());

  /** Thousands of photos that were never asked for before are read first; what is done stays done. */
  async function begun() {
    for (;;) {
      try {
        return await archive(wanted);
      } catch (error) {
        if (!(error instanceof ApiError && error.code === 'archive_preparing') || !dialog.open) throw error;
        await new Promise((done) => setTimeout(done, error.retryAfter * 1000));
      }
    }
  }

  async function ask() {
    body.replaceChildren(
      h('p', { class: 'working' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }), h('span', { text: ['zip.counting'] })),
    );
    try {
      const ready = await begun();
      draw = () =>
        body.replaceChildren(
          h('p', { class: 'archive-size' }, `${t('photos.count', { n: ready.photos })} · ${formatBytes(ready.bytes)}`),
          h('p', { class: 'note', text: ['zip.note'] }),
          h(
            'a',
            {
              class: 'button button-primary button-wide',
              href: ready.url,
              download: true,
              onClick: () => setTimeout(() => dialog.close()),
            },
            icon('save'),
            h('span', { text: ['zip.download'] }),
          ),
        );
      draw();
    } catch {
      body.replaceChildren(
        h('p', { role: 'alert', text: ['zip.failed'] }),
        h('button', { type: 'button', class: 'button button-quiet button-wide', text: ['retry'], onClick: () => void ask() }),
      );
    }
  }

  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  showSheet(dialog);
  void ask();
}
