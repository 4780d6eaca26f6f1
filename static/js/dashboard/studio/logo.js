/** A logo: the field that it is picked in, and how it is made fit for the server. */
import { button, h, toast } from '../../common/dom.js';

/** A logo is drawn this large at most before it is sent: enough for 30 mm at 600 dpi. */
const LOGO_PX = 720;
/** The formats that the server takes. */
const LOGO_BYTES = 512 * 1024;

/** Any picture that the browser opens, as a PNG of a size fit for print. @param {File} file @returns {Promise<string>} base64 */
async function toPng(file) {
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    // A drawing has no size of its own; a photograph of a logo is a large PNG.
    const largest = file.type === 'image/svg+xml' ? LOGO_PX : Math.min(LOGO_PX, Math.max(image.width, image.height));
    for (let side = largest; ; side *= 0.8) {
      const scale = side / Math.max(image.width, image.height);
      const canvas = h('canvas', {
        width: Math.max(1, Math.round(image.width * scale)),
        height: Math.max(1, Math.round(image.height * scale)),
      });
      canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
      const base64 = canvas.toDataURL('image/png').split(',')[1];
      if (base64.length * 0.75 <= LOGO_BYTES) return base64;
    }
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * The field of a logo, with a button that takes the logo away.
 * @param {string} label a message's key
 * @param {{ removeWords: string, note: HTMLElement, picked: (base64: string) => void, removed: () => void }} parts
 */
export function logoField(label, { removeWords, note, picked, removed }) {
  const file = h('input', {
    type: 'file',
    accept: 'image/png,image/jpeg,image/webp,image/svg+xml',
    class: 'visually-hidden',
    tabindex: '-1',
    'aria-hidden': 'true',
    onChange: pick,
  });
  const remove = button('link-button', [removeWords], removed);

  async function pick() {
    const [chosen] = file.files ?? [];
    file.value = '';
    if (!chosen) return;
    try {
      picked(await toPng(chosen));
    } catch {
      toast(['studio.logo.unreadable']);
    }
  }

  const element = h(
    'div',
    { class: 'field', role: 'group', label: [label] },
    h('p', { class: 'field-label', text: [label] }),
    h(
      'div',
      { class: 'session-buttons' },
      button('button button-quiet button-small', ['studio.logo.pick'], () => file.click(), 'upload'),
      remove,
    ),
    file,
    note,
  );
  return { element, remove };
}
