/** The studio finds, orders, deletes and takes back photos and parts the day into chapters; guests choose a chapter. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  axeFindings,
  cameraOf,
  csrf,
  DESKTOP,
  gotoAll,
  installPixora,
  launch,
  openPage,
  PHONE,
  PHOTOS,
  sample,
  shot,
  shownFiles,
  signIn,
  upload,
} from './support.mjs';

const OWNER = 'anna@studio.example';
const PASSWORD = 'a long enough password';
const SLOW = { timeout: 120_000 };
const EVERYTHING = [...PHOTOS.one, ...PHOTOS.other, PHOTOS.groups[0]];
const ALL = EVERYTHING.length;

/** @typedef {import('playwright-core').Page} Page */

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {string} */
let session;
/** @type {import('playwright-core').Browser} */
let browser;

before(
  async () => {
    pixora = await installPixora();
    await pixora.addUser(OWNER, 'super_admin', PASSWORD);
    session = await pixora.createSession('Wedding of Anna and Peter');
    await pixora.ingest(session, EVERYTHING);
    await pixora.serve();
    browser = await launch();
  },
  { timeout: 400_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

/** @param {string} [hash] */
async function panel(hash = '') {
  const opened = await openPage(browser, DESKTOP);
  await signIn(opened.context, pixora.base, OWNER, PASSWORD);
  await opened.page.goto(`${pixora.base}/dashboard/photo-sessions/${session}#photos${hash}`);
  await tiles(opened.page).first().waitFor(SLOW);
  return opened;
}

/** @param {Page} page */
const tiles = (page) => page.getByRole('listbox').getByRole('option');

/** Names of the files as they are shown. @param {Page} page */
const shown = (page) => page.locator('.photo-tile .tile-name').allTextContents();

/** Waits until so many photos are shown. @param {Page} page @param {number} photos */
async function waitFor(page, photos) {
  await page.waitForFunction((n) => document.querySelectorAll('.photo-tile').length === n, photos);
}

const visible = async () => (await (await fetch(`${pixora.base}/api/v1/sessions/${session}/photos?limit=50`)).json()).total;

test('photos are searched by name and ordered, and both survive a reload', SLOW, async () => {
  const { page, context, complaints } = await panel();
  await waitFor(page, ALL);
  await page.getByRole('combobox', { name: 'Order' }).selectOption({ label: 'By name, from the end' });
  const name = (/** @type {string} */ path) => path.split('/').at(-1) ?? '';
  const descending = EVERYTHING.map(name).toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true, sensitivity: 'base' }));
  await page.waitForFunction((first) => document.querySelector('.photo-tile .tile-name')?.textContent === first, descending[0]);
  assert.deepEqual(await shown(page), descending);
  const part = name(PHOTOS.one[0]).slice(1, 5).toUpperCase();
  const matching = descending.filter((each) => each.toUpperCase().includes(part));
  await page.getByRole('searchbox', { name: 'File name' }).fill(part);
  await waitFor(page, matching.length);
  assert.match(page.url(), /#photos\?.*sort=name\.last/);
  await page.reload();
  await waitFor(page, matching.length);
  assert.deepEqual(await shown(page), matching);
  assert.equal(await page.getByRole('searchbox', { name: 'File name' }).inputValue(), part);
  // All that match are selected, and nothing else.
  await page.getByRole('button', { name: 'Select all' }).click();
  await page.getByText(`${matching.length} selected`).waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'narrowed');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a deleted photo lies in the bin, is taken back by undo and by hand, and goes when the bin is emptied', SLOW, async () => {
  const { page, context, complaints } = await panel();
  await waitFor(page, ALL);
  await tiles(page).nth(0).click();
  await tiles(page).nth(1).click();
  await page.keyboard.press('Delete');
  await page.getByText('2 photos are in the bin').waitFor();
  assert.equal(await visible(), ALL - 2);
  await page.keyboard.press('ControlOrMeta+z');
  await page.getByText('2 photos are back').waitFor();
  assert.equal(await visible(), ALL);
  await waitFor(page, ALL);

  await tiles(page).nth(0).click();
  await tiles(page).nth(1).click();
  await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Bin: 2' }).click();
  await waitFor(page, 2);
  await page.getByText('30 days left').first().waitFor();
  await page.waitForFunction(() => {
    const image = /** @type {HTMLImageElement | null} */ (document.querySelector('.photo-tile img'));
    return image?.complete && image.naturalWidth > 0;
  });
  assert.deepEqual(await axeFindings(page), []);
  await tiles(page).nth(0).click();
  await shot(page, 'bin');
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.getByText('1 photo is back').waitFor();
  assert.equal(await visible(), ALL - 1);
  await page.getByRole('button', { name: 'Empty the bin' }).click();
  const dialog = page.getByRole('dialog', { name: 'Empty the bin?' });
  await dialog.getByText('1 photo is erased for good').waitFor();
  await dialog.getByRole('button', { name: 'Empty the bin' }).click();
  await page.getByText('No photos of this kind').waitFor();
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await waitFor(page, ALL - 1);
  // Sent again, it is there again: it was erased.
  await upload(context, pixora.base, session, EVERYTHING);
  await page.waitForFunction((n) => document.querySelectorAll('.photo-tile.is-ready').length === n, ALL, SLOW);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('chapters are suggested, named, moved and filled by hand, and guests choose one', SLOW, async () => {
  const { page, context, complaints } = await panel();
  await page.getByRole('button', { name: 'Chapters', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Chapters of the session' });
  await dialog.getByText('There are no chapters yet.').waitFor();
  await dialog.getByRole('button', { name: 'Add a chapter' }).click();
  await dialog.getByLabel('Name of chapter 1').fill('Dinner');
  await dialog.getByRole('button', { name: 'Add a chapter' }).click();
  await dialog.getByLabel('Name of chapter 2').fill('Ceremony');
  await dialog.getByLabel('Start of chapter 2').fill('2001-01-01T00:00');
  await dialog.getByRole('button', { name: 'Move chapter 2 up' }).press('Enter');
  assert.equal(await dialog.getByLabel('Name of chapter 1').inputValue(), 'Ceremony');
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'chapters');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Chapters saved').waitFor();

  await waitFor(page, ALL);
  await tiles(page).nth(0).click();
  await page.getByRole('combobox', { name: 'To a chapter…' }).selectOption({ label: 'Dinner' });
  await page.getByText('1 photo is moved').waitFor();
  await page.getByRole('combobox', { name: 'Chapter', exact: true }).selectOption({ label: 'Dinner (1)' });
  await waitFor(page, 1);
  const [first] = await shown(page);

  const guest = await openPage(browser, PHONE);
  await gotoAll(guest.page, `${pixora.base}/session/${session}#/all`);
  const chapters = guest.page.getByRole('group', { name: 'Parts of the day' });
  await chapters.waitFor();
  // Each chapter has a heading between the photos.
  const headings = guest.page.getByRole('list', { name: 'All photos' }).getByRole('heading', { level: 2 });
  assert.deepEqual(await headings.allTextContents(), ['Dinner', 'Ceremony']);
  assert.deepEqual(await axeFindings(guest.page), []);
  await shot(guest.page, 'guest-chapters');
  await guest.page.setViewportSize(PHONE.viewport);
  await chapters.getByRole('button', { name: 'Dinner 1' }).click();
  await guest.page.getByText('1 photo', { exact: true }).waitFor();
  assert.equal(await guest.page.locator('.tile').count(), 1);
  assert.equal(await headings.count(), 0, 'the chapter is said above');
  await chapters.getByRole('button', { name: 'The whole day' }).click();
  await guest.page.getByText(`${ALL} photos`, { exact: true }).waitFor();
  await guest.page.getByRole('button', { name: 'Last ones first' }).click();
  await guest.page.getByRole('button', { name: 'First ones first' }).waitFor();
  await headings.first().waitFor();
  assert.deepEqual(await headings.allTextContents(), ['Ceremony', 'Dinner']);
  assert.deepEqual(guest.complaints, []);
  await guest.context.close();

  await page.getByRole('combobox', { name: 'Chapter', exact: true }).selectOption({ label: 'All chapters' });
  await waitFor(page, ALL);
  assert.ok((await shown(page)).includes(first));
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a guest who is in two chapters looks at the photos of one of them', SLOW, async () => {
  const { context } = await panel();
  const { photos } = await (await context.request.get(`${pixora.base}/api/photo-sessions/${session}/photos`)).json();
  const headers = await csrf(context);
  const put = await context.request.put(`${pixora.base}/api/photo-sessions/${session}/chapters`, {
    headers,
    data: { chapters: [{ name: 'Ceremony', starts_at: '2001-01-01T00:00' }, { name: 'Dinner' }] },
  });
  const { chapters } = await put.json();
  const moved = photos.find((/** @type {{ filename: string }} */ photo) => PHOTOS.one[0].endsWith(`/${photo.filename}`));
  const batch = await context.request.post(`${pixora.base}/api/photo-sessions/${session}/photos/batch`, {
    headers,
    data: { photo_ids: [moved.photo_id], action: 'chapter', chapter_id: chapters[1].chapter_id },
  });
  assert.deepEqual(await batch.json(), { changed: 1 });
  await context.close();

  const folder = await mkdtemp(join(tmpdir(), 'pixora-camera-'));
  const face = { x: 0.58, y: 0.325, size: 0.64 };
  const camera = await launch({ camera: await cameraOf(join(folder, 'one.y4m'), { picture: sample(PHOTOS.selfieOfOne), face }) });
  try {
    const { page, complaints } = await openPage(camera, PHONE);
    await page.goto(`${pixora.base}/session/${session}`);
    await page.getByRole('button', { name: 'Find my photos' }).click();
    await page.getByRole('button', { name: /I agree/ }).click();
    await page.getByText('Place your face in the oval').waitFor(SLOW);
    await page.getByRole('button', { name: 'Take the picture' }).click();
    await page.getByRole('heading', { name: 'You are in 2 photos' }).waitFor(SLOW);
    const parts = page.getByRole('group', { name: 'Parts of the day' });
    await parts.getByRole('button', { name: 'Dinner 1' }).click();
    await waitForTiles(page, 1);
    assert.deepEqual(await shownFiles(page, pixora.base, session), [moved.filename]);
    assert.deepEqual(await axeFindings(page), []);
    await shot(page, 'result-chapters');
    await parts.getByRole('button', { name: 'The whole day' }).click();
    await waitForTiles(page, 2);
    assert.deepEqual(complaints, []);
  } finally {
    await camera.close();
    await rm(folder, { recursive: true });
  }
});

/** @param {Page} page @param {number} tiles */
async function waitForTiles(page, tiles) {
  await page.waitForFunction((n) => document.querySelectorAll('.results .tile').length === n, tiles);
}
