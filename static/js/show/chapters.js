/**
 * The chapters of a slideshow: one of them may be shown alone, and what begins is named. The choice stands in the address, so
 * that a screen that is started again, or a link, shows the same.
 */
import { h } from '../common/dom.js';

/** @typedef {{ chapter_id: string, name: string }} Chapter */

/** The list is read this often at most. */
const READ_MS = 60_000;
/** So long a name is seen. */
const SEEN_MS = 5_000;
const PARAMETER = 'chapter';

/** @param {{ read: () => Promise<{ chapters: Chapter[] }>, changed: (chapters: Chapter[], chosen: string | null) => void }} options */
export function createChapters({ read, changed }) {
  const title = h('p', { class: 'show-title', role: 'status', dir: 'auto' });
  /** @type {Chapter[]} */
  let list = [];
  let chosen = new URL(location.href).searchParams.get(PARAMETER);
  /** The chapter of the slide that was shown last. @type {string | null} */
  let running = null;
  let readAt = -Infinity;
  /** @type {number | undefined} */
  let leaving;

  /** @param {string | null} id */
  function choose(id) {
    chosen = id;
    running = null;
    const address = new URL(location.href);
    if (id) address.searchParams.set(PARAMETER, id);
    else address.searchParams.delete(PARAMETER);
    history.replaceState(history.state, '', address);
    changed(list, chosen);
  }

  return {
    element: title,
    /** Of the photos that are shown. */
    get narrowed() {
      return chosen ? { chapter: chosen } : {};
    },
    choose,
    /** Reads the list, if that was not done just now. @param {boolean} [now] */
    async refresh(now = false) {
      if (!now && performance.now() - readAt < READ_MS) return;
      readAt = performance.now();
      list = (await read()).chapters;
      changed(list, chosen);
    },
    /** A slide is seen: where a chapter begins with it, its name is, too. @param {string | null} id of its chapter @param {boolean} inOrder */
    seen(id, inOrder) {
      const begins = id !== running && (inOrder || chosen !== null);
      running = id;
      const name = begins && list.find((chapter) => chapter.chapter_id === id)?.name;
      if (!name) return;
      clearTimeout(leaving);
      title.textContent = name;
      leaving = window.setTimeout(() => {
        title.textContent = '';
      }, SEEN_MS);
    },
    /** No photo is seen. */
    clear() {
      clearTimeout(leaving);
      title.textContent = '';
      running = null;
    },
  };
}
