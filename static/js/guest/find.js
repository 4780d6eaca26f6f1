/** From a face to its photos: the live camera with its quality loop, or the picker, then the search. */
import { ApiError } from './api.js';
import { forgetConsent } from './consent_store.js';
import { textsChanged } from './consent_text.js';
import { cameraTrouble, createCamera, liveCameraPossible } from './camera.js';
import { h, icon, iconButton, toast } from '../common/dom.js';
import { bindText } from '../common/i18n.js';
import { loadStyles } from '../common/styles.js';
import { createPicker, fileButton } from './picker.js';
import { shrink } from './picture.js';
import { pause, search } from './search.js';

await loadStyles('camera');

/** @typedef {import('./types.js').App} App */

/** After a hint the camera tries again by itself this often, then waits for the shutter. */
const AUTOMATIC_TRIES = 3;
/** Long enough to read a hint and to move. */
const HINT_MS = 2200;
const SLOW_MS = 6000;
const MOST_SELFIES = 5;
/** A live camera is asked for so many frames: one of them catches open eyes and a still hand. */
const FRAMES = 3;
const BETWEEN_FRAMES_MS = 150;
/** Faults that another picture of the guest can mend. */
const PICTURE_FAULTS = ['no_face', 'low_quality', 'selfie_too_large', 'unsupported_type', 'undecodable_image'];
/** Faults of the session or of the consent, which no other picture mends. */
const CLOSED = ['session_not_found', 'facepass_disabled', 'face_search_off'];

/** The server's faults of a face, the most important first. */
const REASONS = ['too_small', 'turned_away', 'too_dark', 'too_bright', 'blurred', 'unclear'];

/** The index of the picture from `first` on with the clearest face that was searched with. @param {import('./types.js').SearchResult} result @param {number} first */
function bestOf(result, first) {
  const chosen = result.faces.filter((face) => face.chosen && face.selfie >= first);
  const best = chosen.reduce((best, face) => (best && best.quality >= face.quality ? best : face), chosen[0]);
  return best?.selfie ?? first;
}

/** The answer as if only the best of the pictures from `first` on had been sent; the others are forgotten. @param {import('./types.js').SearchResult} result @param {number} first */
function keepBest(result, first) {
  const best = bestOf(result, first);
  const faces = result.faces.filter((face) => face.selfie < first || face.selfie === best);
  return { ...result, faces: faces.map((face) => (face.selfie === best ? { ...face, selfie: first } : face)) };
}

/** The message that tells the guest how to do better. @param {ApiError} error */
function hintFor(error) {
  const fault = error.code === 'low_quality' ? REASONS.find((reason) => error.problem.reasons?.includes(reason)) : error.code;
  return `hint.${fault ?? 'low_quality'}`;
}

/** @param {App} app @returns {import('./types.js').View} */
export function findView(app) {
  const camera = createCamera();
  const adding = app.selfies.length > 0;
  const restHint = adding ? 'camera.another' : 'camera.hint';
  /** The search in flight. @type {AbortController | null} */
  let running = null;
  let live = false;
  let disposed = false;
  /** @type {ReturnType<typeof createPicker> | null} */
  let picker = null;

  const still = h('img', { class: 'camera-still', alt: '', hidden: true });
  const hint = h('p', { class: 'camera-hint', role: 'status', 'aria-live': 'polite' });
  const stage = h('div', { class: 'camera-stage' }, camera.element, still, h('div', { class: 'camera-oval', 'aria-hidden': 'true' }));
  const shutter = h(
    'button',
    { type: 'button', class: 'shutter', label: ['camera.shoot'], onClick: () => (running ? cancel() : void shoot()) },
    h('span', { class: 'shutter-dot' }),
  );
  const choose = fileButton('icon-button', ['camera.pick'], 'image', (file) => void pick(file));
  choose.querySelector('span')?.classList.add('visually-hidden');
  const bar = h('div', { class: 'camera-bar' }, choose, shutter, h('span', { class: 'camera-bar-end' }));
  const close = iconButton('camera-close', ['close'], () => app.back(), 'close');
  const screen = h('section', { class: 'camera' }, h('h1', { class: 'visually-hidden', text: ['camera.title'] }), close, stage, hint, bar);
  const element = h('div', { class: 'find' }, screen);

  /** @param {import('../common/i18n.js').Text} text @param {'rest' | 'advice' | 'busy'} mood */
  function say(text, mood) {
    screen.dataset.mood = mood;
    const words = h('span', { text });
    hint.replaceChildren(words);
    if (mood === 'advice') hint.prepend(icon('alert'));
    return words;
  }

  function cancel() {
    running?.abort();
  }

  /** @param {boolean} busy */
  function setBusy(busy) {
    bindText(shutter, 'aria-label', [busy ? 'camera.stop' : 'camera.shoot']);
    shutter.classList.toggle('is-busy', busy);
    choose.toggleAttribute('inert', busy);
  }

  async function startCamera() {
    element.replaceChildren(screen);
    picker = null;
    say(['camera.starting'], 'rest');
    shutter.disabled = true;
    try {
      await camera.start();
      if (disposed) return;
      live = true;
      shutter.disabled = false;
      say([restHint], 'rest');
    } catch (error) {
      if (!disposed) showPicker(cameraTrouble(error));
    }
  }

  /** @param {'denied' | 'absent' | 'busy' | null} trouble */
  function showPicker(trouble) {
    live = false;
    camera.stop();
    picker = createPicker({
      trouble,
      onFile: (file) => void pick(file),
      onBrowse: () => app.go('all', { replace: true }),
      onLive: liveCameraPossible() ? () => void startCamera() : null,
    });
    element.replaceChildren(picker.element);
    picker.element.querySelector('h1')?.setAttribute('tabindex', '-1');
  }

  /** @param {Blob | null} picture */
  function freeze(picture) {
    if (still.src) URL.revokeObjectURL(still.src);
    still.hidden = !picture;
    still.classList.toggle('is-mirrored', live);
    if (picture) still.src = URL.createObjectURL(picture);
    else still.removeAttribute('src');
  }

  /** The shutter: take, search; after a hint take again, without losing the camera. */
  async function shoot() {
    running = new AbortController();
    const { signal } = running;
    setBusy(true);
    try {
      for (let tries = 0; ; tries++) {
        const fault = await lookFor(await captureFrames(signal), signal);
        if (!fault) return;
        freeze(null);
        say([fault], 'advice');
        if (tries === AUTOMATIC_TRIES) return;
        await pause(HINT_MS, signal);
      }
    } catch (error) {
      stumble(error);
    } finally {
      running = null;
      setBusy(false);
    }
  }

  /** A picture from the phone's camera or gallery. @param {File} file */
  async function pick(file) {
    running = new AbortController();
    const { signal } = running;
    setBusy(true);
    element.replaceChildren(screen);
    shutter.disabled = false;
    const wasLive = live;
    live = false;
    try {
      const fault = await lookFor([await shrink(file)], signal);
      live = wasLive;
      if (!fault) return;
      freeze(null);
      if (live) say([fault], 'advice');
      else backToPicker(fault);
    } catch (error) {
      live = wasLive;
      stumble(error);
    } finally {
      running = null;
      setBusy(false);
    }
  }

  /** @param {string} message */
  function backToPicker(message) {
    if (!picker) showPicker(null);
    if (!picker) return;
    element.replaceChildren(picker.element);
    picker.hint(message);
  }

  /** Some frames of one moment: the server searches with the best of them. @param {AbortSignal} signal */
  async function captureFrames(signal) {
    const frames = [await camera.capture()];
    freeze(frames[0]);
    while (frames.length < FRAMES && app.selfies.length + frames.length < MOST_SELFIES) {
      await pause(BETWEEN_FRAMES_MS, signal);
      frames.push(await camera.capture());
    }
    return frames;
  }

  /**
   * @param {Blob[]} pictures of one moment
   * @param {AbortSignal} signal
   * @returns {Promise<string | null>} the hint when another picture is needed, null when the results are shown
   */
  async function lookFor(pictures, signal) {
    freeze(pictures[0]);
    const total = app.session.photos_ready;
    say(['search.busy', { n: total }], 'busy');
    const slow = setTimeout(() => say(['search.slow'], 'busy'), SLOW_MS);
    const before = app.selfies.slice(-(MOST_SELFIES - pictures.length));
    try {
      const result = await search(app, [...before, ...pictures], {
        confirmed: app.confirmed,
        signal,
        onWait(waiting) {
          clearTimeout(slow);
          if (waiting) say([`search.${waiting.kind}`, { n: waiting.seconds }], 'busy');
          else say(['search.busy', { n: total }], 'busy');
        },
      });
      app.result = keepBest(result, before.length);
      app.selfies = [...before, pictures[bestOf(result, before.length) - before.length]];
      app.go('results', { replace: true });
      return null;
    } catch (error) {
      if (error instanceof ApiError && PICTURE_FAULTS.includes(error.code)) return hintFor(error);
      throw error;
    } finally {
      clearTimeout(slow);
    }
  }

  /** The remaining failures after hints and retries: the guest cancelled, or the search cannot be done. @param {unknown} error */
  function stumble(error) {
    if (disposed) return;
    freeze(null);
    const code = error instanceof ApiError ? error.code : 'internal';
    if (CLOSED.includes(code)) return app.fail(code);
    if (code === 'unknown_consent' || code === 'consent_outdated') {
      // Erased on the server meanwhile, or the text has changed: the guest is asked again.
      forgetConsent(app.session.id);
      textsChanged(app);
      return app.go('consent', { replace: true });
    }
    const message = code === 'aborted' ? 'search.cancelled' : 'search.failed';
    if (live) say([message], code === 'aborted' ? 'rest' : 'advice');
    else if (code === 'aborted') {
      backToPicker('search.cancelled');
      toast([message]);
    } else backToPicker(message);
  }

  /** Phones end the stream of a page that goes to the background. */
  function onVisible() {
    if (!document.hidden && live && !running && camera.ended()) void startCamera();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key === 'Escape') app.back();
  }

  return {
    element,
    entered() {
      document.addEventListener('keydown', onKey);
      document.addEventListener('visibilitychange', onVisible);
      if (liveCameraPossible()) void startCamera();
      else showPicker(null);
    },
    dispose() {
      disposed = true;
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('visibilitychange', onVisible);
      cancel();
      camera.stop();
      freeze(null);
    },
  };
}
