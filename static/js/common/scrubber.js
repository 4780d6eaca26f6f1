/**
 * A way through a long gallery by the time of day: one bar for each hour, as high as its photos are many, marks where the
 * day's chapters begin, and a slider over them. The slider is the browser's own, so fingers, keys and screen readers know it.
 */
import { h } from './dom.js';
import { catalogue, formatDate, onLanguageChange, t } from './i18n.js';

/** @typedef {{ starts_at: string, photos: number }} Hour by the session's clock, without a zone */
/** @typedef {{ name: string, starts_at?: string | null }} Part of the day, by the same clock */

/** Where a gallery is shorter, or is over in fewer hours, scrolling is quicker. */
const FEWEST_PHOTOS = 120;
const FEWEST_HOURS = 3;
/** So long after the last move the wish is taken for one. */
const SETTLED_MS = 150;

await catalogue('common_scrubber');

/** Whether the hours are worth a slider. @param {Hour[]} hours */
export function isLong(hours) {
  return hours.length >= FEWEST_HOURS && hours.reduce((sum, { photos }) => sum + photos, 0) >= FEWEST_PHOTOS;
}

/**
 * The chapters of each hour: those that begin in it, or between it and the hour before; else the one that goes on. Names are
 * given where something begins.
 * @param {Hour[]} hours @param {Part[]} parts
 * @returns {{ names: string, begins: boolean }[]}
 */
export function chaptersOf(hours, parts) {
  const begun = /** @type {{ name: string, starts_at: string }[]} */ (parts.filter(({ starts_at: at }) => at)).sort((a, b) =>
    a.starts_at < b.starts_at ? -1 : 1,
  );
  const order = hours.map((_, i) => i).sort((a, b) => (hours[a].starts_at < hours[b].starts_at ? -1 : 1));
  const found = hours.map(() => ({ names: '', begins: false }));
  let next = 0;
  let running = '';
  for (const i of order) {
    const end = `${hours[i].starts_at.slice(0, 13)}:59:59`;
    /** @type {string[]} */
    const names = [];
    while (next < begun.length && begun[next].starts_at <= end) names.push(begun[next++].name);
    running = names.at(-1) ?? running;
    found[i] = { names: names.join(', ') || running, begins: names.length > 0 };
  }
  return found;
}

/**
 * @param {Hour[]} hours in the order of the gallery, none of them empty
 * @param {(index: number) => void} go to the photo of this index, which may not be loaded yet
 * @param {Part[]} [parts]
 */
export function createScrubber(hours, go, parts = []) {
  const chapters = chaptersOf(hours, parts);
  /** Index of the first photo of each hour. */
  const first = hours.map((_, i) => hours.slice(0, i).reduce((sum, { photos }) => sum + photos, 0));
  const most = Math.max(...hours.map(({ photos }) => photos));
  const days = new Set(hours.map(({ starts_at: at }) => at.slice(0, 10))).size;
  const time = h('span', { class: 'scrubber-time', 'aria-hidden': 'true' });
  const slider = h('input', { type: 'range', min: '0', max: String(hours.length - 1), step: '1', value: '0', label: ['scrubber'] });
  const bars = h(
    'span',
    { class: 'scrubber-bars', 'aria-hidden': 'true' },
    ...hours.map(({ photos }, i) => {
      const bar = h('span', { class: chapters[i].begins && 'is-chapter' });
      bar.style.height = `${Math.max(12, (100 * photos) / most)}%`;
      return bar;
    }),
  );
  const element = h('div', { class: 'scrubber' }, time, h('span', { class: 'scrubber-track' }, bars, slider));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let settling;

  function draw() {
    const at = Number(slider.value);
    const { starts_at: iso, photos: n } = hours[at];
    // The clock of the session, which is already in its zone.
    const clock = /** @type {const} */ ({ timeZone: 'UTC', hour: 'numeric', minute: '2-digit' });
    const when = formatDate(`${iso}Z`, { ...(days > 1 && { day: 'numeric', month: 'short' }), ...clock });
    const { names } = chapters[at];
    time.replaceChildren(when, ...(names ? [h('span', { class: 'scrubber-chapter', dir: 'auto' }, names)] : []));
    const said = t('scrubber.hour', { when, n });
    slider.setAttribute('aria-valuetext', names ? `${names}: ${said}` : said);
    for (const [i, bar] of [...bars.children].entries()) bar.classList.toggle('is-current', i === at);
  }

  slider.addEventListener('input', () => {
    draw();
    clearTimeout(settling);
    settling = setTimeout(() => {
      settling = undefined;
      go(first[Number(slider.value)]);
    }, SETTLED_MS);
  });
  const stop = onLanguageChange(draw);
  draw();

  return {
    element,
    /** The photo that stands at the top now. @param {number} index */
    stand(index) {
      // Who holds the slider is not pulled back by the scrolling that follows.
      if (settling !== undefined) return;
      let at = 0;
      while (at + 1 < first.length && first[at + 1] <= index) at++;
      if (slider.value === String(at)) return;
      slider.value = String(at);
      draw();
    },
    dispose: stop,
  };
}
