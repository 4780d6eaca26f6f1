/** What is said in the browser of a messenger; loaded there alone. */
import { button, h, icon, toast } from '../common/dom.js';
import { copyText, linkToGallery } from './share.js';

/** How to get out of the messenger to the real browser. @param {string} app */
export function inAppHelp(app) {
  return h(
    'aside',
    { class: 'card in-app' },
    h('h2', {}, icon('alert'), h('span', { text: ['inapp.title'] })),
    h('p', { text: ['inapp.text', { app }] }),
    button(
      'button button-quiet',
      ['inapp.copy'],
      async () => {
        await copyText(linkToGallery());
        toast(['inapp.copied']);
      },
      'copy',
    ),
  );
}
