/**
 * In which order the pictures of a wall are asked for. On a slow line all that are asked for at once share it, and the
 * first is as late as the last: so the first comes alone, then all in sight, and then those around the screen.
 */

/** @typedef {{ box: number, ask: () => void }} Waiting a picture by its box on the wall */

/** @param {() => import('../common/windowed.js').Windowed} wallOf */
export function createTurns(wallOf) {
  /** @type {Map<HTMLImageElement, Waiting>} */
  const waiting = new Map();
  /** Asked for and not there yet. @type {Map<HTMLImageElement, Waiting>} */
  const coming = new Map();
  let hasCome = false;

  /** @param {Waiting} picture */
  const inSight = ({ box }) => wallOf().isInSight(box);

  /** @param {Map<HTMLImageElement, Waiting>} pictures those of tiles that were taken off the wall are forgotten */
  function seen(pictures) {
    for (const image of pictures.keys()) if (!image.isConnected) pictures.delete(image);
    return [...pictures].filter(([, picture]) => inSight(picture));
  }

  /** Asks for those whose turn it is: called when a picture has come and when others are in sight. */
  function next() {
    const now = seen(waiting);
    if (now.length > 0 && hasCome) return now.forEach(start);
    if (seen(coming).length > 0) return;
    if (now.length > 0) start(now[0]);
    else [...waiting].forEach(start);
  }

  /** @param {[HTMLImageElement, Waiting]} picture */
  function start([image, picture]) {
    waiting.delete(image);
    coming.set(image, picture);
    picture.ask();
  }

  return {
    next,
    /** @param {HTMLImageElement} image @param {number} box @param {() => void} ask gives the picture its address */
    add(image, box, ask) {
      waiting.set(image, { box, ask });
      const ended = () => {
        hasCome = true;
        if (coming.delete(image)) next();
      };
      image.addEventListener('load', ended, { once: true });
      image.addEventListener('error', ended, { once: true });
    },
  };
}
