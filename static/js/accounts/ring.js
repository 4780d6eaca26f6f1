/** A ring that empties while the seconds run. */
import { h } from '../common/dom.js';

const TICK_MS = 250;

/** @param {number} seconds @param {AbortSignal} [signal] @param {() => void} [over] when no second is left */
export function ring(seconds, signal, over) {
  const number = h('span', { class: 'ring-number' });
  const element = h('span', { class: 'ring', role: 'timer', label: ['ring'] }, number);
  const until = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.max(0, until - Date.now()) / 1000;
    element.style.setProperty('--left', String(left / seconds));
    number.textContent = String(Math.ceil(left));
    if (left > 0) return;
    clearInterval(timer);
    over?.();
  };
  const timer = setInterval(tick, TICK_MS);
  signal?.addEventListener('abort', () => clearInterval(timer), { once: true });
  tick();
  return element;
}
