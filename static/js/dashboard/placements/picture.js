/** The picture of an order: picked or dropped, sent, and shown with the code that the server draws on it. */
import { button, h, icon } from '../../common/dom.js';
import { api, ApiError } from '../api.js';
import { errorText } from '../states.js';
import { webLink } from './words.js';

const LARGEST_BYTES = 20 * 1024 * 1024;
/** After the last letter of the link. */
const PAUSE_MS = 700;
/** A large picture takes the server some seconds, and a slow line longer. */
const TIMEOUT_MS = 120_000;

/**
 * @param {object} options
 * @param {() => string} options.link what the customer has typed so far
 * @param {(source: string | null) => void} options.onSource a picture was taken in, or taken away
 */
export function orderPicture({ link, onSource }) {
  /** @type {string | null} the picture without a code, on the server */
  let source = null;
  /** @type {{ source: string, link: string, image: string, preview: string } | null} what the server has drawn last */
  let drawn = null;
  /** @type {AbortController | null} */
  let work = null;
  let timer = 0;
  /** A picture is on its way to the server. */
  let sending = false;

  const open = h('a', { class: 'placement-picture-link', target: '_blank', rel: 'noopener', hidden: true });
  const file = h('input', {
    type: 'file',
    accept: 'image/jpeg,image/png,image/webp',
    class: 'visually-hidden',
    tabindex: '-1',
    'aria-hidden': 'true',
    onChange: () => {
      const [picked] = file.files ?? [];
      file.value = '';
      if (picked) void take(picked);
    },
  });
  const drop = h(
    'div',
    { class: 'placement-drop' },
    h('span', { class: 'message-icon' }, icon('image')),
    button('button button-quiet button-small', ['picture.pick'], () => file.click(), 'upload'),
    h('p', { class: 'note placement-drop-drag', text: ['picture.drop'] }),
    h('p', { class: 'note', text: ['picture.hint'] }),
  );
  const busy = h('div', { class: 'placement-picture-busy', hidden: true }, h('span', { class: 'spinner', 'aria-hidden': 'true' }));
  const state = h('p', { class: 'note placement-picture-state', role: 'status' });
  const problem = h('p', { class: 'field-error', role: 'alert' });
  const tools = h(
    'div',
    { class: 'session-buttons', hidden: true },
    button('button button-quiet button-small', ['picture.replace'], () => file.click(), 'upload'),
    button('link-button', ['picture.remove'], () => {
      set(null);
      onSource(null);
    }),
  );
  const frame = h('div', { class: 'placement-picture-frame' }, drop, open, busy);
  const element = h(
    'section',
    {
      class: 'placement-picture',
      label: ['picture.preview'],
      onDragover: over,
      onDragleave: () => frame.classList.remove('is-over'),
      onDrop: dropped,
    },
    frame,
    state,
    problem,
    tools,
    file,
  );

  /** @param {DragEvent} event */
  function over(event) {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    frame.classList.add('is-over');
  }

  /** @param {DragEvent} event */
  function dropped(event) {
    event.preventDefault();
    frame.classList.remove('is-over');
    const [picked] = event.dataTransfer?.files ?? [];
    if (picked) void take(picked);
  }

  /** @param {import('../../common/i18n.js').Text | null} words @param {boolean} works @param {boolean} [good] */
  function say(words, works, good = false) {
    state.replaceChildren(...(words ? [...(good ? [icon('check')] : []), h('span', { text: words })] : []));
    state.classList.toggle('is-good', good);
    busy.hidden = !works;
    element.setAttribute('aria-busy', String(works));
  }

  /** @param {string} url @param {string} whole @param {boolean} coded */
  function show(url, whole, coded) {
    open.href = whole;
    open.hidden = false;
    open.replaceChildren(h('img', { class: 'placement-picture-shown', src: url, alt: [coded ? 'picture.alt' : 'picture.alt.plain'] }));
  }

  /** Sends a picture. @param {File} picked */
  async function take(picked) {
    problem.textContent = '';
    if (picked.size > LARGEST_BYTES) return fail(['picture.too_large']);
    work?.abort();
    const mine = (work = new AbortController());
    clearTimeout(timer);
    const local = URL.createObjectURL(picked);
    sending = true;
    frame.classList.add('has-picture');
    show(local, local, false);
    say(['picture.sending'], true);
    try {
      const form = new FormData();
      form.append('image', picked);
      const { image_url: image } = await api.post('/api/images', form, { signal: mine.signal, timeout: TIMEOUT_MS });
      set(image);
      onSource(image);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'aborted') return;
      set(source);
      fail(errorText(error));
    } finally {
      setTimeout(() => URL.revokeObjectURL(local), TIMEOUT_MS);
    }
  }

  /** Shows a picture that is on the server. @param {string | null} image */
  function set(image) {
    work?.abort();
    sending = false;
    source = image;
    problem.textContent = '';
    frame.classList.toggle('has-picture', image !== null);
    tools.hidden = image === null;
    open.hidden = image === null;
    if (!image) {
      say(null, false);
      return;
    }
    show(`${image}?preview=1`, image, false);
    void draw();
  }

  /** @param {import('../../common/i18n.js').Text | string} words */
  function fail(words) {
    say(null, false);
    problem.replaceChildren(typeof words === 'string' ? words : h('span', { text: words }));
  }

  /** Has the code drawn for what the link is now. @returns {Promise<string | null>} the picture with it */
  async function draw() {
    clearTimeout(timer);
    const target = link().trim();
    const from = source;
    if (!from || sending) return null;
    work?.abort();
    if (drawn && drawn.source === from && drawn.link === target) {
      show(drawn.preview, drawn.image, true);
      say(['picture.ready'], false, true);
      return drawn.image;
    }
    if (!webLink(target)) {
      show(`${from}?preview=1`, from, false);
      say(['picture.no_link'], false);
      return null;
    }
    const mine = (work = new AbortController());
    problem.textContent = '';
    say(['picture.drawing'], true);
    try {
      const { image_url: image, preview_url: preview } = await api.post(
        '/api/images/process',
        { image_url: from, target_url: target },
        { signal: mine.signal, timeout: TIMEOUT_MS },
      );
      drawn = { source: from, link: target, image, preview };
      show(preview, image, true);
      say(['picture.ready'], false, true);
      return image;
    } catch (error) {
      if (error instanceof ApiError && error.code === 'aborted') return null;
      show(`${from}?preview=1`, from, false);
      fail(error instanceof ApiError && error.code === 'image_not_found' ? ['fault.image'] : errorText(error));
      return null;
    }
  }

  return {
    element,
    set,
    /** The link has changed. */
    linkChanged() {
      clearTimeout(timer);
      if (source)
        timer = window.setTimeout(() => {
          void draw();
        }, PAUSE_MS);
    },
    /** The picture as it is to be placed, `null` for none. @returns {Promise<{ image: string | null, ok: boolean }>} */
    async finished() {
      if (sending) {
        problem.replaceChildren(h('span', { text: ['picture.waits'] }));
        return { image: null, ok: false };
      }
      const image = await draw();
      return { image, ok: image !== null || source === null };
    },
    fail,
  };
}
