/** The ladder's lower rungs, where no live camera opens: the phone's own camera, the gallery, by hand. */
import { button, h, icon } from '../common/dom.js';

/** Messengers open links in a browser of their own, which often has no camera: marks in the user agent, most specific first. @type {[RegExp, string][]} */
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

/**
 * A label that looks like a button around a file input.
 * @param {string} className
 * @param {import('../common/i18n.js').Text} text
 * @param {string} iconName
 * @param {(file: File) => void} onFile
 * @param {boolean} [capture] opens the front camera instead of the gallery
 */
export function fileButton(className, text, iconName, onFile, capture = false) {
  const input = h('input', { type: 'file', accept: 'image/*', class: 'visually-hidden', capture: capture ? 'user' : null });
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    // The same file may be chosen again after a hint.
    input.value = '';
    if (file) onFile(file);
  });
  return h('label', { class: className }, input, icon(iconName), h('span', { text }));
}

/**
 * @param {{ trouble: 'denied' | 'absent' | 'busy' | null, onFile: (file: File) => void, onBrowse: () => void, onLive: (() => void) | null }} options
 *   `trouble`: why the live camera did not open, null when this browser has none to offer
 */
export function createPicker({ trouble, onFile, onBrowse, onLive }) {
  const app = inAppBrowser();
  const help = h('div', {});
  if (app)
    import('./inapp.js').then(
      ({ inAppHelp }) => help.replaceChildren(inAppHelp(app)),
      () => {},
    );
  // Only phones and tablets heed `capture`; elsewhere both buttons would open the same dialog.
  const phone = trouble !== 'absent' && matchMedia('(pointer: coarse)').matches;
  const hint = h('p', { class: 'picker-hint', role: 'alert' });
  const element = h(
    'div',
    { class: 'picker' },
    h('div', { class: 'picker-art', 'aria-hidden': 'true' }, icon('face')),
    h('h1', { text: ['picker.title'] }),
    h('p', { class: 'lead', text: [trouble && !app ? `picker.${trouble}` : 'picker.text'] }),
    hint,
    h(
      'div',
      { class: 'actions' },
      phone && fileButton('button button-primary', ['picker.capture'], 'camera', onFile, true),
      fileButton(phone ? 'button button-quiet' : 'button button-primary', ['picker.pick'], 'image', onFile),
      trouble && onLive && !app && button('button button-quiet', ['picker.live'], onLive, 'camera'),
      button('link-button', ['picker.browse'], onBrowse),
    ),
    help,
  );
  return {
    element,
    /** @param {string} key a message */
    hint(key) {
      hint.replaceChildren(icon('alert'), h('span', { text: [key] }));
    },
  };
}
