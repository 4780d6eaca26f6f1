/** The list of photo sessions: the panel's first page. */
import '../messages/narrowing.js';
import '../messages/studio.js';
import { button, h, icon, toast } from '../../common/dom.js';
import { formatMoment, t } from '../../common/i18n.js';
import { api } from '../api.js';
import { moveTo } from '../moving.js';
import { pageHead } from '../shell.js';
import { errorText, failure, load } from '../states.js';
import { editSession } from '../studio/session_form.js';
import { firstSteps } from '../studio/steps.js';
import { takeoverNote } from '../studio/takeover.js';
import { live, STATUSES, statusBadge } from '../studio/words.js';

/** @typedef {import('../studio/types.js').PhotoSession} PhotoSession */

const PAGE_SIZE = 100;
const AGAIN_MS = 10_000;

/** Orders of the list; their names are `sessions.sort.NAME`. @type {Record<string, (a: PhotoSession, b: PhotoSession) => number>} */
const ORDERS = {
  // As the server has them.
  newest: () => 0,
  date: (a, b) => (b.scheduled_at ?? '').localeCompare(a.scheduled_at ?? ''),
  name: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
};

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['sessions.title']);
  /** @type {PhotoSession[]} */
  let sessions = [];
  const list = h('ul', { class: 'session-list', label: ['sessions.title'] });
  const found = h('p', { class: 'visually-hidden', role: 'status' });
  const body = h('div', { class: 'section' });
  const search = h('input', {
    class: 'input input-small',
    type: 'search',
    placeholder: ['sessions.search'],
    label: ['sessions.search'],
    autocomplete: 'off',
    onInput: draw,
  });
  const status = h(
    'select',
    { class: 'input input-small select', label: ['sessions.status'], onChange: draw },
    h('option', { value: '', text: ['sessions.all'] }),
    ...STATUSES.map((each) => h('option', { value: each, text: [`status.${each}`] })),
  );
  const sort = h(
    'select',
    { class: 'input input-small select', label: ['sessions.sort'], onChange: draw },
    ...Object.keys(ORDERS).map((each) => h('option', { value: each, text: [`sessions.sort.${each}`] })),
  );
  /** The sessions that are chosen; nothing while none can be. @type {Set<string> | null} */
  let chosen = null;
  const several = button('button button-quiet button-small', ['sessions.several'], () => chooseSeveral(chosen ? null : new Set()), 'check');
  const count = h('span', { role: 'status' });
  const sell = button('button button-primary button-small', ['sessions.sold'], () => void sold(), 'tag');
  const everything = button('button button-quiet button-small', ['sessions.choose_all'], () =>
    chooseSeveral(new Set(shown().map(({ id }) => id))),
  );
  const bar = h('div', { class: 'sessions-bar', role: 'group', label: ['sessions.several'], hidden: true }, count, sell, everything);
  const create = () => button('button button-primary button-small', ['session.new'], add, 'plus');

  root.append(pageHead({ title: ['sessions.title'], text: ['sessions.lead'], actions: [create()] }));
  if (['super_admin', 'admin'].includes(context.user.role)) root.append(takeoverNote());
  root.append(body);

  async function add() {
    const session = await editSession(null);
    if (session) moveTo(`/dashboard/photo-sessions/${session.id}#share`);
  }

  /** Every page of the list; the first is shown at once. */
  async function fetchAll() {
    let cursor = await more(null);
    rest(cursor);
    return sessions;
  }

  /** @param {string | null} cursor */
  async function more(cursor) {
    const query = new URLSearchParams({ limit: String(PAGE_SIZE), ...(cursor && { cursor }) });
    const page = await api.get(`/api/photo-sessions?${query}`);
    sessions = cursor ? [...sessions, ...page.sessions] : page.sessions;
    return page.next_cursor;
  }

  /** @param {string | null} cursor */
  async function rest(cursor) {
    try {
      while (cursor) {
        cursor = await more(cursor);
        draw();
      }
    } catch (error) {
      body.append(failure(error, () => location.reload()));
    }
  }

  /** The sessions that the filters let through. */
  function shown() {
    const wanted = search.value.trim().toLocaleLowerCase();
    return sessions.filter(
      (each) =>
        (!status.value || each.status === status.value) &&
        (!wanted || `${each.name} ${each.description ?? ''}`.toLocaleLowerCase().includes(wanted)),
    );
  }

  function draw() {
    const all = shown().sort(ORDERS[sort.value]);
    list.replaceChildren(...all.map((session) => row(session, chosen && box(session))));
    found.textContent = all.length ? t('sessions.count', { n: all.length }) : t('sessions.none');
    list.classList.toggle('is-empty', all.length === 0);
    if (all.length === 0) list.replaceChildren(h('li', { class: 'state', text: ['sessions.none'] }));
    drawBar();
  }

  function drawBar() {
    several.setAttribute('aria-pressed', String(chosen !== null));
    bar.hidden = chosen === null;
    count.textContent = t('sessions.chosen', { n: chosen?.size ?? 0 });
    sell.disabled = !chosen?.size;
  }

  /** @param {Set<string> | null} next */
  function chooseSeveral(next) {
    chosen = next;
    draw();
  }

  /** @param {PhotoSession} session */
  function box({ id, name }) {
    const input = h('input', {
      type: 'checkbox',
      checked: chosen?.has(id),
      onChange: () => {
        if (input.checked) chosen?.add(id);
        else chosen?.delete(id);
        drawBar();
      },
    });
    return h('label', { class: 'session-check' }, input, h('span', { class: 'visually-hidden', text: ['sessions.choose', { name }] }));
  }

  /** What is sold in the chosen ones. */
  async function sold() {
    try {
      const { soldInMany } = await import('../sales/sold_in_many.js');
      soldInMany(
        sessions.filter(({ id }) => chosen?.has(id)),
        () => void fetchAll().then(draw, () => {}),
      );
    } catch (error) {
      toast(errorText(error));
    }
  }

  /** Counts that change elsewhere are read again while somebody looks; a list that has the focus is left alone. */
  async function again() {
    if (document.visibilityState !== 'visible' || sessions.length === 0 || list.contains(document.activeElement)) return;
    await fetchAll().then(draw, () => {});
  }
  const timer = setInterval(() => void again(), AGAIN_MS);
  const seen = () => void again();
  document.addEventListener('visibilitychange', seen);
  context.onLeave(() => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', seen);
  });

  await load(body, fetchAll, () => {
    if (sessions.length === 0) return firstSteps(create());
    draw();
    return [h('div', { class: 'toolbar' }, search, status, sort, several), bar, found, list];
  });
}

/** @param {PhotoSession} session @param {HTMLElement | null} box to choose it, where several can be */
function row(session, box) {
  const { ready, queued, rejected } = session.photos;
  return h(
    'li',
    { class: box ? 'is-choosing' : '' },
    box,
    h(
      'a',
      { class: 'session-row', href: `/dashboard/photo-sessions/${session.id}` },
      h(
        'span',
        { class: 'session-row-words' },
        h('span', { class: 'session-row-name' }, session.name),
        session.scheduled_at
          ? live(h('span', { class: 'note' }), () => formatMoment(/** @type {string} */ (session.scheduled_at), session.time_zone))
          : h('span', { class: 'note', text: ['sessions.nodate'] }),
      ),
      h(
        'span',
        { class: 'session-row-figures' },
        h('span', { text: ['photos.count', { n: ready }] }),
        queued > 0 && h('span', { class: 'note', text: ['photos.queued', { n: queued }] }),
        rejected > 0 && h('span', { class: 'note is-bad', text: ['photos.rejected', { n: rejected }] }),
      ),
      h(
        'span',
        { class: 'session-row-badges' },
        session.facepass_enabled && h('span', { class: 'badge badge-facepass' }, icon('face'), h('span', { text: ['facepass'] })),
        statusBadge(session.status),
      ),
      icon('forward'),
    ),
  );
}
