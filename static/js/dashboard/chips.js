/** Chips that narrow a list to one of several filters. */
import { h } from '../common/dom.js';

/**
 * @param {object} options
 * @param {string[]} options.names
 * @param {string} options.label the message of the group
 * @param {(name: string) => string} options.text the message of a chip
 * @param {(name: string) => void} options.onChoose
 * @param {() => Node[]} [options.more] what stands in a chip behind its name
 */
export function filterChips({ names, label, text, onChoose, more = () => [] }) {
  const element = h(
    'div',
    { class: 'chips', role: 'group', label: [label] },
    ...names.map((name) =>
      h(
        'button',
        { type: 'button', class: 'chip', 'data-filter': name, onClick: () => onChoose(name) },
        h('span', { text: [text(name)] }),
        ...more(),
      ),
    ),
  );
  /** The chips by their names. @type {Map<string, HTMLElement>} */
  const chips = new Map(names.map((name, i) => [name, /** @type {HTMLElement} */ (element.children[i])]));
  return {
    element,
    chips,
    /** @param {string} chosen */
    mark(chosen) {
      for (const [name, chip] of chips) chip.setAttribute('aria-pressed', String(name === chosen));
    },
  };
}
