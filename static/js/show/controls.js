/** The buttons and keys of the slideshow; they go away while nobody touches anything. */
import { addIcons, h, icon, iconButton } from '../common/dom.js';
import { languageSwitch } from '../common/frame.js';
import { bindText } from '../common/i18n.js';

addIcons({
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  play: 'M8 5.5l10.5 6.5L8 18.5z',
  forward: 'M9 5l7 7-7 7',
  full: 'M4.5 9.5v-5h5M14.5 4.5h5v5M19.5 14.5v5h-5M9.5 19.5h-5v-5',
});

const QUIET_MS = 3_000;
const KEY = 'pixora.show';
/** Seconds a photo is shown. */
export const PACES = [4, 7, 12, 20, 40];

/** @typedef {{ pace: number, order: import('./deck.js').Order, code: boolean }} Taste how this screen shows photos */

/** @returns {Taste} */
export function savedTaste() {
  const taste = /** @type {Taste} */ ({ pace: 7, order: 'mixed', code: true });
  try {
    const { pace, order, code } = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (PACES.includes(pace)) taste.pace = pace;
    if (order === 'time') taste.order = order;
    if (code === false) taste.code = code;
  } catch {
    /* blocked storage, or words of another version: the usual taste */
  }
  return taste;
}

/** @param {Taste} taste */
function save(taste) {
  try {
    localStorage.setItem(KEY, JSON.stringify(taste));
  } catch {
    /* it holds for this page */
  }
}

/** @param {string} label @param {(string | number)[]} values @param {(value: any) => import('../common/i18n.js').Text} words @param {string | number} value */
function choice(label, values, words, value) {
  const select = h(
    'select',
    { class: 'show-select', label: [label] },
    ...values.map((each) => h('option', { value: String(each), text: words(each) })),
  );
  select.value = String(value);
  return select;
}

/**
 * @param {Taste} taste is changed in place
 * @param {{ step: (by: 1 | -1) => void, pause: () => boolean, paced: () => void, ordered: () => void, code: () => void, chapter: (id: string | null) => void }} does
 *   `pause` turns the pause and says whether it is on now
 */
export function createControls(taste, does) {
  const pause = iconButton('show-button', ['show.pause'], turn, 'pause');
  const pace = choice('show.pace', PACES, (n) => ['show.seconds', { n }], taste.pace);
  const order = choice('show.order', ['mixed', 'time'], (name) => [`show.order.${name}`], taste.order);
  const chapter = h('select', {
    class: 'show-select show-chapter',
    label: ['show.chapter'],
    hidden: true,
    onChange: () => does.chapter(chapter.value || null),
  });
  const code = iconButton('show-button', ['show.code'], turnCode, 'qr');
  const full = iconButton('show-button', ['show.full'], turnFull, 'full');
  full.hidden = !document.fullscreenEnabled;
  const element = h(
    'div',
    { class: 'show-controls', role: 'toolbar', label: ['show.controls'] },
    iconButton('show-button', ['show.back'], () => does.step(-1), 'back'),
    pause,
    iconButton('show-button', ['show.next'], () => does.step(1), 'forward'),
    pace,
    order,
    chapter,
    code,
    full,
    languageSwitch(),
  );
  pace.addEventListener('change', () => setPace(Number(pace.value)));
  order.addEventListener('change', () => {
    taste.order = /** @type {Taste['order']} */ (order.value);
    save(taste);
    does.ordered();
  });
  code.setAttribute('aria-pressed', String(taste.code));

  function turn() {
    const paused = does.pause();
    for (const name of ['aria-label', 'title']) bindText(pause, name, [paused ? 'show.play' : 'show.pause']);
    pause.replaceChildren(icon(paused ? 'play' : 'pause'));
  }

  function turnCode() {
    taste.code = !taste.code;
    save(taste);
    code.setAttribute('aria-pressed', String(taste.code));
    does.code();
  }

  function turnFull() {
    const turning = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    // The system may say no.
    turning.catch(() => {});
  }

  /** @param {number} seconds */
  function setPace(seconds) {
    taste.pace = seconds;
    pace.value = String(seconds);
    save(taste);
    does.paced();
  }

  /** @param {1 | -1} by */
  const faster = (by) => setPace(PACES[Math.min(PACES.length - 1, Math.max(0, PACES.indexOf(taste.pace) - by))]);

  /** @type {Record<string, () => void>} */
  const KEYS = {
    ' ': turn,
    k: turn,
    ArrowLeft: () => does.step(-1),
    ArrowRight: () => does.step(1),
    PageUp: () => does.step(-1),
    PageDown: () => does.step(1),
    f: turnFull,
    q: turnCode,
    '+': () => faster(1),
    '=': () => faster(1),
    '-': () => faster(-1),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement) return;
    // A focused button is pressed by its own keys.
    if (event.key === ' ' && event.target instanceof HTMLButtonElement) return;
    const key = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
    if (!key) return;
    event.preventDefault();
    key();
  });

  /** @type {number | undefined} */
  let timer;
  function stir() {
    clearTimeout(timer);
    document.body.classList.remove('is-quiet');
    timer = window.setTimeout(() => {
      // Who walks through the buttons by keys sees where they are.
      if (element.querySelector(':focus-visible')) return stir();
      document.body.classList.add('is-quiet');
    }, QUIET_MS);
  }
  for (const type of ['pointermove', 'pointerdown', 'keydown', 'focusin']) document.addEventListener(type, stir, { passive: true });
  stir();

  return {
    element,
    /** What may be chosen, and what is. @param {{ chapter_id: string, name: string }[]} chapters @param {string | null} chosen */
    setChapters(chapters, chosen) {
      chapter.hidden = chapters.length === 0;
      chapter.replaceChildren(
        h('option', { value: '', text: ['show.chapter.all'] }),
        ...chapters.map(({ chapter_id: id, name }) => h('option', { value: id }, name)),
      );
      chapter.value = chosen ?? '';
    },
  };
}
