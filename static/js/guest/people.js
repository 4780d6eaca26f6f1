/** People to filter the gallery by, where the photographer shows them: a face, and a name or a number. */
import { h } from '../common/dom.js';
import { faceOf } from '../common/face.js';
import { t } from '../common/i18n.js';
import { loadStyles } from '../common/styles.js';

/** @typedef {import('../common/shapes.js').Answer<'GalleryPerson'>} Person */

/**
 * @param {import('./types.js').App} app
 * @param {(person: string | null) => void} choose
 */
export function createPeopleStrip(app, choose) {
  const list = h('ul', { class: 'people-strip', role: 'list', label: ['people'], hidden: true });

  /** @param {Person} person */
  function item(person) {
    const name = person.name ?? t('people.number', { n: person.number });
    return h(
      'li',
      {},
      h(
        'button',
        {
          type: 'button',
          class: 'strip-person',
          'aria-pressed': String(app.feed.narrowed.person === person.person_id),
          onClick: () => {
            const next = app.feed.narrowed.person === person.person_id ? null : person.person_id;
            choose(next);
            for (const each of list.querySelectorAll('button')) each.setAttribute('aria-pressed', String(each.dataset.id === next));
          },
          'data-id': person.person_id,
        },
        faceOf(person.portrait, person.portrait.box),
        h('span', { class: 'strip-name' }, name),
      ),
    );
  }

  async function load() {
    try {
      await loadStyles('people');
      const { people } = await app.api.people();
      list.replaceChildren(...people.map(item));
      list.hidden = people.length === 0;
    } catch {
      // Without the strip the gallery is whole.
      list.hidden = true;
    }
  }

  return { element: list, load };
}
