/** Starts the phone's page of a hand-off: reads how it stands, shows what fits, follows it to its end. */
import './messages.js';
import { h } from '../common/dom.js';
import { frame } from '../common/frame.js';
import { onLanguageChange, t } from '../common/i18n.js';
import { createApi } from './api.js';
import { countdown } from './countdown.js';
import { endView } from './ends.js';
import { resultView, waitView } from './result.js';
import { sendView } from './send.js';
import { watch } from './watch.js';

/** @typedef {import('./api.js').Session} Session */
/** @typedef {{ element: HTMLElement, update: (session: Session) => Promise<void>, dispose: () => void }} View */

const id = decodeURIComponent(location.pathname.split('/').filter(Boolean).pop() ?? '');
const api = createApi(id);
const { main } = frame();
const offline = h('p', { class: 'handoff-offline', role: 'status' });
const bar = h('div', { class: 'handoff-bar' });
const stage = h('div', { class: 'handoff-stage', 'aria-busy': 'true' }, h('span', { class: 'spinner' }));
main.append(bar, offline, stage);

/** @type {View | null} */
let view = null;
let shown = '';
let heading = 'handoff.title.upload';
/** @type {ReturnType<typeof countdown> | null} */
let clock = null;

/** @param {Session} session */
function nameOf(session) {
  if (session.has_result) return 'result';
  if (session.type === 'download') return 'wait';
  return session.status === 'completed' ? 'finished' : 'send';
}

/** @param {Session} session */
function onSession(session) {
  stage.removeAttribute('aria-busy');
  if (!clock) {
    // The server has the last word on the end.
    clock = countdown(session.expires_at, () => setTimeout(() => api.read().then(onSession, (error) => onGone(error.code)), 1000));
    bar.replaceChildren(clock.element);
  }
  const name = nameOf(session);
  heading = `handoff.title.${session.type}`;
  title();
  if (name !== shown) {
    const first = !shown;
    shown = name;
    view?.dispose();
    view = name === 'result' ? resultView(api, session) : name === 'send' ? sendView(api, session, { onGone }) : waitView(session);
    stage.replaceChildren(view.element);
    // Screen readers announce the new view.
    if (!first) stage.querySelector('h1')?.focus();
  }
  view?.update(session);
}

/** @param {string} code */
function onGone(code) {
  stop();
  clock?.stop();
  view?.dispose();
  view = null;
  bar.replaceChildren();
  offline.replaceChildren();
  stage.removeAttribute('aria-busy');
  stage.replaceChildren(endView(code));
  stage.querySelector('h1')?.focus();
}

/** @param {boolean} connected */
function onConnection(connected) {
  if (connected) offline.replaceChildren();
  else if (!offline.firstChild) offline.append(h('span', { text: ['handoff.offline'] }));
}

function title() {
  document.title = `${t(heading)} · Pixora`;
}

title();
onLanguageChange(title);
const stop = watch(api, { onSession, onGone, onConnection });
