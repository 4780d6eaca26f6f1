/** Tabs after the ARIA pattern: one stop for Tab, arrow keys move and choose. */
import { h, icon } from '../common/dom.js';

/** @typedef {import('../common/i18n.js').Text} Text */
/** @typedef {{ id: string, label: Text, icon: string, panel: HTMLElement, entered?: () => void, left?: () => void }} Tab */

/** @param {Text} name @param {Tab[]} all the first is shown */
export function tabs(name, all) {
  let chosen = 0;
  const heads = all.map(({ id, label, icon: iconName }, i) =>
    h(
      'button',
      {
        type: 'button',
        class: 'tab-head',
        role: 'tab',
        id: `${id}-tab`,
        'aria-controls': id,
        onClick: () => choose(i),
      },
      icon(iconName),
      h('span', { text: label }),
    ),
  );
  const panels = all.map(({ id, panel }) => h('div', { class: 'tab-panel', role: 'tabpanel', id, 'aria-labelledby': `${id}-tab` }, panel));

  function draw() {
    all.forEach((_, i) => {
      heads[i].setAttribute('aria-selected', String(i === chosen));
      heads[i].tabIndex = i === chosen ? 0 : -1;
      panels[i].hidden = i !== chosen;
    });
  }

  /** @param {number} next */
  function choose(next) {
    if (next === chosen) return;
    all[chosen].left?.();
    chosen = next;
    draw();
    all[chosen].entered?.();
  }

  const list = h(
    'div',
    {
      class: 'tab-heads',
      role: 'tablist',
      label: name,
      onKeydown: (/** @type {KeyboardEvent} */ event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        choose((chosen + step + all.length) % all.length);
        heads[chosen].focus();
      },
    },
    ...heads,
  );
  draw();
  return h('div', { class: 'tabset' }, list, ...panels);
}
