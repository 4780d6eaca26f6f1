/** The codes of a session: one for each table or entrance, each counted apart, and the sheet of cards with them. */
import { button, h, icon, iconButton, toast } from '../../common/dom.js';
import { LANGUAGES, currentLanguage, languageName, t } from '../../common/i18n.js';
import { api } from '../api.js';
import { confirm } from '../dialog.js';
import { errorText } from '../states.js';
import { field } from './words.js';

/** @typedef {import('../../common/shapes.js').Answer<'LinkJson'>} Link */

const DESIGNS = ['classic', 'cover', 'small'];

/**
 * @param {import('./types.js').PhotoSession} session
 * @param {(link: Link | null) => void} chosen is told which code is shown; null until it is known
 */
export function createLinks(session, chosen) {
  const path = `/api/photo-sessions/${session.id}/links`;
  /** @type {Link[]} */
  let links = [];
  /** @type {string | null} */
  let current = null;
  const list = h('ul', { class: 'links' });
  const label = h('input', { class: 'input', maxlength: 60, autocomplete: 'off', placeholder: ['links.label.example'] });
  const labelField = field({ label: ['links.label'], control: label });
  const form = h(
    'form',
    { class: 'links-form', onSubmit: (/** @type {Event} */ event) => void add(event) },
    labelField.element,
    h('button', { class: 'button button-quiet' }, icon('plus'), h('span', { text: ['links.add'] })),
  );

  /** The name of a code. @param {Link} link */
  const named = (link) => link.label || t('links.own');

  /** @param {Link} link */
  function row(link) {
    const radio = h('input', {
      type: 'radio',
      name: 'shown-link',
      class: 'link-radio',
      checked: link.code === current,
      onChange: () => choose(link.code),
    });
    return h(
      'li',
      { class: 'link-row' },
      h(
        'label',
        { class: 'link-choice' },
        radio,
        h('span', { class: 'link-name', ...(link.label ? {} : { text: ['links.own'] }) }, link.label),
        h('span', { class: 'note', text: ['links.visits', { n: link.visits }] }),
      ),
      link.label && iconButton('', ['links.remove', { label: link.label }], () => void remove(link), 'trash'),
    );
  }

  function draw() {
    list.replaceChildren(...links.map(row));
    const shown = links.find(({ code }) => code === current) ?? null;
    chosen(shown);
  }

  /** @param {string} code */
  function choose(code) {
    current = code;
    chosen(links.find((link) => link.code === code) ?? null);
  }

  async function read() {
    try {
      ({ links } = await api.get(path));
      if (!links.some(({ code }) => code === current)) current = links.find((link) => !link.label)?.code ?? null;
      draw();
    } catch (error) {
      toast(errorText(error));
    }
  }

  /** @param {Event} event */
  async function add(event) {
    event.preventDefault();
    labelField.fail('');
    try {
      current = (await api.post(path, { label: label.value.trim() })).code;
      label.value = '';
      await read();
    } catch (error) {
      labelField.fail(errorText(error));
    }
  }

  /** @param {Link} link */
  async function remove(link) {
    const words = { label: named(link) };
    const sure = await confirm({ title: ['links.remove.title', words], text: ['links.remove.text'], action: ['links.remove.yes'] });
    if (!sure) return;
    try {
      await api.delete(`${path}/${link.code}`);
      await read();
    } catch (error) {
      toast(errorText(error));
    }
  }

  const element = h(
    'section',
    { class: 'card links-card', label: ['links.title'] },
    h('h2', { text: ['links.title'] }),
    h('p', { class: 'note', text: ['links.text'] }),
    list,
    form,
    createSheet(session, () => current).element,
  );
  return { element, read };
}

/** @param {string} name @param {string[]} words @param {string} value */
function choice(name, words, value) {
  const select = h('select', { class: 'input select' }, ...words.map((word) => h('option', { value: word, text: [`${name}.${word}`] })));
  select.value = value;
  return select;
}

/** Many cards on one sheet. @param {import('./types.js').PhotoSession} session @param {() => string | null} current the code that is shown */
function createSheet(session, current) {
  const design = choice('sheet.design', DESIGNS, 'classic');
  const which = choice('sheet.which', ['this', 'all'], 'this');
  const names = LANGUAGES.map((each) => h('option', { value: each }, languageName(each)));
  const language = h('select', { class: 'input select' }, ...names);
  language.value = currentLanguage();
  const element = h(
    'details',
    { class: 'terms' },
    h('summary', { text: ['sheet.title'] }),
    h(
      'div',
      { class: 'form' },
      field({ label: ['sheet.design'], control: design }).element,
      field({ label: ['sheet.which'], control: which }).element,
      field({ label: ['sheet.language'], control: language }).element,
      button('button button-primary', ['sheet.get'], () => void get(), 'save'),
    ),
  );

  /** Asked for first, so that what is wrong is said here and not on a page of its own. */
  async function get() {
    const link = which.value === 'all' ? 'all' : current();
    const query = new URLSearchParams({ design: design.value, language: language.value, ...(link && { link }) });
    const url = `/api/photo-sessions/${session.id}/cards.pdf?${query}`;
    if (design.value === 'cover' && !session.cover_photo_id) return toast(['sheet.no_cover']);
    const anchor = h('a', { href: url, download: true });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
  }

  return { element };
}
