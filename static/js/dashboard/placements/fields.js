/** Fields of the order form: labelled, each with room for what is wrong with it. */
import { h } from '../../common/dom.js';
import { field } from '../../common/field.js';

/** @typedef {import('../../common/i18n.js').Text} Text */
/** @typedef {Pick<import('../../common/field.js').Field, 'element' | 'fail' | 'focus'>} Field */

/**
 * @param {string} name unique on the page
 * @param {{ label: Text, control: HTMLInputElement | HTMLTextAreaElement, hint?: Text, optional?: boolean, extra?: Node }} options
 */
export function textField(name, options) {
  options.control.required = !options.optional;
  return field({ id: `placement-${name}`, ...options });
}

/**
 * Names of which one or several are chosen.
 * @param {string[]} names
 * @param {(chosen: string[]) => void} onChange
 * @returns {Field & { chosen: () => string[], choose: (names: string[]) => void }}
 */
export function platformField(names, onChange) {
  const error = h('p', { id: 'placement-platforms-error', class: 'field-error' });
  /** @type {Map<string, HTMLInputElement>} */
  const boxes = new Map();
  const chips = h('div', { class: 'chips' });
  /** @param {string} name */
  function add(name) {
    const box = h('input', {
      type: 'checkbox',
      class: 'visually-hidden',
      name: 'platforms',
      value: name,
      onChange: () => {
        fail(null);
        onChange(chosen());
      },
    });
    boxes.set(name, box);
    chips.append(h('label', { class: 'chip chip-check' }, box, h('span', { translate: 'no' }, name)));
  }
  names.forEach(add);
  const chosen = () => [...boxes].filter(([, box]) => box.checked).map(([name]) => name);
  const element = h(
    'fieldset',
    { class: 'field', 'aria-describedby': 'placement-platforms-error placement-platforms-hint' },
    h('legend', { class: 'field-label', text: ['order.platforms'] }),
    chips,
    h('p', { id: 'placement-platforms-hint', class: 'note', text: ['order.platforms.hint'] }),
    error,
  );
  /** @param {Text | string | null} fault */
  function fail(fault) {
    error.replaceChildren(...(fault ? [typeof fault === 'string' ? fault : h('span', { text: fault })] : []));
    element.classList.toggle('is-invalid', fault !== null);
  }
  return {
    element,
    chosen,
    /** Others than ours may have been chosen through the interface. @param {string[]} wanted */
    choose(wanted) {
      wanted.filter((name) => !boxes.has(name)).forEach(add);
      for (const [name, box] of boxes) box.checked = wanted.includes(name);
    },
    focus: () => boxes.values().next().value?.focus(),
    fail,
  };
}
