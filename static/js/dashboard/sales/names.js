/** A name in every language that Pixora speaks. The reader's own stands open, the others wait behind a summary. */
import { h } from '../../common/dom.js';
import { LANGUAGES, currentLanguage, languageName, t } from '../../common/i18n.js';
import { field } from '../studio/words.js';

/** @typedef {Record<string, string>} Names by language */

/**
 * What a studio has written. The server answers every language, with what is read instead where nobody wrote it, and does not
 * keep such a text. A field of another language that would show one is empty here and shows it as its placeholder, so that
 * it follows when the text is changed.
 * @param {Names} name @param {string} own the reader's language @returns {Names}
 */
function written(name, own) {
  const isOne = new Set(Object.values(name)).size === 1;
  const kept = LANGUAGES.filter((language) => language === own || (!isOne && (language === 'en' || name[language] !== name.en)));
  return Object.fromEntries(kept.map((language) => [language, name[language] ?? '']));
}

/** @param {{ name: Names, onInput: () => void }} options */
export function namesFields({ name, onInput }) {
  const own = currentLanguage();
  const texts = written(name, own);
  const inputs = [own, ...LANGUAGES.filter((language) => language !== own)].map((language) =>
    h('input', {
      class: 'input',
      type: 'text',
      maxlength: 100,
      lang: language,
      name: language,
      required: language === own,
      value: texts[language] ?? '',
      onInput: changed,
    }),
  );
  const fields = inputs.map((control) => field({ label: ['names.name', { language: languageName(control.name) }], control }));
  const [first, ...rest] = fields;
  const others = h(
    'details',
    { class: 'names-others', hidden: rest.length === 0 },
    h('summary', { text: ['names.others'] }),
    h('div', { class: 'price-fields' }, ...rest.map((each) => each.element)),
  );
  drawPlaceholders();

  /** What is read in a language in which nothing is written. */
  function usual() {
    const english = inputs.find((input) => input.name === 'en');
    return english?.value.trim() || inputs.map((input) => input.value.trim()).find(Boolean) || '';
  }

  function drawPlaceholders() {
    for (const input of inputs) input.placeholder = usual();
  }

  function changed() {
    drawPlaceholders();
    onInput();
  }

  return {
    /** In the reader's language. */
    element: first.element,
    /** In the others. */
    others,
    /** @returns {Names} as it is written now */
    read: () => Object.fromEntries(inputs.filter((input) => input.value.trim()).map((input) => [input.name, input.value.trim()])),
    /** What the reader reads. */
    shown: () => inputs[0].value.trim() || usual(),
    /** Says beside the field what is wrong. */
    check: () => first.fail(usual() ? '' : t('names.empty')),
    /** @param {string} words */
    fail: (words) => first.fail(words),
    focus: () => inputs[0].focus(),
  };
}
