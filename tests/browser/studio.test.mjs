/** The studio's way in a real browser against the real program: from the session to the guest's photos. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  axeFindings,
  cameraOf,
  DESKTOP,
  fileNames,
  installPixora,
  launch,
  openPage,
  PHONE,
  PHOTOS,
  sample,
  shownFiles,
  signIn,
} from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const jsQR = createRequire(import.meta.url)('jsqr');

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
/** Where the face is in `selfieOfOne`. */
const FACE = { x: 0.58, y: 0.325, size: 0.64 };
const EVERYTHING = [...PHOTOS.one, ...PHOTOS.other, ...PHOTOS.groups];
/** Indexing shares two cores with everything else. */
const SLOW = { timeout: 300_000 };
/** How many photos arrive before the others are held up. */
const QUICK = 3;
const SOME = `${QUICK} of ${EVERYTHING.length} files`;

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let files;

before(
  async () => {
    files = await mkdtemp(join(tmpdir(), 'pixora-studio-'));
    pixora = await installPixora();
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch({ camera: await cameraOf(join(files, 'one.y4m'), { picture: sample(PHOTOS.selfieOfOne), face: FACE }) });
  },
  { timeout: 200_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
  await rm(files, { recursive: true, force: true });
});

/** A folder of real photographs as a photographer has it. @param {string} name @param {string[]} photos */
async function folderOf(name, photos) {
  const folder = join(files, name);
  await mkdir(folder, { recursive: true });
  for (const photo of photos) await copyFile(sample(photo), join(folder, basename(photo)));
  return folder;
}

/** @param {import('playwright-core').BrowserContextOptions} [options] */
async function signedIn(options = DESKTOP) {
  const opened = await openPage(browser, options);
  await signIn(opened.context, pixora.base, MARIA, PASSWORD);
  return opened;
}

/** Makes a session through the panel's own interface. @param {Page} page @param {string} name @returns {Promise<string>} its id */
async function newSession(page, name) {
  await page.goto(`${pixora.base}/dashboard/photo-sessions`);
  await page.getByRole('button', { name: 'New photo session' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Create Session & Generate QR' }).click();
  await page.waitForURL(/photo-sessions\/[^/]+#share$/);
  // From here on the page takes drops; before, the browser would open the folder itself.
  await page.getByRole('img', { name: /^QR code with the link/ }).waitFor(SLOW);
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

/** Drags a folder from the desktop onto the page. @param {Page} page @param {string} folder */
async function drop(page, folder) {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of /** @type {const} */ (['dragEnter', 'dragOver', 'drop']))
    await devtools.send('Input.dispatchDragEvent', { type, x: 400, y: 500, data });
  await devtools.detach();
}

/** What ends the wait of the requests that a page's network holds up. @type {WeakMap<Page, (network: 'free' | 'held' | 'cut') => void>} */
const releases = new WeakMap();

/**
 * `held`: the first photos arrive and the others wait until the network is another, so that a test
 * acts in the middle of an upload however busy the machine is.
 * @param {Page} page @param {'free' | 'held' | 'cut'} network
 */
async function setNetwork(page, network) {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  releases.get(page)?.(network);
  if (network === 'cut') await page.route('**/api/**', (route) => route.abort('internetdisconnected'));
  if (network !== 'held') return;
  let sent = 0;
  /** @type {Promise<'free' | 'held' | 'cut'>} */
  const released = new Promise((done) => releases.set(page, done));
  await page.route('**/api/uploads**', async (route) => {
    const next = ++sent > QUICK ? await released : 'free';
    await (next === 'cut' ? route.abort('internetdisconnected') : route.continue()).catch(() => {});
  });
}

/** @typedef {import('../../static/js/dashboard/upload/memory.js').Kept} Kept */

/** In a page: what its device keeps of uploads. @returns {Promise<Kept[]>} */
function keptLists() {
  return new Promise((done, failed) => {
    const opening = indexedDB.open('pixora-uploads');
    opening.onerror = failed;
    opening.onsuccess = () => {
      const lists = opening.result.transaction('lists').objectStore('lists').getAll();
      lists.onerror = failed;
      lists.onsuccess = () => {
        opening.result.close();
        done(lists.result);
      };
    };
  });
}

/** Waits until the device keeps such a list. `waitForFunction` takes a promise for true, so it is asked from here. @param {Page} page @param {(list: Kept) => unknown} isMeant */
async function untilKept(page, isMeant) {
  while (!(await page.evaluate(keptLists)).some(isMeant)) await page.waitForTimeout(100);
}

/** @param {Page} page @param {string | RegExp} words */
const status = (page, words) => page.locator('.upload-status', { hasText: words }).waitFor(SLOW);

/** What the ledger says, by its words. @param {Page} page @returns {Promise<Record<string, number>>} */
async function ledger(page) {
  const sums = await page
    .locator('.ledger-sum')
    .evaluateAll((all) =>
      all.map((each) => [each.querySelector('dt')?.textContent ?? '', Number(each.querySelector('dd')?.textContent?.replace(/\D/g, ''))]),
    );
  const { Chosen: chosen, ...parts } = Object.fromEntries(sums);
  assert.equal(
    Object.values(parts).reduce((sum, each) => sum + each, 0),
    chosen,
    `adds up: ${JSON.stringify(sums)}`,
  );
  return { Chosen: chosen, ...parts };
}

/** Waits for the words that end an upload: everything compared with the server, and ready. @param {Page} page @param {number} ready */
async function finished(page, ready) {
  await page.getByText(new RegExp(`^Guests can find (all )?${ready} photos?$`)).waitFor(SLOW);
  await page.getByText(/^Checked against the server/).waitFor(SLOW);
}

/** What a camera reads from the picture of a QR code, at half its size. @param {Page} page @param {Buffer} png */
async function decode(page, png) {
  const { data, width, height } = await page.evaluate(
    async (url) => {
      const image = new Image();
      image.src = url;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width / 2, image.height / 2);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      return { data: [...context.getImageData(0, 0, canvas.width, canvas.height).data], width: canvas.width, height: canvas.height };
    },
    `data:image/png;base64,${png.toString('base64')}`,
  );
  return jsQR(Uint8ClampedArray.from(data), width, height)?.data;
}

/** The session's photos as the server has them. @param {Page} page @param {string} session @returns {Promise<{ filename: string, sha256: string, state: string }[]>} */
async function stored(page, session) {
  const answer = await page.context().request.get(`${pixora.base}/api/photo-sessions/${session}/photos?limit=200`);
  assert.equal(answer.status(), 200, await answer.text());
  return (await answer.json()).photos;
}

/** @param {Page} page @param {string} session @param {string[]} photos */
async function assertStoredOnce(page, session, photos) {
  const wanted = await Promise.all(
    photos.map(async (photo) =>
      createHash('sha256')
        .update(await readFile(sample(photo)))
        .digest('hex'),
    ),
  );
  assert.deepEqual((await stored(page, session)).map((photo) => photo.sha256).toSorted(), wanted.toSorted());
}

test('from the session over the QR code to the photos of a guest', { timeout: 600_000 }, async () => {
  const { page, complaints } = await signedIn();
  await page.goto(`${pixora.base}/dashboard`);
  await page.getByRole('heading', { name: 'Begin with your first shoot' }).waitFor();
  const session = await newSession(page, 'Wedding of Anna and Peter');
  await page.getByRole('img', { name: /^QR code with the link/ }).waitFor();
  await page.waitForFunction(() =>
    /** @type {HTMLInputElement | null} */ (document.querySelector('.link-box input'))?.value.includes('/g/'),
  );
  const link = await page.getByLabel('Link for the guests').inputValue();

  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: /PNG picture/ }).click();
  const png = await readFile(await (await downloading).path());
  // In capitals a code is coarser, and leads to the same.
  assert.equal(await decode(page, png), link.toUpperCase());
  assert.equal((await fetch(link, { redirect: 'manual' })).headers.get('location'), `/session/${session}`);
  for (const name of [/SVG vector/, /PDF card: Русский/, /PDF card: English/, /PDF card: Deutsch/]) {
    const other = page.waitForEvent('download');
    await page.getByRole('link', { name }).click();
    assert.ok((await readFile(await (await other).path())).length > 1000);
  }

  const guest = await openPage(browser, PHONE);
  await guest.page.goto(pixora.base + new URL(link).pathname);
  await guest.page.getByText('The shoot is in progress, photos will appear here').waitFor();

  await drop(page, await folderOf('wedding', EVERYTHING));
  await page.waitForURL(/#upload$/);
  await finished(page, EVERYTHING.length);
  assert.deepEqual(await ledger(page), { Chosen: EVERYTHING.length, Stored: EVERYTHING.length, Rejected: 0 });
  await page.getByRole('link', { name: 'Photos', exact: true }).click();
  await page.waitForFunction((n) => document.querySelectorAll('.photo-tile.is-ready img').length === n, EVERYTHING.length);
  await assertStoredOnce(page, session, EVERYTHING);

  await guest.page.getByRole('button', { name: 'Find my photos' }).click(SLOW);
  await guest.page.getByRole('button', { name: /I agree/ }).click();
  await guest.page.getByText('Place your face in the oval').waitFor(SLOW);
  await guest.page.getByRole('button', { name: 'Take the picture' }).click();
  await guest.page.getByRole('heading', { name: `You are in ${PHOTOS.one.length} photos` }).waitFor(SLOW);
  assert.deepEqual(await shownFiles(guest.page, pixora.base, session), fileNames(PHOTOS.one));
  assert.deepEqual([...complaints, ...guest.complaints], []);
  await Promise.all([page.context().close(), guest.context.close()]);
});

test('photos appear in an open gallery by themselves', SLOW, async () => {
  const { page, context } = await signedIn();
  const session = await newSession(page, 'Live');
  const other = await context.newPage();
  await other.goto(`${pixora.base}/dashboard/photo-sessions/${session}#photos`);
  await other.getByText('No photos here yet').waitFor();
  await drop(page, await folderOf('live', PHOTOS.one));
  await other.waitForFunction((n) => document.querySelectorAll('.photo-tile.is-ready img').length === n, PHOTOS.one.length, SLOW);
  await context.close();
});

describe('an upload', () => {
  test('is paused and goes on where it stood', { timeout: 600_000 }, async () => {
    const { page, context, complaints } = await signedIn();
    const session = await newSession(page, 'Paused');
    await setNetwork(page, 'held');
    await drop(page, await folderOf('paused', EVERYTHING));
    const figures = page.locator('.upload-figures');
    await page.getByText(SOME).first().waitFor(SLOW);
    await page.getByRole('button', { name: 'Pause' }).click();
    await status(page, 'Paused');
    // What was under way may still be counted once.
    await page.waitForTimeout(500);
    const before = await figures.textContent();
    await page.waitForTimeout(1500);
    assert.equal(await figures.textContent(), before);
    await setNetwork(page, 'free');
    await page.getByRole('button', { name: 'Go on' }).click();
    await finished(page, EVERYTHING.length);
    await assertStoredOnce(page, session, EVERYTHING);
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('waits for a lost network and goes on by itself', { timeout: 600_000 }, async () => {
    const { page, context } = await signedIn();
    const session = await newSession(page, 'Offline');
    await setNetwork(page, 'held');
    await drop(page, await folderOf('offline', EVERYTHING));
    await page.getByText(SOME).first().waitFor(SLOW);
    await setNetwork(page, 'cut');
    await status(page, 'No connection to the server');
    await setNetwork(page, 'free');
    await finished(page, EVERYTHING.length);
    assert.equal((await ledger(page)).Failed, undefined);
    await assertStoredOnce(page, session, EVERYTHING);
    await context.close();
  });

  test('survives the server being killed in its middle', { timeout: 600_000 }, async () => {
    const { page, context } = await signedIn();
    const session = await newSession(page, 'Killed');
    await setNetwork(page, 'held');
    await drop(page, await folderOf('killed', EVERYTHING));
    await page.getByText(SOME).first().waitFor(SLOW);
    await pixora.kill();
    await setNetwork(page, 'free');
    await status(page, 'No connection to the server');
    await pixora.serve();
    await finished(page, EVERYTHING.length);
    const { Chosen: chosen, Stored: here, 'Already here': told = 0 } = await ledger(page);
    // A file whose last answer was lost may be told as already here.
    assert.equal(here + told, chosen);
    await assertStoredOnce(page, session, EVERYTHING);
    await context.close();
  });

  test('goes on after its tab was closed, and sends nothing twice', { timeout: 600_000 }, async () => {
    const { page, context } = await signedIn();
    const session = await newSession(page, 'Closed tab');
    const folder = await folderOf('closed', EVERYTHING);
    await setNetwork(page, 'held');
    await drop(page, folder);
    await page.getByText(SOME).first().waitFor(SLOW);
    await untilKept(page, ({ files }) => files.filter(([, , sha256]) => sha256).length === EVERYTHING.length);
    const leaving = page.waitForEvent('dialog');
    page.close({ runBeforeUnload: true });
    const question = await leaving;
    assert.equal(question.type(), 'beforeunload');
    await question.accept();

    const back = await context.newPage();
    await back.goto(`${pixora.base}/dashboard/photo-sessions/${session}#upload`);
    // Those under way may have arrived when the tab was closed.
    await back.getByText(/^[3-6] of 9 files are here$/).waitFor(SLOW);
    await back.locator('input[webkitdirectory]').setInputFiles(folder);
    await finished(back, EVERYTHING.length);
    const first = await ledger(back);
    assert.equal(first.Stored + first['Already here'], EVERYTHING.length);
    await assertStoredOnce(back, session, EVERYTHING);

    // Once more: everything is told as known, and nothing travels.
    let asked = 0;
    back.on('request', (request) => {
      if (request.url().includes('/api/uploads')) asked++;
    });
    await untilKept(back, ({ last }) => last);
    await back.reload();
    await back.getByRole('heading', { name: 'Drop a folder of photos here' }).waitFor();
    assert.equal(await back.locator('.callout').isVisible(), false, 'a finished list is forgotten');
    await back.locator('input[webkitdirectory]').setInputFiles(folder);
    await finished(back, EVERYTHING.length);
    assert.deepEqual(await ledger(back), { Chosen: 9, Stored: 0, 'Already here': 9, Rejected: 0 });
    assert.equal(asked, 0);
    await context.close();
  });

  test('says of each file that is no photo why, and its CSV too', SLOW, async () => {
    const { page, context } = await signedIn();
    await newSession(page, 'Odd files');
    const folder = await folderOf('odd', PHOTOS.one);
    await writeFile(join(folder, 'notes.txt'), 'buy film');
    await writeFile(join(folder, 'empty.jpg'), '');
    await writeFile(join(folder, 'words.jpg'), 'this is no photo');
    await writeFile(join(folder, '.DS_Store'), 'x');
    await writeFile(join(folder, 'cut.jpg'), (await readFile(sample(PHOTOS.one[0]))).subarray(0, 20_000));
    await drop(page, folder);
    await page.getByText(/^Checked against the server/).waitFor(SLOW);
    await page.getByText('Guests can find all 2 photos').waitFor(SLOW);
    assert.deepEqual(await ledger(page), { Chosen: 6, Stored: 2, Rejected: 2, 'Not sent': 2 });
    // Every place that counts this upload says the same.
    await page.locator('.upload-figures').getByText('6 of 6 files').waitFor();
    assert.equal(
      await page.getByRole('group', { name: 'Which files to show' }).getByRole('button').first().locator('.chip-count').innerText(),
      '6',
    );
    await page.getByRole('button', { name: /^Problems/ }).click();
    const row = (/** @type {string} */ name) => page.locator('.upload-row', { hasText: name }).innerText();
    assert.match(await row('notes.txt'), /Not sent\s+Not a photo/);
    assert.match(await row('empty.jpg'), /Not sent\s+An empty file/);
    assert.match(await row('words.jpg'), /Rejected\s+Not a photo/);
    assert.match(await row('cut.jpg'), /Rejected\s+The file ends too early/);
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).click();
    const csv = await readFile(await (await downloading).path(), 'utf8');
    assert.equal(csv.trim().split('\r\n').length, 7);
    assert.match(csv, /odd\/cut\.jpg,20000,[0-9a-f]{64},rejected,Rejected,truncated,/);
    await context.close();
  });
});

test('photos are chosen with shift and by keyboard, hidden, shown again and deleted', { timeout: 600_000 }, async () => {
  const { page, context, complaints } = await signedIn();
  const session = await newSession(page, 'Gallery');
  await drop(page, await folderOf('gallery', EVERYTHING));
  await finished(page, EVERYTHING.length);
  await page.getByRole('link', { name: 'Photos', exact: true }).click();
  const tiles = page.getByRole('listbox').getByRole('option');
  await tiles.nth(8).waitFor();
  const chosen = () => page.locator('.photo-tile[aria-selected="true"]').count();

  await tiles.nth(1).click();
  await tiles.nth(4).click({ modifiers: ['Shift'] });
  await page.getByText('4 selected').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await chosen(), 0);
  await page.keyboard.press('Home');
  await page.keyboard.press('Space');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  assert.equal(await chosen(), 3);
  await page.keyboard.press('ControlOrMeta+a');
  assert.equal(await chosen(), 9);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Photo' }).waitFor();
  await page.keyboard.press('Escape');

  await tiles.nth(0).click();
  await tiles.nth(1).click();
  const visible = async () => (await (await fetch(`${pixora.base}/api/v1/sessions/${session}/photos?limit=50`)).json()).photos.length;
  await page.getByRole('button', { name: 'Hide', exact: true }).click();
  await page.getByText('2 photos are hidden from guests').waitFor();
  assert.equal(await visible(), 7);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('2 photos are shown to guests').waitFor();
  assert.equal(await visible(), 9);

  await tiles.nth(2).click();
  await page.keyboard.press('Delete');
  await page.getByText('1 photo is in the bin').waitFor();
  assert.equal(await visible(), 8);
  await tiles.nth(8).waitFor({ state: 'detached' });
  assert.equal(await tiles.count(), 8);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a closed session and a hidden photo are whole for their studio', SLOW, async () => {
  const { page, context, complaints } = await signedIn();
  const session = await newSession(page, 'Prepared in private');
  await drop(page, await folderOf('private', PHOTOS.one));
  await finished(page, PHOTOS.one.length);
  await page.getByRole('link', { name: 'Photos', exact: true }).click();
  await page.getByRole('listbox').getByRole('option').nth(0).click();
  await page.getByRole('button', { name: 'Hide', exact: true }).click();
  await page.getByText('Gallery open', { exact: true }).click();
  await page.getByText('The gallery is closed to guests').waitFor();
  assert.equal((await fetch(`${pixora.base}/session/${session}`)).status, 404, 'guests do not get in');
  await page.reload();
  await page.waitForFunction(
    (n) =>
      [...document.querySelectorAll('.photo-tile img')].filter((image) => /** @type {HTMLImageElement} */ (image).naturalWidth > 0)
        .length === n,
    PHOTOS.one.length,
  );
  assert.deepEqual(complaints, []);
  await context.close();
});

test('what was rejected stays listed after a reload until it is dealt with', SLOW, async () => {
  const { page, context, complaints } = await signedIn();
  await newSession(page, 'Two that failed');
  const folder = await folderOf('failed', PHOTOS.one.slice(0, 1));
  // Refused by the server, which looks into files; the browser goes by their names.
  await writeFile(join(folder, 'no-photo.jpg'), 'BM no photo at all');
  await drop(page, folder);
  await finished(page, 1);
  await untilKept(page, ({ last }) => last);
  await page.reload();
  await page.getByRole('heading', { name: '1 file was not taken' }).waitFor();
  // The whole account of the upload is still there.
  await page.getByRole('heading', { name: /^The last upload, / }).waitFor();
  assert.deepEqual(await ledger(page), { Chosen: 2, Stored: 1, Rejected: 1 });
  await page.getByRole('link', { name: 'Photos', exact: true }).click();
  await page.getByRole('button', { name: 'Rejected' }).click();
  await page.getByText('no-photo.jpg').waitFor();
  assert.equal(await page.getByText('No photos of this kind').count(), 0);
  await page.getByRole('button', { name: 'Dismiss', exact: true }).click();
  await page.getByText('no-photo.jpg').waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('button', { name: 'Rejected' }).click();
  await page.getByText('No photos of this kind').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an upload goes on while one moves in the panel, and the bar says how far it is', SLOW, async () => {
  const { page, context, complaints } = await signedIn();
  const session = await newSession(page, 'Moving about');
  await setNetwork(page, 'held');
  await drop(page, await folderOf('moving', EVERYTHING));
  await status(page, /Uploading|uploading/);
  await page.getByRole('link', { name: 'Photo sessions' }).first().click();
  await page.getByRole('heading', { name: 'Photo sessions' }).waitFor();
  await page.getByRole('link', { name: /Uploading \d+ %/ }).waitFor();
  await setNetwork(page, 'free');
  await page.getByRole('link', { name: /Uploading/ }).waitFor({ state: 'detached', ...SLOW });
  assert.equal((await stored(page, session)).length, EVERYTHING.length);
  await page.goBack();
  await finished(page, EVERYTHING.length);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('FacePass and the status are switched, and an open page hears of it', SLOW, async () => {
  const { page, context } = await signedIn();
  const session = await newSession(page, 'Switches');
  const other = await context.newPage();
  await other.goto(`${pixora.base}/dashboard/photo-sessions/${session}`);
  await other.getByRole('switch', { name: 'FacePass' }).waitFor();
  await page.getByText('FacePass', { exact: true }).click();
  await page.getByText('FacePass is off').waitFor();
  await other.getByRole('switch', { name: 'FacePass', checked: false }).waitFor();
  assert.equal(await other.getByRole('switch', { name: 'Gallery open' }).isChecked(), true, 'one switch does one thing');
  await page.getByRole('button', { name: 'Start the shoot' }).click();
  await other.locator('.session-meta .badge', { hasText: 'Active' }).waitFor();
  await page.goto(`${pixora.base}/dashboard/photo-sessions`);
  await page.getByRole('searchbox').fill('switch');
  await page.getByRole('combobox', { name: 'Status' }).selectOption('active');
  await page.locator('.session-row').nth(1).waitFor({ state: 'detached' });
  assert.equal(await page.locator('.session-row').count(), 1);
  await page.getByRole('combobox', { name: 'Status' }).selectOption('completed');
  await page.getByText('Nothing found').first().waitFor();
  await context.close();
});

test('a webhook shows its secret once and can be deleted; the branding is kept', SLOW, async () => {
  const { page, context, complaints } = await signedIn();
  await page.goto(`${pixora.base}/dashboard/settings/webhooks`);
  await page.getByRole('button', { name: 'Add a webhook' }).first().click();
  await page.getByLabel('Address').fill('https://93.184.216.34/pixora');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  assert.match(await page.getByLabel('Secret to check signatures with').last().inputValue(), /^whsec_/);
  await page.keyboard.press('Escape');
  await page.reload();
  assert.equal(await page.getByText(/whsec_/).count(), 0);
  await page.getByRole('button', { name: 'Delete the webhook https://93.184.216.34/pixora' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete the webhook' }).click();
  await page.getByText('No webhooks yet').waitFor();

  await page.goto(`${pixora.base}/dashboard/settings/studio`);
  await page.getByLabel('Name of the studio').fill('North Light');
  const pickLogo = () => page.locator('input[type=file]').setInputFiles(sample(PHOTOS.selfieOfOne));
  await pickLogo();
  await page.locator('.print-card image').waitFor();
  await page.getByRole('button', { name: 'Save' }).first().click();
  await page.getByText('Branding saved').waitFor();
  await page.reload();
  assert.equal(await page.getByLabel('Name of the studio').inputValue(), 'North Light');
  await page.locator('.print-card image').waitFor();
  await page.getByRole('button', { name: 'Remove the logo' }).click();
  await page.locator('.print-card image').waitFor({ state: 'detached' });

  await page.goto(`${pixora.base}/dashboard/settings/watermark`);
  await page.getByText('Logo', { exact: true }).first().click();
  await pickLogo();
  await page.getByText('One of its own. Best white on transparent.').waitFor();
  await page.getByRole('button', { name: 'Take the studio’s logo' }).click();
  await page.getByText('The same as on the QR cards.').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('axe finds nothing on any page, light and dark, telephone and desktop, in both languages', { timeout: 600_000 }, async () => {
  const { page, context } = await signedIn();
  const session = await newSession(page, 'Accessible');
  await drop(page, await folderOf('axe', PHOTOS.one));
  await finished(page, PHOTOS.one.length);
  const storageState = await context.storageState();
  await context.close();
  const at = `/dashboard/photo-sessions/${session}`;
  const pages = [
    '/dashboard/photo-sessions',
    `${at}#share`,
    `${at}#upload`,
    `${at}#photos`,
    `${at}#analytics`,
    '/dashboard/settings/webhooks',
    '/dashboard/settings/studio',
  ];
  for (const [size, colorScheme, locale] of /** @type {const} */ ([
    [DESKTOP, 'light', 'en-GB'],
    [DESKTOP, 'dark', 'ru-RU'],
    [PHONE, 'light', 'ru-RU'],
    [PHONE, 'dark', 'en-GB'],
  ])) {
    const opened = await openPage(browser, { ...size, colorScheme, locale, storageState, reducedMotion: 'reduce' });
    for (const path of pages) {
      await opened.page.goto('about:blank');
      await opened.page.goto(pixora.base + path);
      await opened.page.locator('h1').waitFor();
      await opened.page.locator('main .spinner').first().waitFor({ state: 'detached' });
      if (path.endsWith('#photos')) await opened.page.getByRole('listbox').getByRole('option').first().click();
      assert.deepEqual(await axeFindings(opened.page), [], `${path} ${colorScheme} ${locale}`);
      const width = await opened.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= size.viewport.width, `${path} is ${width} px wide`);
    }
    assert.deepEqual(opened.complaints, []);
    await opened.context.close();
  }
});

test('the first page shows how far another embedding model has come', { timeout: 60_000 }, async () => {
  for (const [locale, words] of /** @type {const} */ ([
    ['en-GB', 'The new model fused is looking at the photos: 6 of 10.'],
    ['ru-RU', 'Новая модель fused просматривает фотографии: 6 из 10.'],
  ])) {
    const { page, context, complaints } = await signedIn({ ...DESKTOP, locale });
    let left = 4;
    await page.route('**/api/embedding-models', (route) =>
      route.fulfill({ json: left ? { next: 'fused', photos: 10, left } : { photos: 0, left: 0 } }),
    );
    await page.goto(`${pixora.base}/dashboard/photo-sessions`);
    await page.getByText(words).waitFor(SLOW);
    assert.equal(await page.locator('[data-takeover] progress').evaluate((bar) => /** @type {HTMLProgressElement} */ (bar).value), 6);
    left = 0;
    await page.locator('[data-takeover]').waitFor({ state: 'hidden', ...SLOW });
    assert.deepEqual(complaints, []);
    await context.close();
  }
});
