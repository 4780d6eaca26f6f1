/**
 * Somebody's news, opened by a link of a message. What the link does stands behind its `#`, which no program that looks
 * through mails sends to the server: `#confirm` says yes, `#stop` ends it and erases everything, with that one tap.
 */
import '../guest/news_messages.js';
import './messages.js';
import { ApiError, request } from '../guest/api.js';
import { rememberNews } from '../guest/news_store.js';
import { button, h } from '../common/dom.js';
import { frame } from '../common/frame.js';
import { onLanguageChange, t } from '../common/i18n.js';

/** @typedef {import('../common/shapes.js').Answer<'NewsJson'>} News */

const id = location.pathname.split('/').filter(Boolean).at(-1) ?? '';
const base = `/api/news/${encodeURIComponent(id)}`;
const query = new URLSearchParams(location.search);
const { main } = frame();

/** @param {string} action @param {string | null} key */
const address = (action, key) => `${base}${action}?key=${encodeURIComponent(key ?? '')}`;

/** @param {Node[]} content @param {import('../common/i18n.js').Text} title */
function show(title, ...content) {
  document.title = `${t(...title)} · Pixora`;
  main.replaceChildren(h('section', { class: 'message-page' }, h('h1', { text: title, tabindex: '-1' }), ...content));
  main.querySelector('h1')?.focus();
}

/** @param {News} news */
function draw(news) {
  const gallery = h('a', { class: 'button button-primary', href: `/session/${news.session_id}`, text: ['newspage.gallery'] });
  if (news.state === 'stopped') {
    rememberNews(news.session_id, null);
    const { addresses = 0, vectors = 0, is_complete = false } = news.erased ?? {};
    return show(
      ['newspage.stopped'],
      h('p', { class: 'lead', text: ['newspage.erased', { addresses, vectors }] }),
      h('p', { class: 'note', text: [is_complete ? 'newspage.complete' : 'newspage.running'] }),
      h('div', { class: 'actions' }, gallery),
    );
  }
  show(
    [news.state === 'on' ? 'newspage.on' : 'newspage.asked'],
    h('p', { class: 'lead', text: [news.state === 'on' ? 'newspage.on.text' : 'newspage.asked.text'] }),
    h(
      'div',
      { class: 'actions' },
      news.state === 'on' ? gallery : query.get('yes') && button('button button-primary', ['newspage.yes'], () => void act('confirm')),
      button('button button-quiet', ['news.stop'], () => void act('stop')),
    ),
  );
}

/** @param {'confirm' | 'stop' | ''} action */
async function act(action) {
  try {
    if (action === 'confirm') await request('POST', address('/confirm', query.get('yes')));
    const stopped = action === 'stop' && (await request('POST', address('/stop', query.get('key'))));
    // Read again, it must not be done again.
    history.replaceState(null, '', location.pathname + location.search);
    draw(stopped || (await request('GET', address('', query.get('key')))));
  } catch (error) {
    const is_gone = error instanceof ApiError && error.status === 404;
    const again = button('button', ['newspage.again'], () => void act(action));
    show([is_gone ? 'newspage.gone' : 'newspage.failed'], ...(is_gone ? [] : [again]));
  }
}

const wish = location.hash.slice(1);
void act(wish === 'confirm' || wish === 'stop' ? wish : '');
onLanguageChange(() => void act(''));
