/** What narrows and orders the studio's list of photos. All of it stands in the page's address, so that it survives a reload. */
import { h } from '../../common/dom.js';
import { bindText } from '../../common/i18n.js';
import { filterChips } from '../chips.js';
import '../messages/narrowing.js';
import '../messages/people.js';
import { COLOURS } from './marks.js';

/** The filters of photos; their names are `photos.filter.NAME`. @type {Record<string, Record<string, string>>} */
const FILTERS = {
  all: {},
  ready: { state: 'ready', selected: 'true' },
  queued: { state: 'queued' },
  rejected: { state: 'rejected' },
  failed: { failed: 'true' },
  hidden: { state: 'ready', selected: 'false' },
  couple: { hidden_by_couple: 'true' },
  four: { state: 'ready', min_rating: '4' },
  flagged: { flagged: 'true' },
  loved: { min_hearts: '1' },
  bin: { bin: 'true' },
};
/** Orders as they stand in the address; their names are `photos.sort.NAME`. */
const SORTS = ['taken', 'taken.last', 'uploaded', 'uploaded.last', 'name', 'name.last', 'rating', 'label'];
/** Who types on is not answered yet. */
const TYPING_MS = 300;

/**
 * @typedef {object} Choosable what a session has to narrow by
 * @property {{ chapter_id: string, name: string, photos: number }[]} chapters
 * @property {number} outside
 * @property {{ name: string, photos: number }[]} credits
 */

/** @param {{ onChange: () => void }} options told when somebody narrows or orders otherwise */
export function createNarrowing({ onChange }) {
  let filter = 'all';
  /** Of one person. @type {string | null} */
  let person = null;
  /** Of one list of a guest or the couple. @type {string | null} */
  let list = null;

  const chips = filterChips({
    names: Object.keys(FILTERS),
    label: 'photos.filter',
    text: (name) => `photos.filter.${name}`,
    onChoose: (name) => {
      filter = name;
      changed();
    },
  });
  const name = words('photos.name');
  const tag = words('photos.tag');
  const company = select('photos.company', [
    pair('', 'photos.company.any'),
    ...['nobody', 'solo', 'couple', 'small_group', 'group'].map((each) => pair(each, `photos.company.${each}`)),
  ]);
  const sort = select(
    'photos.sort',
    SORTS.map((each) => pair(each, `photos.sort.${each}`)),
  );
  const label = select('photos.label', [
    pair('', 'photos.label.any'),
    ...COLOURS.map((each) => pair(each[0].toUpperCase() + each.slice(1), `marks.${each}`)),
  ]);
  const chapter = select('photos.chapter', [pair('', 'photos.chapter.any')]);
  const credit = select('photos.credit', [pair('', 'photos.credit.any')]);
  chapter.hidden = credit.hidden = true;
  const onePerson = h(
    'p',
    { class: 'note one-person', hidden: true },
    h('span', { text: ['photos.of_person'] }),
    ' · ',
    h('a', { href: '#photos', text: ['photos.of_all'] }),
  );
  const oneList = h(
    'p',
    { class: 'note one-person', hidden: true },
    h('span', { text: ['photos.of_list'] }),
    ' · ',
    h('a', { href: '#photos', text: ['photos.of_all'] }),
  );
  const fields = { name, tag, company, label, chapter, credit, sort };

  /** @param {string} key */
  function words(key) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let typing;
    return h('input', {
      class: 'input input-small photos-tag',
      type: 'search',
      placeholder: [key],
      label: [key],
      autocomplete: 'off',
      onInput: () => {
        clearTimeout(typing);
        typing = setTimeout(changed, TYPING_MS);
      },
    });
  }

  /** @param {string} label @param {[string, string][]} options values and their messages */
  function select(label, options) {
    return h(
      'select',
      { class: 'input select input-small', label: [label], onChange: changed },
      ...options.map(([value, key]) => h('option', { value, text: [key] })),
    );
  }

  /** The query of the server's list. @returns {Record<string, string>} */
  function filters() {
    return {
      ...FILTERS[filter],
      ...(name.value.trim() && { name: name.value.trim() }),
      ...(tag.value.trim() && { tag: tag.value.trim() }),
      ...(company.value && { company: company.value }),
      ...(label.value && { label: label.value }),
      ...(chapter.value && { chapter: chapter.value }),
      ...(credit.value && { credit: credit.value }),
      ...(person && { person }),
      ...(list && { list }),
    };
  }

  /** @returns {Record<string, string>} */
  function order() {
    const [by, descending] = sort.value.split('.');
    return { ...(by !== 'taken' && { sort: by }), ...(descending !== undefined && { descending: 'true' }) };
  }

  function drawChips() {
    chips.mark(filter);
    onePerson.hidden = person === null;
    oneList.hidden = list === null;
  }

  /** What is chosen, as the address has it. */
  function written() {
    const all = new URLSearchParams();
    if (filter !== 'all') all.set('filter', filter);
    for (const [key, field] of Object.entries(fields)) {
      const value = field.value.trim();
      if (value && !(key === 'sort' && value === SORTS[0])) all.set(key, value);
    }
    if (person) all.set('person', person);
    if (list) all.set('list', list);
    return all.toString();
  }

  function changed() {
    drawChips();
    const query = written();
    const address = `#photos${query && `?${query}`}`;
    history.replaceState(history.state, '', address);
    // Whoever comes back from another part of the page finds the list as it was.
    document.querySelector('a.tab[href^="#photos"]')?.setAttribute('href', address);
    onChange();
  }

  /** A choice that the list does not know yet is kept until it is filled. @param {HTMLSelectElement} field @param {string} value */
  function choose(field, value) {
    if (value && ![...field.options].some((option) => option.value === value)) field.append(h('option', { value }, value));
    field.value = value;
  }

  /** @param {HTMLSelectElement} field @param {[string, string][]} options @param {number} least so many make a choice */
  function fill(field, options, least) {
    const before = field.value;
    while (field.options.length > 1) field.options[1].remove();
    field.append(...options.map(([value, text]) => h('option', { value }, text)));
    choose(field, before);
    field.hidden = options.length < least && !before;
  }

  drawChips();
  return {
    chips: chips.element,
    controls: h('div', { class: 'photos-narrow' }, name, tag, company, label, chapter, credit, sort),
    onePerson,
    oneList,
    filters,
    order,
    get isBin() {
      return filter === 'bin';
    },
    get isRejected() {
      return filter === 'rejected';
    },
    /** The hours of the scrubber are those of the shots. */
    get isByTime() {
      return sort.value.startsWith('taken');
    },
    isNarrowed: () => Object.keys(filters()).length > 0,
    /** Takes what the address says. @returns {boolean} whether that is something else than before */
    read() {
      const before = written();
      const wanted = new URLSearchParams(location.hash.split('?')[1] ?? '');
      const asked = wanted.get('filter') ?? 'all';
      filter = asked in FILTERS ? asked : 'all';
      person = wanted.get('person');
      list = wanted.get('list');
      name.value = wanted.get('name') ?? '';
      tag.value = wanted.get('tag') ?? '';
      for (const key of /** @type {const} */ (['company', 'label', 'chapter', 'credit'])) choose(fields[key], wanted.get(key) ?? '');
      const order = wanted.get('sort') ?? '';
      sort.value = SORTS.includes(order) ? order : SORTS[0];
      drawChips();
      return written() !== before;
    },
    /** @param {number} n photos in the bin */
    setBin(n) {
      const chip = /** @type {HTMLElement} */ (chips.chips.get('bin'));
      chip.hidden = n === 0 && filter !== 'bin';
      bindText(/** @type {HTMLElement} */ (chip.firstChild), '', n > 0 ? ['photos.filter.bin.count', { n }] : ['photos.filter.bin']);
    },
    /** @param {Choosable} choosable @param {string} none how photos without a chapter are called */
    setChoosable({ chapters, outside, credits }, none) {
      const named = chapters.map(({ chapter_id, name, photos }) => pair(chapter_id, `${name} (${photos})`));
      if (named.length > 0 && outside > 0) named.push(pair('none', `${none} (${outside})`));
      fill(chapter, named, 1);
      fill(
        credit,
        credits.map(({ name, photos }) => pair(name, `${name} (${photos})`)),
        2,
      );
    },
  };
}

/** A value of a choice and its words. @param {string} value @param {string} text @returns {[string, string]} */
function pair(value, text) {
  return [value, text];
}
