/** Starts the guest page: reads the session, wires the views to the address and the back button. */
import { ApiError, createApi } from './api.js';
import { askFor, consentId, hasHearts } from './consent_store.js';
import { Feed } from './feed.js';
import { pageIsStill, photosCame } from './first_photos.js';
import { onLanguageChange, showTimesIn, t } from '../common/i18n.js';
import { landingView } from './landing.js';
import { createLive } from './live.js';
import { createShell } from './shell.js';
import { comeBack } from './visit.js';
import { h, toast } from '../common/dom.js';
import { siteName } from '../common/frame.js';

/** @typedef {import('./types.js').App} App */
/** @typedef {import('./types.js').View} View */
/** @typedef {import('./types.js').ViewName} ViewName */
/** @typedef {import('./shop/shop.js').Shop} Shop */

/** The views that are there; the others come when they are asked for, at the latest when the page has time. @type {Partial<Record<ViewName, (app: App) => View>>} */
const views = {
  home: landingView,
  cart: ({ shop }) => /** @type {Shop} */ (shop).cartView(),
  checkout: ({ shop }) => /** @type {Shop} */ (shop).checkoutView(),
};

/** @type {Record<'consent' | 'find' | 'results' | 'all' | 'hearts' | 'hidden' | 'list' | 'send', () => Promise<(app: App) => View>> & { home?: () => Promise<(app: App) => View> }} */
const LATER = {
  consent: async () => (await import('./consent.js')).consentView,
  find: async () => (await import('./find.js')).findView,
  results: async () => (await import('./results.js')).resultsView,
  all: async () => (await import('./all_photos.js')).allPhotosView,
  send: async () => (await import('./send.js')).sendView,
  hearts: async () => (await import('./favourites.js')).heartsView,
  hidden: async () => (await import('./hidden_view.js')).hiddenView,
  list: async () => (await import('./favourites.js')).sharedView,
};

/** What a tap on the first view leads to; results come while the guest takes a selfie. @type {(keyof typeof LATER)[]} */
const MOST_WANTED = ['consent', 'find', 'all'];

/** The modules of the search, named so that none has to wait for the one that imports it; those of the gallery are in the page. */
const SEARCH = ['consent', 'consent_text', 'find', 'camera', 'picker', 'picture', 'search', '../common/styles'];
const RESULTS = ['results', 'perhaps'];

/** The address of a list that somebody shares, and of the couple's selection. */
const LIST = '#list=';
const CHOOSE = '#choose=';

/** After a lost network. */
const SHOP_AGAIN_MS = 10_000;

/** The session as the server wrote it into the page. */
const session = /** @type {import('./types.js').Session} */ (JSON.parse(document.getElementById('session')?.textContent ?? 'null'));
showTimesIn(session.time_zone);
// A link to one photo opens on that photo.
if (session.photo) {
  delete views.home;
  LATER.home = async () => (await import('./photo.js')).photoView;
}
const api = createApi(session.id);
askFor(session.consent_version ?? '');
const live = createLive(session.id);
/** @type {import('./types.js').SearchResult | null} */
let result = null;

/** @type {View | null} */
let current = null;
/** @type {ViewName} */
let currentName = 'home';
/** Where the guest was in each view, to come back to. @type {Map<ViewName, number>} */
const scrolls = new Map();

/** @type {App} */
const app = {
  session,
  api,
  feed: new Feed(api, session.first),
  live,
  shop: null,
  hearts: null,
  comments: null,
  sharedKey: null,
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
  go(view, { replace = false } = {}) {
    const { depth = 0, sheet = false } = history.state ?? {};
    // A dialog has an entry of its own, which what was pressed in it takes over.
    if (sheet) history.replaceState({ depth: depth + 1 }, '', address(view));
    else if (replace) history.replaceState({ depth }, '', address(view));
    else history.pushState({ depth: depth + 1 }, '', address(view));
    show(view, 'forward');
  },
  back() {
    if (history.state?.depth > 0) history.back();
    else app.go('home', { replace: true });
  },
  refreshTabs: (view) => shell.drawTabs(view),
  fail(code) {
    live.close();
    void import('./error_view.js').then(({ errorView }) => {
      awaited = null;
      current?.dispose?.();
      current = errorView(code);
      shell.show('home', current.element);
    });
  },
  forget() {
    app.selfies = [];
    app.confirmed = [];
    app.dismissed.clear();
    app.result = null;
  },
};
const shell = createShell(app);

/** @param {ViewName} view */
function address(view) {
  if (view === 'list') return `${LIST}${app.sharedKey}`;
  return view === 'home' ? location.pathname + location.search : `#/${view}`;
}

/** @returns {ViewName} */
function viewInAddress() {
  if (location.hash.startsWith(LIST)) {
    app.sharedKey = location.hash.slice(LIST.length);
    return 'list';
  }
  const name = location.hash.replace(/^#\//, '');
  return name in views || name in LATER ? /** @type {ViewName} */ (name) : 'home';
}

/** A view that lacks what it needs (a reload, an old link) leads to the one before it. @param {ViewName} view @returns {ViewName} */
function allowed(view) {
  if (view === 'results' && !app.result) return 'home';
  if (view === 'send' && !takesPhotos()) return 'home';
  if ((view === 'find' || view === 'consent') && !session.facepass_enabled) return 'all';
  if (view === 'find' && !consentId(session.id)) return 'consent';
  if (view === 'consent' && consentId(session.id)) return 'find';
  if (sells(view) && !app.shop) return 'home';
  if (view === 'hearts' && !app.hearts) return 'all';
  if (view === 'hidden' && !app.hearts?.hiding) return 'all';
  if (view === 'list' && !app.sharedKey) return 'home';
  return view;
}

/** Whether guests may add photos of their own. */
function takesPhotos() {
  return (session.guest_photos ?? 'off') !== 'off';
}

/** @param {ViewName} view */
function sells(view) {
  return view === 'cart' || view === 'checkout';
}

/** The shop comes after the photos: most guests only look, and most studios sell nothing here. */
async function openShop() {
  try {
    const list = await api.prices();
    if (list.prices.length === 0) return;
    const { createShop } = await import('./shop/shop.js');
    app.shop = await createShop(app, list);
    shell.furnish(app.shop);
    if (redrawable()) redraw();
  } catch (error) {
    // Without its shop the gallery is whole, so nobody waits for it.
    if (error instanceof ApiError && error.temporary) setTimeout(openShop, SHOP_AGAIN_MS);
  }
}

/** Whether the address is of a view that hearts come with. */
const asksHearts = () => ['hearts', 'hidden'].includes(viewInAddress());

/** Whether hearts were asked for. */
let heartsAsked = false;

/** Hearts come with the first gallery that is opened. @param {string | null} [coupleKey] of the link by which the couple came */
async function openHearts(coupleKey = null) {
  heartsAsked = true;
  if (!coupleKey && !asksHearts()) await photosCame();
  try {
    const { createHearts } = await import('./hearts.js');
    app.hearts = await createHearts(app, coupleKey);
    current?.furnished?.();
  } catch (error) {
    // Without hearts the gallery is whole, so nobody waits for them.
    if (error instanceof ApiError && error.temporary) setTimeout(() => void openHearts(coupleKey), SHOP_AGAIN_MS);
  }
}

/** Comments come with the first gallery that is opened, for its viewer. */
function openComments() {
  if ((session.comments ?? 'off') === 'off') return;
  app.comments ??= photosCame()
    .then(() => import('./comments.js'))
    .then(
      ({ createComments }) => createComments(app),
      () => (app.comments = null),
    );
}

/** Whether the view shows photos and nothing is open over it. */
function redrawable() {
  return (currentName === 'all' || currentName === 'results') && !history.state?.viewer;
}

/** The view that is to be shown when its scripts have come. @type {ViewName | null} */
let awaited = null;

/** Loads a view's scripts. @param {ViewName} view */
async function load(view) {
  if (view !== 'all' && view !== 'send') announce(view === 'results' ? RESULTS : SEARCH);
  const make = /** @type {() => Promise<(app: App) => View>} */ (LATER[/** @type {keyof typeof LATER} */ (view)]);
  const [made, { allowSaving, shareUnder }] = await Promise.all([make(), import('./share.js')]);
  allowSaving(session.downloads ?? 'full');
  shareUnder(session.origin);
  views[view] = made;
}

/** @param {string[]} modules */
function announce(modules) {
  for (const name of modules) {
    const href = new URL(`${name}.js`, import.meta.url).href;
    if (!document.querySelector(`link[href="${href}"]`)) document.head.append(h('link', { rel: 'modulepreload', href }));
  }
}

/** Loads what is left, so that a tap works at once and without a network; the photos in sight come before it. */
async function loadRest() {
  if (session.photos_ready > 0) await pageIsStill();
  for (const view of MOST_WANTED) if (!views[view]) load(view).catch(() => {});
}

/** @param {ViewName} wanted @param {'forward' | 'back'} direction */
function show(wanted, direction) {
  const view = allowed(wanted);
  if (view !== wanted) history.replaceState(history.state, '', address(view));
  const make = views[view];
  awaited = make ? null : view;
  if (make) return enter(view, make(app), direction);
  if (!current) wait();
  load(view).then(
    () => awaited === view && show(view, direction),
    () => {
      if (awaited !== view) return;
      awaited = null;
      toast(['view.failed']);
      if (current) history.replaceState(history.state, '', address(currentName));
      else show('home', direction);
    },
  );
}

/** Nothing can be shown yet. */
function wait() {
  shell.show('home', h('p', { class: 'working is-page' }, h('span', { class: 'spinner', 'aria-hidden': 'true' })));
}

/** Draws what is shown anew, unless another view is on its way. */
function redraw() {
  show(awaited ?? currentName, 'back');
}

/** @param {ViewName} view @param {View} made @param {'forward' | 'back'} direction */
function enter(view, made, direction) {
  scrolls.set(currentName, window.scrollY);
  current?.dispose?.();
  // What the page opens with is there and does not come in.
  if (!current) made.element.classList.add('is-first');
  currentName = view;
  current = made;
  shell.show(view, current.element);
  current.entered?.();
  if (view === 'find' && !views.results) load('results').catch(() => {});
  if (!heartsAsked && view !== 'home' && !sells(view)) void openHearts();
  if (view !== 'home' && !sells(view)) openComments();
  title();
  window.scrollTo(0, direction === 'back' || view === 'all' ? (scrolls.get(view) ?? 0) : 0);
}

/** @param {import('./live.js').LiveEvent} event */
function happened({ type, data }) {
  if (type === 'session') return switched(data);
  if (type === 'counts') counted(data.ready);
  if (type === 'match') found(data);
  // What the couple itself hides stays with it.
  if (type === 'photo' && !(data.state === 'ready' && data.is_selected) && !app.hearts?.hiding?.keeps(data.photo_id))
    vanished(data.photo_id);
}

/** Counts on an open page do not go stale; the landing view keeps its own. @param {number} ready */
function counted(ready) {
  if (currentName === 'home') return;
  session.photos_ready = ready;
  shell.drawTabs(currentName);
}

/** The photographer has turned a switch of the session. @param {{ gallery_open: boolean, facepass_enabled: boolean }} now */
function switched({ gallery_open, facepass_enabled }) {
  if (!gallery_open) return app.fail('facepass_disabled');
  if (facepass_enabled === session.facepass_enabled) return;
  session.facepass_enabled = facepass_enabled;
  // The result stays with the guest until they leave.
  if (currentName !== 'results' && !history.state?.viewer) redraw();
}

/** One more photo of this guest, without having been asked for. @param {import('./types.js').Photo} photo */
function found(photo) {
  if (!result || result.matches.some((known) => known.photo_id === photo.photo_id)) return;
  result.matches.push(photo);
  current?.found?.(photo);
  shell.drawTabs(currentName);
  toast(['results.found']);
}

/** The photographer has taken a photo away. @param {string} id */
function vanished(id) {
  if (session.photo?.photo_id === id && currentName === 'home') return app.fail('photo_not_found');
  if (session.cover?.photo_id === id) session.cover = null;
  const found = result?.matches.length ?? 0;
  if (result) result.matches = result.matches.filter((photo) => photo.photo_id !== id);
  const gone = app.feed.drop(id) || found !== (result?.matches.length ?? 0);
  // A viewer that is open over the view keeps what it shows until it is closed.
  if (gone && redrawable()) redraw();
  void app.shop?.vanished(id);
}

/** Each view has a title of its own, by which tabs and the history tell them apart. */
function title() {
  const view = currentName === 'home' ? '' : `${t(`title.${currentName}`)} · `;
  document.title = `${view}${session.name} · ${siteName}`;
}

history.scrollRestoration = 'manual';
window.addEventListener('popstate', () => {
  // The viewer keeps its own entry over the view that opened it.
  if (history.state?.viewer || viewInAddress() === currentName) return void (awaited = null);
  show(viewInAddress(), 'back');
});
// The selfie never outlives the visit, not even in the back/forward cache.
window.addEventListener('pagehide', () => {
  app.forget();
  live.close();
  current?.dispose?.();
});
window.addEventListener('pageshow', async (event) => {
  if (!event.persisted) return;
  live.open();
  await comeBack(app, cameBack);
  show(viewInAddress(), 'back');
});

/** The guest's earlier result is there now, while the page shows something else. */
function cameBack() {
  shell.drawTabs(currentName);
  if (currentName === 'home' && !history.state?.viewer) redraw();
}

// A code that carries the PIN opens the gallery once; its address is not kept.
if (!session.error && location.hash.toLowerCase().startsWith('#pin=')) history.replaceState(history.state, '', location.pathname);
if (session.error?.code === 'pin_required') {
  const { pinView } = await import('./pin.js');
  current = pinView(api);
  shell.show('consent', current.element);
  document.title = `${t('pin.title')} · ${siteName}`;
  current.entered?.();
} else if (session.error) {
  app.fail(session.error.code);
} else {
  title();
  onLanguageChange(title);
  live.on(happened);
  // Closed meanwhile, or too many watch: only an answer says which.
  live.onRefused(() => void api.photos(null, 1).catch((error) => error.status === 404 && app.fail(error.code)));
  live.open();
  const coupleKey = location.hash.startsWith(CHOOSE) ? location.hash.slice(CHOOSE.length) : null;
  // The couple's key is not kept in the address, where somebody might share it.
  if (coupleKey) history.replaceState(history.state, '', '#/all');
  const shop = openShop();
  const hearts = coupleKey || asksHearts() ? openHearts(coupleKey) : null;
  const before = comeBack(app, cameBack);
  if (sells(viewInAddress())) await shop;
  if (asksHearts()) await hearts;
  if (viewInAddress() === 'results') {
    wait();
    await before;
  }
  show(viewInAddress(), 'forward');
  void before.then(() => app.result && cameBack());
  void loadRest().then(() => {
    // They can be taken back from every view.
    if (!heartsAsked && hasHearts(session.id)) void openHearts();
  });
}
