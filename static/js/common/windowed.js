/**
 * A long list of boxes of which only those near the screen are in the page: thousands of photos cost no more than a
 * few dozen. Where each box stands is worked out beforehand, so the scroll bar is true.
 */

/** @typedef {{ x: number, y: number, width: number, height: number }} Place */
/** @typedef {ReturnType<typeof createWindowed>} Windowed */

const nextFrame = () => new Promise((done) => requestAnimationFrame(done));

/** The margin that is rendered above and below the screen: one screen, and on small ones so many CSS pixels. */
const AHEAD = 1000;
/** So many CSS pixels more of it are rendered at a time, so that no touch waits for all of them. */
const PORTION = 250;

/**
 * @param {object} options
 * @param {HTMLElement} options.element gets the height of the whole; its children are placed in it
 * @param {(width: number) => { places: Place[], height: number }} options.arrange places in reading order
 * @param {(index: number) => HTMLElement} options.make
 * @param {() => void} [options.drawn] is called when other boxes may be in sight
 * @param {() => Promise<unknown>} [options.seen] what is around the screen waits for it
 */
export function createWindowed({ element, arrange, make, drawn, seen = nextFrame }) {
  /** @type {Place[]} */
  let places = [];
  /** @type {Map<number, HTMLElement>} */
  const made = new Map();
  let width = 0;
  /** The height in the whole at which the screen begins; asked for once for each drawing, because the page is laid out for it. */
  let top = 0;
  let screen = 0;
  let waiting = 0;
  /** Whether what is around the screen is there too. */
  let isWhole = false;

  /** The first place that reaches below a height. @param {number} y */
  function firstBelow(y) {
    let [low, high] = [0, places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (places[middle].y + places[middle].height < y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The boxes that belong in the page now. @param {number} ahead CSS pixels above and below the screen */
  function wanted(ahead) {
    top = -element.getBoundingClientRect().top;
    screen = innerHeight;
    const indexes = [];
    for (let i = firstBelow(top - ahead); i < places.length && places[i].y <= top + screen + ahead; i++) indexes.push(i);
    // Keyboard users keep their place.
    const focused = [...made].find(([, child]) => child.contains(document.activeElement))?.[0];
    if (focused !== undefined && focused < places.length && !indexes.includes(focused)) indexes.push(focused);
    return indexes.sort((a, b) => a - b);
  }

  const most = () => Math.max(AHEAD, innerHeight);

  function draw(ahead = most()) {
    waiting = 0;
    if (width === 0) return;
    isWhole = ahead >= most();
    const indexes = wanted(ahead);
    const stays = new Set(indexes);
    for (const [index, child] of made) {
      if (stays.has(index)) continue;
      child.remove();
      made.delete(index);
    }
    let next = element.firstElementChild;
    for (const index of indexes) {
      let child = made.get(index);
      if (!child) {
        child = make(index);
        made.set(index, child);
        place(child, places[index]);
      }
      if (child === next) next = next.nextElementSibling;
      else element.insertBefore(child, next);
    }
    drawn?.();
  }

  /** @param {HTMLElement} child @param {Place} at */
  function place({ style }, at) {
    style.width = `${at.width}px`;
    style.height = `${at.height}px`;
    style.transform = `translate(${at.x}px, ${at.y}px)`;
  }

  function drawSoon() {
    waiting ||= requestAnimationFrame(() => draw());
  }

  /** Draws what is around the screen, a portion each frame. */
  async function drawAround() {
    for (let ahead = PORTION; !isWhole && width > 0; ahead += PORTION) {
      await nextFrame();
      if (!isWhole) draw(Math.min(ahead, most()));
    }
  }

  /** After boxes were added, removed or changed their shape. */
  function rearrange() {
    width = element.clientWidth;
    if (width === 0) return;
    const arranged = arrange(width);
    places = arranged.places;
    element.style.height = `${arranged.height}px`;
    for (const [index, child] of made) {
      if (index < places.length) place(child, places[index]);
      else {
        child.remove();
        made.delete(index);
      }
    }
    if (made.size > 0) return draw();
    // What is seen comes first: the tap that opened the page waits for it alone.
    draw(0);
    void seen().then(drawAround);
  }

  /** Draws a box anew, or all of them. @param {number} [index] */
  function renew(index) {
    for (const [each, child] of [...made]) {
      if (index !== undefined && each !== index) continue;
      child.remove();
      made.delete(each);
    }
    rearrange();
  }

  // Without a width the element is not in the page, and nothing is listened to.
  new ResizeObserver(() => {
    if (element.clientWidth !== width) rearrange();
    width = element.clientWidth;
    removeEventListener('scroll', drawSoon);
    if (width > 0) addEventListener('scroll', drawSoon, { passive: true });
  }).observe(element);

  return {
    rearrange,
    renew,
    /** @param {number} index */
    at: (index) => made.get(index) ?? null,
    /** The boxes in the page now. */
    shown: () => made,
    /** @param {number} index */
    isInSight(index) {
      const at = places[index];
      return Boolean(at) && at.y < top + screen && at.y + at.height > top;
    },
    /** The box at the top of the screen, where so many pixels of it are covered. @param {number} covered */
    first: (covered) => Math.min(places.length - 1, firstBelow(covered - element.getBoundingClientRect().top)),
    /** Brings a box to the top of the screen, below what covers it. @param {number} index @param {number} covered */
    toTop(index, covered) {
      const at = places[index];
      if (!at) return;
      scrollBy(0, element.getBoundingClientRect().top + at.y - covered);
      draw();
    },
    /** Brings a box into sight and gives it. @param {number} index */
    reveal(index) {
      const at = places[index];
      if (!at) return null;
      const top = element.getBoundingClientRect().top + at.y;
      if (top < 0 || top + at.height > innerHeight) scrollBy(0, top - (innerHeight - at.height) / 2);
      draw();
      return made.get(index) ?? null;
    },
  };
}
