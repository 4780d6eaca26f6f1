/** A button that opens a small list of links and actions under it. */
import { h, icon } from '../common/dom.js';

/**
 * A disclosure, not an ARIA menu: its items are links and buttons that Tab reaches as everywhere.
 * @param {{ className?: string, label: (Node | false)[], name?: import('../common/i18n.js').Text, items: Node[] }} options
 */
export function menu({ className = '', label, name, items }) {
  const panel = h('div', { class: 'menu-panel', hidden: true }, ...items);
  const opener = h(
    'button',
    { type: 'button', class: 'menu-button', 'aria-expanded': 'false', label: name, onClick: () => show(Boolean(panel.hidden)) },
    ...label,
    icon('down'),
  );
  const element = h('div', { class: `menu ${className}` }, opener, panel);

  /** @param {boolean} open */
  function show(open) {
    panel.hidden = !open;
    opener.setAttribute('aria-expanded', String(open));
  }

  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || panel.hidden) return;
    show(false);
    opener.focus();
  });
  element.addEventListener('focusout', (event) => {
    if (!element.contains(/** @type {Node | null} */ (event.relatedTarget))) show(false);
  });
  // Safari gives a pressed button no focus, so that losing it cannot be relied on.
  document.addEventListener('pointerdown', (event) => {
    if (!element.contains(/** @type {Node} */ (event.target))) show(false);
  });
  return element;
}
