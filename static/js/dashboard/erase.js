/** Erasing something for good: what would go, a second confirmation, and the receipt once nothing is left. */
import './messages/erase.js';
import { button, h } from '../common/dom.js';
import { api } from './api.js';
import { openDialog } from './dialog.js';
import { errorText } from './states.js';
import { field, randomKey } from './studio/words.js';

/** @typedef {import('../common/i18n.js').Text} Text */
/** @typedef {import('../common/shapes.js').Answer<'ErasurePreview'>} Preview */
/** @typedef {import('../common/shapes.js').Answer<'ErasureJson'>} Erasure */

/** Between looks whether it is done. */
const LOOK_MS = 1000;

/**
 * Asks twice, erases, and shows how far it is. Closing the dialog does not stop it.
 * @param {{ path: string, title: Text, text: Text, name?: string, gone?: () => void }} options `path` of the request; `name` must be typed in; `gone`: whoever asks is signed out by it
 * @returns {Promise<boolean>} whether it was erased
 */
export function eraseForGood({ path, title, text, name, gone }) {
  return new Promise((done) => {
    let isErased = false;
    let isOpen = true;
    // The same request again, after a cut of the line, erases once.
    const headers = { 'Idempotency-Key': randomKey() };
    const body = h('div', { class: 'erase-body' }, h('p', { class: 'note', role: 'status', text: ['erase.counting'] }));
    const dialog = openDialog({
      title,
      content: [h('p', { text }), body],
      onClose: () => {
        isOpen = false;
        done(isErased);
      },
    });

    /** @param {unknown} error */
    function fail(error) {
      body.replaceChildren(h('p', { class: 'field-error', role: 'alert', text: errorText(error) }), actions(again()));
    }

    const again = () => button('button button-quiet button-small', ['retry'], () => void ask());
    /** @param {(Node | false)[]} buttons */
    const actions = (...buttons) =>
      h(
        'div',
        { class: 'dialog-actions' },
        button('button button-quiet button-small', [isErased ? 'close' : 'cancel'], () => dialog.close()),
        ...buttons,
      );

    async function ask() {
      try {
        const preview = /** @type {Preview} */ (await api.post(path));
        if (isOpen) confirm(preview);
      } catch (error) {
        fail(error);
      }
    }

    /** @param {Preview} preview */
    function confirm({ photos, files, vectors, goes, stays, confirm: word }) {
      const typed = h('input', { class: 'input', type: 'text', autocomplete: 'off', onInput: () => look() });
      const yes = button('button button-small button-danger', ['erase.now'], () => void erase(word, yes), 'trash');
      const look = () => {
        yes.disabled = name !== undefined && typed.value.trim() !== name.trim();
      };
      look();
      body.replaceChildren(
        h(
          'ul',
          { class: 'erase-counts' },
          photos > 0 && h('li', { text: ['erase.photos', { n: photos }] }),
          files > 0 && h('li', { text: ['erase.files', { n: files }] }),
          vectors > 0 && h('li', { text: ['erase.vectors', { n: vectors }] }),
          ...counted('goes', goes),
        ),
        ...(stays
          ? [h('p', { class: 'note', text: ['erase.stays'] }), h('ul', { class: 'erase-counts' }, ...counted('stays', stays))]
          : []),
        ...(name === undefined ? [] : [field({ label: ['erase.type', { name }], control: typed }).element]),
        actions(yes),
      );
      (name === undefined ? body.querySelector('button') : typed)?.focus();
    }

    /** @param {string} word @param {HTMLButtonElement} yes */
    async function erase(word, yes) {
      yes.disabled = true;
      try {
        const erasure = /** @type {Erasure} */ (await api.post(path, { confirm: word }, { headers, timeout: 120_000 }));
        isErased = true;
        await follow(erasure);
      } catch (error) {
        if (isErased) void follow(null);
        else fail(error);
      }
    }

    /** @param {Erasure | null} erasure */
    async function follow(erasure) {
      if (gone) return gone();
      while (isOpen && erasure && erasure.state !== 'complete') {
        body.replaceChildren(
          h(
            'p',
            { class: 'is-working', role: 'status' },
            h('span', { class: 'spinner', 'aria-hidden': 'true' }),
            h('span', { text: [erasure.waits_for === 'photo_in_hand' ? 'erase.in_hand' : 'erase.running'] }),
          ),
          actions(),
        );
        await new Promise((next) => setTimeout(next, LOOK_MS));
        if (isOpen) erasure = /** @type {Erasure} */ (await api.get(`/api/erasures/${erasure.id}`).catch(() => erasure));
      }
      if (!isOpen) return;
      body.replaceChildren(h('p', { role: 'status', text: ['erase.done'] }), actions(erasure ? receiptLink(erasure) : false));
      body.querySelector('button')?.focus();
    }

    void ask();
  });
}

/** What goes or stays of an account, as far as there is any. @param {'goes' | 'stays'} which @param {Record<string, number> | null} counts */
function counted(which, counts) {
  const some = Object.entries(counts ?? {}).filter(([, n]) => n > 0);
  return some.map(([name, n]) => h('li', { text: [`erase.${which}.${name}`, { n }] }));
}

/** The receipt as a file. @param {Erasure} erasure */
export function receiptLink(erasure) {
  const file = new Blob([JSON.stringify(erasure.receipt, null, 2)], { type: 'application/json' });
  const link = h('a', { class: 'button button-quiet button-small', href: URL.createObjectURL(file), download: `${erasure.id}.json` });
  link.append(h('span', { text: ['erase.receipt'] }));
  return link;
}
