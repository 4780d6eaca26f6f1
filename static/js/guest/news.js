/** Hearing of new photos: what is agreed to, the ways that work here, and stopping it. Loaded when it is needed. */
import './news_messages.js';
import { ApiError } from './api.js';
import { button, h, iconButton, toast } from '../common/dom.js';
import { field } from '../common/field.js';
import { askedText, shownText, textsChanged } from './consent_text.js';
import { currentLanguage } from '../common/i18n.js';
import { showSheet } from '../common/sheet.js';
import { knownNews, rememberNews } from './news_store.js';

/** @typedef {import('../common/shapes.js').Answer<'OfferedNews'>} Offered */

/** @param {import('./types.js').App} app */
export function openNews(app) {
  let words = shownText(app, 'news');
  const body = h('div', { class: 'archive-body', 'aria-live': 'polite' });
  const dialog = h(
    'dialog',
    {
      class: 'dialog',
      'aria-labelledby': 'news-title',
      onClose: () => {
        words.dispose();
        dialog.remove();
      },
    },
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id: 'news-title', text: ['news.title'] }),
      iconButton('', ['close'], () => dialog.close(), 'close'),
    ),
    body,
  );
  const session = app.session.id;
  const scope = `/session/${session}`;
  void begin();
  showSheet(dialog);

  async function begin() {
    const known = knownNews(session);
    if (!known) return offer();
    try {
      const standing = await app.api.newsStanding(known);
      if (standing.state === 'stopped') throw new ApiError('news_not_found', { status: 404 });
      show([standing.state === 'on' ? 'news.on' : standing.channel === 'telegram' ? 'news.telegram.open' : 'news.asked']);
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
    const ways = [
      offered.channels.includes('push') && byPush(offered),
      offered.channels.includes('telegram') && byTelegram(),
      offered.channels.includes('mail') && byMail(),
    ].filter((way) => way !== false);
    words.dispose();
    words = shownText(app, 'news');
    body.replaceChildren(words.element, ...(ways.length ? ways : [h('p', { text: ['news.none'] })]));
  }

  /** A notification of this browser; phones of Apple's give them to pages on the home screen. @param {Offered} offered */
  function byPush({ push_public_key: key }) {
    if (!key || !('serviceWorker' in navigator)) return false;
    if (!('PushManager' in window)) {
      return /iPhone|iPad/.test(navigator.userAgent) && h('p', { class: 'note', text: ['news.push.install'] });
    }
    const begin = button('button button-primary', ['news.push'], async () => {
      begin.disabled = true;
      try {
        if ((await Notification.requestPermission()) !== 'granted') return toast(['news.push.denied']);
        const subscription = await subscribe(key);
        const { endpoint, keys } = subscription.toJSON();
        const known = { endpoint: endpoint ?? '', keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' } };
        await ask({ channel: 'push', subscription: known }).catch(async (error) => {
          await subscription.unsubscribe();
          throw error;
        });
        show(['news.on']);
      } catch (error) {
        failed(error);
      } finally {
        begin.disabled = false;
      }
    });
    return begin;
  }

  /** Each session has a subscription of its own, so that one tells nothing of another. @param {string} key */
  async function subscribe(key) {
    const registration = await navigator.serviceWorker.register('/news-worker.js', { scope });
    return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  }

  /** This browser gives its subscription back. */
  async function unsubscribe() {
    const registration = await navigator.serviceWorker?.getRegistration(scope);
    await (await registration?.pushManager?.getSubscription())?.unsubscribe();
    await registration?.unregister();
  }

  function byTelegram() {
    const begin = button('button button-quiet', ['news.telegram'], async () => {
      begin.disabled = true;
      try {
        const { telegram_url: url } = await ask({ channel: 'telegram' });
        show(['news.telegram.open'], h('a', { class: 'button button-primary', href: url ?? '', text: ['news.telegram.link'] }));
      } catch (error) {
        failed(error);
      } finally {
        begin.disabled = false;
      }
    });
    return begin;
  }

  function byMail() {
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
            await ask({ channel: 'mail', address: input.value.trim() });
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

  /** @param {Pick<import('./api.js').WantedNews, 'channel' | 'address' | 'subscription'>} by */
  async function ask(by) {
    const { version } = await askedText(app, 'news');
    const begun = await app.api.beginNews({ ...by, version, language: currentLanguage() });
    rememberNews(session, { id: begun.news_id, key: begun.key });
    return begun;
  }

  /** @param {import('../common/i18n.js').Text} text @param {Node[]} more */
  function show(text, ...more) {
    body.replaceChildren(
      h('p', { text }),
      ...more,
      button('button button-quiet', ['news.stop'], () => void stop(), 'close'),
    );
  }

  async function stop() {
    const known = knownNews(session);
    if (!known) return dialog.close();
    try {
      const { erased } = await app.api.stopNews(known);
      rememberNews(session, null);
      // It is erased there; a browser that cannot give it back is told nothing any more.
      await unsubscribe().catch(() => {});
      body.replaceChildren(h('p', { text: ['news.stopped', { addresses: erased?.addresses ?? 0, vectors: erased?.vectors ?? 0 }] }));
    } catch (error) {
      failed(error);
    }
  }

  /** @param {unknown} error */
  function failed(error) {
    const code = error instanceof ApiError ? error.code : 'internal';
    const said = { not_found_yet: 'news.search', too_many_attempts: 'news.later', consent_outdated: 'news.outdated' };
    toast([said[/** @type {keyof typeof said} */ (code)] ?? 'news.failed']);
    if (code === 'consent_outdated') {
      textsChanged(app);
      void offer();
    }
  }
}
