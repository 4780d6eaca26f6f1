/** Polite polling: only while the page is looked at, slower when nothing changes, never in step with others. */

const FIRST_MS = 5_000;
const SLOWEST_MS = 60_000;

/**
 * Calls `check` until it says `done` or the returned function is called.
 * @param {() => Promise<'changed' | 'same' | 'done'>} check
 * @param {number} [firstMs]
 * @returns {() => void} stops
 */
export function poll(check, firstMs = FIRST_MS) {
  let delay = firstMs;
  /** @type {number | undefined} */
  let timer;
  let stopped = false;

  const schedule = () => {
    clearTimeout(timer);
    if (!stopped && !document.hidden) timer = window.setTimeout(run, delay * (0.8 + Math.random() * 0.4));
  };

  async function run() {
    const answer = await check().catch(() => 'same');
    if (answer === 'done') return stop();
    delay = answer === 'changed' ? firstMs : Math.min(delay * 1.3, SLOWEST_MS);
    schedule();
  }

  function onVisibility() {
    delay = firstMs;
    if (document.hidden) clearTimeout(timer);
    else if (!stopped) void run();
  }

  function stop() {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', onVisibility);
  }

  document.addEventListener('visibilitychange', onVisibility);
  schedule();
  return stop;
}
