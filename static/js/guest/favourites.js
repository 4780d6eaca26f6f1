/** What this device has chosen, and a list that somebody else shares. */
import './hearts_messages.js';
import { ApiError, request } from './api.js';
import { button, h, toast } from '../common/dom.js';
import { bindText } from '../common/i18n.js';
import { createGallery, openViewer, prepareViewer } from './gallery.js';
import { save } from './selection.js';
import { copyText, maySave } from './share.js';

/** @typedef {import('./types.js').App} App */

/** @param {App} app @param {import('../common/i18n.js').Text} label */
export function wallOf(app, label) {
  const wall = createGallery({
    label,
    onOpen: (index) =>
      void openViewer({ photos: wall.photos, index, gallery: wall, shop: app.shop, hearts: app.hearts, comments: app.comments }),
    shop: app.shop,
    hearts: () => app.hearts,
  });
  return wall;
}

/** @param {App} app @returns {import('./types.js').View} */
export function heartsView(app) {
  const hearts = /** @type {import('./hearts.js').Hearts} */ (app.hearts);
  const { kind } = hearts.chosen;
  const title = h('h1', { text: [kind === 'couple' ? 'hearts.title.couple' : 'hearts.title'], tabindex: '-1' });
  const count = h('p', { class: 'note', role: 'status' });
  const doneNote = h('p', { class: 'note', text: ['hearts.done.note'] });
  const wall = wallOf(app, ['hearts.title']);
  const empty = h(
    'div',
    { class: 'message-page', hidden: true },
    h('h2', { text: ['hearts.none.title'] }),
    h('p', { class: 'lead', text: ['hearts.none'] }),
  );

  const name = h('input', {
    id: 'hearts-name',
    class: 'input',
    maxlength: '60',
    autocomplete: 'given-name',
    value: hearts.chosen.name ?? '',
  });
  const form = h(
    'form',
    {
      class: 'hearts-name',
      onSubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void changed({ name: name.value }, ['hearts.name.saved']);
      },
    },
    h('label', { for: 'hearts-name', text: ['hearts.name'] }),
    h('div', { class: 'hearts-row' }, name, h('button', { class: 'button button-quiet button-small', text: ['hearts.name.save'] })),
    h('p', { class: 'note', text: ['hearts.name.text'] }),
  );
  const done = button(
    'button button-primary button-small',
    ['hearts.done'],
    () => void changed({ is_done: true }, ['hearts.done.said']),
    'check',
  );
  const unshare = button('link-button', ['hearts.unshare'], () => void changed({ is_shared: false }, ['hearts.unshared']));
  const toolbar = h(
    'div',
    { class: 'toolbar' },
    kind === 'couple' && done,
    button('button button-quiet button-small', ['hearts.all'], () => app.go('all', { replace: true }), 'grid'),
    maySave() && button('button button-quiet button-small', ['save.all'], () => void save(app, [...hearts.ids], wall.photos), 'save'),
    button('button button-quiet button-small', ['hearts.share'], () => void share(), 'link'),
  );

  /** @param {Parameters<typeof hearts.change>[0]} change @param {import('../common/i18n.js').Text} said */
  async function changed(change, said) {
    try {
      await hearts.change(change);
      toast(said);
      return true;
    } catch {
      toast(['hearts.failed']);
      return false;
    }
  }

  async function share() {
    if (!hearts.chosen.share_url && !(await changed({ is_shared: true }, ['hearts.shared']))) return;
    try {
      await copyText(hearts.chosen.share_url ?? '');
      toast(['hearts.shared']);
    } catch {
      toast(['share.failed']);
    }
  }

  function draw() {
    bindText(count, '', hearts.count());
    const none = hearts.ids.size === 0;
    empty.hidden = !none;
    form.hidden = none;
    unshare.hidden = !hearts.chosen.share_url;
    doneNote.hidden = !hearts.chosen.done_at;
    done.hidden = Boolean(hearts.chosen.done_at) || none;
  }

  // What is taken out stays in sight while the guest looks at the list, so that a slip is mended where it was made.
  const stop = hearts.on(draw);
  draw();
  return {
    element: h(
      'section',
      { class: 'favourites' },
      h('header', { class: 'results-head' }, h('div', { class: 'results-title' }, h('div', {}, title, count, doneNote))),
      toolbar,
      empty,
      wall.element,
      h('div', { class: 'favourites-foot' }, form, unshare),
    ),
    entered() {
      void prepareViewer();
      hearts.photos().then(
        (photos) => wall.add(photos),
        () => toast(['all.failed']),
      );
    },
    dispose: () => void stop(),
  };
}

/** @param {App} app @returns {import('./types.js').View} */
export function sharedView(app) {
  const title = h('h1', { tabindex: '-1', text: ['list.title.nameless'] });
  const count = h('p', { class: 'note', role: 'status', text: ['all.loading'] });
  const wall = wallOf(app, ['list.title.nameless']);
  const toolbar = h(
    'div',
    { class: 'toolbar' },
    button('button button-quiet button-small', ['hearts.all'], () => app.go('all', { replace: true }), 'grid'),
  );

  async function load() {
    try {
      const list = await request(
        'GET',
        `/api/v1/sessions/${encodeURIComponent(app.session.id)}/lists/${encodeURIComponent(app.sharedKey ?? '')}`,
      );
      if (list.name) bindText(title, '', ['list.title', { name: list.name }]);
      bindText(count, '', list.photos.length ? ['hearts.count', { n: list.photos.length }] : ['list.empty']);
      wall.add(list.photos);
    } catch (error) {
      bindText(count, '', [error instanceof ApiError && error.code === 'list_not_found' ? 'list.gone' : 'all.failed']);
    }
  }

  return {
    element: h(
      'section',
      { class: 'favourites' },
      h('header', { class: 'results-head' }, h('div', { class: 'results-title' }, h('div', {}, title, count))),
      toolbar,
      wall.element,
    ),
    furnished: wall.furnish,
    entered() {
      void prepareViewer();
      void load();
    },
  };
}
