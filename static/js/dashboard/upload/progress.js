/** How far the upload is, in figures and words, and what can be done: pause, go on, stop, try again. */
import { button, h } from '../../common/dom.js';
import { formatNumber, t } from '../../common/i18n.js';
import { confirm } from '../dialog.js';
import { toLogin } from '../api.js';
import { formatBytes, formatDuration } from '../studio/words.js';
import { createSpeedometer } from './totals.js';

/** @typedef {import('./totals.js').Totals} Totals */
/** @typedef {import('./queue.js').UploadQueue} UploadQueue */

/** A screen reader hears of the progress this often; changes of state at once. */
const SPEAK_MS = 20_000;

/** @param {UploadQueue} queue */
export function createProgress(queue) {
  const speedometer = createSpeedometer();
  const title = h('h2', { class: 'upload-status' });
  const figures = h('p', { class: 'upload-figures' });
  const bar = h('progress', { class: 'bar', max: 1, value: 0, label: ['upload.progress'] });
  const spoken = h('p', { class: 'visually-hidden', role: 'status' });
  const pause = button(
    'button button-quiet button-small',
    ['upload.pause'],
    () => {
      queue.pause();
      pause.hidden = true;
      resume.hidden = false;
      resume.focus();
    },
    'pause',
  );
  const resume = button(
    'button button-primary button-small',
    ['upload.resume'],
    () => {
      queue.resume();
      pause.hidden = false;
      resume.hidden = true;
      pause.focus();
    },
    'play',
  );
  const retry = button('button button-primary button-small', ['upload.retry'], () => queue.retryFailed(), 'undo');
  const login = button('button button-primary button-small', ['upload.login'], toLogin);
  const stop = button('link-button', ['upload.cancel'], async () => {
    if (await confirm({ title: ['upload.cancel.title'], text: ['upload.cancel.text'], action: ['upload.cancel'] })) queue.cancelAll();
  });
  const element = h(
    'section',
    { class: 'card upload-progress', label: ['upload.progress'] },
    h(
      'div',
      { class: 'section-head' },
      h('div', {}, title, figures),
      h('div', { class: 'session-buttons' }, pause, resume, login, retry, stop),
    ),
    bar,
    spoken,
  );
  let saidState = '';
  let saidAt = 0;

  /** @param {Totals} totals */
  function stateOf(totals) {
    if (totals.open === 0) return totals.failed ? 'failed' : 'done';
    if (queue.signedOut) return 'signedout';
    if (queue.paused) return 'paused';
    if (queue.stalled) return 'offline';
    return totals.hashing > 0 && queue.active.size === 0 ? 'checking' : 'running';
  }

  /** @param {Totals} totals */
  function draw(totals) {
    const state = stateOf(totals);
    const moving = state === 'running' || state === 'checking';
    const speed = moving ? speedometer.read(queue.travelled) : 0;
    if (!moving) speedometer.reset();
    element.dataset.state = state;
    title.textContent = t(`upload.state.${state}`, { n: totals.failed });
    const done = totals.files - totals.open;
    const words = [
      t('upload.figures.files', { done: formatNumber(done), files: formatNumber(totals.files) }),
      t('upload.figures.bytes', { done: formatBytes(totals.doneBytes), bytes: formatBytes(totals.bytes) }),
      speed > 1000 && t('upload.figures.speed', { speed: formatBytes(speed) }),
      speed > 1000 && totals.openBytes > 0 && t('upload.figures.left', { time: formatDuration(totals.openBytes / speed) }),
    ].filter((part) => part !== false);
    figures.replaceChildren(...words.flatMap((part, i) => [i > 0 ? ' · ' : '', h('span', {}, part)]));
    bar.value = totals.open === 0 ? 1 : totals.doneBytes / Math.max(1, totals.bytes);
    // Not while one of them has the focus and would lose it by being hidden.
    pause.hidden = totals.open === 0 || queue.paused || queue.signedOut;
    resume.hidden = totals.open === 0 || !queue.paused;
    stop.hidden = totals.open === 0;
    login.hidden = state !== 'signedout';
    retry.hidden = totals.failed === 0 || totals.open > 0;
    const now = performance.now();
    if (state !== saidState || (moving && now - saidAt > SPEAK_MS)) {
      spoken.textContent = `${title.textContent}. ${figures.textContent}`;
      saidState = state;
      saidAt = now;
    }
  }
  return { element, draw };
}
