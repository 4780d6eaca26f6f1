/** The workflow in words: five steps from the session to the guests' photos. */
import { h, icon } from '../../common/dom.js';

/** Icons of the steps, in order; words are `step.N.title` and `step.N`. */
const ICONS = ['plus', 'qr', 'share', 'camera', 'face'];

/** @param {number} done steps that are behind */
export function steps(done) {
  return h(
    'ol',
    { class: 'steps' },
    ...ICONS.map((name, i) =>
      h(
        'li',
        { class: i < done ? 'step is-done' : 'step', 'aria-current': i === done ? 'step' : null },
        h('span', { class: 'step-icon', 'aria-hidden': 'true' }, icon(i < done ? 'check' : name)),
        h('div', {}, h('p', { class: 'step-title', text: [`step.${i + 1}.title`] }), h('p', { class: 'note', text: [`step.${i + 1}`] })),
      ),
    ),
  );
}

/** The first steps, for a studio without sessions. @param {Node} action */
export function firstSteps(action) {
  return h(
    'div',
    { class: 'card first-steps' },
    h(
      'div',
      { class: 'first-steps-words' },
      h('h2', { class: 'serif', text: ['first.title'] }),
      h('p', { class: 'lead', text: ['first.text'] }),
      action,
    ),
    steps(0),
  );
}
