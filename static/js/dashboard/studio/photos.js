/** The gallery as the studio sees it: every photo with its state; choose many, show, hide, delete. */
import { button, h, icon, toast } from '../../common/dom.js';
import { bindText, t } from '../../common/i18n.js';
import '../messages/people.js';
import { api } from '../api.js';
import { confirm } from '../dialog.js';
import { errorText, failure, loading } from '../states.js';
import { openClocks } from './clocks.js';
import { createGrid } from './photo_grid.js';
import { createRejected } from './rejected.js';
import { placeScrubber } from '../../common/scrubber_place.js';
import { offerUndo } from '../../common/undo.js';

/** @typedef {import('./types.js').Photo} Photo */

const PAGE_SIZE = 100;
/** Photos of a page on the way to a time of the day. */
const LARGE_PAGE = 200;
/** The server's limit for one change of many. */
const BATCH = 500;
/** Live events come one a photo; the grid is read again this often at most. */
const REFRESH_MS = 2000;
/** As many photos as a refresh reads again while the upload runs; older ones do not change then. */
const REFRESH_PHOTOS = 400;

/** The filters of photos; their names are `photos.filter.NAME`. @type {Record<string, Record<string, string>>} */
const FILTERS = {
  all: {},
  ready: { state: 'ready', selected: 'true' },
  queued: { state: 'queued' },
  rejected: { state: 'rejected' },
  hidden: { state: 'ready', selected: 'false' },
  four: { state: 'ready', min_rating: '4' },
};

/** @param {import('../pages/photo_session.js').Shared} shared */
export function createPhotos({ session, live }) {
  let filter = 'all';
  /** Of one person, named in the page's address. @type {string | null} */
  let person = null;
  const tag = h('input', {
    class: 'input input-small photos-tag',
    type: 'search',
    placeholder: ['photos.tag'],
    label: ['photos.tag'],
    autocomplete: 'off',
    onChange: () => restart(),
  });
  /** @type {string | null} */
  let cursor = null;
  let started = false;
  let busy = false;
  /** Counts the filters chosen, so that a late answer to an earlier one is dropped. */
  let turn = 0;

  const rejected = createRejected(session.id);
  /** Files that never became photos, under the filter that they belong to. */
  let refused = 0;
  const grid = createGrid({ session, onSelect: drawBar, onDelete: remove });
  const chips = h(
    'div',
    { class: 'chips', role: 'group', label: ['photos.filter'] },
    ...Object.keys(FILTERS).map((name) =>
      h(
        'button',
        {
          type: 'button',
          class: 'chip',
          'data-filter': name,
          'aria-pressed': String(name === filter),
          onClick: () => {
            filter = name;
            restart();
          },
        },
        h('span', { text: [`photos.filter.${name}`] }),
      ),
    ),
  );
  const company = h(
    'select',
    { class: 'input select input-small', label: ['photos.company'], onChange: () => void restart() },
    ...['any', 'nobody', 'solo', 'couple', 'small_group', 'group'].map((name) =>
      h('option', { value: name === 'any' ? '' : name, text: [`photos.company.${name}`] }),
    ),
  );
  const onePerson = h(
    'p',
    { class: 'note one-person', hidden: true },
    h('span', { text: ['photos.of_person'] }),
    ' · ',
    h('a', { href: '#photos', text: ['photos.of_all'] }),
  );
  const note = h('div', { class: 'grid-note' });
  const end = h('div', { class: 'grid-end', 'aria-hidden': 'true' });
  const count = h('p', { class: 'selection-count', role: 'status' });
  const again = button('button button-quiet button-small', ['selection.retry'], retry, 'undo');
  const bar = h(
    'div',
    { class: 'selection-bar', hidden: true, role: 'toolbar', label: ['selection.actions'] },
    count,
    h(
      'div',
      { class: 'session-buttons' },
      button('button button-quiet button-small', ['selection.show'], () => change('select'), 'eye'),
      button('button button-quiet button-small', ['selection.hide'], () => change('hide'), 'eyeoff'),
      again,
      button('button button-quiet button-small', ['selection.download'], () => download({ photo_ids: [...grid.selected] }), 'save'),
      button('button button-quiet button-small button-danger-quiet', ['selection.delete'], remove, 'trash'),
      button('link-button', ['selection.clear'], () => grid.clear()),
    ),
  );
  const times = placeScrubber({
    wall: grid,
    total: () => session.photos.ready,
    hours: async () => (await api.get(`/api/photo-sessions/${session.id}/photos/hours?${new URLSearchParams(filters())}`)).hours,
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
      chips,
      h(
        'div',
        { class: 'session-buttons' },
        tag,
        h('p', { class: 'note photos-hint', text: ['photos.hint'] }),
        company,
        button('button button-quiet button-small', ['clocks.open'], () => openClocks(session.id, restart), 'clock'),
        button('button button-quiet button-small', ['photos.download'], () => download({ all: true }), 'save'),
        button('button button-quiet button-small', ['photos.all'], selectAll, 'check'),
      ),
    ),
    onePerson,
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

  /** Everything that narrows the list. @returns {Record<string, string>} */
  function filters() {
    return {
      ...FILTERS[filter],
      ...(tag.value.trim() && { tag: tag.value.trim() }),
      ...(company.value && { company: company.value }),
      ...(person && { person }),
    };
  }

  /** @param {string | null} from @param {number} limit @returns {Promise<{ photos: Photo[], next_cursor: string | null }>} */
  function page(from, limit) {
    const query = new URLSearchParams({ ...filters(), limit: String(limit), ...(from && { cursor: from }) });
    return api.get(`/api/photo-sessions/${session.id}/photos?${query}`);
  }

  /** Shows the first page of the chosen filter. */
  async function restart() {
    for (const chip of chips.children)
      chip.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (chip).dataset.filter === filter));
    turn++;
    cursor = null;
    started = false;
    busy = false;
    grid.clear();
    grid.show([]);
    note.replaceChildren(loading());
    refused = filter === 'rejected' ? await rejected.load().catch(() => 0) : 0;
    rejected.element.hidden = refused === 0;
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

  const isNarrowed = () => Object.keys(filters()).length > 0;

  function drawNote() {
    note.replaceChildren();
    if (grid.photos.length > 0 || refused > 0) return;
    note.append(
      h(
        'div',
        { class: 'state state-empty' },
        h('span', { class: 'message-icon' }, icon('image')),
        h('p', { text: [isNarrowed() ? 'photos.none.filter' : 'photos.none'] }),
        !isNarrowed() &&
          h('a', { class: 'button button-primary button-small', href: '#upload' }, icon('upload'), h('span', { text: ['tab.upload'] })),
      ),
    );
  }

  /** Selects everything under the filter by one request, also what was not scrolled to yet. */
  async function selectAll() {
    if (started && cursor === null) return grid.select(grid.photos.map((photo) => photo.photo_id));
    const mine = turn;
    try {
      const { photo_ids: ids } = await api.get(`/api/photo-sessions/${session.id}/photos/ids?${new URLSearchParams(filters())}`);
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
    again.hidden = setAside().length === 0;
    if (n > 0) bindText(count, '', ['selection.count', { n }]);
  }

  /** Of the selected photos, those that failed by the server's fault: they can be tried again. */
  function setAside() {
    return grid.photos
      .filter((photo) => grid.selected.has(photo.photo_id) && photo.reject_code === 'processing_failed')
      .map((photo) => photo.photo_id);
  }

  async function retry() {
    const ids = setAside();
    try {
      await batch(ids, 'retry');
      grid.mark(ids, { state: 'queued', reject_code: null });
      grid.clear();
      toast(['selection.retried', { n: ids.length }]);
      refreshSoon();
    } catch (error) {
      toast(errorText(error));
    }
  }

  /** @param {string[]} ids @param {'select' | 'hide' | 'delete' | 'retry'} action */
  async function batch(ids, action) {
    for (let at = 0; at < ids.length; at += BATCH) {
      await api.post(`/api/photo-sessions/${session.id}/photos/batch`, { photo_ids: ids.slice(at, at + BATCH), action });
    }
  }

  /** @param {'select' | 'hide'} action @param {string[]} [ids] */
  async function change(action, ids = [...grid.selected]) {
    try {
      await batch(ids, action);
      grid.mark(ids, { is_selected: action === 'select' });
      grid.clear();
      if (action === 'hide') offerUndo(t('selection.hidden', { n: ids.length }), () => change('select', ids));
      else toast(['selection.shown', { n: ids.length }]);
      refreshSoon();
    } catch (error) {
      toast(errorText(error));
    }
  }

  async function remove() {
    const ids = [...grid.selected];
    if (ids.length === 0) return;
    if (
      !(await confirm({
        title: ['selection.delete.title', { n: ids.length }],
        text: ['selection.delete.text'],
        action: ['selection.delete'],
      }))
    )
      return;
    try {
      await batch(ids, 'delete');
      grid.remove(ids);
      toast(['selection.deleted', { n: ids.length }]);
      drawNote();
    } catch (error) {
      toast(errorText(error));
      refreshSoon();
    }
  }

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
      const wanted = new URLSearchParams(location.hash.split('?')[1] ?? '').get('person');
      onePerson.hidden = wanted === null;
      if (wanted !== person) {
        person = wanted;
        restart();
      } else if (!started) restart();
      else refreshSoon();
    },
  };
}
