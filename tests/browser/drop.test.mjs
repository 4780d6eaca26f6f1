/** Collecting dropped or chosen files, without a browser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromDrop, fromInput, isLitter, MAX_BYTES, refusal } from '../../static/js/dashboard/upload/collect.js';
import { duration, parse } from '../../static/js/dashboard/studio/shift.js';

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1);

/** An entry of a drop. @param {string} path @param {File | Error | object[]} content */
function entry(path, content) {
  const name = path.split('/').at(-1) ?? '';
  const fails = content instanceof Error;
  if (!Array.isArray(content) && !(fails && path.endsWith('folder'))) {
    return {
      isFile: true,
      name,
      fullPath: `/${path}`,
      file: (/** @type {(file: unknown) => void} */ ok, /** @type {(error: unknown) => void} */ bad) =>
        fails ? bad(content) : ok(content),
    };
  }
  let parts = fails ? [] : [content, []];
  return {
    isFile: false,
    name,
    fullPath: `/${path}`,
    createReader: () => ({
      readEntries: (/** @type {(some: unknown) => void} */ ok, /** @type {(error: unknown) => void} */ bad) =>
        fails ? bad(content) : ok(parts.shift()),
    }),
  };
}

/** @param {object[]} entries @returns {DataTransfer} */
function transfer(entries) {
  const items = entries.map((each) => ({ kind: 'file', webkitGetAsEntry: () => each, getAsFile: () => null }));
  return /** @type {any} */ ({ items });
}

test('an odd entry is told and the rest of a drop goes on', async () => {
  const photo = new File([JPEG], 'b.jpg', { type: 'image/jpeg' });
  const dropped = await fromDrop(
    transfer([
      entry('wedding', [
        entry('wedding/\ufffd.jpg', new Error('NotFoundError')),
        entry('wedding/folder', new Error('NotReadableError')),
        entry('wedding/@eaDir', [entry('wedding/@eaDir/b.jpg', photo)]),
        entry('wedding/b.jpg', photo),
      ]),
      entry('c.jpg', photo),
    ]),
  );
  assert.deepEqual(
    dropped.map(({ path, code }) => [path, code]),
    [
      ['wedding/\ufffd.jpg', 'unreadable'],
      ['wedding/folder/', 'folder_unreadable'],
      ['wedding/b.jpg', undefined],
      ['c.jpg', undefined],
    ],
  );
});

test('a picture without an extension is known by its first bytes', async () => {
  const chosen = [new File([JPEG], 'IMG_0001'), new File(['dear guests'], 'README'), new File([], 'empty')];
  const picked = await fromInput(/** @type {any} */ (chosen));
  assert.deepEqual(
    picked.map(({ file, isPicture }) => refusal(file, isPicture)),
    ['', 'unsupported_type', 'unsupported_type'],
  );
});

test('what travels and what does not', () => {
  /** @param {string} name @param {number} size */
  const file = (name, size = 1) => /** @type {any} */ ({ name, size, type: '' });
  for (const name of ['a.CR2', 'a.cr3', 'a.NEF', 'a.dng', 'a.tiff', 'a.avif', 'a.jxl', 'a.heic', 'a.gif', 'a.JPE']) {
    assert.equal(refusal(file(name)), '', name);
  }
  assert.equal(refusal(file('a.mov')), 'video_unsupported');
  assert.equal(refusal(file('a.psd')), 'edited_unsupported');
  assert.equal(refusal(file('a.exe')), 'unsupported_type');
  assert.equal(MAX_BYTES, 100_000_000);
  assert.equal(refusal(file('a.jpg', MAX_BYTES)), '');
  assert.equal(refusal(file('a.jpg', MAX_BYTES + 1)), 'too_large');
  for (const path of ['a/@eaDir/x.jpg', 'a/#recycle/x.jpg', '$RECYCLE.BIN/x.jpg', '__MACOSX/x.jpg', 'a/._x.jpg', 'a/x.THM', 'a/x.cot']) {
    assert.ok(isLitter(path), path);
  }
  for (const path of ['Ceremony/IMG_1.JPG', 'a/x.xmp']) assert.ok(!isLitter(path), path);
});

test('a shift is written and read as people write it', () => {
  assert.equal(duration(3723), '1:02:03');
  assert.equal(parse('1:02:03'), 3723);
  assert.equal(parse('90:00:00'), 324_000);
  assert.equal(parse('5:07'), 307);
  for (const wrong of ['', '5', '1:60:00', '1:2:3', 'an hour']) assert.equal(parse(wrong), null, wrong);
});
