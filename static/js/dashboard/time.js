/** Times as people say them; each is redrawn when the language changes and, when relative, every minute. */
import { h } from '../common/dom.js';
import { formatDate, formatMoment, formatRelative, onLanguageChange } from '../common/i18n.js';

const MINUTE_MS = 60_000;
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ['day', 1440],
  ['hour', 60],
  ['minute', 1],
];

/** "5 minutes ago"; from a week on the date. @param {string} iso @param {number} [now] ms since the epoch */
export function formatAgo(iso, now = Date.now()) {
  const minutes = Math.max(0, Math.floor((now - Date.parse(iso)) / MINUTE_MS));
  if (minutes >= 7 * 1440) return formatDate(iso);
  if (minutes === 0) return formatRelative(0, 'second', { numeric: 'auto' });
  const [unit, size] = UNITS.find(([, each]) => minutes >= each) ?? ['minute', 1];
  return formatRelative(-Math.floor(minutes / size), unit, { numeric: 'auto' });
}

/** A <time> that stays true. @param {string} iso @param {(iso: string, zone?: string | null) => string} [format] @param {string | null} [zone] of the session that it is of */
export function time(iso, format, zone) {
  const element = h('time', { datetime: iso });
  const draw = () => {
    element.textContent = format ? format(iso, zone) : formatAgo(iso);
    element.title = formatMoment(iso, zone);
  };
  draw();
  const timer = format ? undefined : setInterval(redraw, MINUTE_MS);
  const stop = onLanguageChange(redraw);
  function redraw() {
    if (element.isConnected) return draw();
    clearInterval(timer);
    stop();
  }
  return element;
}
