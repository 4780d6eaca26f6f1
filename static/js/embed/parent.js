/** What is said between this page and the one around its frame: how high the frame should be, and nothing of the guest. */

/**
 * @param {string[]} origins those that the studio has named; a page of any other is not answered
 */
export function connect(origins) {
  /** Who has greeted us. @type {string | null} */
  let origin = null;
  let height = 0;
  let least = 0;

  function tell() {
    if (origin && parent !== window) parent.postMessage({ type: 'pixora:height', height: Math.max(height, least) }, origin);
  }

  addEventListener('message', (event) => {
    if (event.source !== parent || parent === window || !origins.includes(event.origin)) return;
    if (event.data?.type !== 'pixora:hello') return;
    origin = event.origin;
    tell();
  });
  // The page around greets when the frame has loaded, which may be before this script hears it. This says nothing else.
  if (parent !== window) parent.postMessage({ type: 'pixora:ready' }, '*');

  return {
    /** From now on the frame is as high as the element. @param {HTMLElement} element */
    watch(element) {
      new ResizeObserver(() => {
        height = element.getBoundingClientRect().height;
        tell();
      }).observe(element);
    },
    /** For a view that fills the frame, whatever its height. @param {number} pixels */
    least(pixels) {
      least = pixels;
      tell();
    },
  };
}
