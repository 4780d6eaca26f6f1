/** Every photo of the shoot, loaded as the guest scrolls, with a button where scrolling does not reach. */
import { ApiError } from './api.js';
import { append, button, h } from '../common/dom.js';
import { bindText } from '../common/i18n.js';
import { photosCame } from './first_photos.js';
import { createGallery, openViewer, prepareViewer } from './gallery.js';
import { createSelection, offerArchive } from './selection.js';
import { maySave } from './share.js';

/** The next page is asked for this far before the end comes into sight. */
const LOAD_AHEAD = '1200px';
/** Photos of a page on the way to a time of the day. */
const LARGE_PAGE = 200;
/** Shorter galleries have no slider over their hours. */
const LONG_GALLERY = 120;
/** A day that is over sooner has hardly three hours with photos, which a slider needs. */
const LONG_DAY_HOURS = 2;

/** @param {import('./types.js').App} app @returns {import('./types.js').View} */
export function allPhotosView(app) {
  const { feed } = app;
  const count = h('p', { class: 'note', role: 'status' }, '\u00a0');
  const foot = h('div', { class: 'gallery-foot' });
  const freshText = h('span', {});
  const fresh = h(
    'div',
    { class: 'fresh', role: 'status', hidden: true },
    freshText,
    button('button button-primary button-small', ['all.show'], () => {
      feed.reset();
      app.go('all', { replace: true });
    }),
  );
  const gallery = createGallery({
    label: ['all.title'],
    onOpen: (index) =>
      void openViewer({
        photos: gallery.photos,
        index,
        total: feed.total,
        gallery,
        loadMore: () => more(),
        shop: app.shop,
        hearts: app.hearts,
        comments: app.comments,
      }),
    onSelect: (ids) => selection.update(ids),
    shop: app.shop,
    hearts: () => app.hearts,
    heading,
  });

  /** The chapter that begins with a photo. @param {import('./types.js').Photo} photo @param {import('./types.js').Photo | undefined} before */
  function heading(photo, before) {
    const id = photo.chapter_id ?? null;
    if (feed.narrowed.chapter || id === (before?.chapter_id ?? null)) return null;
    return id ? (feed.chapters.get(id) ?? null) : h('span', { text: ['all.outside'] });
  }
  const selection = createSelection(
    () => gallery,
    app,
    async () => (await app.api.photoIds(feed.narrowed)).photo_ids,
  );
  selection.update([]);
  /** @param {Partial<import('./api.js').Narrowed>} change */
  function narrow(change) {
    Object.assign(feed.narrowed, change);
    feed.reset();
    app.go('all', { replace: true });
  }
  const people = h('div', { class: app.session.people ? 'people-place' : null });
  // Loaded only where the photographer shows people.
  const strip = app.session.people
    ? photosCame()
        .then(() => import('./people.js'))
        .then(({ createPeopleStrip }) => createPeopleStrip(app, (person) => narrow({ person })))
    : null;
  // What comes behind the first photos has its room before, so that nothing moves.
  const narrowPlace = h('div', { class: 'narrow-place', hidden: true });
  let isNarrowable = false;

  /** Chapters, photographers and order come behind the first photos; without them the gallery is whole. */
  async function offerNarrowing() {
    if (isNarrowable || (feed.photos.length < 2 && !feed.isPart)) return;
    isNarrowable = true;
    narrowPlace.hidden = false;
    narrowPlace.classList.toggle('has-chapters', feed.chapters.size > 0);
    try {
      await photosCame();
      const { createNarrow } = await import('./narrow.js');
      const made = createNarrow(app, narrow);
      await made.load();
      if (!isLeft) narrowPlace.replaceWith(made.element);
    } catch {
      narrowPlace.hidden = true;
      isNarrowable = false;
    }
  }
  const heartsPlace = h('span', { hidden: true });
  const toolbar = h(
    'div',
    { class: 'toolbar', hidden: true },
    button(
      'button button-primary button-small',
      [app.result ? 'tabs.mine' : 'all.find'],
      () => app.go(app.result ? 'results' : 'find', { replace: Boolean(app.result) }),
      'face',
    ),
    selection.start,
    heartsPlace,
    maySave() && button('button button-quiet button-small', ['zip.all'], () => void everything(), 'archive'),
  );
  const timesPlace = h('div', { class: 'times-place', hidden: true });
  /** The slider over the hours, which only long galleries have. @type {ReturnType<typeof import('../common/scrubber_place.js').placeScrubber> | null} */
  let times = null;
  let timesOffered = false;
  let isLeft = false;

  async function offerTimes() {
    if (timesOffered || feed.total < LONG_GALLERY) return;
    timesOffered = true;
    timesPlace.hidden = app.session.hours_apart < LONG_DAY_HOURS || feed.isPart;
    try {
      await photosCame();
      const { placeScrubber } = await import('../common/scrubber_place.js');
      if (isLeft) return;
      times = placeScrubber({
        wall: gallery,
        total: () => feed.total,
        hours: async () => (await app.api.hours(feed.narrowed)).hours,
        chapters: async () => (feed.chapters.size && !feed.narrowed.chapter ? (await app.api.chapters()).chapters : []),
        has: (index) => feed.photos.length > index,
        more: async () => (await more(LARGE_PAGE)) && !feed.complete,
      });
      timesPlace.before(times.element);
      await times.shown();
    } catch {
      /* one scrolls without it */
    }
    timesPlace.remove();
  }

  const element = h(
    'section',
    { class: 'all' },
    h(
      'header',
      { class: 'results-head' },
      h('div', { class: 'results-title' }, h('div', {}, h('h1', { text: ['all.title'], tabindex: '-1' }), count)),
    ),
    fresh,
    people,
    narrowPlace,
    toolbar,
    timesPlace,
    gallery.element,
    foot,
    selection.bar,
  );

  /** The way to what is chosen, once hearts have come. */
  function furnish() {
    if (app.hearts) heartsPlace.replaceWith(app.hearts.openButton());
  }

  /** All that is shown here, as one ZIP. */
  async function everything() {
    const wanted = feed.isPart ? { photo_ids: (await app.api.photoIds(feed.narrowed)).photo_ids } : { all: /** @type {const} */ (true) };
    await offerArchive(app, wanted);
  }

  function drawCount() {
    toolbar.hidden = feed.photos.length === 0;
    // By itself: thousands need a formatter, for which the photos would wait.
    if (feed.photos.length > 0) setTimeout(() => bindText(count, '', ['photos.count', { n: feed.total }]));
    void offerTimes();
    void offerNarrowing();
  }

  /** @param {'loading' | 'idle' | 'failed'} state */
  function drawFoot(state) {
    foot.replaceChildren();
    // Until the first photos are there their place is kept, so that nothing jumps when they come.
    element.classList.toggle('is-waiting', state === 'loading' && feed.photos.length === 0);
    if (state === 'loading')
      append(foot, [h('span', { class: 'spinner', 'aria-hidden': 'true' }), h('p', { class: 'note', text: ['all.loading'] })]);
    else if (state === 'failed')
      append(foot, [h('p', { role: 'alert', text: ['all.failed'] }), button('button button-quiet', ['retry'], () => void more())]);
    else if (!feed.complete) append(foot, [button('button button-quiet', ['all.more'], () => void more())]);
    else if (feed.photos.length === 0)
      append(foot, [h('p', { class: 'lead', text: ['all.empty'] }), button('button button-quiet', ['retry'], again)]);
    else append(foot, [h('p', { class: 'note', text: ['all.end'] })]);
  }

  function again() {
    feed.reset();
    void more();
  }

  /** @param {number} [size] photos of the page @returns {Promise<boolean>} whether they came */
  async function more(size) {
    drawFoot('loading');
    try {
      await feed.more(size);
      catchUp();
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) app.fail(error.code);
      else drawFoot('failed');
      return false;
    }
  }

  /** Takes from the feed what the wall lacks, whoever asked for it. */
  function catchUp() {
    if (isLeft) return;
    const shown = new Set(gallery.photos.map((photo) => photo.photo_id));
    gallery.add(feed.photos.filter((photo) => !shown.has(photo.photo_id)));
    drawCount();
    drawFoot('idle');
    reobserve();
  }

  const observer = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting) && feed.started && !feed.complete && !feed.loading) void more();
    },
    { rootMargin: LOAD_AHEAD },
  );

  /** A page that does not fill the screen leaves the foot in sight: only observing anew reports it again. */
  function reobserve() {
    observer.unobserve(foot);
    if (!feed.complete) observer.observe(foot);
  }

  /** Photos were taken away, perhaps some that are not loaded. */
  async function recount() {
    const { total } = await app.api.photos(null, 1, feed.narrowed).catch(() => feed);
    if (isLeft || total >= feed.total) return;
    feed.total = total;
    drawCount();
  }

  /** How many photos guests saw when that was last told. */
  let ready = feed.isPart ? Infinity : feed.total;
  const unwatch = app.live.on(({ type, data }) => {
    if (type !== 'counts' || !feed.started) return;
    if (data.ready < ready) void recount();
    ready = data.ready;
    // What comes may be of anybody.
    if (feed.isPart) return;
    const more = data.ready - feed.total;
    if (feed.photos.length === 0 && more > 0) return again();
    fresh.hidden = more <= 0;
    if (more > 0) bindText(freshText, '', ['results.fresh', { n: more }]);
  });

  furnish();
  gallery.add(feed.photos);
  drawCount();
  drawFoot('idle');
  return {
    element,
    entered() {
      void strip
        ?.then((strip) => {
          people.append(strip.element);
          return strip.load();
        })
        .catch(() => {})
        .then(() => people.removeAttribute('class'));
      void prepareViewer();
      gallery.arrange();
      if (feed.started && feed.photos.length > 0) reobserve();
      else again();
      // A page that the view before this one asked for comes to the feed; the wall takes it from there.
      feed.loading?.then(catchUp, () => {});
    },
    furnished() {
      furnish();
      gallery.furnish();
    },
    dispose() {
      unwatch();
      observer.disconnect();
      isLeft = true;
      times?.dispose();
    },
  };
}
