/**
 * The search of one session in a frame on the studio's own site: consent, camera, results, and nothing that needs a
 * cookie. What is known of the guest is in this page's memory and ends with it.
 */
import '../guest/messages.js';
import './messages.js';
import { createApi, useVisitToken } from '../guest/api.js';
import { askFor, consentId } from '../guest/consent_store.js';
import { consentView } from '../guest/consent.js';
import { errorView } from '../guest/error_view.js';
import { Feed } from '../guest/feed.js';
import { findView } from '../guest/find.js';
import { createLive } from '../guest/live.js';
import { resultsView } from '../guest/results.js';
import { allowSaving, shareAs } from '../guest/share.js';
import { createShell } from '../guest/shell.js';
import { onLanguageChange, showTimesIn, t } from '../common/i18n.js';
import { toast } from '../common/dom.js';
import { connect } from './parent.js';
import { startView } from './start.js';

/** @typedef {import('../guest/types.js').App} App */
/** @typedef {import('../guest/types.js').View} View */
/** @typedef {import('../guest/types.js').ViewName} ViewName */

/** The session as the server wrote it into the page. */
const session = /** @type {import('../guest/types.js').Session & { origins: string[] }} */ (
  JSON.parse(document.getElementById('session')?.textContent ?? 'null')
);
/** The whole gallery, on a page of its own. */
const gallery = new URL(`/session/${encodeURIComponent(session.id)}`, session.origin ?? location.origin).href;
/** Its picture is as large as the frame is: the camera is useless in a low one. */
const CAMERA_HEIGHT = 640;

useVisitToken();
showTimesIn(session.time_zone);
askFor(session.consent_version ?? '');
shareAs(gallery);
allowSaving(session.downloads ?? 'full');
const api = createApi(session.id);
const live = createLive(session.id);
const around = connect(session.origins);

/** @type {import('../guest/types.js').SearchResult | null} */
let result = null;
/** @type {View | null} */
let current = null;
/** @type {ViewName} */
let currentName = 'home';

/** @type {App} */
const app = {
  session,
  api,
  feed: new Feed(api),
  live,
  shop: null,
  hearts: null,
  comments: null,
  sharedKey: null,
  framed: true,
  selfies: [],
  confirmed: [],
  dismissed: new Set(),
  get result() {
    return result;
  },
  set result(found) {
    result = found;
    live.follow(found?.search_id ?? null);
  },
  go(view) {
    if (view === 'all') window.open(gallery, '_blank', 'noopener');
    else show(view);
  },
  back: () => show(result && currentName === 'find' ? 'results' : 'home'),
  refreshTabs() {},
  fail(code) {
    live.close();
    enter('home', errorView(code));
  },
  forget() {
    app.selfies = [];
    app.confirmed = [];
    app.dismissed.clear();
    app.result = null;
  },
};
const shell = createShell(app);

/** @type {Partial<Record<ViewName, (app: App) => View>>} */
const VIEWS = { home: (app) => startView(app, gallery), consent: consentView, find: findView, results: resultsView };

/** @param {ViewName} wanted */
function show(wanted) {
  const view = allowed(wanted);
  enter(view, (VIEWS[view] ?? startView)(app, gallery));
}

/** A view that lacks what it needs leads to the one before it. @param {ViewName} view @returns {ViewName} */
function allowed(view) {
  if (view === 'find' && !consentId(session.id)) return 'consent';
  if (view === 'consent' && consentId(session.id)) return 'find';
  if (view === 'results' && !result) return 'home';
  return view;
}

/** @param {ViewName} view @param {View} made */
function enter(view, made) {
  current?.dispose?.();
  currentName = view;
  current = made;
  shell.show(view, made.element);
  made.entered?.();
  around.least(document.querySelector('.camera') ? CAMERA_HEIGHT : 0);
  title();
  window.scrollTo(0, 0);
}

function title() {
  const view = currentName === 'home' ? '' : `${t(`title.${currentName}`)} · `;
  document.title = `${view}${session.name || t('embed.title')}`;
}

/** @param {import('../guest/live.js').LiveEvent} event */
function happened({ type, data }) {
  if (type === 'session' && !data.gallery_open) return app.fail('facepass_disabled');
  if (type === 'session' && !data.facepass_enabled && currentName !== 'results') return app.fail('face_search_off');
  if (type === 'counts') session.photos_ready = data.ready;
  if (type === 'photo' && !(data.state === 'ready' && data.is_selected) && result) {
    result.matches = result.matches.filter((photo) => photo.photo_id !== data.photo_id);
  }
  if (type !== 'match' || !result || result.matches.some((known) => known.photo_id === data.photo_id)) return;
  result.matches.push(data);
  current?.found?.(data);
  toast(['results.found']);
}

onLanguageChange(title);
// The selfie never outlives the visit, not even in the back/forward cache.
window.addEventListener('pagehide', () => {
  app.forget();
  live.close();
  current?.dispose?.();
});
window.addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

show('home');
if (!session.error) {
  live.on(happened);
  live.open();
}
around.watch(/** @type {HTMLElement} */ (document.getElementById('app')));
