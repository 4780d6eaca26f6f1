/** A list of thousands of equal rows of which only the visible ones exist. */
import { h } from '../../common/dom.js';

/** Rows beyond each edge, so that scrolling by keyboard or wheel shows no gap. */
const MARGIN = 6;

/**
 * @template {{ id: number }} T
 * @typedef {{ element: HTMLElement, update: (item: T) => void }} Row
 */

/**
 * @template {{ id: number }} T
 * @param {{ rowHeight: number, label: import('../../common/i18n.js').Text, makeRow: (item: T) => Row<T> }} options `rowHeight` in px, as in the style sheet
 */
export function createVirtualList({ rowHeight, label, makeRow }) {
  /** @type {T[]} */
  let items = [];
  /** @type {Map<number, Row<T>>} */
  let rows = new Map();
  const list = h('ul', { class: 'virtual-rows', role: 'list' });
  // The box itself scrolls, so the keyboard must reach it.
  const element = h('div', { class: 'virtual-list', tabindex: '0', role: 'region', label }, list);
  element.addEventListener('scroll', draw, { passive: true });
  new ResizeObserver(draw).observe(element);

  function draw() {
    const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - MARGIN);
    const last = Math.min(items.length, Math.ceil((element.scrollTop + element.clientHeight) / rowHeight) + MARGIN);
    /** @type {typeof rows} */
    const kept = new Map();
    for (let i = first; i < last; i++) {
      const item = items[i];
      const row = rows.get(item.id) ?? makeRow(item);
      row.update(item);
      row.element.style.transform = `translateY(${i * rowHeight}px)`;
      row.element.setAttribute('aria-setsize', String(items.length));
      row.element.setAttribute('aria-posinset', String(i + 1));
      kept.set(item.id, row);
      if (!row.element.isConnected) list.append(row.element);
    }
    for (const [id, row] of rows) if (!kept.has(id)) row.element.remove();
    rows = kept;
    list.style.height = `${items.length * rowHeight}px`;
  }

  return {
    element,
    /** @param {T[]} next */
    show(next) {
      items = next;
      draw();
    },
  };
}
