/**
 * The page's language. Texts are bound to nodes, so that switching the language rewrites them in
 * place: a running camera, a loaded gallery and the scroll position all stay. Each area of the
 * front end has a catalogue of its own for each language (`locales/LANGUAGE/pages/AREA.json`),
 * which its module waits for: `await catalogue('guest')`.
 */

/** @typedef {string} Language as BCP 47 has it: `de` */
/** @typedef {Record<string, string | number>} Params */
/** @typedef {[key: string, params?: Params]} Text */
/**
 * `{name}` is replaced by the parameter of that name; a message with a number is an object by plural
 * category (Intl.PluralRules).
 * @typedef {string | Partial<Record<Intl.LDMLPluralRule, string>>} Message
 */
/** @typedef {Record<string, Message>} Messages */

const STORAGE_KEY = 'pixora.language';
/** A catalogue that does not come is asked for again after so long. */
const RETRY_MS = [300, 1000, 3000];
/** Whole numbers below it are written by their digits alone in every language that Pixora speaks. */
const UNGROUPED = 1000;
const ROOT = new URL('../../locales/', import.meta.url);

/** Those that Pixora speaks and how each calls itself, as the server wrote them. @type {Map<Language, string>} */
const NAMES = new Map(
  (document.documentElement.dataset.languages || 'en:English')
    .split(';')
    .map((each) => /** @type {[Language, string]} */ (each.split(':'))),
);
export const LANGUAGES = [...NAMES.keys()];

/** @type {Language} */
let language = initialLanguage();
/** Of the page's language. @type {Messages} */
let messages = {};
/** The areas whose words the page has asked for, in that order. @type {Set<string>} */
const areas = new Set();
/** Catalogues that were asked for, by language and area. @type {Map<string, Promise<Messages>>} */
const catalogues = new Map();
/** @type {WeakMap<Element, Map<string, Text>>} */
const bindings = new WeakMap();
/** @type {Set<() => void>} */
const listeners = new Set();

document.documentElement.lang = language;

/** The reader's own earlier choice, else what the server took from Accept-Language. */
function initialLanguage() {
  let stored = null;
  try {
    stored = localStorage.getItem(STORAGE_KEY);
  } catch {
    /* storage is blocked in some in-app browsers; the server's choice stands */
  }
  const wanted = [stored, document.documentElement.lang].find((each) => each && LANGUAGES.includes(each));
  return wanted || 'en';
}

/** The words of an area in a language. @param {Language} of @param {string} area @returns {Promise<Messages>} */
export function load(of, area) {
  const path = `${of}/pages/${area}.json`;
  let asked = catalogues.get(path);
  if (!asked) {
    asked = fetchJson(new URL(path, ROOT));
    asked.catch(() => catalogues.delete(path));
    catalogues.set(path, asked);
  }
  return asked;
}

/** @param {URL} url @returns {Promise<Messages>} */
async function fetchJson(url) {
  for (const wait of [...RETRY_MS, null]) {
    try {
      const answer = await fetch(url);
      if (answer.ok) return await answer.json();
      throw new Error(`${url.pathname}: ${answer.status}`);
    } catch (error) {
      // A module that fails to begin is never begun again, so a short break of the line is waited out here.
      if (wait === null) throw error;
      await new Promise((done) => setTimeout(done, wait));
    }
  }
  return {};
}

/** Loads the words of an area; its module waits for them. @param {string} area */
export async function catalogue(area) {
  areas.add(area);
  let words;
  let of;
  // The language may be switched meanwhile.
  do {
    of = language;
    words = await load(of, area);
  } while (of !== language);
  Object.assign(messages, words);
}

/** Formatters that were made, by kind, locale and options: making one takes as long as some thousand uses. @type {Map<string, any>} */
const formatters = new Map();

/**
 * The formatter of a kind, made once.
 * @template Kind
 * @param {new (locale: string, options: any) => Kind} kind
 * @param {object} options
 * @param {string} [locale]
 * @returns {Kind}
 */
function kept(kind, options, locale = language) {
  const key = `${kind.name} ${locale} ${JSON.stringify(options)}`;
  let formatter = formatters.get(key);
  if (!formatter) formatters.set(key, (formatter = new kind(locale, options)));
  return formatter;
}

/** A number as it is written in the page's language. Every number of every page is written here. @param {number} value @param {Intl.NumberFormatOptions} [options] */
export function formatNumber(value, options) {
  // The first formatter of a page takes a browser as long as the rest of its first view.
  if (!options && Number.isInteger(value) && value >= 0 && value < UNGROUPED) return String(value);
  return kept(Intl.NumberFormat, options ?? {}).format(value);
}

/** How many digits stand after the decimal separator: 2 for RUB, 0 for JPY. @param {string} currency ISO 4217 */
export function minorDigits(currency) {
  return kept(Intl.NumberFormat, { style: 'currency', currency }, 'en').resolvedOptions().maximumFractionDigits ?? 2;
}

/** "in 3 days". @param {number} value @param {Intl.RelativeTimeFormatUnit} unit @param {Intl.RelativeTimeFormatOptions} [options] */
export function formatRelative(value, unit, options = {}) {
  return kept(Intl.RelativeTimeFormat, options).format(value, unit);
}

/** A language as it calls itself, for example "Deutsch". @param {Language} of */
export function languageName(of) {
  return NAMES.get(of) ?? of;
}

/** @returns {Language} */
export function currentLanguage() {
  return language;
}

/**
 * @param {string} key
 * @param {Params} [params] `n` chooses the plural form
 */
export function t(key, params = {}) {
  let message = messages[key];
  if (message === undefined) throw new Error(`no message ${key}`);
  if (typeof message !== 'string') {
    const category = kept(Intl.PluralRules, {}).select(Number(params.n));
    message = message[category] ?? message.other ?? '';
  }
  return message.replace(/\{(\w+)\}/g, (_, name) => {
    const value = params[name];
    return typeof value === 'number' ? formatNumber(value) : String(value);
  });
}

/** The zone of the session that the page shows; undefined: the reader's own. @type {string | undefined} */
let pageZone;

/** Shows times in the zone of the page's session from now on. @param {string | null | undefined} zone an IANA name */
export function showTimesIn(zone) {
  pageZone = zone ?? undefined;
}

/** The zone of this browser, as IANA names it. */
export function ownZone() {
  return kept(Intl.DateTimeFormat, {}).resolvedOptions().timeZone;
}

/**
 * A calendar date in the page's language as this reader's region writes it, for example "14 ноября 2026 г.". Every date of
 * every page is written here, so that all of them look alike.
 * @param {string | number | Date} when @param {Intl.DateTimeFormatOptions} [parts] other parts of it
 * @param {string | null} [zone] the page's, else the reader's own
 */
export function formatDate(when, parts = { dateStyle: 'long' }, zone = pageZone) {
  const date = new Date(when);
  const region = navigator.languages.find((each) => each.split('-')[0] === language) ?? language;
  return Number.isNaN(date.getTime()) ? '' : kept(Intl.DateTimeFormat, { timeZone: zone ?? undefined, ...parts }, region).format(date);
}

/** "14 November 2026 at 18:05", with the zone where the reader's clocks show something else. @param {string | number} when @param {string | null} [zone] */
export function formatMoment(when, zone = pageZone) {
  const parts = /** @type {const} */ ({ dateStyle: 'long', timeStyle: 'short' });
  const moment = formatDate(when, parts, zone);
  return !moment || !zone || wallClock(when, zone) === wallClock(when, ownZone()) ? moment : `${moment}, ${zoneName(zone, when)}`;
}

/** "Moscow Time". @param {string} zone @param {string | number} when */
function zoneName(zone, when) {
  const format = kept(Intl.DateTimeFormat, { timeZone: zone, timeZoneName: 'shortGeneric' });
  return format.formatToParts(new Date(when)).find(({ type }) => type === 'timeZoneName')?.value ?? zone;
}

/** Day and time of a zone's clocks, as `<input type="datetime-local">` has them. @param {string | number} when @param {string} zone */
export function wallClock(when, zone) {
  const options = {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  };
  const format = kept(Intl.DateTimeFormat, options, 'en-US');
  const found = Object.fromEntries(format.formatToParts(new Date(when)).map(({ type, value }) => [type, value]));
  return `${found.year.padStart(4, '0')}-${found.month}-${found.day}T${found.hour}:${found.minute}`;
}

/** The moment when a zone's clocks show this, as ISO 8601. @param {string} wall as `wallClock` writes it @param {string} zone */
export function momentOf(wall, zone) {
  const asUtc = Date.parse(`${wall.slice(0, 16)}Z`);
  const ahead = (/** @type {number} */ at) => Date.parse(`${wallClock(at, zone)}Z`) - Math.floor(at / 60_000) * 60_000;
  // The offset at the moment itself, which may be another than at the first guess.
  return new Date(asUtc - ahead(asUtc - ahead(asUtc))).toISOString();
}

/**
 * Sets an element's text (attribute '') or attribute from a message, now and on every switch.
 * @template {Element} E
 * @param {E} element
 * @param {string} attribute '' for the text content
 * @param {Text} text
 */
export function bindText(element, attribute, text) {
  const bound = bindings.get(element) ?? new Map();
  bound.set(attribute, text);
  bindings.set(element, bound);
  element.setAttribute('data-i18n', '');
  apply(element, attribute, text);
  return element;
}

/** @param {Element} element @param {string} attribute @param {Text} text */
function apply(element, attribute, [key, params]) {
  if (attribute) element.setAttribute(attribute, t(key, params));
  else element.textContent = t(key, params);
}

/** The switch that was asked for last. */
let switching = 0;

/**
 * Loads what the page says in another language, then rewrites it in place. Where the words do not come, the language stays.
 * @param {Language} next
 */
export async function setLanguage(next) {
  const turn = ++switching;
  let loaded = new Set();
  let all = {};
  // Another area may be asked for meanwhile.
  while (loaded.size < areas.size) {
    loaded = new Set(areas);
    const parts = await Promise.all([...loaded].map((area) => load(next, area)));
    all = Object.assign({}, ...parts);
  }
  if (turn !== switching) return;
  language = next;
  messages = all;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(STORAGE_KEY, next);
  } catch {
    /* the switch still holds for this page */
  }
  for (const element of document.querySelectorAll('[data-i18n]')) {
    for (const [attribute, text] of bindings.get(element) ?? []) apply(element, attribute, text);
  }
  for (const listener of listeners) listener();
}

/** Runs after each switch; for texts that are not one message, such as dates. @param {() => void} listener */
export function onLanguageChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

await catalogue('common');
