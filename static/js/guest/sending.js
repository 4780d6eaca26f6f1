/** Sends a guest's photos one after the other, on whatever view the guest is; what was not sent goes on after a reload. */
import { keepAwake } from '../common/awake.js';
import { createCarrier, prepareCarrier, TransferError } from '../common/carrier.js';
import { h } from '../common/dom.js';
import { bindText } from '../common/i18n.js';
import { rememberSharing, sharing } from './consent_store.js';
import { savedName } from './sender_name.js';
import { forgetUnsent, keepUnsent, unsent } from './unsent.js';

/** @typedef {import('../dashboard/upload/types.js').Entry} Entry */
/** @typedef {{ file: File, key: Promise<IDBValidKey | undefined>, row: ReturnType<typeof row>, tries: number }} Item */

const AGAIN_MS = 4_000;
/** After this many refusals by the server a file is given up; a lost network counts none. */
const TRIES = 4;
/** What has words of its own. */
const FAILURES = ['not_a_photo', 'too_many_from_guest', 'too_many_from_guests', 'guest_photos_off'];
/** The yes does not count any more: it is asked again, and the file waits. */
const ASK_AGAIN = ['unknown_consent', 'consent_outdated'];

/** @param {File} file */
function row(file) {
  const state = h('span', { class: 'note', text: ['send.waiting'] });
  const bar = h('progress', { class: 'bar', max: Math.max(1, file.size), value: 0, label: ['send.sending_of', { name: file.name }] });
  const element = h('li', { class: 'sent-row' }, h('span', { class: 'sent-name' }, file.name), state, bar);
  return {
    element,
    /** @param {string} key */
    say: (key) => void bindText(state, '', [key]),
    /** @param {number} bytes */
    progress: (bytes) => {
      bar.value = bytes;
    },
    /** @param {'sent' | 'failed'} how */
    end(how) {
      bar.remove();
      element.dataset.state = how;
    },
  };
}

/** @param {string} sessionId */
function createSending(sessionId) {
  /** @type {Item[]} */
  const queue = [];
  const list = h('ul', { class: 'sent', label: ['send.files'] });
  const done = h('p', { class: 'lead', role: 'status' });
  let sent = 0;
  let running = false;
  let restored = false;
  const awake = keepAwake(() => running);
  /** @type {() => void} */
  let changed = () => {};
  const carrier = createCarrier({
    endpoint: `/api/v1/sessions/${sessionId}/guest-uploads`,
    metadata: () => {
      const name = savedName();
      return { consent: sharing(sessionId)?.id ?? '', ...(name && { name }) };
    },
    // The same file goes on where it was.
    fingerprint: ({ file }) => `pixora-guest-${sessionId}-${file.name}-${file.size}-${file.lastModified}`,
  });

  prepareCarrier();
  addEventListener('beforeunload', (event) => {
    if (running) event.preventDefault();
  });

  /** @param {File} file @param {Promise<IDBValidKey | undefined>} key */
  function add(file, key) {
    const added = row(file);
    list.append(added.element);
    queue.push({ file, key, row: added, tries: 0 });
  }

  async function work() {
    if (running) return;
    running = true;
    void awake();
    while (queue.length > 0 && sharing(sessionId)) {
      const item = queue[0];
      if (await send(item)) {
        queue.shift();
        void item.key.then((key) => (key === undefined ? undefined : forgetUnsent(key)));
        changed();
      } else if (sharing(sessionId)) await new Promise((go) => setTimeout(go, AGAIN_MS));
    }
    running = false;
    void awake();
    if (sent > 0 && queue.length === 0) bindText(done, '', ['send.done', { n: sent }]);
  }

  /** @param {Item} item @returns {Promise<boolean>} whether it is over with this file */
  async function send(item) {
    const { file, row } = item;
    row.say('send.sending');
    try {
      const entry = /** @type {Entry} */ (/** @type {unknown} */ ({ file, sha256: '' }));
      const { result } = await carrier.send(entry, { signal: new AbortController().signal, onProgress: row.progress });
      if (result === 'rejected') throw new TransferError('not_a_photo', { status: 422 });
      if (result === 'duplicate') {
        row.end('sent');
        row.say('send.known');
      } else {
        // It goes on among the guest's photos.
        sent += 1;
        row.element.remove();
      }
      return true;
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      if (ASK_AGAIN.includes(error.code)) {
        rememberSharing(sessionId, null);
        row.say('send.waiting');
        changed();
        return false;
      }
      const passes = error.code === 'network' || error.status === 429 || error.status >= 502;
      const mayPass = error.status === 423 || error.status === 409 || error.status >= 500;
      if (passes || (mayPass && !FAILURES.includes(error.code) && ++item.tries < TRIES)) {
        row.say('send.again');
        return false;
      }
      row.end('failed');
      row.say(FAILURES.includes(error.code) ? `send.failed.${error.code}` : 'send.failed');
      return true;
    }
  }

  return {
    list,
    done,
    /** @param {() => void} hears is called when a file has ended, or the yes is asked again */
    onChange(hears) {
      changed = hears;
    },
    /** @param {Iterable<File>} files */
    send(files) {
      for (const file of files) add(file, keepUnsent(sessionId, file));
      void work();
    },
    /** Goes on with what an earlier page did not send to its end. */
    async goOn() {
      if (!restored) {
        restored = true;
        for (const { key, file } of await unsent(sessionId)) add(file, Promise.resolve(key));
      }
      void work();
    },
    /** Nothing of what waits is sent any more. */
    clear() {
      queue.length = 0;
      sent = 0;
      list.replaceChildren();
      done.replaceChildren();
    },
  };
}

/** @type {Map<string, ReturnType<typeof createSending>>} */
const known = new Map();

/** What this page sends to a session: another view in between does not end it. @param {string} sessionId */
export function sendingTo(sessionId) {
  const sending = known.get(sessionId) ?? createSending(sessionId);
  known.set(sessionId, sending);
  return sending;
}
