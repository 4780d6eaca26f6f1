/**
 * The frame of every signed-in page, and how a page gets into it.
 *
 * A page of the dashboard is `static/dashboard.html` with a name in `<html data-page="NAME">` and a
 * module `pages/NAME.js` that exports
 *
 *   export async function show(root, context) { … }
 *
 * `root` is the empty <main>, `context` (types.js) holds the signed-in user. A page brings its own
 * words (messages/NAME.js imported for its effect, which waits for their catalogue), its own styles if it needs
 * any (`css/NAME.css`, linked from dashboard.html), begins with `pageHead(…)`, and sets the tab's
 * title with `context.setTitle(['its.title'])`, and ends what listens for it by `context.onLeave(…)`. What `show` throws is
 * drawn as a failure with a retry.
 *
 * Other modules for pages: api.js (requests), states.js (loading, empty, failure, `load`),
 * dialog.js (`confirm`, `openDialog`), time.js (`time`), `toast` and `h` of common/dom.js. An entry
 * of the navigation is a row of NAVIGATION below.
 */
import './messages/shell.js';
import './icons.js';
import { button, h, icon, toast } from '../common/dom.js';
import { brand, languageSwitch } from '../common/frame.js';
import { onLanguageChange, t } from '../common/i18n.js';
import { api, signInPage } from './api.js';
import { openDialog } from './dialog.js';
import { onProgress, running } from './going_on.js';
import { menu } from './menu.js';
import { createMoves } from './moving.js';
import { errorText, failure, loading } from './states.js';

/** @typedef {import('./types.js').User} User */
/** @typedef {import('./types.js').Context} Context */

/**
 * @typedef {object} Destination
 * @property {string} text its message
 * @property {string} icon
 * @property {string} href
 * @property {string[]} pages names of the pages that belong to it
 * @property {User['role'][]} [roles] who may go there; everyone when left out
 */
/** @type {Destination[]} */
const NAVIGATION = [
  {
    text: 'nav.photo_sessions',
    icon: 'image',
    href: '/dashboard/photo-sessions',
    pages: ['photo_sessions', 'photo_session'],
    roles: ['super_admin', 'admin', 'photographer'],
  },
  {
    text: 'nav.orders',
    icon: 'receipt',
    href: '/dashboard/orders',
    pages: ['orders', 'order'],
    roles: ['super_admin', 'admin', 'photographer'],
  },
  { text: 'nav.placement_desk', icon: 'qr', href: '/dashboard/placements', pages: ['placements'], roles: ['super_admin', 'admin'] },
  { text: 'nav.placements', icon: 'qr', href: '/dashboard/customer', pages: ['customer', 'customer_order'], roles: ['customer'] },
  {
    text: 'nav.tickets',
    icon: 'chat',
    href: '/dashboard/tickets',
    pages: ['tickets', 'ticket', 'new_ticket'],
    roles: ['super_admin', 'admin', 'operator'],
  },
  {
    text: 'nav.support',
    icon: 'chat',
    href: '/dashboard/tickets',
    pages: ['tickets', 'ticket', 'new_ticket'],
    roles: ['photographer', 'customer'],
  },
];
/** @type {Destination[]} */
const SETTINGS = [
  { text: 'nav.studio', icon: 'pen', href: '/dashboard/settings/studio', pages: ['studio'], roles: ['super_admin', 'admin'] },
  { text: 'nav.team', icon: 'team', href: '/dashboard/settings/team', pages: ['team'], roles: ['super_admin', 'admin'] },
  { text: 'nav.prices', icon: 'tag', href: '/dashboard/settings/prices', pages: ['prices'], roles: ['super_admin', 'admin'] },
  { text: 'nav.selling', icon: 'receipt', href: '/dashboard/settings/selling', pages: ['selling'], roles: ['super_admin', 'admin'] },
  { text: 'nav.watermark', icon: 'stamp', href: '/dashboard/settings/watermark', pages: ['watermark'], roles: ['super_admin', 'admin'] },
  {
    text: 'nav.privacy',
    icon: 'shield',
    href: '/dashboard/settings/privacy',
    pages: ['privacy'],
    roles: ['super_admin', 'admin', 'photographer'],
  },
  {
    text: 'nav.notices',
    icon: 'bell',
    href: '/dashboard/settings/notices',
    pages: ['notices'],
    roles: ['super_admin', 'admin', 'photographer'],
  },
  { text: 'nav.webhooks', icon: 'link', href: '/dashboard/settings/webhooks', pages: ['webhooks'], roles: ['super_admin', 'admin'] },
  { text: 'nav.own_account', icon: 'person', href: '/dashboard/settings/account', pages: ['account'] },
  { text: 'nav.device_sessions', icon: 'devices', href: '/dashboard/settings/sessions', pages: ['device_sessions'] },
  { text: 'nav.api_keys', icon: 'key', href: '/dashboard/settings/keys', pages: ['api_keys'] },
];

/** @param {Destination} destination @param {string} page the current one @param {string} className */
function link({ text, icon: name, href, pages }, page, className) {
  return h('a', { class: className, href, 'aria-current': pages.includes(page) ? 'page' : null }, icon(name), h('span', { text: [text] }));
}

/** Ends this browser's sign-in. */
export async function signOut() {
  try {
    await api.post('/api/auth/logout');
    location.assign(signInPage());
  } catch (error) {
    toast(errorText(error));
  }
}

/** The dialog is fetched when somebody wants it. */
function passwordItem() {
  const open = () => void import('./password.js').then(({ changePassword }) => changePassword());
  return button('menu-item', ['nav.password'], open, 'key');
}

/** @param {User} user */
function who(user) {
  return h(
    'div',
    { class: 'who' },
    h('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(user.name)),
    h(
      'div',
      { class: 'who-words' },
      h('p', { class: 'who-name' }, user.name),
      h('p', { class: 'note' }, user.email ?? user.phone ?? ''),
      h(
        'p',
        { class: 'note' },
        h('span', { text: [`role.${user.role}`] }),
        user.studios.length > 0 && ` · ${user.studios.map((each) => each.name).join(', ')}`,
      ),
    ),
  );
}

/** "Anna Petrova" → "AP". @param {string} name */
function initials(name) {
  return name
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0].toUpperCase())
    .join('');
}

/** Where this user may go. @param {Destination[]} all @param {User | null} user */
function open(all, user) {
  return all.filter(({ roles }) => user && (!roles || roles.includes(user.role)));
}

/** Everything of the bar in one column, for telephones. @param {User} user @param {string} page */
function openDrawer(user, page) {
  openDialog({
    title: ['nav.menu'],
    className: 'drawer',
    content: [
      h(
        'nav',
        { class: 'drawer-nav', label: ['nav'] },
        ...open(NAVIGATION, user).map((each) => link(each, page, 'menu-item')),
        h('h3', { class: 'eyebrow', text: ['nav.settings'] }),
        ...open(SETTINGS, user).map((each) => link(each, page, 'menu-item')),
      ),
      who(user),
      passwordItem(),
      button('menu-item', ['nav.sign_out'], signOut, 'leave'),
      languageSwitch(),
    ],
  });
}

/** @param {User | null} user null while it is being asked for @param {string} page @param {HTMLElement} work what goes on */
function topBar(user, page, work) {
  return h(
    'header',
    { class: 'site-header topbar' },
    h('a', { class: 'brand-link', href: '/dashboard' }, brand()),
    user &&
      h(
        'nav',
        { class: 'topbar-nav', label: ['nav'] },
        ...open(NAVIGATION, user).map((each) => link(each, page, 'topbar-link')),
        menu({
          className: SETTINGS.some(({ pages }) => pages.includes(page)) ? 'is-current' : '',
          label: [icon('settings'), h('span', { text: ['nav.settings'] })],
          items: open(SETTINGS, user).map((each) => link(each, page, 'menu-item')),
        }),
      ),
    work,
    h(
      'div',
      { class: 'topbar-end' },
      languageSwitch(),
      user &&
        menu({
          className: 'menu-end',
          name: ['nav.account', { name: user.name }],
          label: [h('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(user.name))],
          items: [who(user), passwordItem(), button('menu-item', ['nav.sign_out'], signOut, 'leave')],
        }),
    ),
    user &&
      h(
        'button',
        {
          type: 'button',
          class: 'icon-button topbar-menu',
          label: ['nav.menu'],
          'aria-haspopup': 'dialog',
          onClick: () => openDrawer(user, page),
        },
        icon('menu'),
      ),
  );
}

/**
 * The head of a page: its heading, a sentence, what can be done.
 * @param {{ title: import('../common/i18n.js').Text | string, text?: import('../common/i18n.js').Text, actions?: Node[] }} options `title`: a message, or words of the user's own
 */
export function pageHead({ title, text, actions = [] }) {
  const own = typeof title === 'string';
  return h(
    'div',
    { class: 'page-head' },
    h('div', { class: 'page-words' }, h('h1', own ? {} : { text: title }, own && title), text && h('p', { class: 'lead', text })),
    actions.length > 0 && h('div', { class: 'page-actions' }, ...actions),
  );
}

/** The running task in the bar: its progress and the link to it. */
function workInProgress() {
  const element = h('div', { class: 'topbar-work', hidden: true });
  const draw = () => {
    const work = running();
    element.hidden = work.length === 0;
    element.replaceChildren(
      ...work.map(({ path, name, percent }) =>
        h(
          'a',
          { class: 'topbar-link', href: path, title: ['work.upload', { name, percent: percent() }] },
          icon('upload'),
          h('span', { text: ['work.upload.short', { percent: percent() }] }),
        ),
      ),
    );
  };
  onProgress(draw);
  draw();
  return element;
}

/** Draws the frame, asks who is signed in, then the page. */
function start() {
  const work = workInProgress();
  let bar = topBar(null, '', work);
  /** The answer is the same for every page. @type {Promise<{ user: User, session_id: string | null }> | undefined} */
  let me;
  let main = h('main', { id: 'main' });
  const skip = h('a', {
    class: 'skip',
    href: '#main',
    text: ['skip'],
    onClick: (/** @type {Event} */ event) => {
      event.preventDefault();
      main.focus();
    },
  });
  document.getElementById('app')?.replaceChildren(skip, bar, main);

  /** @param {string} page @returns {import('./moving.js').Shown} */
  function draw(page) {
    const root = h('main', { id: 'main', class: 'page', tabindex: '-1' }, loading());
    /** @type {(() => void)[]} */
    const leaving = [];
    /** A message, words of the user's own, or what makes them. @type {import('./types.js').Title | null} */
    let title = null;
    const drawTitle = () => {
      const words = typeof title === 'function' ? title() : Array.isArray(title) ? t(...title) : title;
      if (root.isConnected) document.title = words ? `${words} · Pixora` : 'Pixora';
    };
    onLanguageChange(drawTitle);
    async function fill() {
      try {
        me ??= api.get('/api/auth/me');
        const [{ user, session_id: sessionId }, { show }] = await Promise.all([me, import(`./pages/${page}.js`)]);
        drawBar(user, page);
        root.replaceChildren();
        /** @type {Context} */
        const context = {
          user,
          sessionId,
          setTitle: (text) => {
            title = text;
            drawTitle();
          },
          onLeave: (end) => leaving.push(end),
        };
        await show(root, context);
      } catch (error) {
        me = undefined;
        root.replaceChildren(failure(error, () => location.reload()));
        throw error;
      }
    }
    // Not awaited: pages import this module, which must have been evaluated by then.
    void fill();
    return {
      page,
      main: root,
      leave: () => leaving.forEach((end) => end()),
      back: () => {
        void me?.then(({ user }) => drawBar(user, page));
        drawTitle();
      },
    };
  }

  /** @param {User} user @param {string} page */
  function drawBar(user, page) {
    const next = topBar(user, page, work);
    bar.replaceWith(next);
    bar = next;
  }

  /** @param {{ main: HTMLElement }} shown */
  function swap(shown) {
    main.replaceWith(shown.main);
    main = shown.main;
  }

  const first = draw(document.documentElement.dataset.page ?? '');
  swap(first);
  createMoves({ draw, swap, first });
}

start();
