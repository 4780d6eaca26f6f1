/** The QR code on /login: made, shown, renewed, followed until somebody confirms or declines. */
import { button, h, icon } from '../common/dom.js';
import { ApiError, api } from '../dashboard/api.js';
import { failure, loading } from '../dashboard/states.js';
import { ring } from './ring.js';

const POLL_MS = 2000;
/** A page that nobody looks at stops asking for codes. */
const IDLE_MS = 5 * 60_000;
const SIGNS_OF_LIFE = ['pointerdown', 'pointermove', 'keydown'];

/** @param {number} ms @param {AbortSignal} signal */
function sleep(ms, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        done(undefined);
      },
      { once: true },
    );
  });
}

/** @param {() => void} enter leads the signed-in browser on */
export function qrPanel(enter) {
  const stage = h('div', { class: 'qr-stage' });
  const element = h(
    'div',
    { class: 'qr' },
    stage,
    h('ol', { class: 'qr-steps' }, ...[1, 2, 3].map((n) => h('li', { text: [`qr.step${n}`] }))),
  );
  let seen = Date.now();
  const note = () => {
    seen = Date.now();
  };
  /** @type {AbortController | null} */
  let running = null;

  /** @param {AbortSignal} signal */
  async function follow(signal) {
    while (!signal.aborted) {
      const code = await api.post('/api/qr-auth/generate', {}, { signal });
      if (signal.aborted) return;
      showCode(code, signal);
      const outcome = await outcomeOf(code, signal);
      if (signal.aborted) return;
      if (outcome === 'confirmed') return signedIn();
      if (outcome === 'rejected') return showEnd('close', ['qr.rejected'], ['qr.rejected.text']);
      if (Date.now() - seen > IDLE_MS) return showEnd('clock', ['qr.paused'], ['qr.paused.text']);
    }
  }

  /** @param {{ code: string, expires_in: number }} code @param {AbortSignal} signal @returns {Promise<string>} */
  async function outcomeOf({ code, expires_in: seconds }, signal) {
    const until = Date.now() + seconds * 1000;
    while (!signal.aborted && Date.now() < until) {
      await sleep(Math.min(POLL_MS, until - Date.now()), signal);
      if (signal.aborted) break;
      try {
        const { status } = await api.post('/api/qr-auth/status', { code }, { signal });
        if (status !== 'pending') return status;
      } catch (error) {
        // A lost answer is asked for again, until the code's time is over.
        if (!(error instanceof ApiError)) throw error;
      }
    }
    return 'expired';
  }

  /** @param {{ qr_svg: string, expires_in: number }} code @param {AbortSignal} signal */
  function showCode({ qr_svg: picture, expires_in: seconds }, signal) {
    stage.replaceChildren(
      h('img', {
        class: 'qr-code',
        src: `data:image/svg+xml,${encodeURIComponent(picture)}`,
        alt: ['qr.alt'],
        width: '220',
        height: '220',
      }),
      h('div', { class: 'qr-time' }, ring(seconds, signal), h('span', { class: 'note', text: ['qr.renews'] })),
    );
  }

  function signedIn() {
    stage.replaceChildren(
      h(
        'div',
        { class: 'qr-end', role: 'status' },
        h('span', { class: 'message-icon is-good' }, icon('check')),
        h('p', { text: ['qr.confirmed'] }),
      ),
    );
    enter();
  }

  /** @param {string} iconName @param {import('../common/i18n.js').Text} title @param {import('../common/i18n.js').Text} text */
  function showEnd(iconName, title, text) {
    stop();
    stage.replaceChildren(
      h(
        'div',
        { class: 'qr-end', role: 'alert' },
        h('span', { class: 'message-icon' }, icon(iconName)),
        h('h2', { text: title }),
        h('p', { class: 'note', text }),
        button('button button-quiet button-small', ['qr.again'], start, 'undo'),
      ),
    );
  }

  function start() {
    stop();
    note();
    for (const sign of SIGNS_OF_LIFE) document.addEventListener(sign, note, { passive: true });
    const { signal } = (running = new AbortController());
    stage.replaceChildren(loading());
    follow(signal).catch((error) => {
      if (!signal.aborted) stage.replaceChildren(failure(error, start));
    });
  }

  function stop() {
    running?.abort();
    running = null;
    for (const sign of SIGNS_OF_LIFE) document.removeEventListener(sign, note);
  }

  return { element, start, stop };
}
