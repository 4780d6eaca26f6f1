/**
 * What is done with many photos at once: in portions that the server takes, with a way back where there is one, and with
 * the server's word on those that were left.
 */
import { toast } from '../../common/dom.js';
import { t } from '../../common/i18n.js';
import { portions } from '../../common/portions.js';
import { offerUndo } from '../../common/undo.js';
import '../messages/narrowing.js';
import { api } from '../api.js';
import { confirm } from '../dialog.js';
import { errorText } from '../states.js';

const PORTION_MS = 120_000;

/** @typedef {'select' | 'hide' | 'bin' | 'restore' | 'delete' | 'chapter' | 'retry' | 'overrule' | 'leave_to_couple'} Action */
/** @typedef {{ photo_id: string, code: string }} Left */

/**
 * @param {string} sessionId @param {string[]} ids @param {Action} action @param {object} [more] fields of that action
 * @returns {Promise<{ done: string[], left: Left[] }>} the photos that were changed, and those that were not
 */
async function changeMany(sessionId, ids, action, more = {}) {
  /** @type {Left[]} */
  const left = [];
  for (const portion of portions(ids)) {
    const body = { photo_ids: portion, action, ...more };
    const answer = await api.post(`/api/photo-sessions/${sessionId}/photos/batch`, body, { timeout: PORTION_MS });
    left.push(...(answer.failed ?? []));
  }
  const not = new Set(left.map((photo) => photo.photo_id));
  return { done: ids.filter((id) => !not.has(id)), left };
}

/** How many were left, and why; empty where none were. @param {Left[]} left */
function leftWords(left) {
  if (left.length === 0) return '';
  const why = [...new Set(left.map((photo) => photo.code))].map((code) => t(`failed.${code}`)).join(', ');
  return t('selection.failed', { n: left.length, why });
}

/**
 * @param {object} options
 * @param {string} options.sessionId
 * @param {ReturnType<typeof import('./photo_grid.js').createGrid>} options.grid
 * @param {() => boolean} options.isBin whether the bin is shown
 * @param {() => number} options.binDays 0 where deleted photos are erased at once
 * @param {() => void} options.changed the list is to be read again
 * @param {() => void} options.gone photos have left the list
 * @param {() => void} options.moved photos are in other chapters
 * @param {() => void} options.emptied
 */
export function createBulk({ sessionId, grid, isBin, binDays, changed, gone, moved, emptied }) {
  const chosen = () => [...grid.selected];

  /**
   * Does something with photos and says what came of it.
   * @param {Action} action @param {string[]} ids @param {string} words of how many it was done with
   * @param {{ more?: object, undo?: (done: string[]) => void, shown: (done: string[]) => void }} then
   */
  async function act(action, ids, words, { more, undo, shown }) {
    if (ids.length === 0) return;
    try {
      const { done, left } = await changeMany(sessionId, ids, action, more);
      shown(done);
      grid.clear();
      const said = [done.length > 0 && t(words, { n: done.length }), leftWords(left)].filter(Boolean).join(' ');
      if (undo && done.length > 0) offerUndo(said, () => undo(done));
      else toast(said);
    } catch (error) {
      toast(errorText(error));
    }
    changed();
  }

  /** @param {string[]} done */
  function takeOut(done) {
    grid.remove(done);
    gone();
  }

  /** Of the selected photos, those that failed by the server's fault: they can be tried again. */
  function setAside() {
    return grid.photos
      .filter((photo) => grid.selected.has(photo.photo_id) && photo.reject_code === 'processing_failed')
      .map((photo) => photo.photo_id);
  }

  /** Of the selected photos, those that the couple hides, or hid before the studio overruled it. @param {boolean} overruled */
  function byCouple(overruled) {
    return grid.photos
      .filter((photo) => grid.selected.has(photo.photo_id) && photo.couple_hid_at && Boolean(photo.couple_overruled) === overruled)
      .map((photo) => photo.photo_id);
  }

  /** @param {'overrule' | 'leave_to_couple'} action @param {string[]} [ids] */
  function wish(action, ids = byCouple(action === 'leave_to_couple')) {
    const overruled = action === 'overrule';
    return act(action, ids, overruled ? 'selection.overruled' : 'selection.left', {
      shown: (done) => grid.mark(done, { couple_overruled: overruled }),
      undo: overruled ? (done) => void wish('leave_to_couple', done) : undefined,
    });
  }

  function retry() {
    return act('retry', setAside(), 'selection.retried', {
      shown: (done) => grid.mark(done, { state: 'queued', reject_code: null }),
    });
  }

  /** @param {'select' | 'hide'} action @param {string[]} [ids] */
  function change(action, ids = chosen()) {
    const isShown = action === 'select';
    // Photos that were so before stay so.
    const before = new Set(grid.photos.filter((photo) => photo.is_selected === isShown).map((photo) => photo.photo_id));
    return act(action, ids, isShown ? 'selection.shown' : 'selection.hidden', {
      shown: (done) => grid.mark(done, { is_selected: isShown }),
      undo: (done) =>
        void change(
          isShown ? 'hide' : 'select',
          done.filter((id) => !before.has(id)),
        ),
    });
  }

  /** By hand, or where the time of the shot says. @param {string | null} chapter */
  function move(chapter) {
    /** Where each of them was put by hand before. @type {Map<string | null, string[]>} */
    const before = new Map();
    for (const photo of grid.photos.filter(({ photo_id: id }) => grid.selected.has(id))) {
      const by = photo.chapter_by_hand ? photo.chapter_id : null;
      before.set(by, [...(before.get(by) ?? []), photo.photo_id]);
    }
    return act('chapter', chosen(), 'selection.moved', {
      more: { chapter_id: chapter },
      shown: moved,
      undo: async () => {
        for (const [by, photos] of before) await changeMany(sessionId, photos, 'chapter', { chapter_id: by });
        moved();
        changed();
      },
    });
  }

  /** Into the bin; out of it for good; where there is none, for good. */
  async function remove() {
    if (!isBin() && binDays() > 0) return act('bin', chosen(), 'selection.binned', { shown: takeOut, undo: (done) => void restore(done) });
    return erase();
  }

  /** @param {string[]} [ids] */
  function restore(ids = chosen()) {
    return act('restore', ids, 'selection.restored', {
      shown: (done) => {
        if (isBin()) takeOut(done);
      },
    });
  }

  async function erase() {
    const ids = chosen();
    if (ids.length === 0) return;
    const agreed = await confirm({
      title: ['selection.delete.title', { n: ids.length }],
      text: ['selection.delete.text'],
      action: ['selection.erase'],
    });
    if (agreed) await act('delete', ids, 'selection.deleted', { shown: takeOut });
  }

  async function empty() {
    try {
      const { photo_ids: ids } = await api.get(`/api/photo-sessions/${sessionId}/photos/ids?bin=true`);
      const agreed = await confirm({ title: ['bin.empty.title'], text: ['bin.empty.text', { n: ids.length }], action: ['bin.empty'] });
      if (!agreed) return;
      const { photos } = await api.delete(`/api/photo-sessions/${sessionId}/bin`);
      toast(['bin.emptied', { n: photos }]);
    } catch (error) {
      toast(errorText(error));
    }
    emptied();
  }

  return { setAside, byCouple, wish, retry, change, move, remove, restore, erase, empty };
}
