/** The place of a slider over the hours of a gallery: it comes where the gallery is long, and goes along as one scrolls. */
import { h } from './dom.js';
import { loadStyles } from './styles.js';

/** Galleries of fewer photos are not asked for their hours. */
const LONG = 120;

/**
 * @param {object} options
 * @param {{ first: (covered: number) => number, toTop: (index: number, covered: number) => void }} options.wall
 * @param {() => number} options.total photos of the gallery
 * @param {() => Promise<import('./scrubber.js').Hour[]>} options.hours
 * @param {() => Promise<import('./scrubber.js').Part[]>} [options.chapters] parts of the day; those that have a start are marked
 * @param {(index: number) => boolean} options.has whether a photo is loaded
 * @param {() => number} [options.under] pixels at the top of the screen that something else covers
 * @param {() => Promise<boolean>} options.more loads the next photos; whether there are still more
 */
export function placeScrubber({ wall, total, hours, chapters, has, more, under = () => 0 }) {
  const element = h('div', { class: 'scrubber-place', hidden: true });
  /** @type {ReturnType<typeof import('./scrubber.js').createScrubber> | null} */
  let scrubber = null;
  /** The photo that is on its way to the top. @type {number | null} */
  let wanted = null;
  let drawing = 0;
  let turn = 0;

  const covered = () => under() + element.offsetHeight;

  /** @param {number} index */
  async function go(index) {
    wanted = index;
    element.setAttribute('aria-busy', 'true');
    while (wanted === index && !has(index) && (await more()));
    if (wanted !== index) return;
    wanted = null;
    element.removeAttribute('aria-busy');
    wall.toTop(index, covered());
  }

  function scrolled() {
    drawing ||= requestAnimationFrame(() => {
      drawing = 0;
      // Behind another part of the page the gallery is nowhere.
      if (wanted === null && element.isConnected) scrubber?.stand(wall.first(covered()));
    });
  }

  function dispose() {
    turn++;
    removeEventListener('scroll', scrolled);
    scrubber?.dispose();
    scrubber = null;
    wanted = null;
    element.hidden = true;
    element.replaceChildren();
  }

  return {
    element,
    dispose,
    /** The gallery is there, or another one in its place. */
    async shown() {
      dispose();
      const mine = turn;
      if (total() < LONG) return;
      try {
        const [{ createScrubber, isLong }, all, parts] = await Promise.all([
          import('./scrubber.js'),
          hours(),
          chapters?.() ?? [],
          loadStyles('scrubber'),
        ]);
        if (mine !== turn || !isLong(all)) return;
        scrubber = createScrubber(all, (index) => void go(index), parts);
        element.replaceChildren(scrubber.element);
        element.style.top = `${under()}px`;
        element.hidden = false;
        addEventListener('scroll', scrolled, { passive: true });
      } catch {
        /* one scrolls without it */
      }
    },
  };
}
