/** A number with a button on each side. */
import { h, iconButton } from '../../common/dom.js';

/** The server's limit for one print. */
const MOST = 100;

/**
 * @param {{ label: string, get: () => number, set: (quantity: number) => unknown, least?: number, most?: number }} options
 *   `label`: what is counted; `least` and `most`: the buttons stop here
 */
export function stepper({ label, get, set, least = 0, most = MOST }) {
  const number = h('span', { class: 'stepper-number', role: 'status' });
  const fewer = iconButton('stepper-button', ['stepper.fewer', { label }], () => void set(Math.max(least, get() - 1)), 'minus');
  const more = iconButton('stepper-button', ['stepper.more', { label }], () => void set(Math.min(most, get() + 1)), 'plus');
  const element = h('span', { class: 'stepper', role: 'group', 'aria-label': label }, fewer, number, more);

  function draw() {
    const n = get();
    number.textContent = String(n);
    fewer.disabled = n <= least;
    more.disabled = n >= most;
  }
  draw();
  return { element, draw };
}
