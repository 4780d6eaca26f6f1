/** The result of a search: the guest's photos, the faces to choose from, more selfies, the empty answer. */
import { ApiError } from './api.js';
import { forgetConsent } from './consent_store.js';
import { textsChanged } from './consent_text.js';
import { append, button, h, icon, iconButton, toast } from '../common/dom.js';
import { bindText } from '../common/i18n.js';
import { createGallery, openViewer, prepareViewer } from './gallery.js';
import { perhapsTray } from './perhaps.js';
import { cropToFace, faceThumbnail } from './picture.js';
import { poll } from './poll.js';
import { search } from './search.js';
import { createSelection, offerArchive, save } from './selection.js';
import { maySave } from './share.js';
import { forgetMe } from './visit.js';

/** @typedef {import('./types.js').App} App */
/** @typedef {import('./types.js').SearchResult} SearchResult */
/** @typedef {import('./types.js').ProbeFace} ProbeFace */

/** Up to this many photos are shown large. */
const FEW = 5;

/** @param {import('./types.js').Photo} photo */
const hasPicture = (photo) => photo.has_picture !== false;

/** @param {App} app @returns {import('./types.js').View} */
export function resultsView(app) {
  const element = h('section', { class: 'results' });
  /** @type {AbortController | null} */
  let running = null;
  /** The face that the guest pointed at among several. @type {ProbeFace | null} */
  let pointedAt = null;
  let stop = () => {};
  /** Ids of the photos that are selected. @type {string[]} */
  let selected = [];
  /** @type {ReturnType<typeof createGallery> | null} */
  let gallery = null;
  /** One photo needs no archive; a second may come by itself. @type {HTMLElement | null} */
  let zip = null;
  const mine = () => (app.result?.matches ?? []).filter(hasPicture).map((photo) => photo.photo_id);
  const unwatch = app.live.on(({ type, data }) => {
    if (type === 'counts' && app.result) drawPending(data.queued);
  });

  function draw() {
    const result = /** @type {SearchResult} */ (app.result);
    stop();
    gallery = null;
    element.replaceChildren();
    const faces = severalFaces(result) && chooser(result);
    // Where nothing was found, another face is the likeliest way on, so it stands above the bad news.
    append(element, result.matches.length ? [foundHead(result), faces] : [faces, emptyHead(result)]);
    if (result.matches.some(hasPicture)) drawGallery(result);
    append(element, [perhapsTray(app, (result.perhaps ?? []).filter(hasPicture), confirm)]);
    void drawElsewhere(result.matches.filter((photo) => !hasPicture(photo)));
    if (app.session.guardian_version) void offerGuardian();
    if (result.photos_pending > 0) watchForMore(result);
  }

  /** Photos that another program shows. Few sessions have any. @param {import('./types.js').Photo[]} photos */
  async function drawElsewhere(photos) {
    if (!photos.length) return;
    const { elsewhereList } = await import('./elsewhere.js');
    element.querySelector('.elsewhere')?.remove();
    append(element, [elsewhereList(photos, app.framed ? '_blank' : '_top')]);
  }

  /**
   * Where the guest is in several parts of the day, they may look at one of them.
   * @param {HTMLElement} place @param {import('./types.js').Photo[]} photos @param {ReturnType<typeof createGallery>} wall
   */
  async function offerChapters(place, photos, wall) {
    if (new Set(photos.map((photo) => photo.chapter_id ?? null)).size < 2) return;
    try {
      const { chaptersOf } = await import('./narrow.js');
      place.replaceWith(await chaptersOf(app, photos, (shown) => wall.show(shown)));
    } catch {
      // All of them are there.
    }
  }

  /** Where children are found only with a guardian's yes, and it was not given. */
  async function offerGuardian() {
    const { guardianIsAsked, guardianOffer } = await import('./guardian.js');
    element.querySelector('.guardian-offer')?.remove();
    if (guardianIsAsked(app)) append(element, [guardianOffer(app, () => void searchAgain(pointedAt?.index))]);
  }

  /** @param {SearchResult} result */
  function foundHead(result) {
    return h(
      'header',
      { class: 'results-head' },
      h(
        'div',
        { class: 'results-title' },
        avatars(result),
        h(
          'div',
          {},
          h('h1', { text: ['results.title', { n: result.matches.length }], tabindex: '-1' }),
          pending('results.pending', result),
        ),
      ),
    );
  }

  /** @param {SearchResult} result */
  function emptyHead(result) {
    return h(
      'div',
      { class: 'message-page' },
      avatars(result),
      h('h1', { text: ['results.none.title'], tabindex: '-1' }),
      h('p', { class: 'lead', text: ['results.none.text'] }),
      pending('results.none.pending', result),
      h(
        'div',
        { class: 'actions' },
        button('button button-primary', ['results.none.retry'], addSelfie, 'camera'),
        button('button button-quiet', ['results.none.all'], () => app.go('all', { replace: true }), 'grid'),
        hear(),
        button('link-button', ['results.other'], startOver),
        leaveOut(),
      ),
    );
  }

  /** Opens the wish to be left out, with which a guest comes back when nothing of theirs is shown any more. */
  function leaveOut() {
    return button('link-button', ['hide.open'], async () => {
      try {
        const { openHide } = await import('./hide.js');
        openHide(app, () => (gallery ? selected : []));
      } catch {
        toast(['hide.failed']);
      }
    });
  }

  /** Opens what tells a guest of new photos, where there is a way to. */
  function hear() {
    if (!app.session.news) return null;
    return button('button button-quiet', ['news.open'], async () => {
      try {
        const { openNews } = await import('./news.js');
        openNews(app);
      } catch {
        toast(['hide.failed']);
      }
    });
  }

  /** @param {string} key @param {SearchResult} result */
  function pending(key, { photos_pending: n }) {
    return h('p', { class: 'note', 'data-pending': key, hidden: n === 0, text: [key, { n }] });
  }

  /** @param {number} n */
  function drawPending(n) {
    if (app.result) app.result.photos_pending = n;
    const note = /** @type {HTMLElement | null} */ (element.querySelector('[data-pending]'));
    if (!note) return;
    note.hidden = n === 0;
    bindText(note, '', [String(note.dataset.pending), { n }]);
  }

  /** @param {SearchResult} result */
  function drawGallery(result) {
    const wall = createGallery({
      label: ['results.title', { n: result.matches.length }],
      onOpen: (index) =>
        void openViewer({ photos: wall.photos, index, gallery: wall, shop: app.shop, hearts: app.hearts, comments: app.comments }),
      onSelect: (ids) => {
        selected = ids;
        selection.update(ids);
      },
      shop: app.shop,
      leads: app.framed,
      hearts: () => app.hearts,
    });
    const selection = createSelection(
      () => wall,
      app,
      async () => wall.photos.map((photo) => photo.photo_id),
    );
    selection.update([]);
    selected = [];
    wall.setFew(result.matches.length <= FEW);
    zip = button('button button-quiet button-small', ['zip'], () => void offerArchive(app, { photo_ids: mine() }), 'archive');
    zip.hidden = result.matches.length < 2 || !maySave();
    wall.add(result.matches.filter(hasPicture));
    gallery = wall;
    const chapters = h('div', {});
    void offerChapters(chapters, result.matches.filter(hasPicture), wall);
    append(element, [
      h(
        'div',
        { class: 'toolbar' },
        app.shop?.allButton(() => result.matches.filter(hasPicture)) ?? null,
        maySave() && button('button button-quiet button-small', ['save.all'], () => void save(app, mine(), wall.photos), 'save'),
        zip,
        selection.start,
        h('span', { class: 'hearts-place', hidden: true }),
        button('button button-quiet button-small toolbar-wide', ['results.another'], addSelfie, 'plus'),
      ),
      chapters,
      wall.element,
      h(
        'div',
        { class: 'results-foot' },
        h('p', { class: 'note', text: ['results.another.why'] }),
        h(
          'div',
          { class: 'actions actions-row' },
          button('button button-quiet', ['results.another'], addSelfie, 'plus'),
          hear(),
          button('link-button', ['results.other'], startOver),
          leaveOut(),
          button('link-button', ['forget'], () => void forgetMe(app)),
        ),
      ),
      selection.bar,
    ]);
    furnish();
  }

  /** The guest's own face, small, cut from the selfie on this device. @param {SearchResult} result */
  function avatars(result) {
    // A guest who came back brings no selfie: it was never stored.
    if (app.selfies.length === 0) return null;
    const holder = h('div', { class: 'avatars', role: 'img', label: ['results.selfie'] });
    for (const face of result.faces.filter((each) => each.chosen)) {
      const circle = h('span', { class: 'avatar' });
      holder.append(circle);
      void paintFace(circle, face);
    }
    if (!result.matches.length) return holder;
    return h(
      'div',
      { class: 'avatars' },
      holder,
      iconButton('avatar-add', ['results.another'], () => void addSelfie(), 'plus'),
    );
  }

  /** @param {HTMLElement} holder @param {ProbeFace} face */
  async function paintFace(holder, face) {
    try {
      holder.append(await faceThumbnail(app.selfies[face.selfie], face.box));
    } catch {
      // This browser cannot decode the picture that the server could.
      holder.append(icon('face'));
    }
  }

  /** @param {SearchResult} result */
  function severalFaces(result) {
    return app.selfies.length === 1 && result.faces.length > 1;
  }

  /** @param {SearchResult} result */
  function chooser(result) {
    const options = result.faces.map((face, i) => {
      const input = h('input', {
        type: 'radio',
        name: 'face',
        class: 'visually-hidden',
        label: ['faces.item', { i: i + 1, n: result.faces.length }],
        checked: face.chosen,
        onChange: () => void choose(face),
      });
      const picture = h('span', { class: 'face-picture' });
      void paintFace(picture, face);
      return h('label', { class: 'face' }, input, picture);
    });
    return h('fieldset', { class: 'faces' }, h('legend', { text: ['faces.title'] }), h('div', { class: 'faces-row' }, ...options));
  }

  /** @param {ProbeFace} face */
  function choose(face) {
    pointedAt = face;
    return searchAgain(face.index);
  }

  /** A photo that the guest says yes to counts as another selfie for this visit. @param {import('./types.js').Photo} photo */
  function confirm(photo) {
    app.confirmed.push(photo.photo_id);
    return searchAgain(pointedAt?.index);
  }

  /** @param {number} [face] */
  async function searchAgain(face) {
    running?.abort();
    running = new AbortController();
    element.setAttribute('aria-busy', 'true');
    try {
      if (app.selfies.length === 0) return await refresh();
      app.result = await search(app, app.selfies, {
        face,
        confirmed: app.confirmed,
        signal: running.signal,
        onWait: (waiting) => {
          if (waiting) toast([`search.${waiting.kind}`, { n: waiting.seconds }]);
        },
      });
      draw();
      app.refreshTabs('results');
      if (face !== undefined) /** @type {HTMLElement | null} */ (element.querySelector('.faces input:checked'))?.focus();
    } catch (error) {
      const code = error instanceof ApiError ? error.code : 'internal';
      if (['session_not_found', 'facepass_disabled', 'face_search_off'].includes(code)) return app.fail(code);
      if (['unknown_consent', 'consent_outdated'].includes(code)) return startOver();
      if (code !== 'aborted') toast(['search.failed']);
    } finally {
      element.removeAttribute('aria-busy');
    }
  }

  /** Without the selfie, what the server remembers of it searches again. */
  async function refresh() {
    const found = await app.api.visit();
    if (!found) return app.go('home', { replace: true });
    app.result = { ...found, faces: [] };
    draw();
    app.refreshTabs('results');
  }

  async function addSelfie() {
    if (pointedAt) app.selfies = [await cropToFace(app.selfies[0], pointedAt.box).catch(() => app.selfies[0])];
    app.go('find');
  }

  /** Another person with the same phone says yes for themselves. */
  function startOver() {
    forgetConsent(app.session.id);
    textsChanged(app);
    app.forget();
    app.go('consent', { replace: true });
  }

  /** While photos are being prepared, says when a new search is worth it. @param {SearchResult} result */
  function watchForMore(result) {
    const searchedIn = result.photos_total - result.photos_pending;
    const text = h('span', {});
    const offer = h(
      'div',
      { class: 'fresh', role: 'status', hidden: true },
      text,
      button('button button-primary button-small', ['results.again'], () => void searchAgain(pointedAt?.index)),
    );
    element.prepend(offer);
    stop = poll(async () => {
      // Then new photos of this guest come by themselves.
      if (app.live.connected) return 'same';
      const status = await app.api.status();
      const fresh = status.photos_ready - searchedIn;
      if (fresh > 0) {
        offer.hidden = false;
        bindText(text, '', ['results.fresh', { n: fresh }]);
      }
      return status.queued === 0 ? 'done' : 'same';
    });
  }

  /** The way to what is chosen, once hearts have come. */
  function furnish() {
    if (app.hearts) element.querySelector('.hearts-place')?.replaceWith(app.hearts.openButton());
  }

  draw();
  return {
    element,
    furnished() {
      furnish();
      gallery?.furnish();
    },
    entered() {
      void prepareViewer();
      gallery?.arrange();
    },
    /** Adds what came by itself, without moving what the guest looks at. @param {import('./types.js').Photo} photo */
    found(photo) {
      if (!gallery || !app.result || !hasPicture(photo)) return draw();
      gallery.add([photo]);
      const n = app.result.matches.length;
      gallery.setFew(n <= FEW);
      if (zip) zip.hidden = n < 2 || !maySave();
      bindText(/** @type {HTMLElement} */ (element.querySelector('h1')), '', ['results.title', { n }]);
    },
    dispose() {
      unwatch();
      running?.abort();
      stop();
    },
  };
}
