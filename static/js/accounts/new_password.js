/** A new password's field: what it is worth is said while it is typed. */
import { h } from '../common/dom.js';
import { passwordField } from './field.js';
import { SHORTEST, strength } from './strength.js';

/**
 * @param {import('../common/i18n.js').Text} label
 * @param {() => string[]} [own] what is known of the person, and a poor password
 */
export function newPasswordField(label, own = () => []) {
  const words = h('p', { class: 'note', text: ['strength.empty', { n: SHORTEST }] });
  const bars = h('div', { class: 'strength', 'data-level': 'empty', 'aria-hidden': 'true' }, ...Array.from({ length: 4 }, () => h('span')));
  const field = passwordField({
    id: 'password',
    label,
    hint: h('div', { class: 'strength-hint' }, words, bars),
    props: { autocomplete: 'new-password' },
  });
  const judge = () => {
    const level = strength(field.input.value, own());
    bars.dataset.level = level;
    words.replaceChildren(h('span', { text: [`strength.${level}`, { n: SHORTEST }] }));
  };
  field.input.addEventListener('input', judge);
  return { ...field, judge };
}
