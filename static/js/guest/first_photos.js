/** What may wait for the photos in sight waits here: on a slow line it would take their time. */

/** By then they are there, or the line is so slow that they are not waited for. */
const LATEST_MS = 6_000;
/** So long at most the page is waited for to have nothing else to do. */
const IDLE_MS = 2_000;
/** Pictures of a gallery that are on their way. */
const COMING = '.gallery img[src]:not(.is-loaded, .is-broken)';

/** @type {Promise<void> | null} */
let waiting = null;

/** Settles when the photos in sight have come. @returns {Promise<void>} */
export const photosCame = () => (waiting ??= new Promise(wait));

/** Settles behind them, when the page has nothing else to do. @returns {Promise<void>} */
export async function pageIsStill() {
  await photosCame();
  await new Promise((done) => {
    if ('requestIdleCallback' in window) requestIdleCallback(done, { timeout: IDLE_MS });
    else setTimeout(done, IDLE_MS);
  });
}

/** When the pictures that are there are on the screen. */
async function painted() {
  const pictures = /** @type {NodeListOf<HTMLImageElement>} */ (document.querySelectorAll('.gallery img.is-loaded'));
  await Promise.allSettled([...pictures].map((picture) => picture.decode()));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}

/** @param {() => void} done */
function wait(done) {
  const listening = new AbortController();
  const { signal } = listening;
  const end = () => {
    listening.abort();
    done();
  };
  const look = () => {
    const isThere = document.readyState === 'complete' && document.querySelector('img.is-loaded') && !document.querySelector(COMING);
    if (isThere) void painted().then(end);
  };
  setTimeout(end, LATEST_MS);
  addEventListener('load', look, { signal });
  // After the gallery, which asks for the next ones then.
  const looksSoon = (/** @type {Event} */ { target }) => target instanceof HTMLImageElement && setTimeout(look);
  document.addEventListener('load', looksSoon, { capture: true, signal });
  look();
}
