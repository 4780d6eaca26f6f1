/** The first view: which shoot this is, a glimpse of its photos, and the two ways in. */
import { button, h } from '../common/dom.js';
import { formatDate, formatMoment, formatRelative, onLanguageChange } from '../common/i18n.js';
import { cropAt, placeholder, sources } from './tile.js';
import { poll } from './poll.js';
import { forgetMe } from './visit.js';

/** @typedef {import('./types.js').App} App */

const MOSAIC_TILES = 6;
/** Half of a phone's screen, whose three dots for each pixel show no more than two. */
const TILE_SIZES = '(min-width: 900px) 30vw, 33vw';
/** The others are upright; the sixth is seen on wide screens only. */
const WIDE_TILES = [0, 3, 5];
/** The tiles that the server wrote into the page, by photo: `src/http/sessions/landing.rs` picks the same. */
const written = new Map(
  [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.mosaic-tile[data-photo]'))].map((tile) => [
    String(tile.dataset.photo),
    tile,
  ]),
);

// Where another view is named in the address nobody sees them. A browser asks for a lazy picture when it leaves the page.
if (document.documentElement.classList.contains('is-elsewhere')) {
  for (const image of document.querySelectorAll('.mosaic-tile img[loading]')) {
    image.removeAttribute('srcset');
    image.removeAttribute('src');
  }
  written.clear();
}

/** @param {App} app @returns {import('./types.js').View} */
export function landingView(app) {
  const { session } = app;
  const mosaic = h('div', { class: 'mosaic', 'aria-hidden': 'true' });
  const body = h('div', { class: 'landing-body' });
  // What the reader sees already does not come in anew.
  const element = h('section', { class: written.size > 0 ? 'landing is-taken-over' : 'landing' }, mosaic, body);
  let stop = () => {};
  let unwatch = () => {};
  let queuedShown = 0;

  const date = h('p', { class: 'eyebrow' });
  const drawDate = () => {
    date.textContent = session.scheduled_at ? formatDate(session.scheduled_at) : '';
  };
  const unlisten = onLanguageChange(drawDate);

  function find() {
    app.forget();
    app.go('find');
  }

  /** @param {number} queued */
  function draw(queued) {
    queuedShown = queued;
    drawDate();
    const empty = session.photos_ready === 0;
    const later = session.reveals_at && new Date(session.reveals_at) > new Date() ? session.reveals_at : null;
    element.classList.toggle('is-empty', empty);
    body.replaceChildren();
    const heading = h('h1', { class: 'display', dir: 'auto' }, session.name);
    const send =
      (session.guest_photos ?? 'off') !== 'off' &&
      button(empty ? 'button button-primary' : 'link-button', ['landing.send'], () => app.go('send'), 'plus');
    const children = empty
      ? [
          date,
          heading,
          h('p', {
            class: 'lead',
            role: 'status',
            text: later ? ['landing.reveals', { when: formatMoment(later) }] : ['landing.progress.title'],
          }),
          h('p', { class: 'note', text: later ? ['landing.reveals.text', { left: timeLeft(later) }] : ['landing.progress.text'] }),
          queued > 0 &&
            h(
              'p',
              { class: 'working' },
              h('span', { class: 'spinner', 'aria-hidden': 'true' }),
              h('span', { text: ['landing.progress.queue', { n: queued }] }),
            ),
          send && h('div', { class: 'actions' }, send),
        ]
      : [
          date,
          heading,
          session.description && h('p', { class: 'lead' }, session.description),
          h(
            'p',
            { class: 'note', role: 'status' },
            h('span', { text: ['photos.count', { n: session.photos_ready }] }),
            queued > 0 && ' · ',
            queued > 0 && h('span', { text: ['landing.more', { n: queued }] }),
          ),
          session.ends_at && h('p', { class: 'note', text: ['landing.ends', { when: formatMoment(session.ends_at) }] }),
          h(
            'div',
            { class: 'actions' },
            app.result?.matches.length
              ? button('button button-primary', ['landing.mine', { n: app.result.matches.length }], () => app.go('results'), 'face')
              : session.facepass_enabled && button('button button-primary', ['landing.find'], find, 'face'),
            button(
              `button ${session.facepass_enabled || app.result ? 'button-quiet' : 'button-primary'}`,
              ['landing.all'],
              () => app.go('all'),
              'grid',
            ),
            Boolean(app.result?.matches.length) && button('link-button', ['forget'], () => void forgetMe(app)),
            send,
          ),
          session.facepass_enabled && !app.result?.matches.length && h('p', { class: 'note promise', text: ['landing.note'] }),
        ];
    for (const child of children) if (child) body.append(child);
  }

  async function drawMosaic() {
    if (session.photos_ready === 0) return fillMosaic(mosaic, []);
    if (!app.feed.started) await app.feed.more().catch(() => {});
    fillMosaic(mosaic, app.feed.photos, session.cover);
  }

  async function check() {
    if (app.live.connected) return 'same';
    const status = await app.api.status().catch((error) => {
      if (error.status === 404) app.fail(error.code);
      throw error;
    });
    return apply(status);
  }

  /** @param {{ photos_ready: number, photos_total: number, queued: number }} status @returns {Promise<'changed' | 'same'>} */
  async function apply(status) {
    const changed = status.photos_ready !== session.photos_ready;
    // A mosaic that is not full yet takes what has come.
    const grows = changed && mosaic.querySelectorAll('img').length < MOSAIC_TILES;
    if (!changed && status.queued === queuedShown) return 'same';
    session.photos_ready = status.photos_ready;
    session.photos_total = status.photos_total;
    if (changed) app.feed.reset();
    draw(status.queued);
    if (grows) await drawMosaic();
    return changed ? 'changed' : 'same';
  }

  draw(Math.max(0, session.photos_total - session.photos_ready));
  return {
    element,
    entered() {
      if (!app.feed.started || session.photos_ready === 0) fillMosaic(mosaic, []);
      void drawMosaic();
      stop = poll(check, session.photos_ready === 0 ? 4000 : 15_000);
      unwatch = app.live.on(({ type, data }) => {
        if (type === 'counts')
          void apply({ photos_ready: data.ready, queued: data.queued, photos_total: data.ready + data.queued + data.rejected });
      });
    },
    dispose() {
      stop();
      unwatch();
      unlisten();
    },
  };
}

/** "in 3 days", "in 2 hours". @param {string} iso */
function timeLeft(iso) {
  const minutes = Math.max(1, (new Date(iso).getTime() - Date.now()) / 60_000);
  if (minutes < 90) return formatRelative(Math.round(minutes), 'minute');
  return minutes < 36 * 60 ? formatRelative(Math.round(minutes / 60), 'hour') : formatRelative(Math.round(minutes / 1440), 'day');
}

/**
 * Wide pictures go where the mosaic is wide; the cover comes first. Without photos the tiles stay, softly tinted.
 * @param {HTMLElement} mosaic
 * @param {import('./types.js').Photo[]} photos
 * @param {import('./types.js').Photo | null} [cover]
 */
function fillMosaic(mosaic, photos, cover) {
  const others = photos.filter((photo) => photo.photo_id !== cover?.photo_id);
  const wide = others.filter((photo) => photo.width >= photo.height);
  const tall = others.filter((photo) => photo.width < photo.height);
  const picks = Array.from({ length: MOSAIC_TILES }, (_, i) => {
    if (i === 0 && cover) return cover;
    return WIDE_TILES.includes(i) ? (wide.shift() ?? tall.shift()) : (tall.shift() ?? wide.shift());
  });
  mosaic.replaceChildren(
    ...picks
      .filter((photo) => photo || photos.length === 0)
      .map((photo) => {
        const taken = photo && takeOver(photo);
        if (taken) return taken;
        const tile = h('div', { class: 'mosaic-tile' });
        if (!photo) return tile;
        placeholder(tile, photo);
        const image = h('img', {
          alt: '',
          decoding: 'async',
          sizes: TILE_SIZES,
          ...sources(photo),
        });
        image.style.objectPosition = cropAt(photo);
        image.addEventListener('load', () => image.classList.add('is-loaded'), { once: true });
        tile.append(image);
        return tile;
      }),
  );
  mosaic.dataset.count = String(mosaic.childElementCount);
}

/** The tile that the server wrote for a photo, once: its picture is there or on its way. @param {import('./types.js').Photo} photo */
function takeOver(photo) {
  const tile = written.get(photo.photo_id);
  const image = tile?.querySelector('img');
  if (!tile || !image) return null;
  written.delete(photo.photo_id);
  placeholder(tile, photo);
  image.style.objectPosition = cropAt(photo);
  image.classList.add('is-loaded');
  return tile;
}
