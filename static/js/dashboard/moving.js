/**
 * Moving in the panel. A page is a page of its own, as the server sends it; but while something goes on that leaving
 * would end, the next page is drawn into this one, and the page of the work is kept as it is.
 */
import { running } from './going_on.js';

/**
 * @typedef {object} Shown one page of the panel
 * @property {string} page its name
 * @property {HTMLElement} main
 * @property {() => void} leave ends what listens for it
 * @property {() => void} back draws the title anew
 */

/** @param {{ draw: (page: string) => Shown, swap: (shown: Shown) => void, first: Shown }} panel `draw` begins a page at the address of the tab */
export function createMoves({ draw, swap, first }) {
  let path = location.pathname;
  let shown = first;
  /** Pages whose work goes on, by path. @type {Map<string, Shown>} */
  const kept = new Map();

  /** @param {string} href @param {boolean} push */
  async function go(href, push) {
    const to = new URL(href, location.href);
    const known = kept.get(to.pathname);
    const page = known?.page ?? (await nameOf(to.href));
    if (!page) return location.assign(to.href);
    if (running().some((work) => work.path === path)) kept.set(path, shown);
    else shown.leave();
    if (push) history.pushState(null, '', to.href);
    path = to.pathname;
    if (known) {
      kept.delete(path);
      shown = known;
      swap(known);
      known.back();
      dispatchEvent(new HashChangeEvent('hashchange'));
    } else {
      shown = draw(page);
      swap(shown);
    }
    scrollTo(0, 0);
    shown.main.focus({ preventScroll: true });
  }

  document.addEventListener('click', (event) => {
    const link = /** @type {Element} */ (event.target).closest('a');
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute('download')) return;
    const to = new URL(link.href);
    if (to.origin !== location.origin || !to.pathname.startsWith('/dashboard') || to.pathname === location.pathname) return;
    if (running().length === 0) return;
    event.preventDefault();
    void go(to.href, true);
  });
  addEventListener('popstate', () => {
    if (location.pathname !== path) void go(location.href, false);
  });
}

/** Leads to another page of the panel. @param {string} href */
export function moveTo(href) {
  const link = document.createElement('a');
  link.href = href;
  document.body.append(link);
  link.click();
  link.remove();
}

/** The page's name as the server writes it into the page; null where it leads elsewhere. @param {string} href */
async function nameOf(href) {
  try {
    const answer = await fetch(href, { headers: { Accept: 'text/html' } });
    const text = await answer.text();
    const page = new DOMParser().parseFromString(text, 'text/html').documentElement.dataset.page;
    return answer.ok && new URL(answer.url).pathname === new URL(href).pathname ? page : null;
  } catch {
    return null;
  }
}
