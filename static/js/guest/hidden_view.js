/** The page of everything that the couple hides from other guests. */
import './hidden_messages.js';
import { button, h, toast } from '../common/dom.js';
import { bindText } from '../common/i18n.js';
import { wallOf } from './favourites.js';
import { prepareViewer } from './gallery.js';

/** @param {import('./types.js').App} app @returns {import('./types.js').View} */
export function hiddenView(app) {
  const hiding = /** @type {import('./hidden.js').Hiding} */ (app.hearts?.hiding);
  const count = h('p', { class: 'note', role: 'status' });
  const wall = wallOf(app, ['hidden.title']);
  const showAll = button('button button-quiet button-small', ['hidden.show_all'], () => void hiding.change([...hiding.ids], false), 'undo');
  const draw = () => {
    bindText(count, '', ['hidden.count', { n: hiding.ids.size }]);
    showAll.hidden = hiding.ids.size === 0;
  };
  // What is shown again stays in sight, so that a slip is mended where it was made.
  const stop = hiding.on(draw);
  draw();
  return {
    element: h(
      'section',
      { class: 'favourites' },
      h(
        'header',
        { class: 'results-head' },
        h(
          'div',
          { class: 'results-title' },
          h('div', {}, h('h1', { text: ['hidden.title'], tabindex: '-1' }), count, h('p', { class: 'note', text: ['hidden.text'] })),
        ),
      ),
      h(
        'div',
        { class: 'toolbar' },
        button('button button-quiet button-small', ['hearts.all'], () => app.go('all', { replace: true }), 'grid'),
        showAll,
      ),
      wall.element,
    ),
    entered() {
      void prepareViewer();
      hiding.photos().then(
        (photos) => wall.add(photos),
        () => toast(['all.failed']),
      );
    },
    dispose: () => void stop(),
  };
}
