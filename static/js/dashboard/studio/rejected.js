/** Files that were sent and not taken: they stay listed until the photographer has dealt with them. */
import { button, h, icon, toast } from '../../common/dom.js';
import { bindText } from '../../common/i18n.js';
import { api } from '../api.js';
import { errorText } from '../states.js';
import { reasonText } from '../upload/reasons.js';
import '../messages/upload.js';

/** @typedef {{ rejection_id: string | null, photo_id: string | null, filename: string, code: string }} Rejected */

const PAGE_SIZE = 200;
/** More than these are counted and not listed. */
const MOST_LISTED = 1000;

/** @param {string} sessionId */
export function createRejected(sessionId) {
  const path = `/api/photo-sessions/${sessionId}/rejections`;
  /** @type {Rejected[]} */
  let files = [];
  const title = h('h2', {});
  const rows = h('ul', { class: 'rejected-rows', role: 'list' });
  const element = h(
    'section',
    { class: 'card rejected', hidden: true, label: ['rejected.label'] },
    h(
      'div',
      { class: 'section-head' },
      title,
      button('link-button', ['rejected.dismiss.all'], () => void dismissAll()),
    ),
    h('p', { class: 'note', text: ['rejected.text'] }),
    rows,
  );

  function draw() {
    element.hidden = files.length === 0;
    bindText(title, '', ['rejected.title', { n: files.length }]);
    rows.replaceChildren(
      ...files.map((file) =>
        h(
          'li',
          { class: 'rejected-row' },
          icon('alert'),
          h('span', { class: 'rejected-words' }, h('strong', {}, file.filename), h('span', { class: 'note', text: reasonText(file.code) })),
          button('link-button', ['rejected.dismiss'], () => void dismiss([file]), 'check'),
        ),
      ),
    );
  }

  /** Reads the list anew. @returns {Promise<number>} how many files there are */
  async function load() {
    /** @type {Rejected[]} */
    const read = [];
    /** @type {string | null} */
    let cursor = null;
    do {
      const query = new URLSearchParams({ limit: String(PAGE_SIZE), ...(cursor && { cursor }) });
      const page = await api.get(`${path}?${query}`);
      // A rejected file that is kept as a photo stands in the grid.
      read.push(...page.rejections.filter((/** @type {Rejected} */ file) => file.rejection_id !== null));
      cursor = page.next_cursor;
    } while (cursor && read.length < MOST_LISTED);
    files = read;
    draw();
    return files.length;
  }

  /** @param {Rejected[]} done */
  async function dismiss(done) {
    try {
      for (const { rejection_id: id } of done) await api.delete(`${path}/${id}`);
      files = files.filter((file) => !done.includes(file));
    } catch (error) {
      toast(errorText(error));
      await load().catch(() => {});
    }
    draw();
  }

  const dismissAll = () => dismiss(files);

  return { element, load };
}
