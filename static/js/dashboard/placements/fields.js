/** Fields of the order form: labelled, each with room for what is wrong with it. */
import { h } from '../../common/dom.js';

/** @typedef {import('../../common/i18n.js').Text} Text */
/**
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {(fault: Text | null) => void} fail says what is wrong, or takes it away
 * @property {() => void} focus
 */

/**
 * @param {string} name unique on the page
 * @param {object} options
 * @param {Text} options.label
 * @param {HTMLInputElement | HTMLTextAreaElement} options.control
 * @param {Text} [options.hint]
 * @param {boolean} [options.optional]
 * @param {Node} [options.extra] between the control and its hint
 * @returns {Field & { hint: HTMLElement | null }}
 */
export function textField(name, { label, control, hint, optional = false, extra }) {
  const id = `placement-${name}`;
  const error = h('p', { id: `${id}-error`, class: 'field-error' });
  const note = hint ? h('p', { id: `${id}-hint`, class: 'note', text: hint }) : null;
  control.id = id;
  control.required = !optional;
  control.setAttribute('aria-describedby', `${id}-error${note ? ` ${id}-hint` : ''}`);
  const element = h(
    'div',
    { class: 'field' },
    h('label', { for: id }, h('span', { text: label }), optional && h('span', { class: 'note', text: ['order.optional'] })),
    control,
    extra,
    note,
    error,
  );
  return {
    element,
    hint: note,
    focus: () => control.focus(),
    fail(fault) {
      error.replaceChildren(...(fault ? [h('span', { text: fault })] : []));
      if (fault) control.setAttribute('aria-invalid', 'true');
      else control.removeAttribute('aria-invalid');
    },
  };
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
  /** @param {Text | null} fault */
  function fail(fault) {
    error.replaceChildren(...(fault ? [h('span', { text: fault })] : []));
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
