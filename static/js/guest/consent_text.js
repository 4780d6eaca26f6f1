/** The words that a guest agrees to, as the server has them: Pixora's own or the studio's. */
import { h, icon } from '../common/dom.js';
import { currentLanguage, onLanguageChange } from '../common/i18n.js';

/** @typedef {import('../common/shapes.js').Answer<'AskedText'>} AskedText */

/** Beside the paragraphs of Pixora's own text on a search, in their order. */
const ICONS = ['face', 'clock', 'eyeoff', 'undo'];

/** @type {Map<string, Promise<AskedText[]>>} */
const texts = new Map();

/** What guests are asked to agree to for a purpose now. @param {import('./types.js').App} app @param {'match' | 'guardian' | 'hiding' | 'news' | 'sharing' | 'commenting'} purpose */
export async function askedText(app, purpose) {
  const asked = texts.get(app.session.id) ?? app.api.consentTexts().then((answer) => answer.texts);
  texts.set(app.session.id, asked);
  try {
    const text = (await asked).find((text) => text.purpose === purpose);
    if (text) return text;
  } catch (error) {
    texts.delete(app.session.id);
    throw error;
  }
  throw new Error(`no text for ${purpose}`);
}

/** Has the texts asked for anew: one of them has changed. @param {import('./types.js').App} app */
export function textsChanged(app) {
  texts.delete(app.session.id);
}

/**
 * Shows a text, in the language of the page.
 * @param {import('./types.js').App} app
 * @param {'match' | 'guardian' | 'hiding' | 'news' | 'sharing' | 'commenting'} purpose
 */
export function shownText(app, purpose) {
  const element = h('div', { class: 'consent-text', 'aria-busy': 'true' });
  let shown = false;

  async function draw() {
    try {
      element.replaceChildren(consentWords(await askedText(app, purpose)));
      shown = true;
    } catch {
      element.replaceChildren(h('p', { class: 'field-error', role: 'alert', text: ['consent.unread'] }));
      shown = false;
    }
    element.removeAttribute('aria-busy');
  }

  void draw();
  const dispose = onLanguageChange(() => void draw());
  return { element, draw, dispose, isShown: () => shown };
}

/**
 * Says why a yes was not taken; where the text has changed, it is shown anew.
 * @param {import('./types.js').App} app @param {unknown} failure
 * @param {ReturnType<typeof shownText>} words @param {Element} error where it is said
 */
export function sayRefused(app, failure, words, error) {
  const problem = /** @type {import('./api.js').ApiError} */ (failure);
  if (problem.status === 404) return app.fail(problem.code);
  const changed = problem.code === 'consent_outdated';
  if (changed) {
    textsChanged(app);
    void words.draw();
  }
  error.append(h('span', { text: [changed ? 'consent.changed' : 'consent.failed'] }));
}

/** The paragraphs of a text; those with a title as facts. @param {AskedText} text */
function consentWords(text) {
  // A studio's own text may not be in the reader's language; the server takes the next one in the same order.
  const language = [currentLanguage(), 'en', ...Object.keys(text.text)].find((each) => text.text[each]) ?? 'en';
  const paragraphs = (text.text[language] ?? '').split(/\n\s*\n/).map((paragraph) => paragraph.trim().split('\n'));
  const plain = paragraphs.filter((lines) => lines.length === 1);
  const titled = paragraphs.filter((lines) => lines.length > 1);
  const own = text.purpose === 'match' && !text.version.startsWith('studio-');
  const fact = (/** @type {string[]} */ [title, ...rest], /** @type {number} */ i) =>
    h('div', { class: 'fact' }, own ? icon(ICONS[i] ?? 'face') : null, h('dt', {}, title), h('dd', {}, rest.join(' ')));
  return h(
    'div',
    { class: 'consent-words', lang: language },
    ...plain.map(([words]) => h('p', { class: 'lead' }, words)),
    titled.length > 0 && h('dl', { class: own ? 'facts' : 'facts facts-plain' }, ...titled.map(fact)),
  );
}

/** The way to the guest's record. @param {string} code */
export function recordOf(code) {
  return h(
    'div',
    { class: 'consent-record' },
    h('p', { class: 'note', text: ['privacy.record.note'] }),
    h('p', {}, h('code', { class: 'hide-code' }, code)),
    h('a', {
      class: 'button button-quiet button-wide',
      href: `/api/consents/${encodeURIComponent(code)}`,
      download: 'pixora-consents.json',
      text: ['privacy.record'],
    }),
  );
}
