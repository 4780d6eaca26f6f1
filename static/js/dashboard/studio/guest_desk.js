/** The studio looks at what guests have sent and written: shows it to all of them, or does not take it; one by one, several at once, by keys. */
import { button, h, toast } from '../../common/dom.js';
import { bindText, t } from '../../common/i18n.js';
import { offerUndo } from '../../common/undo.js';
import { api } from '../api.js';
import { filterChips } from '../chips.js';
import { confirm } from '../dialog.js';
import { empty, errorText, failure } from '../states.js';
import { deskItem, ofComment, ofPhoto } from './guest_desk_item.js';

/** @typedef {import('./guest_desk_item.js').Entry} Entry */

const REFRESH_MS = 2_000;
const FILTERS = /** @type {const} */ (['all', 'photos', 'comments', 'shown', 'declined']);
/** Comments that were decided: to look at them again. @type {readonly string[]} */
const DECIDED = ['shown', 'declined'];

/** @param {import('../pages/photo_session.js').Shared} shared @param {(total: number) => void} counted is told how many wait */
export function createGuestDesk({ session, live, onChange }, counted) {
  const base = `/api/photo-sessions/${session.id}`;
  /** @type {typeof FILTERS[number]} */
  let filter = 'all';
  /** @type {Entry[]} */
  let entries = [];
  let total = 0;
  /** Of the comments that were decided. @type {string | null} */
  let cursor = null;
  /** @type {Set<string>} */
  const chosen = new Set();
  let busy = false;
  /** Whether somebody writes an answer. */
  const writes = () => list.querySelector('.desk-answer-form') !== null;

  const note = h('div', { class: 'grid-note' });
  const list = h('ul', { class: 'guest-photos', label: ['guests.title'], onKeydown: keys });
  const count = h('p', { class: 'note', role: 'status' });
  const show = button('button button-primary button-small', ['guests.show'], () => void decide(wanted(), true), 'check');
  const refuse = button(
    'button button-quiet button-small button-danger-quiet',
    ['guests.refuse'],
    () => void decide(wanted(), false),
    'trash',
  );
  const bar = h('div', { class: 'guest-desk-bar', role: 'toolbar', label: ['guests.actions'], hidden: true }, count, show, refuse);
  const hint = h('p', { class: 'note guest-desk-keys', text: ['guests.keys'], hidden: true });
  const chips = filterChips({
    names: [...FILTERS],
    label: 'guests.show.these',
    text: (name) => `guests.filter.${name}`,
    onChoose: (name) => {
      filter = /** @type {typeof filter} */ (name);
      chosen.clear();
      chips.mark(filter);
      void read();
    },
  });
  const more = button('button button-quiet button-small', ['guests.more'], () => void read(true));
  more.hidden = true;
  const table = h('a', { class: 'link-button', href: `${base}/comments/export`, download: true, text: ['guests.export'] });
  const element = h(
    'section',
    { class: 'section guest-desk', label: ['guests.title'] },
    h('div', { class: 'section-head' }, h('h2', { text: ['guests.title'] }), chips.element),
    note,
    bar,
    list,
    more,
    hint,
    table,
  );
  chips.mark(filter);
  const drawTaken = () => (chips.element.hidden = table.hidden = session.comments === 'off');
  onChange(drawTaken);
  drawTaken();

  /** What the buttons over the list are about: the chosen ones, or else all that are listed. */
  const wanted = () => (chosen.size > 0 ? entries.filter(({ id }) => chosen.has(id)) : entries);

  const item = (/** @type {Entry} */ entry) =>
    deskItem(entry, {
      isChosen: chosen.has(entry.id),
      choose(on) {
        if (on) chosen.add(entry.id);
        else chosen.delete(entry.id);
        drawBar();
      },
      decide: (shown) => void decide([entry], shown),
      answer: (text) => answer(entry, text),
    });

  function drawBar() {
    const decided = DECIDED.includes(filter);
    bar.hidden = entries.length === 0 || (decided && chosen.size === 0);
    hint.hidden = entries.length === 0;
    show.hidden = filter === 'shown';
    refuse.hidden = filter === 'declined';
    bindText(count, '', chosen.size > 0 ? ['guests.chosen', { n: chosen.size }] : ['guests.count', { n: total }]);
    const n = wanted().length;
    for (const [each, words] of /** @type {const} */ ([
      [show, 'guests.show'],
      [refuse, 'guests.refuse'],
    ]))
      bindText(/** @type {HTMLElement} */ (each.querySelector('span:last-child') ?? each), '', [words, { n }]);
  }

  /** @returns {Node | string} */
  function nothing() {
    if (entries.length) return '';
    if (DECIDED.includes(filter)) return empty({ icon: 'check', title: [`guests.none.${filter}`] });
    return empty({ icon: 'image', title: ['guests.none'], text: ['guests.none.text'] });
  }

  function draw() {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest?.('.guest-photo') ?? null);
    const at = focused ? [...list.children].indexOf(focused) : -1;
    for (const id of chosen) if (!entries.some((entry) => entry.id === id)) chosen.delete(id);
    list.replaceChildren(...entries.map(item));
    note.replaceChildren(nothing());
    more.hidden = cursor === null;
    drawBar();
    // Whoever works by keys goes on with the one that has come to this place.
    if (at >= 0 && entries.length) focusOn(Math.min(at, entries.length - 1));
  }

  /** @param {number} at */
  const focusOn = (at) => /** @type {HTMLElement | undefined} */ (list.children[at]?.querySelector('input'))?.focus();

  /** @param {KeyboardEvent} event */
  function keys(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const place = target.closest('.guest-photo');
    if (!place || event.ctrlKey || event.metaKey || event.altKey || target.matches('textarea')) return;
    const at = [...list.children].indexOf(place);
    const entry = entries[at];
    const steps = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 });
    const key = event.key.toLowerCase();
    if (event.key in steps) focusOn(Math.min(entries.length - 1, Math.max(0, at + steps[event.key])));
    else if (key === 'a') void decide([entry], true);
    else if (key === 'delete' || key === 'x') void decide([entry], false);
    else return;
    event.preventDefault();
  }

  /** What waits, photos and comments in one list: the reported ones first, then the oldest. */
  async function waiting() {
    const [sent, written] = await Promise.all([api.get(`${base}/guest-photos`), api.get(`${base}/comments`)]);
    counted(sent.total + written.waiting);
    const photos = filter === 'comments' ? [] : sent.photos.map(ofPhoto);
    const comments = filter === 'photos' ? [] : written.comments.map(ofComment);
    total = (filter === 'comments' ? 0 : sent.total) + (filter === 'photos' ? 0 : written.waiting);
    const first = (/** @type {Entry} */ one, /** @type {Entry} */ other) =>
      Number(other.reports > 0) - Number(one.reports > 0) || Date.parse(one.at) - Date.parse(other.at);
    return [...photos, ...comments].sort(first);
  }

  /** @param {boolean} onwards */
  async function decided(onwards) {
    const query = onwards && cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const page = await api.get(`${base}/comments?state=${filter}${query}`);
    cursor = page.next_cursor ?? null;
    const found = page.comments.map(ofComment);
    return onwards ? [...entries, ...found] : found;
  }

  /** @param {boolean} [onwards] */
  async function read(onwards = false) {
    const asked = filter;
    try {
      if (!onwards) cursor = null;
      const found = DECIDED.includes(filter) ? await decided(onwards) : await waiting();
      if (asked !== filter) return;
      entries = found;
      if (DECIDED.includes(filter)) total = entries.length;
      draw();
    } catch (error) {
      note.replaceChildren(failure(error, () => void read()));
    }
  }

  /** @param {Entry[]} comments @param {string} state */
  const set = (comments, state) => api.post(`${base}/comments`, { comment_ids: comments.map(({ id }) => id), state });

  /** @param {Entry[]} those @param {boolean} shown */
  async function decide(those, shown) {
    if (busy || those.length === 0) return;
    busy = true;
    const photos = those.filter(({ kind }) => kind === 'photo');
    const comments = those.filter(({ kind }) => kind === 'comment');
    try {
      const n = photos.length;
      // A photo that is not taken is gone; a comment can be brought back.
      if (
        !shown &&
        n > 0 &&
        !(await confirm({ title: ['guests.refuse.title', { n }], text: ['guests.refuse.text'], action: ['guests.refuse.one'] }))
      )
        return;
      if (n > 0) await api.post(`${base}/guest-photos`, { photo_ids: photos.map(({ id }) => id), show: shown });
      if (comments.length > 0) await set(comments, shown ? 'shown' : 'declined');
      say(photos, comments, shown);
      chosen.clear();
      const place = document.activeElement?.closest('.guest-photo');
      if (!place) focusOn([...list.children].findIndex((each) => /** @type {HTMLElement} */ (each).dataset.entry === those[0].id));
      await read();
    } catch (error) {
      toast(errorText(error));
      await read();
    } finally {
      busy = false;
    }
  }

  /** @param {Entry[]} photos @param {Entry[]} comments @param {boolean} shown */
  function say(photos, comments, shown) {
    if (comments.length === 0) return toast([shown ? 'guests.showed' : 'guests.refused', { n: photos.length }]);
    if (photos.length > 0) return toast(['guests.decided', { n: photos.length + comments.length }]);
    const n = comments.length;
    offerUndo(t(shown ? 'guests.comments.showed' : 'guests.comments.declined', { n }), () => void undo(comments));
  }

  /** As they were before. @param {Entry[]} comments */
  async function undo(comments) {
    try {
      for (const state of ['waiting', 'shown', 'declined']) {
        const those = comments.filter((comment) => comment.state === state);
        if (those.length > 0) await set(those, state);
      }
    } catch (error) {
      toast(errorText(error));
    }
    await read();
  }

  /** @param {Entry} entry @param {string} text @returns {Promise<boolean>} whether it was saved */
  async function answer(entry, text) {
    try {
      await api.put(`${base}/comments/${entry.id}/answer`, { text });
      toast(['guests.answered']);
    } catch (error) {
      toast(errorText(error));
      return false;
    }
    await read();
    return true;
  }

  /** @type {number | undefined} */
  let timer;
  const soon = () => {
    timer ??= window.setTimeout(() => {
      timer = undefined;
      // Nothing moves under the hand of whoever decides, or writes.
      if (busy || writes()) return soon();
      void read();
    }, REFRESH_MS);
  };
  const takes = () => session.guest_photos !== 'off' || session.comments !== 'off';
  live.on('photo', () => {
    if (takes()) soon();
  });
  live.on('comments', soon);
  if (takes()) void read();
  return { element, shown: () => void read() };
}
