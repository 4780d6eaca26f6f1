/** The two lines that put a session's search on a page of the studio's own site. */
import '../messages/website.js';
import { button, h, toast } from '../../common/dom.js';
import { copyText } from './words.js';

/** @param {{ id: string, url: string }} session `url` is its page for guests */
export function embedCode({ id, url }) {
  const script = new URL('/embed.js', url).href;
  const code = h('textarea', { class: 'input embed-code', rows: 3, readonly: true, spellcheck: 'false', label: ['website.code.label'] });
  code.value = `<script type="module" src="${script}"></script>\n<pixora-find session="${id}"></pixora-find>`;
  code.addEventListener('focus', () => code.select());
  return h(
    'details',
    { class: 'embed-details' },
    h('summary', { text: ['website.code.title'] }),
    h('p', { class: 'note', text: ['website.code.text'] }),
    code,
    button(
      'button button-quiet button-small',
      ['website.code.copy'],
      async () => toast([(await copyText(code.value)) ? 'website.code.copied' : 'website.code.copy_failed']),
      'copy',
    ),
  );
}
