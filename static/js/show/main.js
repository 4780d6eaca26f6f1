/**
 * The slideshow of a session, for a screen in the hall. It runs for hours with nobody at it, so nothing in it grows: ids
 * of photos, one photo shown and one made ready. Each photo is asked for just before it is made ready, and what is hidden,
 * deleted or closed meanwhile is told by the session's events.
 */
import '../guest/messages.js';
import './messages.js';
import { keepAwake } from '../common/awake.js';
import { h } from '../common/dom.js';
import { frame } from '../common/frame.js';
import { bindText, formatMoment, onLanguageChange, showTimesIn, t } from '../common/i18n.js';
import { ApiError, createApi } from '../guest/api.js';
import { createLive } from '../guest/live.js';
import { createChapters } from './chapters.js';
import { createControls, savedTaste } from './controls.js';
import { Deck } from './deck.js';
import { createStage, slideOf } from './stage.js';

/** Photos come in by the hundred: their list is read this often at most. */
const LIST_MS = 5_000;
/** While nothing is told: no stream, or a gallery that is closed. */
const LOOK_MS = 15_000;
/** Beyond what is told, in case something was missed: every so many looks. */
const EVERY = 8;
/** The chapter in the address is gone, or never was one. */
const NO_CHAPTER = ['chapter_not_found', 'malformed_id'];
/** After a lost network. */
const AGAIN_MS = 4_000;

/** @typedef {{ id: string, name: string, facepass_enabled: boolean, reveals_at: string | null, time_zone?: string | null, error: { code: string } | null }} Session */

/** @type {Session} */
const session = JSON.parse(document.getElementById('session')?.textContent ?? 'null');
const api = createApi(session.id);
showTimesIn(session.time_zone);

if (session.error) {
  const { pinView } = await import('../guest/pin.js');
  const view = pinView(api);
  frame().main.append(view.element);
  view.entered?.();
} else {
  begin();
}

function begin() {
  const live = createLive(session.id);
  const taste = savedTaste();
  const deck = new Deck({ order: taste.order });
  const stage = createStage();
  /** The id of the photo that is seen. @type {string | null} */
  let shown = null;
  /** The next one. @type {{ id: string, slide: Promise<HTMLElement> } | null} */
  let prepared = null;
  let paused = false;
  let closed = false;
  /** Of steps; an earlier one that is still under way is void. */
  let step = 0;
  /** A photo is on its way. */
  let coming = false;
  /** @type {number | undefined} */
  let timer;
  const awake = keepAwake(() => !paused);

  const message = h('section', { class: 'show-message', hidden: true, 'aria-live': 'polite' });
  const offline = h('p', { class: 'show-offline', role: 'status' });
  const caption = h('p', { class: 'show-scan' });
  const code = h(
    'aside',
    { class: 'show-code', label: ['show.code'] },
    h('img', { src: `/api/v1/sessions/${session.id}/qr.svg`, alt: '', width: 320, height: 320 }),
    caption,
  );
  const chapters = createChapters({ read: api.chapters, changed: (list, chosen) => controls.setChapters(list, chosen) });
  const controls = createControls(taste, { step: (by) => void go(by), pause, paced: schedule, ordered, code: drawCode, chapter: show });
  document
    .getElementById('app')
    ?.replaceChildren(
      h(
        'main',
        { class: 'show', id: 'main' },
        h('h1', { class: 'visually-hidden' }, session.name),
        stage.element,
        chapters.element,
        message,
        offline,
        code,
        controls.element,
      ),
    );
  document.body.classList.add('is-show');

  /** @param {import('../common/i18n.js').Text | null} title @param {import('../common/i18n.js').Text} [text] */
  function say(title, text) {
    message.hidden = !title;
    message.replaceChildren(...(title ? [h('h2', { text: title }), text ? h('p', { text }) : ''] : []));
  }

  function drawCode() {
    code.hidden = !taste.code || closed;
    bindText(caption, '', [session.facepass_enabled ? 'show.scan.find' : 'show.scan.all']);
  }

  function schedule() {
    clearTimeout(timer);
    if (!paused && !closed) timer = window.setTimeout(() => void go(1), taste.pace * 1000);
  }

  function pause() {
    paused = !paused;
    schedule();
    void awake();
    return paused;
  }

  function ordered() {
    deck.setOrder(taste.order);
    prepare();
  }

  /** Shows one chapter, or all of them. @param {string | null} chapter */
  function show(chapter) {
    chapters.choose(chapter);
    startAnew();
    void look();
  }

  /** The deck is dealt again with the next list. */
  function startAnew() {
    step++;
    coming = false;
    clearTimeout(timer);
    prepared = null;
    deck.update([]);
    shown = null;
  }

  /** @param {string} id */
  async function load(id) {
    return slideOf(await api.photo(id));
  }

  function prepare() {
    const id = deck.peek();
    if (prepared && prepared.id === id) return;
    prepared = null;
    if (!id || id === shown) return;
    prepared = { id, slide: load(id) };
    prepared.slide.catch(() => {});
  }

  /** The slide of a photo, made ready before or now. @param {string} id */
  function take(id) {
    if (prepared?.id !== id) return load(id);
    const { slide } = prepared;
    prepared = null;
    return slide;
  }

  /** Shows another photo. @param {1 | -1} by */
  async function go(by) {
    clearTimeout(timer);
    const mine = ++step;
    const id = by < 0 ? (deck.back() ?? deck.current) : deck.next();
    if (!id) return nothing();
    coming = true;
    try {
      const slide = await take(id);
      if (mine !== step || closed) return;
      if (!deck.has(id)) return void go(1);
      coming = false;
      stage.show(slide);
      shown = id;
      chapters.seen(slide.dataset.chapter ?? null, taste.order === 'time');
      say(null);
      offline.textContent = '';
    } catch (error) {
      if (mine !== step) return;
      coming = false;
      return failed(id, error);
    }
    schedule();
    prepare();
  }

  /** A photo could not be shown. @param {string} id @param {unknown} error */
  function failed(id, error) {
    if (!(error instanceof ApiError)) {
      // Its picture did not come: taken away a moment ago, or the network is going, which the next one will tell.
      timer = window.setTimeout(() => void go(1), AGAIN_MS / 2);
      return;
    }
    if (error.code === 'photo_not_found') {
      if (shown === id) return vanish(id);
      deck.drop(id);
      return void go(1);
    }
    if (error.status === 404) return close();
    deck.undo();
    bindText(offline, '', ['show.offline']);
    timer = window.setTimeout(() => void go(1), Math.max(AGAIN_MS, error.retryAfter * 1000));
  }

  /** There is no photo to show. */
  function nothing() {
    shown = null;
    stage.clear();
    chapters.clear();
    const { reveals_at: at } = session;
    if (at && Date.parse(at) > Date.now()) say(['show.reveals', { when: formatMoment(at) }], ['show.waiting.text']);
    else say(['show.waiting'], ['show.waiting.text']);
  }

  /** Guests see nothing of the session now. */
  function close() {
    closed = true;
    step++;
    coming = false;
    shown = null;
    clearTimeout(timer);
    prepared = null;
    stage.clear();
    chapters.clear();
    deck.update([]);
    say(['show.closed'], ['show.closed.text']);
    drawCode();
  }

  /** A photo was taken away: it leaves the screen at once. @param {string} id */
  function vanish(id) {
    deck.drop(id);
    if (prepared?.id === id) prepared = null;
    if (shown !== id) return;
    shown = null;
    stage.clear();
    void go(1);
  }

  /** Takes the list of photos as it is now. */
  async function look() {
    try {
      const { narrowed } = chapters;
      const { photo_ids: ids } = await api.idsForAll(narrowed);
      // Another chapter was chosen meanwhile; its own list comes.
      if (narrowed.chapter !== chapters.narrowed.chapter) return;
      await chapters.refresh();
      if (closed) session.facepass_enabled = (await api.status()).facepass_enabled;
      const wasClosed = closed;
      closed = false;
      if (wasClosed) drawCode();
      const gone = deck.update(ids);
      if (prepared && gone.includes(prepared.id)) prepared = null;
      if (shown && gone.includes(shown)) vanish(shown);
      else if (!shown && !coming) await go(1);
      else prepare();
    } catch (error) {
      if (error instanceof ApiError && NO_CHAPTER.includes(error.code)) return forget();
      if (error instanceof ApiError && error.status === 404) return close();
      if (!(error instanceof ApiError)) throw error;
      if (!shown && !closed) bindText(offline, '', ['show.offline']);
    }
  }

  /** The chapter that is shown is there no more. */
  async function forget() {
    show(null);
    await chapters.refresh(true).catch(() => {});
  }

  /** @type {number | undefined} */
  let looking;
  let looked = -LIST_MS;
  /** Looks soon, and not too often. */
  function lookSoon() {
    looking ??= window.setTimeout(
      () => {
        looking = undefined;
        looked = performance.now();
        void look();
      },
      Math.max(0, looked + LIST_MS - performance.now()),
    );
  }

  /** @param {import('../guest/live.js').LiveEvent} event */
  function happened({ type, data }) {
    // Each stream begins with the counts, so what happened while there was none is seen too.
    if (type === 'counts') return lookSoon();
    if (type === 'photo') {
      if (!(data.state === 'ready' && data.is_selected)) vanish(data.photo_id);
      else if (!deck.has(data.photo_id)) lookSoon();
    }
    if (type !== 'session') return;
    if (!data.gallery_open) return close();
    session.facepass_enabled = data.facepass_enabled;
    drawCode();
    lookSoon();
  }

  let looks = 0;
  setInterval(() => {
    if (closed || !live.connected || ++looks % EVERY === 0) lookSoon();
  }, LOOK_MS);
  live.on(happened);
  live.onRefused(lookSoon);
  live.open();
  addEventListener('pageshow', (event) => event.persisted && live.open());
  addEventListener('pagehide', () => live.close());
  onLanguageChange(() => !message.hidden && !closed && !deck.size && nothing());
  document.title = `${t('show.title')} · ${session.name}`;
  drawCode();
  lookSoon();
  void awake();
}
