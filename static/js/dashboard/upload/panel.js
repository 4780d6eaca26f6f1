/** The upload part of a session's page: drop zone, progress, the account at the end, the files. */
import '../messages/upload.js';
import { button, h, icon, toast } from '../../common/dom.js';
import { bindText } from '../../common/i18n.js';
import { api, csrfHeaders, renew } from '../api.js';
import { createCarrier, TransferError } from '../../common/carrier.js';
import { confirm } from '../dialog.js';
import { goesOn } from '../going_on.js';
import { fromDrop, fromInput } from './collect.js';
import { createFileList } from './file_list.js';
import { createHasher } from './hasher.js';
import { createLedgerCard, lastLedger } from './ledger_card.js';
import { createProgress } from './progress.js';
import { createRejected } from '../studio/rejected.js';
import { identity, UploadQueue } from './queue.js';
import { forget, recall, remember, settle } from './memory.js';
import { createGuard } from './stay_awake.js';
import { totalsOf } from './totals.js';

/** Below this the file goes along with the request that announces it: half the round trips. */
const SMALL = 2 << 20;

/** @typedef {import('./memory.js').Kept} Kept */

/** How often the list is kept while it changes. */
const REMEMBER_MS = 2000;
const LEDGER_FILES = 5000;

/**
 * @param {import('../pages/photo_session.js').Shared} shared
 * @param {{ reveal: () => void, isShown: () => boolean }} page `reveal` shows this part: files were dropped while another was shown
 */
export function createUpload({ session, live }, { reveal, isShown }) {
  /** @type {import('./types.js').AskLedger} */
  const askLedger = async (files) => (await api.post(`/api/photo-sessions/${session.id}/ledger`, { files }, { timeout: 120_000 })).files;
  const queue = new UploadQueue({
    hasher: createHasher(),
    carrier: createCarrier({
      endpoint: '/api/uploads',
      headers: csrfHeaders,
      small: SMALL,
      metadata: ({ sha256 }) => ({ photo_session_id: session.id, sha256 }),
      // By content, so that a renamed or copied file goes on where it was.
      fingerprint: ({ sha256 }) => `pixora-${session.id}-${sha256}`,
    }),
    askLedger: (files) =>
      askLedger(files).catch((error) => {
        throw new TransferError(error.code, error);
      }),
    renew,
  });
  const guard = createGuard(() => queue.running);
  const badge = h('span', { class: 'tab-count', hidden: true });

  const zone = dropZone(take);
  const earlier = h('div', { class: 'callout', hidden: true });
  const progress = createProgress(queue);
  const ledger = createLedgerCard(queue, live, session.name);
  const files = createFileList(queue);
  const work = h('div', { class: 'section upload-work', hidden: true }, progress.element, ledger.element, files.element);
  // Files that failed before this visit; those that fail in it stand in the list of files.
  const rejected = createRejected(session.id);
  void rejected.load().catch(() => {});
  const element = h('div', { class: 'section upload' }, zone.element, earlier, rejected.element, work);

  /** @param {Promise<import('./types.js').Picked[]> | import('./types.js').Picked[]} choosing */
  async function take(choosing) {
    reveal();
    zone.busy(true);
    try {
      const picked = await choosing;
      const before = queue.entries.length;
      queue.add(picked);
      if (picked.length === 0 || (queue.entries.length === before && !queue.running)) toast(['upload.nothing']);
      earlier.hidden = true;
    } catch {
      toast(['upload.unreadable']);
    } finally {
      zone.busy(false);
    }
  }

  let percent = 0;
  const further = goesOn({
    path: `/dashboard/photo-sessions/${session.id}`,
    name: session.name,
    running: () => queue.running,
    percent: () => percent,
  });
  queue.onChange(() => {
    const totals = totalsOf(queue.entries);
    percent = Math.floor((100 * totals.doneBytes) / Math.max(1, totals.bytes));
    further();
    work.hidden = totals.files === 0;
    zone.compact(totals.files > 0);
    badge.hidden = totals.open === 0;
    badge.textContent = totals.open ? `${percent} %` : '';
    progress.draw(totals);
    ledger.draw(totals);
    files.draw();
    guard.update();
    keep();
  });

  addEventListener('online', () => {
    if (queue.stalled) queue.unstall();
  });

  // A drop anywhere on the page is meant for the upload; elsewhere the browser would leave for the file.
  addEventListener('dragover', (event) => {
    if (isShown() && event.dataTransfer?.types.includes('Files')) {
      event.preventDefault();
      zone.over(true);
    }
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) zone.over(false);
  });
  addEventListener('drop', (event) => {
    if (!isShown() || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    zone.over(false);
    take(fromDrop(event.dataTransfer));
  });

  /** @type {Kept['files']} an earlier visit's files that were not chosen again yet */
  let left = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let keeping;
  let isWritten = false;

  /** The list is kept now and then, and at once when all of it is there. */
  function keep() {
    const write = () => {
      keeping = undefined;
      const chosen = new Set(queue.entries.map(identity));
      left = left.filter(([each]) => !chosen.has(each));
      const totals = totalsOf(queue.entries);
      if (left.length === 0 && ledger.settled() && totals.failed === 0) settle(session.id, totals);
      else remember(session.id, queue.entries, left);
    };
    if (!ledger.settled()) {
      isWritten = false;
      keeping ??= setTimeout(write, REMEMBER_MS);
    } else if (!isWritten) {
      clearTimeout(keeping);
      isWritten = true;
      write();
    }
  }

  /** The account of the last upload stays until it is closed or the next one begins. @param {import('./memory.js').Last} last */
  function showLast(last) {
    const card = lastLedger(last, () => {
      card.remove();
      forget(session.id);
    });
    work.before(card);
    queue.onChange(() => card.remove());
  }

  /** Tells how far an earlier visit came, and takes its hashes over. */
  async function lookBack() {
    const kept = await recall(session.id);
    if (kept?.last && queue.entries.length === 0) showLast(kept.last);
    if (!kept || kept.files.length === 0 || queue.entries.length > 0) return;
    left = kept.files;
    for (const [id, , sha256] of kept.files) if (sha256) queue.known.set(id, sha256);
    const hashed = kept.files.filter(([, , sha256]) => sha256).map(([, filename, sha256]) => ({ filename, sha256 }));
    let here = 0;
    for (let at = 0; at < hashed.length; at += LEDGER_FILES) {
      here += (await askLedger(hashed.slice(at, at + LEDGER_FILES))).filter(({ state }) => state !== 'missing').length;
    }
    if (queue.entries.length > 0) return;
    if (here === kept.files.length) return forget(session.id);
    earlier.replaceChildren(
      icon('clock'),
      h(
        'div',
        { class: 'callout-words' },
        h('p', { class: 'callout-title', text: ['earlier.title', { here, n: kept.files.length }] }),
        h('p', { text: ['earlier.text'] }),
        h(
          'div',
          { class: 'session-buttons' },
          button('button button-primary button-small', ['upload.folder'], () => zone.chooseFolder(), 'folder'),
          button('link-button', ['earlier.forget'], async () => {
            if (!(await confirm({ title: ['earlier.forget.title'], text: ['earlier.forget.text'], action: ['earlier.forget'] }))) return;
            left = [];
            earlier.hidden = true;
            forget(session.id);
          }),
        ),
      ),
    );
    earlier.hidden = false;
  }
  // Without an answer about an earlier visit, uploading works all the same.
  lookBack().catch(() => {});

  return { element, badge };
}

/** @param {(choosing: Promise<import('./types.js').Picked[]>) => void} take */
function dropZone(take) {
  /** @param {boolean} folder */
  const chooser = (folder) => {
    const input = h('input', {
      type: 'file',
      multiple: true,
      webkitdirectory: folder,
      accept: folder ? null : 'image/*',
      class: 'visually-hidden',
      tabindex: '-1',
      'aria-hidden': 'true',
      onChange: () => {
        take(fromInput(input.files));
        // The same folder may be chosen again.
        input.value = '';
      },
    });
    return input;
  };
  const folder = chooser(true);
  const some = chooser(false);
  // Nobody drops a folder with a finger.
  const invitation = matchMedia('(hover: none)').matches ? 'upload.choose' : 'upload.drop';
  const title = h('h2', { class: 'drop-title', text: [invitation] });
  const element = h(
    'section',
    { class: 'drop-zone', label: ['upload.title'] },
    h('span', { class: 'message-icon' }, icon('upload')),
    h('div', { class: 'drop-words' }, title, h('p', { class: 'note', text: ['upload.drop.note'] })),
    h(
      'div',
      { class: 'drop-buttons' },
      button('button button-primary button-small', ['upload.folder'], () => folder.click(), 'folder'),
      button('button button-quiet button-small', ['upload.files'], () => some.click(), 'image'),
    ),
    folder,
    some,
  );
  return {
    element,
    chooseFolder: () => folder.click(),
    /** @param {boolean} on */
    over: (on) => {
      element.classList.toggle('is-over', on);
    },
    /** @param {boolean} on */
    compact: (on) => {
      element.classList.toggle('is-compact', on);
    },
    /** Reading a folder of thousands takes a moment. @param {boolean} on */
    busy: (on) => {
      bindText(title, '', [on ? 'upload.reading' : invitation]);
    },
  };
}
