/** The gallery as the studio sees it: every photo with its state; narrow and order it, choose many, and what is done with those. */
import { button, h, icon, toast } from '../../common/dom.js';
import { bindText, t } from '../../common/i18n.js';
import { api } from '../api.js';
import { errorText, failure, loading } from '../states.js';
import { createBulk } from './bulk.js';
import { openChapters } from './chapters.js';
import { openClocks } from './clocks.js';
import { createMarker, openMarks } from './marks.js';
import { createNarrowing } from './narrowing.js';
import { createGrid } from './photo_grid.js';
import { createRejected } from './rejected.js';
import { placeScrubber } from '../../common/scrubber_place.js';

/** @typedef {import('./types.js').Photo} Photo */

const PAGE_SIZE = 100;
/** Photos of a page on the way to a time of the day. */
const LARGE_PAGE = 200;
/** Live events come one a photo; the grid is read again this often at most. */
const REFRESH_MS = 2000;
/** As many photos as a refresh reads again while the upload runs; older ones do not change then. */
const REFRESH_PHOTOS = 400;
/** Stands for no chapter by hand. */
const BY_TIME = 'by-time';

/** @param {import('../pages/photo_session.js').Shared} shared */
export function createPhotos({ session, live }) {
  const narrowing = createNarrowing({ onChange: () => void restart() });
  /** @type {string | null} */
  let cursor = null;
  let started = false;
  let busy = false;
  /** Counts the filters chosen, so that a late answer to an earlier one is dropped. */
  let turn = 0;

  const rejected = createRejected(session.id);
  /** Files that never became photos, under the filter that they belong to. */
  let refused = 0;
  /** For how many days deleted photos can be taken back; 0 where they are erased at once. */
  let binDays = 0;
  /** @type {import('./chapters.js').Chapters['chapters']} */
  let chapters = [];
  /** Settles when they are read. */
  let chaptersCome = Promise.resolve();
  const grid = createGrid({
    session,
    onSelect: drawBar,
    onDelete: () => void bulk.remove(),
    onKey: (key) => {
      if (key === 'h') void bulk.change('hide');
      else if (key === 's') void bulk.change('select');
    },
    onMark: (ids, mark) => give(ids, mark),
  });
  const bulk = createBulk({
    sessionId: session.id,
    grid,
    isBin: () => narrowing.isBin,
    binDays: () => binDays,
    changed: () => refreshSoon(),
    gone: () => drawNote(),
    moved: () => readChapters(),
    emptied: () => void restart(),
  });
  const give = createMarker(session.id, (ids, change) => grid.mark(ids, change));
  const note = h('div', { class: 'grid-note' });
  const end = h('div', { class: 'grid-end', 'aria-hidden': 'true' });
  const count = h('p', { class: 'selection-count', role: 'status' });
  const again = button('button button-quiet button-small', ['selection.retry'], () => void bulk.retry(), 'undo');
  /** @param {string} key @param {() => void} act @param {string} iconName @param {string} [more] */
  const action = (key, act, iconName, more = '') => button(`button button-quiet button-small ${more}`, [key], act, iconName);
  const overrule = action('selection.overrule', () => void bulk.wish('overrule'), 'eye');
  const leave = action('selection.leave_to_couple', () => void bulk.wish('leave_to_couple'), 'undo');
  const inGallery = [
    action('selection.show', () => void bulk.change('select'), 'eye'),
    action('selection.hide', () => void bulk.change('hide'), 'eyeoff'),
    overrule,
    leave,
    action('marks.open', () => openMarks([...grid.selected], chosen, give), 'star'),
    again,
    action('selection.download', () => void download({ photo_ids: [...grid.selected] }), 'save'),
    action('selection.delete', () => void bulk.remove(), 'trash', 'button-danger-quiet'),
  ];
  const inBin = [
    action('selection.restore', () => void bulk.restore(), 'undo'),
    action('selection.erase', () => void bulk.erase(), 'trash', 'button-danger-quiet'),
  ];
  const toChapter = h('select', {
    class: 'input select input-small',
    label: ['selection.chapter'],
    hidden: true,
    onChange: () => {
      const chapter = toChapter.value;
      toChapter.value = '';
      void bulk.move(chapter === BY_TIME ? null : chapter);
    },
  });
  const bar = h(
    'div',
    { class: 'selection-bar', hidden: true, role: 'toolbar', label: ['selection.actions'] },
    count,
    h(
      'div',
      { class: 'session-buttons' },
      ...inGallery,
      toChapter,
      ...inBin,
      button('link-button', ['selection.clear'], () => grid.clear()),
    ),
  );
  const binNote = h(
    'div',
    { class: 'section-head bin-note', hidden: true },
    h('p', { class: 'note', text: ['bin.text'] }),
    action('bin.empty', () => void bulk.empty(), 'trash', 'button-danger-quiet'),
  );
  const times = placeScrubber({
    wall: grid,
    // The hours are those of the shots.
    total: () => (narrowing.isByTime ? session.photos.ready : 0),
    hours: async () =>
      (
        await api.get(
          `/api/photo-sessions/${session.id}/photos/hours?${new URLSearchParams({ ...narrowing.filters(), ...narrowing.order() })}`,
        )
      ).hours,
    chapters: async () => {
      await chaptersCome;
      return 'chapter' in narrowing.filters() ? [] : chapters;
    },
    has: (index) => grid.photos.length > index,
    under: () => document.querySelector('.topbar')?.getBoundingClientRect().height ?? 0,
    more: async () => {
      await more(LARGE_PAGE);
      return cursor !== null;
    },
  });
  const element = h(
    'div',
    { class: 'section photos' },
    h(
      'div',
      { class: 'section-head' },
      narrowing.chips,
      h(
        'div',
        { class: 'session-buttons' },
        h('p', { class: 'note photos-hint', text: ['photos.hint'] }),
        action('chapters.open', () => openChapters(session.id, chaptersChanged), 'menu'),
        button('button button-quiet button-small', ['clocks.open'], () => openClocks(session.id, restart), 'clock'),
        button('button button-quiet button-small', ['photos.download'], () => download({ all: true }), 'save'),
        button('button button-quiet button-small', ['photos.all'], selectAll, 'check'),
      ),
    ),
    narrowing.controls,
    narrowing.onePerson,
    narrowing.oneList,
    binNote,
    rejected.element,
    note,
    times.element,
    grid.element,
    end,
    bar,
  );
  grid.element.addEventListener('selectall', () => {
    selectAll();
  });

  new IntersectionObserver(
    ([{ isIntersecting }]) => {
      if (isIntersecting && started) more();
    },
    { rootMargin: '800px' },
  ).observe(end);

  /** What a session has to narrow by is read once, and again when it may have changed. */
  function readChapters() {
    // The list is whole without them.
    chaptersCome = api
      .get(`/api/photo-sessions/${session.id}/chapters`)
      .then(chaptersRead)
      .catch(() => {});
  }

  /** @param {import('./chapters.js').Chapters} read */
  function chaptersRead(read) {
    chapters = read.chapters;
    narrowing.setChoosable(read, t('photos.chapter.none'));
    toChapter.replaceChildren(
      h('option', { value: '', text: ['selection.chapter'] }),
      ...chapters.map(({ chapter_id, name }) => h('option', { value: chapter_id }, name)),
      h('option', { value: BY_TIME, text: ['selection.chapter.by_time'] }),
    );
  }

  /** @param {import('./chapters.js').Chapters} read */
  function chaptersChanged(read) {
    chaptersRead(read);
    void restart();
  }

  /** @param {string | null} from @param {number} limit @returns {Promise<import('../../common/shapes.js').Answer<'ManagedPage'>>} */
  function page(from, limit) {
    const query = new URLSearchParams({
      ...narrowing.filters(),
      ...narrowing.order(),
      limit: String(limit),
      ...(from && { cursor: from }),
    });
    return api.get(`/api/photo-sessions/${session.id}/photos?${query}`);
  }

  /** Shows the first page of the chosen filter. */
  async function restart() {
    turn++;
    cursor = null;
    started = false;
    busy = false;
    grid.clear();
    grid.show([]);
    note.replaceChildren(loading());
    refused = narrowing.isRejected ? await rejected.load().catch(() => 0) : 0;
    rejected.element.hidden = refused === 0;
    binNote.hidden = !narrowing.isBin;
    for (const each of inGallery) each.hidden = narrowing.isBin;
    for (const each of inBin) each.hidden = !narrowing.isBin;
    await more();
    times.shown();
  }

  async function more(size = PAGE_SIZE) {
    if (busy || (started && cursor === null)) return;
    busy = true;
    const mine = turn;
    try {
      const answer = await page(cursor, size);
      if (mine !== turn) return;
      cursor = answer.next_cursor;
      binDays = answer.bin_days;
      narrowing.setBin(answer.counts.in_bin ?? 0);
      started = true;
      grid.show([...grid.photos, ...answer.photos]);
      drawNote();
    } catch (error) {
      if (mine !== turn) return;
      note.replaceChildren(
        failure(error, () => {
          note.replaceChildren(loading());
          more();
        }),
      );
    }
    busy = false;
    // A tall screen may still show the end of the list.
    if (cursor !== null && end.getBoundingClientRect().top < innerHeight) more();
  }

  function drawNote() {
    note.replaceChildren();
    if (grid.photos.length > 0 || refused > 0) return;
    note.append(
      h(
        'div',
        { class: 'state state-empty' },
        h('span', { class: 'message-icon' }, icon('image')),
        h('p', { text: [narrowing.isNarrowed() ? 'photos.none.filter' : 'photos.none'] }),
        !narrowing.isNarrowed() &&
          h('a', { class: 'button button-primary button-small', href: '#upload' }, icon('upload'), h('span', { text: ['tab.upload'] })),
      ),
    );
  }

  /** Selects everything under the filter by one request, also what was not scrolled to yet. */
  async function selectAll() {
    if (started && cursor === null) return grid.select(grid.photos.map((photo) => photo.photo_id));
    const mine = turn;
    try {
      const { photo_ids: ids } = await api.get(`/api/photo-sessions/${session.id}/photos/ids?${new URLSearchParams(narrowing.filters())}`);
      if (mine === turn) grid.select(ids);
    } catch (error) {
      toast(errorText(error));
    }
  }

  /** The originals of the selected photos or of all, as one resumable ZIP. @param {import('../../common/archive.js').Wanted} wanted */
  async function download(wanted) {
    try {
      const { openArchive } = await import('../../common/archive.js');
      openArchive((body) => api.post(`/api/photo-sessions/${session.id}/archives`, body, { timeout: 60_000 }), wanted);
    } catch (error) {
      toast(errorText(error));
    }
  }

  function drawBar() {
    const n = grid.selected.size;
    bar.hidden = n === 0;
    again.hidden = narrowing.isBin || bulk.setAside().length === 0;
    toChapter.hidden = narrowing.isBin || chapters.length === 0;
    overrule.hidden = narrowing.isBin || bulk.byCouple(false).length === 0;
    leave.hidden = narrowing.isBin || bulk.byCouple(true).length === 0;
    if (n > 0) bindText(count, '', ['selection.count', { n }]);
  }

  const chosen = () => grid.photos.filter((photo) => grid.selected.has(photo.photo_id));

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let refreshing;
  function refreshSoon() {
    if (!started) return;
    refreshing ??= setTimeout(() => {
      refreshing = undefined;
      if (element.isConnected) refresh();
    }, REFRESH_MS);
  }

  /** Reads again what is shown, from the start. */
  async function refresh() {
    if (busy || !started) return refreshSoon();
    busy = true;
    const mine = turn;
    const shown = grid.photos;
    const wanted = Math.max(PAGE_SIZE, session.photos.queued > 0 ? Math.min(shown.length, REFRESH_PHOTOS) : shown.length);
    /** @type {Photo[]} */
    let fresh = [];
    /** @type {string | null} */
    let next = null;
    try {
      do {
        const answer = await page(next, PAGE_SIZE);
        narrowing.setBin(answer.counts.in_bin ?? 0);
        fresh.push(...answer.photos);
        next = answer.next_cursor;
      } while (next && fresh.length < wanted);
      if (mine !== turn) return;
      if (!next || fresh.length >= shown.length) cursor = next;
      else {
        const read = new Set(fresh.map((photo) => photo.photo_id));
        fresh = [...fresh, ...shown.slice(fresh.length).filter((photo) => !read.has(photo.photo_id))];
      }
      grid.show(fresh);
      drawNote();
    } catch {
      /* the next event tries again */
    }
    if (mine === turn) busy = false;
  }

  live.on('photo', ({ photo_id: id, state }) => {
    if (state === 'deleted' && grid.selected.delete(id)) drawBar();
    refreshSoon();
  });
  live.on('counts', refreshSoon);
  live.on('opened', refreshSoon);

  return {
    element,
    shown() {
      const isOther = narrowing.read();
      if (!started || isOther) restart();
      else refreshSoon();
      readChapters();
    },
  };
}
