/** The upload queue of the panel without a browser: what it asks, sends, tells and remembers. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { TransferError } from '../../static/js/common/carrier.js';
import { createComparison, ledgerCsv, reconcile } from '../../static/js/dashboard/upload/ledger.js';
import { UploadQueue } from '../../static/js/dashboard/upload/queue.js';
import { sha256, sha256Plain } from '../../static/js/dashboard/upload/sha256.js';
import { totalsOf } from '../../static/js/dashboard/upload/totals.js';

/** @param {Buffer | string} bytes */
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** @param {string} path @param {string} content */
function photo(path, content) {
  return {
    path,
    file: new File([content], path.split('/').at(-1) ?? '', { type: path.endsWith('.txt') ? 'text/plain' : 'image/jpeg', lastModified: 1 }),
  };
}

/**
 * A server that keeps hashes, and a queue that talks to it.
 * @param {{ fail?: (name: string, attempt: number) => TransferError | null, here?: string[] }} [options]
 */
function rig({ fail = () => null, here = [] } = {}) {
  const stored = new Map(here.map((content) => [digest(content), 'indexed']));
  /** @type {string[]} */
  const sent = [];
  let together = 0;
  let most = 0;
  /** @type {Map<string, number>} */
  const attempts = new Map();
  const queue = new UploadQueue({
    hasher: { sha256: (file) => sha256(file) },
    async askLedger(files) {
      return files.map(({ filename, sha256: hash }) => ({
        filename,
        sha256: hash,
        state: /** @type {any} */ (stored.get(hash) ?? 'missing'),
        photo_id: hash.slice(0, 8),
        code: null,
      }));
    },
    carrier: {
      async send(entry, { signal, onProgress }) {
        most = Math.max(most, ++together);
        try {
          onProgress(0);
          await new Promise((done) => setTimeout(done, 5));
          if (signal.aborted) throw new TransferError(String(signal.reason));
          const attempt = (attempts.get(entry.path) ?? 0) + 1;
          attempts.set(entry.path, attempt);
          const failure = fail(entry.path, attempt);
          if (failure) throw failure;
          onProgress(entry.file.size);
          const had = stored.has(entry.sha256);
          stored.set(entry.sha256, 'indexed');
          sent.push(entry.path);
          return { result: had ? 'duplicate' : 'stored', photoId: entry.sha256.slice(0, 8), code: '' };
        } finally {
          together--;
        }
      },
    },
    renew: async () => true,
  });
  return { queue, sent, stored, most: () => most };
}

/** @param {UploadQueue} queue @param {() => boolean} [until] */
async function settle(queue, until = () => !queue.running) {
  const limit = Date.now() + 20_000;
  while (!until()) {
    assert.ok(Date.now() < limit, JSON.stringify(totalsOf(queue.entries)));
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** @param {UploadQueue} queue */
function assertAddsUp(queue) {
  const t = totalsOf(queue.entries);
  assert.equal(t.stored + t.duplicates + t.rejected + t.refused + t.cancelled + t.failed + t.open, t.files);
  return t;
}

test('a file has the same digest with and without crypto.subtle', async () => {
  for (const size of [0, 1, 55, 56, 63, 64, 119, 120, 4 << 20, (4 << 20) + 57]) {
    const bytes = randomBytes(size);
    assert.equal(await sha256(new Blob([bytes])), digest(bytes), `${size} bytes`);
    assert.equal(await sha256Plain(new Blob([bytes])), digest(bytes), `${size} bytes, plain`);
  }
});

describe('the queue', () => {
  test('sends what the server has not, three at a time, and tells the rest by name', async () => {
    const { queue, sent, most } = rig({ here: ['b'] });
    // Known hashes, so that nothing but the queue itself holds the files back.
    for (const name of ['a', 'c', 'd', 'e', 'f']) queue.known.set(`day/${name}.jpg\n1\n1`, digest(name));
    queue.add([
      ...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => photo(`day/${name}.jpg`, name)),
      photo('day/copy.jpg', 'a'),
      photo('notes.txt', 'x'),
      photo('empty.jpg', ''),
      photo('.DS_Store', 'x'),
    ]);
    await settle(queue);
    assert.deepEqual(
      sent.toSorted(),
      ['a', 'c', 'd', 'e', 'f'].map((name) => `day/${name}.jpg`),
    );
    assert.equal(most(), 3);
    const totals = assertAddsUp(queue);
    assert.deepEqual([totals.files, totals.stored, totals.duplicates, totals.refused], [9, 5, 2, 2]);
    assert.deepEqual(
      queue.entries.filter((entry) => entry.state === 'refused').map((entry) => entry.code),
      ['unsupported_type', 'empty_file'],
    );
    assert.equal(queue.litter, 1);
  });

  test('waits while the way to the server is cut, then goes on', async () => {
    let cut = true;
    const { queue, sent } = rig({ fail: () => (cut ? new TransferError('network') : null) });
    queue.add(['a', 'b', 'c', 'd', 'e'].map((name) => photo(`${name}.jpg`, name)));
    await settle(queue, () => queue.stalled);
    assert.deepEqual(sent, []);
    assert.equal(queue.entries.filter((entry) => entry.state === 'failed').length, 0, 'no file pays for the network');
    cut = false;
    queue.unstall();
    await settle(queue);
    assert.equal(totalsOf(queue.entries).stored, 5);
  });

  test('sets one bad file aside and finishes the others', async () => {
    const { queue } = rig({ fail: (name) => (name === 'b.jpg' ? new TransferError('session_not_found', { status: 404 }) : null) });
    queue.add(['a', 'b', 'c'].map((name) => photo(`${name}.jpg`, name)));
    await settle(queue);
    const totals = assertAddsUp(queue);
    assert.deepEqual([totals.stored, totals.failed], [2, 1]);
    assert.equal(queue.entries[1].code, 'session_not_found');
  });

  test('tries a file again after a failure of the server', async () => {
    const { queue } = rig({ fail: (_, attempt) => (attempt === 1 ? new TransferError('internal', { status: 500 }) : null) });
    queue.add([photo('a.jpg', 'a')]);
    await settle(queue);
    assert.equal(totalsOf(queue.entries).stored, 1);
  });

  test('keeps a file that the server refuses for itself as rejected', async () => {
    const { queue } = rig({ fail: () => new TransferError('too_large', { status: 413 }) });
    queue.add([photo('a.jpg', 'a')]);
    await settle(queue);
    assert.deepEqual([queue.entries[0].state, queue.entries[0].code], ['rejected', 'too_large']);
  });

  test('pauses, cancels one and goes on with the rest', async () => {
    const { queue, sent } = rig();
    queue.pause();
    queue.add(['a', 'b', 'c'].map((name) => photo(`${name}.jpg`, name)));
    await new Promise((done) => setTimeout(done, 50));
    assert.deepEqual(sent, []);
    queue.cancel(queue.entries[1]);
    queue.resume();
    await settle(queue);
    assert.deepEqual(sent.toSorted(), ['a.jpg', 'c.jpg']);
    assert.equal(assertAddsUp(queue).cancelled, 1);
  });

  test('does not hash again what an earlier visit knew', async () => {
    const { queue } = rig({ here: ['a'] });
    queue.known.set('a.jpg\n1\n1', digest('a'));
    queue.means.hasher = { sha256: () => assert.fail('hashed again') };
    queue.add([photo('a.jpg', 'a')]);
    await settle(queue);
    assert.equal(queue.entries[0].state, 'duplicate');
  });
});

test('what the server has lost after saying "stored" is sent once more, then told', async () => {
  const { queue, sent, stored } = rig();
  queue.add(['a', 'b'].map((name) => photo(`${name}.jpg`, name)));
  await settle(queue);
  stored.delete(digest('b'));
  assert.deepEqual(await reconcile(queue), { asked: 2, missing: 1 });
  await settle(queue);
  assert.deepEqual(sent, ['a.jpg', 'b.jpg', 'b.jpg']);
  stored.delete(digest('b'));
  await reconcile(queue);
  assert.deepEqual([queue.entries[1].state, queue.entries[1].code], ['failed', 'missing']);
  assertAddsUp(queue);
});

test('what is sent at once is compared too: after a photo of somebody else, and after an earlier comparison', async () => {
  const { queue } = rig();
  const comparison = createComparison(queue);
  let drawn = 0;
  queue.onChange(() => {
    drawn++;
    comparison.compare(totalsOf(queue.entries));
  });
  // As when a photo of an earlier visit becomes ready.
  queue.changed();
  await new Promise((done) => setTimeout(done, 300));
  assert.deepEqual([drawn, comparison.current()], [0, undefined]);
  for (const name of ['a', 'b']) {
    queue.add([photo(`${name}.jpg`, name)]);
    assert.equal(comparison.current(), undefined, 'what was compared before is not the account of these');
    await settle(queue, () => comparison.current()?.final === true);
  }
  const { asked, missing, final } = comparison.current() ?? {};
  assert.deepEqual([asked, missing, final], [2, 0, true]);
});

test('what the server lost and got again is compared once more', async () => {
  const { queue, sent, stored } = rig();
  const comparison = createComparison(queue);
  queue.onChange(() => comparison.compare(totalsOf(queue.entries)));
  queue.add([photo('a.jpg', 'a')]);
  await settle(queue);
  stored.delete(digest('a'));
  await settle(queue, () => comparison.current()?.final === true);
  assert.deepEqual([comparison.current()?.missing, sent], [0, ['a.jpg', 'a.jpg']]);
});

test('a photo that was deleted from the session meanwhile is not sent again', async () => {
  const { queue, sent, stored } = rig();
  queue.add(['a', 'b'].map((name) => photo(`${name}.jpg`, name)));
  await settle(queue);
  await reconcile(queue);
  stored.delete(digest('a'));
  assert.deepEqual(await reconcile(queue), { asked: 2, missing: 0 });
  assert.deepEqual([queue.entries[0].state, queue.entries[0].code, sent.length], ['cancelled', 'deleted', 2]);
  assertAddsUp(queue);
});

test('the ledger as CSV survives odd names and is no formula', async () => {
  const { queue } = rig();
  queue.add([photo('a, "b".jpg', 'a'), photo('=cmd.jpg', 'b')]);
  await settle(queue);
  const lines = ledgerCsv(queue.entries, () => ({ result: 'Готова', reason: '' })).split('\r\n');
  assert.match(lines[1], new RegExp(`^"a, ""b"".jpg",1,${digest('a')},stored,Готова,,,`));
  assert.ok(lines[2].startsWith("'=cmd.jpg,"));
});
