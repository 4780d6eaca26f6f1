/** Messengers open links in a browser of their own, which often has no camera. */
import { button, h, icon, toast } from '../common/dom.js';
import { copyText, linkToGallery } from './share.js';

/** Marks in the user agent, most specific first. @type {[RegExp, string][]} */
const APPS = [
  [/Telegram/i, 'Telegram'],
  [/Instagram/i, 'Instagram'],
  [/\bFB(AN|AV|IOS)\b|FB_IAB/i, 'Facebook'],
  [/WhatsApp/i, 'WhatsApp'],
  [/VKClient|VKAndroidApp|com\.vk\.|\bVK\//i, 'VK'],
  [/OKApp|odnoklassniki/i, 'OK'],
  [/\bViber\b/i, 'Viber'],
  [/MicroMessenger/i, 'WeChat'],
  [/\bLine\//i, 'LINE'],
];

/** The messenger whose browser this is, '' when none is recognised. */
export function inAppBrowser(userAgent = navigator.userAgent) {
  if ('TelegramWebviewProxy' in window) return 'Telegram';
  return APPS.find(([mark]) => mark.test(userAgent))?.[1] ?? '';
}

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
