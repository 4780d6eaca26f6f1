/** The page /qr-login?code=…, opened by the phone that scanned: who asks to be let in, yes or no. */
import './messages.js';
import '../dashboard/icons.js';
import { button, h, icon } from '../common/dom.js';
import { frame } from '../common/frame.js';
import { ApiError, api } from '../dashboard/api.js';
import { deviceName, fact, placeName } from '../dashboard/device.js';
import { errorText, failure, loading } from '../dashboard/states.js';
import { formatMoment } from '../common/i18n.js';
import { time } from '../dashboard/time.js';
import { ring } from './ring.js';
import { titled } from './title.js';

/** @typedef {import('../dashboard/types.js').Place & { status: string, created_at: string, expires_at: string }} Request */

const code = new URLSearchParams(location.search).get('code') ?? '';

/** The last word on this code. @param {'confirmed' | 'rejected' | 'expired' | 'unknown'} outcome */
function end(outcome) {
  const good = outcome === 'confirmed';
  main.replaceChildren(
    h(
      'section',
      { class: 'message-page' },
      h(
        'span',
        { class: good ? 'message-icon is-good' : 'message-icon' },
        icon({ confirmed: 'check', rejected: 'shield', expired: 'clock', unknown: 'qr' }[outcome]),
      ),
      h('h1', { tabindex: '-1', text: [`confirm.${outcome}.title`] }),
      h('p', { class: 'lead', text: [`confirm.${outcome}`] }),
      h('a', { class: 'button button-quiet', href: '/dashboard/settings/sessions', text: ['confirm.sessions'] }),
    ),
  );
  // The button that was pressed is gone: this is read out in its place.
  main.querySelector('h1')?.focus();
}

/** @param {Request} asked @param {import('../dashboard/types.js').User} user */
function draw(asked, user) {
  const timer = new AbortController();
  const problem = h('div', { class: 'form-problem', role: 'alert' });
  const yes = button('button button-primary', ['confirm.yes'], () => answer('confirm'), 'check');
  const no = button('button button-quiet', ['confirm.no'], () => answer('reject'), 'close');

  /** @param {'confirm' | 'reject'} word */
  async function answer(word) {
    problem.replaceChildren();
    yes.disabled = no.disabled = true;
    try {
      await api.post(`/api/qr-auth/${word}`, { code });
      timer.abort();
      end(word === 'confirm' ? 'confirmed' : 'rejected');
    } catch (error) {
      if (error instanceof ApiError && (error.code === 'qr_code_not_found' || error.code === 'qr_code_settled')) {
        timer.abort();
        return end('unknown');
      }
      yes.disabled = no.disabled = false;
      problem.replaceChildren(h('p', {}, errorText(error)));
    }
  }

  const left = Math.max(0, (Date.parse(asked.expires_at) - Date.now()) / 1000);
  main.replaceChildren(
    h(
      'section',
      { class: 'gate' },
      h(
        'div',
        { class: 'gate-words' },
        h('h1', { text: ['confirm.title'] }),
        h('p', { class: 'lead', text: ['confirm.text', { name: user.name }] }),
      ),
      h(
        'div',
        { class: 'card gate-card' },
        h(
          'div',
          { class: 'asking' },
          h('span', { class: 'message-icon' }, icon(asked.device)),
          h('p', { class: 'asking-name' }, deviceName(asked)),
          ring(Math.min(left, 60), timer.signal, () => end('expired')),
        ),
        h(
          'dl',
          { class: 'pairs' },
          fact('fact.device', h('span', { text: [`device.${asked.device}`] })),
          fact('fact.place', placeName(asked)),
          fact('fact.ip', asked.ip),
          fact('fact.when', time(asked.created_at, formatMoment)),
        ),
        h('p', { class: 'callout callout-warn' }, icon('alert'), h('span', { text: ['confirm.warning'] })),
        problem,
        h('div', { class: 'actions' }, yes, no),
      ),
    ),
  );
}

const { main } = frame();
titled('confirm.title');

async function start() {
  main.replaceChildren(loading());
  try {
    const [asked, { user }] = await Promise.all([api.get(`/api/qr-auth/request/${encodeURIComponent(code)}`), api.get('/api/auth/me')]);
    if (asked.status === 'pending') draw(asked, user);
    else end(asked.status === 'expired' ? 'expired' : 'unknown');
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) end('unknown');
    else main.replaceChildren(failure(error, start));
  }
}

if (code) await start();
else end('unknown');
