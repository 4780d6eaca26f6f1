/** The QR code that leads guests to the session, and the way from here to their photos. */
import { button, h, icon, toast } from '../../common/dom.js';
import { steps } from './steps.js';
import { copyText } from './words.js';

/** Pixels of the PNG: sharp on A5 at 300 dpi. */
const PNG_SIZE = 1024;

/** Whether an address leads nobody but this computer to the session: a printed code of it would be of no use. @param {string} url */
function isOnlyHere(url) {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0)$/.test(new URL(url).hostname);
}

/** @param {import('../pages/photo_session.js').Shared} shared */
export function createShare({ session, onChange }) {
  const api = `/api/photo-sessions/${session.id}`;

  /** @param {string} href @param {import('../../common/i18n.js').Text} text @param {import('../../common/i18n.js').Text} [hint] */
  const download = (href, text, hint) =>
    h(
      'a',
      { class: 'download', href, download: true },
      icon('save'),
      h('span', {}, h('span', { class: 'download-name', text }), hint && h('span', { class: 'note', text: hint })),
    );

  async function copy() {
    toast([(await copyText(session.url)) ? 'share.copied' : 'share.copy_failed']);
  }

  const guide = h('div', { class: 'card guide' });
  const drawGuide = () =>
    guide.replaceChildren(h('h2', { text: ['guide.title'] }), steps(session.photos.ready > 0 ? 4 : session.photos.queued > 0 ? 3 : 1));
  onChange(drawGuide);
  drawGuide();

  const element = h(
    'div',
    { class: 'share' },
    h(
      'section',
      { class: 'card qr-card', label: ['share.title'] },
      h(
        'div',
        { class: 'qr-paper' },
        h('img', { class: 'qr-picture', src: `${api}/qr.svg`, alt: ['share.alt', { name: session.name }], width: 280, height: 280 }),
        h('p', { class: 'qr-name' }, session.name),
      ),
      h(
        'div',
        { class: 'qr-side' },
        h('h2', { text: ['share.title'] }),
        isOnlyHere(session.url)
          ? h('p', { class: 'warning', role: 'note' }, icon('alert'), h('span', { text: ['share.only_here'] }))
          : h('p', { class: 'note', text: ['share.text'] }),
        h(
          'div',
          { class: 'link-box' },
          h('input', {
            class: 'input input-small',
            readonly: true,
            value: session.url,
            label: ['share.link'],
            onFocus: (/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).select(),
          }),
          button('button button-primary button-small', ['share.copy'], copy, 'copy'),
        ),
        h(
          'ul',
          { class: 'downloads', label: ['share.downloads'] },
          ...[
            download(`${api}/qr.png?size=${PNG_SIZE}`, ['share.png'], ['share.png.hint']),
            download(`${api}/qr.svg`, ['share.svg'], ['share.svg.hint']),
            download(`${api}/card.pdf?language=ru`, ['share.pdf.ru'], ['share.pdf.hint']),
            download(`${api}/card.pdf?language=en`, ['share.pdf.en'], ['share.pdf.hint']),
          ].map((each) => h('li', {}, each)),
        ),
        h(
          'a',
          { class: 'button button-quiet button-small', href: session.url, target: '_blank', rel: 'noopener' },
          icon('eye'),
          h('span', { text: ['share.open'] }),
        ),
      ),
    ),
    guide,
  );
  return { element };
}
