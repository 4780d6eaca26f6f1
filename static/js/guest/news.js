/** Hearing of new photos: what is agreed to, the ways that work here, and stopping it. Loaded when it is needed. */
import './news_messages.js';
import { ApiError } from './api.js';
import { button, h, iconButton, toast } from '../common/dom.js';
import { field } from '../common/field.js';
import { currentLanguage } from '../common/i18n.js';
import { showSheet } from '../common/sheet.js';
import { knownNews, rememberNews } from './news_store.js';

/** @typedef {import('../common/shapes.js').Answer<'OfferedNews'>} Offered */
/** @typedef {import('../common/shapes.js').Answer<'NewsChannel'>} Channel */

/** @param {import('./types.js').App} app */
export function openNews(app) {
  const body = h('div', { class: 'archive-body', 'aria-live': 'polite' });
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-labelledby': 'news-title', onClose: () => dialog.remove() },
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id: 'news-title', text: ['news.title'] }),
      iconButton('', ['close'], () => dialog.close(), 'close'),
    ),
    body,
  );
  const session = app.session.id;
  void begin();
  showSheet(dialog);

  async function begin() {
    const known = knownNews(session);
    if (!known) return offer();
    try {
      const standing = await app.api.newsStanding(known);
      if (standing.state === 'stopped') throw new ApiError('news_not_found', 404);
      show(standing.state === 'asked' ? ['news.asked'] : ['news.on']);
    } catch (error) {
      if (/** @type {ApiError} */ (error).status !== 404) return failed(error);
      rememberNews(session, null);
      await offer();
    }
  }

  async function offer() {
    try {
      draw(await app.api.newsOffered());
    } catch (error) {
      failed(error);
    }
  }

  /** @param {Offered} offered */
  function draw(offered) {
    const mail = offered.channels.includes('mail') ? byMail(offered.version) : '';
    const text = offered.text.split('\n\n').map((paragraph) => {
      const [title, ...rest] = paragraph.split('\n');
      return rest.length ? h('p', { class: 'note' }, h('b', {}, title), h('br'), rest.join(' ')) : h('p', {}, paragraph);
    });
    body.replaceChildren(...text, mail || h('p', { text: ['news.none'] }));
  }

  /** @param {string} version */
  function byMail(version) {
    const input = h('input', { class: 'input', type: 'email', autocomplete: 'email', required: true, maxlength: '254' });
    const address = field({ label: ['news.address'], control: input });
    const send = h('button', { class: 'button button-primary', type: 'submit', text: ['news.mail'] });
    return h(
      'form',
      {
        class: 'archive-body',
        onSubmit: async (/** @type {Event} */ event) => {
          event.preventDefault();
          send.disabled = true;
          try {
            await ask('mail', input.value.trim(), version);
            show(['news.asked']);
          } catch (error) {
            if (/** @type {ApiError} */ (error).code === 'invalid_news_address') address.fail(['news.address.wrong']);
            else failed(error);
          } finally {
            send.disabled = false;
          }
        },
      },
      address.element,
      send,
    );
  }

  /** @param {Channel} channel @param {string} address @param {string} version */
  async function ask(channel, address, version) {
    const begun = await app.api.beginNews({ channel, address, version, language: currentLanguage() });
    rememberNews(session, { id: begun.news_id, key: begun.key });
    return begun;
  }

  /** @param {import('../common/i18n.js').Text} text */
  function show(text) {
    body.replaceChildren(
      h('p', { text }),
      button('button button-quiet', ['news.stop'], () => void stop(), 'close'),
    );
  }

  async function stop() {
    const known = knownNews(session);
    if (!known) return dialog.close();
    try {
      const { erased } = await app.api.stopNews(known);
      rememberNews(session, null);
      body.replaceChildren(h('p', { text: ['news.stopped', { addresses: erased?.addresses ?? 0, vectors: erased?.vectors ?? 0 }] }));
    } catch (error) {
      failed(error);
    }
  }

  /** @param {unknown} error */
  function failed(error) {
    const code = error instanceof ApiError ? error.code : 'internal';
    const words = { not_found_yet: 'news.search', too_many_attempts: 'news.later', consent_outdated: 'news.outdated' };
    toast([words[/** @type {keyof typeof words} */ (code)] ?? 'news.failed']);
  }
}
