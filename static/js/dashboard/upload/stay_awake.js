/** While an upload runs: the screen stays on where the browser allows it, and closing the tab asks first. */

/** @param {() => boolean} running */
export function createGuard(running) {
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  let asking = false;

  const warn = (/** @type {BeforeUnloadEvent} */ event) => {
    if (running()) event.preventDefault();
  };
  addEventListener('beforeunload', warn);
  // The system takes the lock away from a hidden page.
  document.addEventListener('visibilitychange', update);

  async function update() {
    const wanted = running() && document.visibilityState === 'visible';
    if (!wanted && lock) {
      const held = lock;
      lock = null;
      await held.release();
    }
    if (!wanted || lock || asking || !navigator.wakeLock) return;
    asking = true;
    try {
      lock = await navigator.wakeLock.request('screen');
      lock.addEventListener('release', () => {
        lock = null;
      });
    } catch {
      /* low battery, or the system says no: the upload goes on without */
    }
    asking = false;
  }

  return { update };
}
