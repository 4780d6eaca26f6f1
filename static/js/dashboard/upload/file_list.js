/** The rows of the upload: one file each, with its progress and what can be done about it. */
import { h, icon } from '../../common/dom.js';
import { currentLanguage, formatNumber, t } from '../../common/i18n.js';
import { filterChips } from '../chips.js';
import { formatBytes } from '../studio/words.js';
import { isOver } from './queue.js';
import { reasonKey } from './reasons.js';
import { createVirtualList } from './virtual_list.js';

/** @typedef {import('./types.js').Entry} Entry */
/** @typedef {import('./queue.js').UploadQueue} UploadQueue */

/** As `.upload-row` in upload.css. */
const ROW_HEIGHT = 56;

/** The filters of rows; their names are `filter.NAME`. @type {Record<string, (entry: Entry) => boolean>} */
const FILTERS = {
  all: () => true,
  open: (entry) => !isOver(entry),
  problems: (entry) => entry.state === 'rejected' || entry.state === 'refused' || entry.state === 'failed',
};

/** The outcome of a file, in the reader's language. @param {Entry} entry */
export function outcome(entry) {
  const result =
    entry.state === 'stored' || entry.state === 'duplicate'
      ? t(`entry.${entry.state}${entry.indexed ? '' : '.preparing'}`)
      : t(`entry.${entry.state}`);
  return { result, reason: entry.code ? t(reasonKey(entry.code), { code: entry.code }) : '' };
}

/** @param {UploadQueue} queue */
export function createFileList(queue) {
  let filter = 'all';
  const list = createVirtualList({
    rowHeight: ROW_HEIGHT,
    label: ['files.title'],
    makeRow: (/** @type {Entry} */ entry) => makeRow(queue, entry),
  });
  const chips = filterChips({
    names: Object.keys(FILTERS),
    label: 'files.filter',
    text: (name) => `filter.${name}`,
    onChoose: (name) => {
      filter = name;
      draw();
    },
    more: () => [h('span', { class: 'chip-count' })],
  });
  const nothing = h('p', { class: 'state', text: ['files.none'], hidden: true });

  function draw() {
    chips.mark(filter);
    for (const [name, chip] of chips.chips)
      /** @type {Element} */ (chip.lastChild).textContent = formatNumber(queue.entries.filter(FILTERS[name]).length);
    const shown = queue.entries.filter(FILTERS[filter]);
    nothing.hidden = shown.length > 0;
    list.element.hidden = shown.length === 0;
    list.show(shown);
  }

  return {
    element: h(
      'section',
      { class: 'section', label: ['files.title'] },
      h('div', { class: 'section-head' }, h('h2', { text: ['files.title'] }), chips.element),
      list.element,
      nothing,
    ),
    draw,
  };
}

/** @param {UploadQueue} queue @param {Entry} entry */
function makeRow(queue, entry) {
  const bar = h('progress', { class: 'bar bar-thin', max: 1, value: 0, 'aria-hidden': 'true' });
  const words = h('span', { class: 'upload-row-state' });
  const reason = h('span', { class: 'upload-row-reason' });
  const size = h('span', { class: 'upload-row-size note' });
  const act = h('button', {
    type: 'button',
    class: 'icon-button upload-row-act',
    onClick: () => (isOver(entry) ? queue.retry(entry) : queue.cancel(entry)),
  });
  let drawn = '';
  const folder = entry.path.slice(0, entry.path.length - entry.file.name.length);
  const element = h(
    'li',
    { class: 'upload-row' },
    h('span', { class: 'upload-row-name', title: entry.path }, folder && h('span', { class: 'note' }, folder), entry.file.name),
    size,
    h('span', { class: 'upload-row-words' }, words, reason),
    bar,
    act,
  );

  /** Only what changed is touched: this runs a few times a second for every visible row. @param {Entry} now */
  function update(now) {
    const progress = now.file.size ? now.sent / now.file.size : 0;
    const look = `${now.state} ${now.indexed} ${now.code} ${currentLanguage()}`;
    if (now.state === 'uploading') bar.value = progress;
    if (look === drawn) return;
    drawn = look;
    const { result, reason: why } = outcome(now);
    element.dataset.state = now.state;
    words.replaceChildren(h('span', {}, result));
    reason.textContent = why;
    reason.title = why;
    size.textContent = formatBytes(now.file.size);
    bar.hidden = now.state !== 'uploading';
    const again = now.state === 'failed' || now.state === 'cancelled';
    act.hidden = isOver(now) && !again;
    act.setAttribute('aria-label', t(again ? 'files.retry' : 'files.cancel', { name: now.file.name }));
    act.title = act.getAttribute('aria-label') ?? '';
    act.replaceChildren(icon(again ? 'undo' : 'close'));
  }
  return { element, update };
}
