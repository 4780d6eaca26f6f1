/** The chapters of a session: added, named, given a start, moved and removed in one dialog, and saved together. */
import { button, h, iconButton, toast } from '../../common/dom.js';
import { t } from '../../common/i18n.js';
import '../messages/narrowing.js';
import { api } from '../api.js';
import { openDialog } from '../dialog.js';
import { errorText, failure, loading } from '../states.js';
import { live } from './words.js';

/** @typedef {import('../../common/shapes.js').Answer<'ManagedChapters'>} Chapters */
/** @typedef {{ chapter_id?: string, name: string, starts_at: string | null, photos?: number }} Draft */

/** @param {string} sessionId @param {(chapters: Chapters) => void} changed */
export function openChapters(sessionId, changed) {
  const path = `/api/photo-sessions/${sessionId}/chapters`;
  const body = h('div', { class: 'chapters' }, loading());
  const dialog = openDialog({
    title: ['chapters.title'],
    className: 'dialog-wide',
    loses: true,
    content: [h('p', { class: 'note', text: ['chapters.text'] }), body],
  });

  /** @param {Chapters} chapters */
  function draw(chapters) {
    /** @type {Draft[]} */
    let drafts = chapters.chapters.map((chapter) => ({ ...chapter }));
    const list = h('ol', { class: 'chapter-list' });
    const none = h('p', { class: 'state', text: ['chapters.none'] });

    /** Draws the list again, with the focus on this control. @param {string} [focus] */
    function redraw(focus) {
      list.replaceChildren(...drafts.map((draft, index) => row(draft, index, drafts.length, { move, remove })));
      none.hidden = drafts.length > 0;
      suggest.hidden = chapters.suggested.length < 2;
      if (focus) /** @type {HTMLElement | null} */ (list.querySelector(focus))?.focus();
    }

    /** @param {number} index @param {number} step */
    function move(index, step) {
      const [moved] = drafts.splice(index, 1);
      drafts.splice(index + step, 0, moved);
      redraw(`[data-move="${index + step}:${step}"]:not(:disabled), [data-name="${index + step}"]`);
    }

    /** @param {number} index */
    function remove(index) {
      drafts.splice(index, 1);
      redraw(`[data-name="${Math.min(index, drafts.length - 1)}"]`);
      if (drafts.length === 0) add.focus();
    }

    const add = button(
      'button button-quiet button-small',
      ['chapters.add'],
      () => {
        drafts.push({ name: '', starts_at: null });
        redraw(`[data-name="${drafts.length - 1}"]`);
      },
      'plus',
    );
    const suggest = button(
      'button button-quiet button-small',
      ['chapters.suggest'],
      () => {
        const taken = new Set(drafts.map((draft) => draft.starts_at));
        const more = chapters.suggested.filter(({ starts_at: at }) => !taken.has(at));
        drafts = [
          ...drafts,
          ...more.map(({ starts_at, photos }, i) => ({ name: t('chapters.suggested', { i: drafts.length + i + 1 }), starts_at, photos })),
        ].sort((a, b) => (a.starts_at ?? '').localeCompare(b.starts_at ?? ''));
        redraw('[data-name="0"]');
      },
      'clock',
    );

    async function save() {
      if (drafts.some((draft) => !draft.name.trim())) return toast(['chapters.nameless']);
      const wanted = drafts.map(({ chapter_id, name, starts_at }) => ({ ...(chapter_id && { chapter_id }), name, starts_at }));
      try {
        changed(await api.put(path, { chapters: wanted }));
        toast(['chapters.saved']);
        dialog.close();
      } catch (error) {
        toast(errorText(error));
      }
    }

    body.replaceChildren(
      none,
      list,
      h(
        'div',
        { class: 'dialog-actions' },
        add,
        suggest,
        button('button button-primary button-small', ['chapters.save'], () => void save(), 'check'),
      ),
    );
    redraw();
  }

  function load() {
    api.get(path).then(draw, (error) => body.replaceChildren(failure(error, load)));
  }
  load();
}

/**
 * @param {Draft} draft @param {number} index @param {number} all
 * @param {{ move: (index: number, step: number) => void, remove: (index: number) => void }} on
 */
function row(draft, index, all, { move, remove }) {
  const i = index + 1;
  const name = h('input', {
    class: 'input',
    type: 'text',
    maxlength: '80',
    value: draft.name,
    label: ['chapters.name', { i }],
    placeholder: ['chapters.name.placeholder'],
    'data-name': String(index),
    onInput: () => {
      draft.name = name.value;
    },
  });
  const start = h('input', {
    class: 'input',
    type: 'datetime-local',
    value: draft.starts_at?.slice(0, 16) ?? '',
    label: ['chapters.start', { i }],
    onInput: () => {
      draft.starts_at = start.value || null;
    },
  });
  const step = (/** @type {number} */ by, /** @type {string} */ key, /** @type {string} */ className) => {
    const control = iconButton(className, [key, { i }], () => move(index, by), 'down');
    control.dataset.move = `${index}:${by}`;
    control.disabled = index + by < 0 || index + by >= all;
    return control;
  };
  return h(
    'li',
    { class: 'chapter-row' },
    name,
    start,
    live(h('p', { class: 'note' }), () => (draft.photos === undefined ? '' : t('photos.count', { n: draft.photos }))),
    h(
      'span',
      { class: 'chapter-steps' },
      step(-1, 'chapters.up', 'is-turned'),
      step(1, 'chapters.down', ''),
      iconButton('', ['chapters.remove', { i }], () => remove(index), 'trash'),
    ),
  );
}
