/** A message at the bottom with a way back. */
import { button, h } from './dom.js';

const SHOWN_MS = 10_000;
/** @type {HTMLElement | undefined} */
let shown;

// Ctrl or ⌘ + Z takes the offer that is shown, unless somebody is writing.
addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.code !== 'KeyZ') return;
  const isWriting = event.target instanceof HTMLElement && event.target.matches('input, textarea, [contenteditable]');
  if (isWriting || !shown?.isConnected) return;
  event.preventDefault();
  shown.querySelector('button')?.click();
});

/** @param {string} words @param {() => void} undo @returns {() => void} takes the offer back, for what is left with its view */
export function offerUndo(words, undo) {
  shown?.remove();
  const close = () => {
    if (!bar.matches(':focus-within')) bar.remove();
  };
  const bar = h(
    'div',
    { class: 'undo-bar', role: 'status' },
    h('p', {}, words),
    button(
      'undo-button',
      ['undo'],
      () => {
        bar.remove();
        undo();
      },
      'undo',
    ),
  );
  shown = document.body.appendChild(bar);
  setTimeout(close, SHOWN_MS);
  bar.addEventListener('focusout', () => setTimeout(close, SHOWN_MS));
  return () => bar.remove();
}
