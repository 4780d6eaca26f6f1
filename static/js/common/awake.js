/** Keeps the screen on where the browser allows it. */

/** @param {() => boolean} wanted whether it is to stay on now; ask again with the returned function when that may have changed */
export function keepAwake(wanted) {
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  let asking = false;

  // The system takes the lock away from a hidden page.
  document.addEventListener('visibilitychange', update);

  async function update() {
    const on = wanted() && document.visibilityState === 'visible';
    if (!on && lock) {
      const held = lock;
      lock = null;
      await held.release();
    }
    if (!on || lock || asking || !navigator.wakeLock) return;
    asking = true;
    try {
      lock = await navigator.wakeLock.request('screen');
      lock.addEventListener('release', () => {
        lock = null;
      });
    } catch {
      /* low battery, or the system says no: the page goes on without */
    }
    asking = false;
  }

  return update;
}
