/** The QR code that leads guests to the session, and the way from here to their photos. */
import { button, h, icon, toast } from '../../common/dom.js';
import { LANGUAGES, languageName } from '../../common/i18n.js';
import { embedCode } from './embed_code.js';
import { createLinks } from './links.js';
import { steps } from './steps.js';
import { copyText, toggle } from './words.js';

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

  /** @param {string} href @param {import('../../common/i18n.js').Text} text @param {string} name of the icon */
  const opener = (href, text, name) =>
    h('a', { class: 'button button-quiet button-small', href, target: '_blank', rel: 'noopener' }, icon(name), h('span', { text }));

  const picture = h('img', { class: 'qr-picture', alt: ['share.alt', { name: session.name }], width: 280, height: 280 });
  const link = h('input', {
    class: 'input input-small',
    readonly: true,
    label: ['share.link'],
    onFocus: () => link.select(),
  });
  const downloads = h('ul', { class: 'downloads', label: ['share.downloads'] });
  const withPin = toggle({ label: ['share.pin'], hint: ['share.pin.hint'], checked: false, onChange: () => drawCode() });

  /** The code that is shown. @type {import('./links.js').Link | null} */
  let shown = null;

  /** The code, its link and its files, with the gallery's PIN where that is wanted. */
  function drawCode() {
    withPin.element.hidden = !session.pin;
    const pin = withPin.input.checked ? session.pin : null;
    const url = (/** @type {string} */ name, query = {}) => {
      const words = new URLSearchParams({ ...query, ...(pin && { pin: '1' }), ...(shown?.label && { link: shown.code }) }).toString();
      return `${api}/${name}${words && `?${words}`}`;
    };
    const src = url('qr.svg');
    if (picture.getAttribute('src') !== src) picture.src = src;
    const address = shown?.url ?? session.url;
    link.value = pin ? `${address}#pin=${encodeURIComponent(pin)}` : address;
    downloads.replaceChildren(
      ...[
        download(url('qr.png', { size: PNG_SIZE }), ['share.png'], ['share.png.hint']),
        download(src, ['share.svg'], ['share.svg.hint']),
        ...LANGUAGES.map((language) =>
          download(url('card.pdf', { language }), ['share.pdf', { language: languageName(language) }], ['share.pdf.hint']),
        ),
      ].map((each) => h('li', {}, each)),
    );
  }
  onChange(drawCode);
  drawCode();
  const links = createLinks(session, (link) => {
    shown = link;
    drawCode();
  });

  async function copy() {
    toast([(await copyText(link.value)) ? 'share.copied' : 'share.copy_failed']);
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
      h('div', { class: 'qr-paper' }, picture, h('p', { class: 'qr-name' }, session.name)),
      h(
        'div',
        { class: 'qr-side' },
        h('h2', { text: ['share.title'] }),
        isOnlyHere(session.url)
          ? h(
              'p',
              { class: 'warning', role: 'note' },
              icon('alert'),
              h('span', { text: session.network_url ? ['share.only_here.network', { url: session.network_url }] : ['share.only_here'] }),
            )
          : h('p', { class: 'note', text: ['share.text'] }),
        h('div', { class: 'link-box' }, link, button('button button-primary button-small', ['share.copy'], copy, 'copy')),
        withPin.element,
        downloads,
        h(
          'div',
          { class: 'session-buttons' },
          opener(session.url, ['share.open'], 'eye'),
          opener(`${session.url}/show`, ['share.show'], 'play'),
        ),
        embedCode(session),
      ),
    ),
    h('div', { class: 'share-side' }, links.element, guide),
  );
  return { element, shown: () => void links.read() };
}
