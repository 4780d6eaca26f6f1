/** Asking to be left out of the photos: all of them and later ones, or chosen ones; the code says what became of it. */
import './hide_messages.js';
import { button, h, iconButton, toast } from '../common/dom.js';
import { askedText, shownText, textsChanged } from './consent_text.js';
import { currentLanguage } from '../common/i18n.js';
import { showSheet } from '../common/sheet.js';

/** @param {string} sessionId */
const key = (sessionId) => `pixora.hide.${sessionId}`;

/** @param {string} sessionId @param {string | null} code */
function remember(sessionId, code) {
  try {
    if (code) localStorage.setItem(key(sessionId), code);
    else localStorage.removeItem(key(sessionId));
  } catch {
    /* the guest keeps the code */
  }
}

/** @param {string} sessionId */
function remembered(sessionId) {
  try {
    return localStorage.getItem(key(sessionId));
  } catch {
    return null;
  }
}

/** @param {import('./types.js').App} app @param {() => string[]} chosen ids of the photos that are selected now */
export function openHide(app, chosen) {
  let words = shownText(app, 'hiding');
  const body = h('div', { class: 'archive-body', 'aria-live': 'polite' });
  const dialog = h(
    'dialog',
    {
      class: 'dialog',
      'aria-labelledby': 'hide-title',
      onClose: () => {
        words.dispose();
        dialog.remove();
      },
    },
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id: 'hide-title', text: ['hide.title'] }),
      iconButton('', ['close'], () => dialog.close(), 'close'),
    ),
    body,
  );
  const known = remembered(app.session.id);
  if (known) void look(known);
  else offer();

  function offer() {
    const found = (app.result?.matches.length ?? 0) > 0;
    words.dispose();
    words = shownText(app, 'hiding');
    body.replaceChildren(
      words.element,
      h(
        'div',
        { class: 'actions', hidden: !found },
        button('button button-primary', ['hide.all'], () => void ask(null), 'eyeoff'),
        button('button button-quiet', ['hide.chosen'], () => {
          const ids = chosen();
          if (ids.length === 0) toast(['hide.choose']);
          else void ask(ids);
        }),
      ),
      byCode(),
    );
  }

  /** For a guest who comes back on another device. */
  function byCode() {
    const input = h('input', { class: 'input', label: ['hide.known.label'], autocomplete: 'off', required: true });
    return h(
      'form',
      {
        class: 'hide-known',
        onSubmit: async (/** @type {Event} */ event) => {
          event.preventDefault();
          try {
            show(input.value.trim(), await app.api.hideReceipt(input.value.trim()));
          } catch {
            toast(['hide.known.wrong']);
          }
        },
      },
      h('p', { class: 'note', text: ['hide.known'] }),
      h(
        'div',
        { class: 'actions actions-row' },
        input,
        h('button', { class: 'button button-quiet', type: 'submit', text: ['hide.known.show'] }),
      ),
    );
  }

  /** @param {string[] | null} ids */
  async function ask(ids) {
    try {
      const { version } = await askedText(app, 'hiding');
      const made = await app.api.hide({ version, language: currentLanguage(), ...(ids && { photo_ids: ids }) });
      remember(app.session.id, made.code);
      show(made.code, made);
    } catch (error) {
      const { code } = /** @type {{ code?: string }} */ (error);
      if (code === 'consent_outdated') {
        textsChanged(app);
        void words.draw();
      }
      const said = { not_found_yet: 'hide.search', consent_outdated: 'consent.changed' }[code ?? ''];
      toast([said ?? 'hide.failed']);
    }
  }

  /** @param {string} code */
  async function look(code) {
    try {
      show(code, await app.api.hideReceipt(code));
    } catch (error) {
      if (/** @type {{ code?: string }} */ (error).code !== 'wish_not_found') toast(['hide.failed']);
      else remember(app.session.id, null);
      offer();
    }
  }

  /** @param {string} code @param {import('../common/shapes.js').Answer<'WishReceipt'>} receipt */
  function show(code, { state, photos_asked: n, photos_held_back: later }) {
    body.replaceChildren(
      h('p', { text: [`hide.${state}`, { n }] }),
      later > 0 && state === 'hidden' ? h('p', { class: 'note', text: ['hide.held', { n: later }] }) : '',
      h('p', { class: 'note', text: ['hide.code'] }),
      h('p', {}, h('code', { class: 'hide-code' }, code)),
      state === 'withdrawn' || state === 'refused'
        ? button('button button-quiet', ['hide.again'], () => {
            remember(app.session.id, null);
            offer();
          })
        : button('button button-quiet', ['hide.back'], () => void takeBack(code), 'undo'),
    );
  }

  /** @param {string} code */
  async function takeBack(code) {
    try {
      await app.api.takeHideBack(code);
      remember(app.session.id, null);
      dialog.close();
      toast(['hide.taken_back']);
    } catch {
      toast(['hide.failed']);
    }
  }

  showSheet(dialog);
}
