/** The ladder's lower rungs, where no live camera opens: the phone's own camera, the gallery, by hand. */
import { button, h, icon } from '../common/dom.js';
import { inAppBrowser, inAppHelp } from './inapp.js';

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
    app && inAppHelp(app),
  );
  return {
    element,
    /** @param {string} key a message */
    hint(key) {
      hint.replaceChildren(icon('alert'), h('span', { text: [key] }));
    },
  };
}
