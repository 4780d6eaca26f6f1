/** The words that guests agree to: Pixora's, or the studio's own. A changed text asks again. */
import { button, h, toast } from '../../common/dom.js';
import { LANGUAGES, formatMoment, languageName } from '../../common/i18n.js';
import { api } from '../api.js';
import { confirm } from '../dialog.js';
import { errorText, failure, loading } from '../states.js';
import { field } from '../studio/words.js';
import { time } from '../time.js';

/** @typedef {import('../../common/shapes.js').Answer<'StudioText'>} StudioText */

const LONGEST = 3500;
/** A studio writes its own words in these at least. */
const REQUIRED = ['ru', 'en'];

/** @param {string} language @returns {import('../../common/i18n.js').Text} */
const nameOf = (language) => ['language.name', { name: languageName(language) }];

/** @param {HTMLTextAreaElement} control @param {number} place @returns {import('../../common/i18n.js').Text | undefined} */
function hintOf(control, place) {
  if (place === 0) return ['privacy.text.hint'];
  return control.required ? undefined : ['privacy.text.optional'];
}

/** @param {string} path of the studio's texts */
export function consentTexts(path) {
  const body = h('div', { class: 'text-list' });
  const element = h(
    'section',
    { class: 'card privacy-card', label: ['privacy.texts'] },
    h('h2', { text: ['privacy.texts'] }),
    h('p', { class: 'note', text: ['privacy.texts.lead'] }),
    body,
  );

  async function load() {
    body.replaceChildren(loading());
    try {
      const { texts } = /** @type {{ texts: StudioText[] }} */ (await api.get(path));
      body.replaceChildren(...texts.map((text) => h('details', { class: 'consent-edit' }, ...editor(text))));
    } catch (error) {
      body.replaceChildren(failure(error, () => void load()));
    }
  }

  /** @param {StudioText} current @returns {HTMLElement[]} */
  function editor(current) {
    const { purpose } = current;
    const inputs = LANGUAGES.map((language) =>
      h('textarea', { class: 'input', rows: 9, maxlength: LONGEST, required: REQUIRED.includes(language), lang: language, name: language }),
    );
    const failed = h('p', { class: 'field-error', role: 'alert' });
    const version = h('p', { class: 'note' });
    const submit = h('button', { class: 'button button-primary button-small', type: 'submit', text: ['privacy.text.save'] });
    const reset = button('button button-quiet button-small', ['privacy.text.reset'], () => void put(null));
    const versions = h('div', { class: 'text-versions' });

    /** @param {StudioText} text */
    function draw(text) {
      inputs.forEach((input, i) => (input.value = text.text[LANGUAGES[i]] ?? ''));
      version.replaceChildren(
        h('span', { text: [text.since ? 'privacy.text.own' : 'privacy.text.ours', { version: text.version }] }),
        ...(text.since ? [' ', time(text.since, formatMoment)] : []),
      );
      reset.hidden = !text.since;
    }

    /** @param {Record<string, string> | null} text */
    async function put(text) {
      failed.textContent = '';
      const sure = await confirm({ title: ['privacy.text.change'], text: ['privacy.text.change.text'], action: ['privacy.text.save'] });
      if (!sure) return;
      submit.disabled = true;
      try {
        const url = `${path}/${purpose}`;
        draw(/** @type {StudioText} */ (text ? await api.put(url, { text }) : await api.delete(url)));
        versions.replaceChildren();
        toast(['privacy.text.saved']);
      } catch (error) {
        failed.textContent = errorText(error);
      } finally {
        submit.disabled = false;
      }
    }

    async function showVersions() {
      try {
        const { texts } = /** @type {{ texts: StudioText[] }} */ (await api.get(`${path}/${purpose}`));
        versions.replaceChildren(
          ...texts.map((text) =>
            h(
              'details',
              { class: 'text-version' },
              h(
                'summary',
                {},
                text.version,
                ' ',
                text.is_current && h('span', { class: 'badge badge-good', text: ['privacy.text.current'] }),
                ...(text.since ? [' ', time(text.since, formatMoment)] : []),
              ),
              ...Object.entries(text.text).map(([language, words]) => h('p', { class: 'text-body', lang: language }, words)),
            ),
          ),
        );
      } catch (error) {
        toast(errorText(error));
      }
    }

    draw(current);
    return [
      h('summary', { text: [`privacy.purpose.${purpose}`] }),
      h(
        'form',
        {
          class: 'form',
          onSubmit: (/** @type {Event} */ event) => {
            event.preventDefault();
            const written = inputs.filter((input) => input.required || input.value.trim());
            void put(Object.fromEntries(written.map((input) => [input.name, input.value])));
          },
        },
        version,
        ...inputs.map((control, i) => field({ label: nameOf(control.name), control, hint: hintOf(control, i) }).element),
        failed,
        h(
          'div',
          { class: 'session-buttons' },
          submit,
          reset,
          button('link-button', ['privacy.text.versions'], () => void showVersions()),
        ),
        versions,
      ),
    ];
  }

  return { element, load };
}
