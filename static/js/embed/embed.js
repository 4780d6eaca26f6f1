/**
 * The search of one photo session on any page of a studio that Pixora knows as the studio's own:
 *
 *   <script type="module" src="https://photos.example/embed.js"></script>
 *   <pixora-find session="00000000-0000-0000-0000-000000000000"></pixora-find>
 *
 * The element holds a frame, in which camera, consent and photos stay on Pixora's own origin. Attributes: `session`;
 * `lang` (`ru`, `en` or `de`, else the page's); `title`, what the frame is called for those who do not see it. What stands
 * inside the element is shown where the frame does not answer. This file is whole: it imports nothing.
 */

/** The server that this script came from. */
const HOME = new URL(import.meta.url).origin;
/** Pixels. */
const LEAST = 360;
/** Of the window: what is more is scrolled inside, so that dialogs and the camera stay in sight. */
const MOST = 0.92;
/** A frame that is not allowed here never answers. */
const PATIENCE_MS = 20_000;

/** By language; the server puts them in. @type {Record<string, { title: string, open: string }>} */
const WORDS = {};

class PixoraFind extends HTMLElement {
  static observedAttributes = ['session', 'lang', 'title'];

  /** @type {HTMLIFrameElement | null} */
  #frame = null;
  /** What the page in the frame has asked for, in pixels. */
  #wanted = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;
  #root = this.attachShadow({ mode: 'open' });
  #heard = (/** @type {MessageEvent} */ event) => this.#hear(event);
  #resized = () => this.#resize();

  connectedCallback() {
    addEventListener('message', this.#heard);
    addEventListener('resize', this.#resized);
    this.#draw();
  }

  disconnectedCallback() {
    removeEventListener('message', this.#heard);
    removeEventListener('resize', this.#resized);
    clearTimeout(this.#patience);
    this.#root.replaceChildren();
    this.#frame = null;
  }

  /** @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (before === after || !this.#frame) return;
    if (name === 'title') this.#frame.title = this.title || this.#words.title;
    else this.#draw();
  }

  get #language() {
    const language = this.lang || document.documentElement.lang || navigator.language;
    const base = language.toLowerCase().split('-')[0];
    return base in WORDS ? base : 'en';
  }

  get #words() {
    return WORDS[this.#language];
  }

  #draw() {
    const session = this.getAttribute('session')?.trim() ?? '';
    this.style.display ||= 'block';
    this.#wanted = 0;
    const frame = document.createElement('iframe');
    const asked = this.lang || document.documentElement.lang;
    const query = asked ? `?lang=${this.#language}` : '';
    frame.src = `${HOME}/embed/${encodeURIComponent(session)}${query}`;
    frame.allow = 'camera; clipboard-write; web-share';
    frame.title = this.title || this.#words.title;
    frame.referrerPolicy = 'no-referrer';
    Object.assign(frame.style, { display: 'block', width: '100%', border: '0', colorScheme: 'light dark' });
    frame.addEventListener('load', () => this.#greet());
    this.#frame = frame;
    this.#root.replaceChildren(frame);
    this.#resize();
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#giveUp(session), PATIENCE_MS);
  }

  /** Tells the page in the frame who asks; it answers only those whom its studio has named. */
  #greet() {
    this.#frame?.contentWindow?.postMessage({ type: 'pixora:hello' }, HOME);
  }

  /** @param {MessageEvent} event */
  #hear({ origin, source, data }) {
    if (origin !== HOME || !this.#frame || source !== this.#frame.contentWindow) return;
    if (data?.type === 'pixora:ready') this.#greet();
    if (data?.type !== 'pixora:height' || !Number.isFinite(data.height)) return;
    clearTimeout(this.#patience);
    this.#wanted = data.height;
    this.#resize();
  }

  #resize() {
    const most = Math.max(LEAST, Math.round(innerHeight * MOST));
    if (this.#frame) this.#frame.style.height = `${Math.min(most, Math.max(LEAST, Math.ceil(this.#wanted)))}px`;
  }

  /** Nothing is shown here: the way to the page of its own, or what the page's author has put inside. @param {string} session */
  #giveUp(session) {
    const link = document.createElement('a');
    link.href = `${HOME}/session/${encodeURIComponent(session)}`;
    link.target = '_blank';
    link.rel = 'noopener';
    link.textContent = this.#words.open;
    const slot = document.createElement('slot');
    slot.append(link);
    this.#frame = null;
    this.#root.replaceChildren(slot);
  }
}

if (!customElements.get('pixora-find')) customElements.define('pixora-find', PixoraFind);
