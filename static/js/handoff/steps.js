/** Where the hand-off stands, as three steps. */
import { h, icon } from '../common/dom.js';

/** @param {string[]} names messages @param {number} current from 0; as many as there are names when all is done */
export function steps(names, current) {
  return h(
    'ol',
    { class: 'handoff-steps', label: ['steps'] },
    ...names.map((name, at) => {
      const done = at < current;
      return h(
        'li',
        { class: done ? 'handoff-step is-done' : 'handoff-step', 'aria-current': at === current ? 'step' : null },
        h('span', { class: 'handoff-step-mark', 'aria-hidden': 'true' }, done ? icon('check') : String(at + 1)),
        h('span', { text: [name] }),
        done && h('span', { class: 'visually-hidden', text: ['steps.is_done'] }),
      );
    }),
  );
}
