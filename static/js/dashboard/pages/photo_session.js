/** One photo session: its head, and below it sharing, upload, photos and analytics, one at a time. */
import '../messages/studio.js';
import { h, icon } from '../../common/dom.js';
import { t } from '../../common/i18n.js';
import { api } from '../api.js';
import { empty, load } from '../states.js';
import { createAnalytics } from '../studio/analytics.js';
import { createCameras } from '../studio/cameras.js';
import { createChoices } from '../studio/choices.js';
import { createGuestDesk } from '../studio/guest_desk.js';
import { createHead } from '../studio/head.js';
import { createLibrary } from '../studio/library.js';
import { listen } from '../studio/live.js';
import { createPeople } from '../studio/people.js';
import { createPhotos } from '../studio/photos.js';
import { createShare } from '../studio/share.js';
import { createUpload } from '../upload/panel.js';

/** @typedef {import('../studio/types.js').PhotoSession} PhotoSession */

/**
 * @typedef {object} Shared what the parts of the page have in common
 * @property {PhotoSession} session as the server has it; changed in place by live events
 * @property {import('../studio/live.js').Live} live
 * @property {() => void} changed tells every part that `session` is not what it was
 * @property {(listener: () => void) => void} onChange
 */
/** @typedef {{ element: HTMLElement, shown?: () => void }} Part */

const TABS = /** @type {const} */ (['share', 'upload', 'photos', 'guests', 'choices', 'people', 'analytics']);
const ICONS = { share: 'qr', upload: 'upload', photos: 'grid', guests: 'camera', choices: 'heart', people: 'person', analytics: 'chart' };

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['session.title']);
  const id = location.pathname.split('/').filter(Boolean).at(-1);
  await load(
    root,
    () =>
      api.get(`/api/photo-sessions/${id}`).catch((error) => {
        // A gallery that opens with a PIN says nothing to others.
        if (error.code === 'pin_required') return { url: `/session/${id}` };
        throw error;
      }),
    // A user who does not manage the session gets the guest's answer, without the studio's fields.
    (session) => {
      if (!('client_id' in session)) return notYours(session);
      return draw(session, root, context);
    },
  );
}

/** Photos come by upload, come from cameras, or lie in a library. @param {Part} upload @param {string} sessionId @returns {Part} */
function withOtherWays(upload, sessionId) {
  const [cameras, library] = [createCameras(sessionId), createLibrary(sessionId)];
  return {
    element: h('div', {}, upload.element, cameras.element, library.element),
    shown: () => {
      upload.shown?.();
      cameras.shown();
      library.shown();
    },
  };
}

/** @param {{ url: string }} session */
function notYours({ url }) {
  return empty({
    icon: 'eyeoff',
    title: ['session.not_yours'],
    text: ['session.not_yours.text'],
    action: h(
      'div',
      { class: 'session-buttons' },
      h('a', { class: 'button button-primary button-small', href: '/dashboard/photo-sessions' }, h('span', { text: ['sessions.title'] })),
      h('a', { class: 'button button-quiet button-small', href: url }, h('span', { text: ['share.open'] })),
    ),
  });
}

/** @param {PhotoSession} session @param {HTMLElement} root @param {import('../types.js').Context} context */
function draw(session, root, context) {
  /** @type {Set<() => void>} */
  const listeners = new Set();
  /** @type {Shared} */
  const shared = {
    session,
    live: listen(session.id),
    changed: () => {
      for (const listener of listeners) listener();
    },
    onChange: (listener) => {
      listeners.add(listener);
    },
  };
  function read() {
    return api.get(`/api/photo-sessions/${session.id}`).then(
      (fresh) => {
        Object.assign(session, fresh);
        shared.changed();
      },
      () => {},
    );
  }
  // The event says what guests may do now, which is not how each switch stands.
  shared.live.on('session', () => void read());
  shared.live.on('counts', (data) => {
    Object.assign(session.photos, data);
    shared.changed();
  });
  // Changes during a cut of the stream are read once it is back.
  let opened = 0;
  shared.live.on('opened', () => {
    if (opened++ > 0) void read();
  });

  const upload = createUpload(shared, {
    reveal: () => {
      location.hash = '#upload';
    },
    isShown: () => root.isConnected,
  });
  const waiting = h('span', { class: 'tab-count', hidden: true });
  /** @param {number} n photos and comments of guests that the studio is to look at */
  const drawWaiting = (n) => {
    waiting.hidden = n === 0;
    waiting.replaceChildren(
      h('span', { 'aria-hidden': 'true' }, String(n)),
      h('span', { class: 'visually-hidden', text: ['tab.guests.waiting', { n }] }),
    );
  };
  /** @type {Record<typeof TABS[number], Part>} */
  const parts = {
    share: createShare(shared),
    upload: withOtherWays(upload, session.id),
    photos: createPhotos(shared),
    choices: createChoices(shared),
    guests: createGuestDesk(shared, drawWaiting),
    people: createPeople(shared),
    analytics: createAnalytics(session),
  };
  const tabs = h(
    'nav',
    { class: 'tabs session-tabs', label: ['session.parts'] },
    ...TABS.map((name) =>
      h(
        'a',
        { class: 'tab', href: `#${name}` },
        icon(ICONS[name]),
        h('span', { text: [`tab.${name}`] }),
        name === 'upload' && upload.badge,
        name === 'guests' && waiting,
      ),
    ),
  );
  const guests = /** @type {HTMLElement} */ (tabs.children[TABS.indexOf('guests')]);
  // Where the session takes none, nobody looks for them.
  const drawGuests = () => (guests.hidden = session.guest_photos === 'off' && session.comments === 'off');
  shared.onChange(drawGuests);
  drawGuests();
  const body = h('div', { class: 'session-body' });

  function go() {
    const [wanted] = location.hash.slice(1).split('?');
    const current = TABS.find((name) => name === wanted) ?? (session.photos.ready + session.photos.queued > 0 ? 'photos' : 'share');
    TABS.forEach((name, i) => {
      if (name === current) tabs.children[i].setAttribute('aria-current', 'page');
      else tabs.children[i].removeAttribute('aria-current');
    });
    context.setTitle(() => `${t(`tab.${current}`)} · ${session.name}`);
    if (body.firstChild !== parts[current].element) body.replaceChildren(parts[current].element);
    parts[current].shown?.();
  }
  // Behind another page nothing is meant for this one.
  addEventListener('hashchange', () => root.isConnected && go());
  context.onLeave(shared.live.close);
  go();
  return [createHead(shared), tabs, body];
}
