/** What guests and the couple have chosen, and the ways to take it back into an editor. */
import '../messages/choices.js';
import { button, h, icon, iconButton, toast } from '../../common/dom.js';
import { formatDate, t } from '../../common/i18n.js';
import { api } from '../api.js';
import { confirm } from '../dialog.js';
import { errorText, failure, loading } from '../states.js';
import { copyText, live } from './words.js';

/** @typedef {import('../../common/shapes.js').Answer<'ChoiceListsJson'>} Lists */
/** @typedef {import('../../common/shapes.js').Answer<'SelectionJson'>} Selection */

const BY = /** @type {const} */ (['all', 'couple', 'hearts', 'orders']);
/** What a new selection is offered with. */
const USUAL_LIMIT = 80;

/** @param {import('../pages/photo_session.js').Shared} shared */
export function createChoices({ session }) {
  const base = `/api/photo-sessions/${session.id}`;
  const element = h('div', { class: 'section choices' });

  async function read() {
    if (!element.firstChild) element.append(loading());
    try {
      draw(await api.get(`${base}/choice-lists`));
    } catch (error) {
      element.replaceChildren(failure(error, () => void read()));
    }
  }

  /** Does something, says what came of it and shows how things stand then. @param {() => Promise<unknown>} work @param {import('../../common/i18n.js').Text} [said] */
  async function act(work, said) {
    try {
      await work();
      if (said) toast(said);
      await read();
    } catch (error) {
      toast(errorText(error));
    }
  }

  /** @param {Lists} lists */
  function draw({ selection, lists }) {
    element.replaceChildren(selectionCard(selection), takeCard(), listsCard(lists));
  }

  /** @param {Selection | null} selection */
  function selectionCard(selection) {
    const limit = h('input', {
      id: 'choices-limit',
      class: 'input input-small',
      type: 'number',
      min: '1',
      max: '10000',
      inputmode: 'numeric',
      placeholder: ['choices.limit.any'],
      value: selection ? (selection.limit ?? '') : USUAL_LIMIT,
    });
    const form = h(
      'form',
      {
        class: 'choices-limit',
        onSubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          const most = limit.value.trim() === '' ? null : Number(limit.value);
          void act(() => api.put(`${base}/selection`, { limit: most }), ['choices.saved']);
        },
      },
      h('label', { for: 'choices-limit', text: ['choices.limit'] }),
      limit,
      h('button', {
        class: `button button-small ${selection ? 'button-quiet' : 'button-primary'}`,
        text: [selection ? 'choices.save' : 'choices.begin'],
      }),
    );
    return h(
      'section',
      { class: 'card', label: ['choices.selection'] },
      h('h2', { text: ['choices.selection'] }),
      h('p', { class: 'note', text: ['choices.selection.text'] }),
      ...(selection ? standing(selection) : []),
      form,
    );
  }

  /** @param {Selection} selection */
  function standing({ list_id: id, photos: n, limit, done_at: done, url }) {
    const link = h('input', {
      class: 'input input-small',
      readonly: true,
      label: ['choices.link'],
      value: url,
      onFocus: () => link.select(),
    });
    const copy = async () => toast([(await copyText(url)) ? 'choices.copied' : 'choices.copy_failed']);
    return [
      h('p', { class: 'choices-count' }, h('strong', { text: limit ? ['choices.of', { n, limit }] : ['choices.count', { n }] })),
      limit !== null && h('progress', { max: String(limit), value: String(n), label: ['choices.of', { n, limit }] }),
      done && h('p', { class: 'choices-done' }, icon('check'), h('span', { text: ['choices.done'] })),
      h(
        'div',
        { class: 'link-box' },
        link,
        button('button button-primary button-small', ['choices.copy'], () => void copy(), 'copy'),
      ),
      h(
        'div',
        { class: 'session-buttons' },
        button('button button-quiet button-small', ['choices.renew'], () => void renew(), 'undo'),
        button(
          'button button-quiet button-small button-danger-quiet',
          ['choices.remove.selection'],
          () => void removeSelection(id),
          'trash',
        ),
      ),
    ].filter(Boolean);
  }

  async function renew() {
    if (!(await confirm({ title: ['choices.renew.title'], text: ['choices.renew.text'], action: ['choices.renew'], danger: false })))
      return;
    await act(() => api.put(`${base}/selection`, { renew_link: true }), ['choices.saved']);
  }

  /** @param {string} id */
  async function removeSelection(id) {
    const title = /** @type {const} */ (['choices.remove.selection.title']);
    if (!(await confirm({ title: [...title], text: ['choices.remove.selection.text'], action: ['choices.remove.selection'] }))) return;
    await act(() => api.delete(`${base}/choice-lists/${id}`));
  }

  function takeCard() {
    const by = h(
      'select',
      { class: 'input select input-small', label: ['choices.whose'], onChange: () => aim() },
      ...BY.map((name) => h('option', { value: name === 'all' ? '' : name, text: [`choices.by.${name}`] })),
    );
    const files = /** @type {const} */ (['csv', 'xmp']).map((form) => {
      const link = h(
        'a',
        { class: 'button button-quiet button-small', download: true },
        icon('save'),
        h('span', { text: [`choices.form.${form}`] }),
      );
      return { form, link };
    });
    /** @param {string} form */
    const address = (form) => `${base}/choices/export?${new URLSearchParams({ form, ...(by.value && { by: by.value }) })}`;
    const aim = () => {
      for (const { form, link } of files) link.href = address(form);
    };
    aim();

    async function names() {
      try {
        const { choices } = await api.get(`${base}/choices${by.value && `?by=${by.value}`}`);
        const stems = [...new Set(choices.map((/** @type {{ filename: string }} */ { filename }) => filename.replace(/\.[^.]*$/, '')))];
        if (stems.length === 0) return toast(['choices.none']);
        toast((await copyText(stems.join(', '))) ? ['choices.names.copied', { n: stems.length }] : ['choices.copy_failed']);
      } catch (error) {
        toast(errorText(error));
      }
    }
    return h(
      'section',
      { class: 'card', label: ['choices.take'] },
      h('h2', { text: ['choices.take'] }),
      h('p', { class: 'note', text: ['choices.take.text'] }),
      h(
        'div',
        { class: 'session-buttons' },
        by,
        button('button button-primary button-small', ['choices.form.names'], () => void names(), 'copy'),
        ...files.map(({ link }) => link),
      ),
    );
  }

  /** @param {Lists['lists']} lists */
  function listsCard(lists) {
    return h(
      'section',
      { class: 'card', label: ['choices.lists'] },
      h('h2', { text: ['choices.lists'] }),
      lists.length === 0
        ? h('p', { class: 'note', text: ['choices.lists.none'] })
        : h(
            'ul',
            { class: 'choices-lists', role: 'list' },
            ...lists.map((list) =>
              h(
                'li',
                { class: 'choices-list' },
                h(
                  'div',
                  {},
                  list.name ? h('strong', { dir: 'auto' }, list.name) : h('strong', { text: ['choices.nameless'] }),
                  h(
                    'p',
                    { class: 'note' },
                    h('span', { text: ['choices.photos', { n: list.photos }] }),
                    ' · ',
                    live(h('span', {}), () => formatDate(list.changed_at, undefined, session.time_zone)),
                  ),
                ),
                h(
                  'div',
                  { class: 'session-buttons' },
                  h(
                    'a',
                    {
                      class: 'button button-quiet button-small',
                      download: true,
                      href: `${base}/choices/export?form=csv&list=${list.list_id}`,
                    },
                    icon('save'),
                    h('span', { text: ['choices.form.csv'] }),
                  ),
                  iconButton('', ['choices.remove'], () => void remove(list), 'trash'),
                ),
              ),
            ),
          ),
    );
  }

  /** @param {Lists['lists'][number]} list */
  async function remove({ list_id: id, name }) {
    const title = /** @type {import('../../common/i18n.js').Text} */ (['choices.remove.title', { name: name ?? t('choices.nameless') }]);
    if (!(await confirm({ title, text: ['choices.remove.text'], action: ['choices.remove'] }))) return;
    await act(() => api.delete(`${base}/choice-lists/${id}`));
  }

  return { element, shown: () => void read() };
}
