/** While an upload runs: the screen stays on where the browser allows it, and closing the tab asks first. */
import { keepAwake } from '../../common/awake.js';

/** @param {() => boolean} running */
export function createGuard(running) {
  addEventListener('beforeunload', (event) => {
    if (running()) event.preventDefault();
  });
  return { update: keepAwake(running) };
}
