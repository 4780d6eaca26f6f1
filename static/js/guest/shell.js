/** The frame around the views: tabs, and the promise about the guest's face. */
import './messages.js';
import { append, button, h, iconButton } from '../common/dom.js';
import { frame } from '../common/frame.js';
import { commenting, consent, sharing } from './consent_store.js';
import { forgetMe } from './visit.js';

/** @typedef {import('./types.js').App} App */
/** @typedef {import('./types.js').ViewName} ViewName */

/** @param {App} app */
export function createShell(app) {
  const { main, header } = frame({
    // The page of one photo leads to its session's.
    home: () => (app.session.photo ? location.assign(`/session/${app.session.id}`) : app.go('home')),
    footer: h('button', { type: 'button', class: 'link-button', text: ['privacy.open'], onClick: () => openPrivacy(app) }),
  });
  const tabs = h('nav', { class: 'tabs', label: ['tabs'], hidden: true });
  header.after(tabs);

  /** @param {ViewName} view */
  function drawTabs(view) {
    tabs.hidden = app.framed === true || !(app.result && (view === 'results' || view === 'all'));
    if (tabs.hidden) return;
    tabs.replaceChildren();
    append(tabs, [
      tab('results', ['tabs.mine'], app.result?.matches.length ?? 0, view),
      tab('all', ['tabs.all'], app.session.photos_ready, view),
    ]);
  }

  /** @param {ViewName} name @param {import('../common/i18n.js').Text} text @param {number} count @param {ViewName} view */
  function tab(name, text, count, view) {
    return h(
      'a',
      {
        class: 'tab',
        href: `#/${name}`,
        'aria-current': name === view ? 'page' : null,
        onClick: (/** @type {Event} */ event) => {
          event.preventDefault();
          if (name !== view) app.go(name, { replace: true });
        },
      },
      h('span', { text }),
      h('span', { class: 'tab-count' }, String(count)),
    );
  }

  return {
    drawTabs,
    /** Gives the shop its places: a button in the header, a bar under the photos. @param {{ button: HTMLElement, bar: HTMLElement }} shop */
    furnish({ button: opener, bar }) {
      header.lastElementChild?.before(opener);
      main.after(bar);
    },
    /** Puts a view into the page and moves the focus to its heading, so that it is read out. @param {ViewName} view @param {HTMLElement} element */
    show(view, element) {
      document.body.dataset.view = view;
      drawTabs(view);
      const first = main.childElementCount === 0;
      main.replaceChildren(element);
      const heading = main.querySelector('h1');
      heading?.setAttribute('tabindex', '-1');
      if (!first) /** @type {HTMLElement | null} */ (heading)?.focus({ preventScroll: true });
    },
  };
}

/** @param {App} app */
async function openPrivacy(app) {
  const [{ recordOf, shownText }, { showSheet }] = await Promise.all([import('./consent_text.js'), import('../common/sheet.js')]);
  const close = () => dialog.close();
  const given = consent(app.session.id);
  const words = shownText(app, 'match');
  const dialog = h(
    'dialog',
    {
      class: 'dialog',
      'aria-labelledby': 'privacy-title',
      onClose: () => {
        words.dispose();
        dialog.remove();
      },
    },
    h('div', { class: 'dialog-head' }, h('h2', { id: 'privacy-title', text: ['privacy.open'] }), iconButton('', ['close'], close, 'close')),
    words.element,
    h('p', { class: 'note', text: [given ? 'privacy.given' : 'privacy.none'] }),
    given?.code && recordOf(given.code),
    Boolean(given || app.hearts?.ids.size || sharing(app.session.id) || commenting(app.session.id)) &&
      button('button button-quiet button-wide', ['privacy.withdraw'], withdraw, 'undo'),
  );

  async function withdraw() {
    if (await forgetMe(app)) close();
  }

  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) close();
  });
  showSheet(dialog);
}
