/** Chapters of the day, photographers and the order of the gallery; loaded with the gallery, behind its first photos. */
import { button, h } from '../common/dom.js';
import { loadStyles } from '../common/styles.js';
import './narrow_messages.js';

/**
 * @param {import('./types.js').App} app
 * @param {(change: Partial<import('./api.js').Narrowed>) => void} choose
 */
export function createNarrow(app, choose) {
  const { narrowed } = app.feed;
  const chapters = h('div', { class: 'chapter-chips', role: 'group', label: ['narrow.chapters'], hidden: true });
  const credits = h('select', {
    class: 'narrow-credit',
    label: ['narrow.credit'],
    hidden: true,
    onChange: () => choose({ credit: credits.value || null }),
  });
  const order = button(
    'button button-quiet button-small',
    [narrowed.descending ? 'narrow.first' : 'narrow.last'],
    () => choose({ descending: !narrowed.descending }),
    'clock',
  );
  const element = h('div', { class: 'narrow' }, chapters, h('div', { class: 'narrow-more' }, credits, order));

  /** @param {string | null} id @param {...import('../common/dom.js').Child} words */
  function chip(id, ...words) {
    return h(
      'button',
      {
        type: 'button',
        class: 'chapter-chip',
        'aria-pressed': String((narrowed.chapter ?? null) === id),
        onClick: () => choose({ chapter: id }),
      },
      ...words,
    );
  }

  async function load() {
    await loadStyles('narrow');
    const found = await app.api.chapters();
    const count = (/** @type {number} */ photos) => h('span', { class: 'chip-count' }, String(photos));
    chapters.replaceChildren(
      chip(null, h('span', { text: ['narrow.all'] })),
      ...found.chapters.map(({ chapter_id: id, name, photos }) => chip(id, h('span', {}, name), ' ', count(photos))),
    );
    chapters.hidden = found.chapters.length === 0;
    credits.replaceChildren(
      h('option', { value: '', text: ['narrow.credit.any'] }),
      ...found.credits.map(({ name }) => h('option', { value: name, text: ['narrow.credit.of', { name }] })),
    );
    credits.value = narrowed.credit ?? '';
    credits.hidden = found.credits.length < 2 && !narrowed.credit;
  }

  return { element, load };
}

/**
 * The parts of the day in which a guest was found.
 * @param {import('./types.js').App} app @param {import('./types.js').Photo[]} photos
 * @param {(photos: import('./types.js').Photo[]) => void} show
 */
export async function chaptersOf(app, photos, show) {
  await loadStyles('narrow');
  const { chapters } = await app.api.chapters();
  const element = h('div', { class: 'narrow chapter-chips', role: 'group', label: ['narrow.chapters'] });
  /** @param {string | null} id @param {import('./types.js').Photo[]} of @param {...import('../common/dom.js').Child} words */
  const chip = (id, of, ...words) =>
    h(
      'button',
      {
        type: 'button',
        class: 'chapter-chip',
        'data-id': id ?? '',
        'aria-pressed': String(id === null),
        onClick: () => {
          show(of);
          for (const each of element.children)
            each.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (each).dataset.id === (id ?? '')));
        },
      },
      ...words,
    );
  const found = chapters.map(({ chapter_id: id, name }) => ({ id, name, of: photos.filter((photo) => photo.chapter_id === id) }));
  element.append(
    chip(null, photos, h('span', { text: ['narrow.all'] })),
    ...found
      .filter(({ of }) => of.length > 0)
      .map(({ id, name, of }) => chip(id, of, h('span', {}, name), ' ', h('span', { class: 'chip-count' }, String(of.length)))),
  );
  return element;
}
