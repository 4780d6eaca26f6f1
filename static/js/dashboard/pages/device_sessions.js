/** Where the account is open, and the last sign-ins. */
import '../messages/device_sessions.js';
import { button, h, icon, toast } from '../../common/dom.js';
import { api } from '../api.js';
import { deviceName, fact, placeName } from '../device.js';
import { confirm } from '../dialog.js';
import { PASSWORD_CHANGED } from '../password.js';
import { pageHead } from '../shell.js';
import { empty, errorText, load } from '../states.js';
import { formatMoment } from '../../common/i18n.js';
import { time } from '../time.js';

/** @typedef {import('../types.js').Place & { id: string, current: boolean, created_at: string, last_activity_at: string }} DeviceSession */
/** @typedef {import('../types.js').Place & { id: string, at: string, success: boolean, reason: string | null, method: string }} SignIn */

const HISTORY = 20;
/** Reasons of a refusal that are said in words of their own. */
const REASONS = ['invalid_credentials', 'user_disabled'];

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, { setTitle, onLeave }) {
  setTitle(['device_sessions.title']);
  const open = h('section', { class: 'section', 'aria-labelledby': 'open' });
  const past = h('section', { class: 'section', 'aria-labelledby': 'past' });
  root.append(pageHead({ title: ['device_sessions.title'], text: ['sessions.text'] }), open, past, advice());
  const reload = () =>
    load(
      open,
      () => api.get('/api/sessions'),
      ({ sessions }) => devices(sessions, reload),
    );
  // Another password ends the other sessions.
  const ended = () => void reload();
  document.addEventListener(PASSWORD_CHANGED, ended);
  onLeave(() => document.removeEventListener(PASSWORD_CHANGED, ended));
  await Promise.all([
    reload(),
    load(
      past,
      () => api.get(`/api/sessions/history?limit=${HISTORY}`),
      ({ entries }) => history(entries),
    ),
  ]);
}

/** @param {DeviceSession[]} sessions @param {() => Promise<void>} reload */
function devices(sessions, reload) {
  // This browser's own first; the server lists the last used first.
  const sorted = sessions.toSorted((a, b) => Number(b.current) - Number(a.current));
  const alone = sessions.length < 2;

  async function endOthers() {
    if (!(await confirm({ title: ['sessions.others.title'], text: ['sessions.others.text'], action: ['sessions.others'] }))) return;
    await act(async () => {
      const { ended } = await api.delete('/api/sessions/others/all');
      return ['sessions.others.ended', { n: ended }];
    });
  }

  /** @param {DeviceSession} session */
  async function end(session) {
    if (!(await confirm({ title: ['sessions.end.title'], text: ['sessions.end.text'], action: ['sessions.end'] }))) return;
    await act(async () => {
      await api.delete(`/api/sessions/${session.id}`);
      return ['sessions.ended'];
    });
  }

  /** @param {() => Promise<import('../../common/i18n.js').Text>} change */
  async function act(change) {
    try {
      toast(await change());
    } catch (error) {
      toast(errorText(error));
    }
    await reload();
    document.getElementById('open')?.focus();
  }

  return [
    h(
      'div',
      { class: 'section-head' },
      h('h2', { id: 'open', tabindex: '-1', text: ['sessions.active'] }),
      !alone && button('button button-quiet button-small', ['sessions.others'], endOthers, 'leave'),
    ),
    h(
      'ul',
      { class: 'device-list' },
      ...sorted.map((each) =>
        h(
          'li',
          {},
          card(each, () => end(each)),
        ),
      ),
    ),
    alone && h('p', { class: 'note', text: ['sessions.alone'] }),
  ].filter((each) => each !== false);
}

/** @param {DeviceSession} session @param {() => void} end */
function card(session, end) {
  const name = deviceName(session);
  return h(
    'article',
    { class: session.current ? 'card device is-current' : 'card device' },
    h(
      'div',
      { class: 'device-head' },
      h('span', { class: 'message-icon' }, icon(session.device)),
      h(
        'div',
        { class: 'device-name' },
        name,
        session.current && h('span', { class: 'badge badge-good' }, icon('check'), h('span', { text: ['sessions.current'] })),
      ),
    ),
    h(
      'dl',
      { class: 'pairs' },
      // Else the heading says it already.
      (session.os || session.browser) && fact('fact.device', h('span', { text: [`device.${session.device}`] })),
      fact('fact.place', placeName(session)),
      fact('fact.ip', session.ip),
      fact('fact.active', time(session.last_activity_at)),
      fact('fact.started', time(session.created_at, formatMoment)),
    ),
    !session.current &&
      h(
        'div',
        { class: 'device-end' },
        h(
          'button',
          {
            type: 'button',
            class: 'button button-quiet button-small',
            label: ['sessions.end.name', { device: name.textContent ?? '' }],
            onClick: end,
          },
          icon('leave'),
          h('span', { text: ['sessions.end'] }),
        ),
      ),
  );
}

/** @param {SignIn[]} entries */
function history(entries) {
  const head = h('div', {}, h('h2', { id: 'past', text: ['history.title'] }), h('p', { class: 'note', text: ['history.text'] }));
  if (entries.length === 0) return [head, empty({ icon: 'clock', title: ['history.empty'] })];
  const columns = ['fact.when', 'history.result', 'history.method', 'fact.device', 'history.where'];
  return [
    head,
    h(
      'div',
      { class: 'card' },
      h(
        'table',
        { class: 'sign-ins', 'aria-labelledby': 'past' },
        h('thead', {}, h('tr', {}, ...columns.map((key) => h('th', { scope: 'col', text: [key] })))),
        h(
          'tbody',
          {},
          ...entries.map((entry) =>
            h(
              'tr',
              {},
              h('td', {}, time(entry.at, formatMoment)),
              h(
                'td',
                {},
                h(
                  'span',
                  { class: entry.success ? 'badge badge-good' : 'badge badge-bad' },
                  icon(entry.success ? 'check' : 'close'),
                  h('span', { text: [result(entry)] }),
                ),
              ),
              h('td', { text: [`method.${entry.method}`] }),
              h('td', {}, deviceName(entry)),
              h('td', {}, placeName(entry), ` · ${entry.ip}`),
            ),
          ),
        ),
      ),
    ),
  ];
}

/** @param {SignIn} entry @returns {string} a message */
function result({ success, reason }) {
  if (success) return 'history.success';
  return reason && REASONS.includes(reason) ? `history.${reason}` : 'history.failure';
}

function advice() {
  return h(
    'section',
    { class: 'section', 'aria-labelledby': 'advice' },
    h(
      'div',
      { class: 'callout' },
      icon('shield'),
      h(
        'div',
        { class: 'section' },
        h('h2', { id: 'advice', text: ['advice.title'] }),
        h('ul', { class: 'advice' }, ...[1, 2, 3, 4].map((n) => h('li', { text: [`advice.${n}`] }))),
      ),
    ),
  );
}
