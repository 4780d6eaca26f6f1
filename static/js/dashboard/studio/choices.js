/** What guests and the couple have chosen, and the ways to take it back into an editor. */
import '../messages/choices.js';
import { button, h, icon, iconButton, toast } from '../../common/dom.js';
import { formatDate, t } from '../../common/i18n.js';
import { api } from '../api.js';
import { confirm } from '../dialog.js';
import { errorText, failure, loading } from '../states.js';
import { copyText, live, toggle } from './words.js';

/** @typedef {import('../../common/shapes.js').Answer<'ChoiceListsJson'>} Lists */
/** @typedef {import('../../common/shapes.js').Answer<'SelectionJson'>} Selection */

const BY = /** @type {const} */ (['all', 'couple', 'hearts', 'orders', 'studio']);
const FORMS = /** @type {const} */ (['csv', 'xmp']);
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
    const mayHide = toggle({
      label: ['choices.may_hide'],
      hint: ['choices.may_hide.text'],
      checked: selection?.may_hide ?? false,
      onChange: ({ checked }) => void act(() => api.put(`${base}/selection`, { may_hide: checked }), ['choices.saved']),
    });
    return h(
      'section',
      { class: 'card', label: ['choices.selection'] },
      h('h2', { text: ['choices.selection'] }),
      h('p', { class: 'note', text: ['choices.selection.text'] }),
      ...(selection ? standing(selection) : []),
      form,
      selection && mayHide.element,
      selection &&
        selection.hidden > 0 &&
        h('p', {}, h('a', { href: '#photos?filter=couple', text: ['choices.hidden', { n: selection.hidden }] })),
    );
  }

  /** @param {Selection} selection */
  function standing({ list_id: id, photos: n, thumb_urls: thumbs, limit, done_at: done, url }) {
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
      pictures(thumbs, id, n),
      n > 0 && exports({ list: id }),
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

  /** The first pictures of a list, and the way to all of them. @param {string[]} thumbs @param {string} id @param {number} n */
  function pictures(thumbs, id, n) {
    if (n === 0) return null;
    return h(
      'a',
      { class: 'choices-thumbs', href: `#photos?list=${id}`, label: ['choices.show', { n }] },
      ...thumbs.map((src) => h('img', { src, alt: '', loading: 'lazy', decoding: 'async' })),
      n > thumbs.length && h('span', { class: 'choices-more' }, `+${n - thumbs.length}`),
    );
  }

  /** What is exported is named by a query. @param {Record<string, string>} whose */
  const query = (whose) => new URLSearchParams(whose);

  /** Copies names of files as Lightroom's search takes them. @param {Record<string, string>} whose */
  async function copyNames(whose) {
    try {
      const { choices } = await api.get(`${base}/choices?${query(whose)}`);
      const stems = [...new Set(choices.map((/** @type {{ filename: string }} */ { filename }) => filename.replace(/\.[^.]*$/, '')))];
      if (stems.length === 0) return toast(['choices.none']);
      toast((await copyText(stems.join(', '))) ? ['choices.names.copied', { n: stems.length }] : ['choices.copy_failed']);
    } catch (error) {
      toast(errorText(error));
    }
  }

  /** One list as names, table and sidecars. @param {Record<string, string>} whose */
  function exports(whose) {
    return h(
      'div',
      { class: 'session-buttons' },
      button('button button-quiet button-small', ['choices.form.names'], () => void copyNames(whose), 'copy'),
      ...FORMS.map((form) =>
        h(
          'a',
          { class: 'button button-quiet button-small', download: true, href: `${base}/choices/export?${query({ form, ...whose })}` },
          icon('save'),
          h('span', { text: [`choices.form.${form}`] }),
        ),
      ),
    );
  }

  function takeCard() {
    const by = h(
      'select',
      { class: 'input select input-small', label: ['choices.whose'], onChange: () => draw() },
      ...BY.map((name) => h('option', { value: name === 'all' ? '' : name, text: [`choices.by.${name}`] })),
    );
    const place = h('div', {});
    const draw = () => place.replaceChildren(exports(by.value ? { by: by.value } : {}));
    draw();
    return h(
      'section',
      { class: 'card', label: ['choices.take'] },
      h('h2', { text: ['choices.take'] }),
      h('p', { class: 'note', text: ['choices.take.text'] }),
      by,
      place,
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
                pictures(list.thumb_urls, list.list_id, list.photos),
                h(
                  'div',
                  { class: 'session-buttons' },
                  exports({ list: list.list_id }),
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
