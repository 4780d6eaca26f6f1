/** Guests add photos of their own: from a phone, several at once, going on after a cut or a reload; the studio looks at them; one is reported. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { after, before, test } from 'node:test';
import { axeFindings, csrf, DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, poster, sample, shot, signIn } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {string} */
let session;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('playwright-core').BrowserContext} */
let studio;
/** @type {Page} */
let panel;

before(
  async () => {
    pixora = await installPixora();
    session = await pixora.createSession('Anna & Ivan');
    await pixora.ingest(session, PHOTOS.one);
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
    ({ context: studio, page: panel } = await openPage(browser, DESKTOP));
    await signIn(studio, pixora.base, MARIA, PASSWORD);
  },
  { timeout: 300_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

const link = () => `${pixora.base}/session/${session}`;

/** @param {object} data */
async function changeSession(data) {
  const answer = await studio.request.patch(`${pixora.base}/api/photo-sessions/${session}`, { headers: await csrf(studio), data });
  assert.ok(answer.ok(), await answer.text());
}

/** Opens the view in which photos are sent, and agrees to their publication. @param {Page} page */
async function agree(page) {
  await page.getByText('What becomes of them').waitFor();
  await page.getByRole('button', { name: 'I agree, choose photos' }).click();
  await page.locator('#send-files').waitFor({ state: 'attached' });
}

/** A sample as a phone's file picker gives it. @param {string} name */
const asFile = async (name) => ({ name: basename(name), mimeType: 'image/jpeg', buffer: await readFile(sample(name)) });

const seen = async () => (await (await fetch(`${pixora.base}/api/v1/sessions/${session}/photos`)).json()).photos;

test('where a session takes no photos of guests, nothing offers it', async () => {
  const { page, context } = await openPage(browser, PHONE);
  await page.goto(`${link()}#/send`);
  await page.getByRole('button', { name: 'All photos' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Add your photos' }).count(), 0);
  await context.close();
});

test('the studio switches it on in the form of the session', async () => {
  await panel.goto(`${pixora.base}/dashboard/photo-sessions/${session}`);
  await panel.getByRole('button', { name: 'Edit' }).click();
  const terms = panel.locator('dialog details.terms');
  if ((await terms.getAttribute('open')) === null) await terms.locator('summary').click();
  await panel.getByLabel('Photos of guests').selectOption('moderated');
  await panel.getByLabel('Most photos from one guest').fill('3');
  await panel.getByRole('button', { name: 'Save', exact: true }).click();
  await panel.getByRole('dialog').waitFor({ state: 'detached' });
  await panel.getByRole('link', { name: 'From guests' }).waitFor();
});

test('a guest sends several from the phone; the studio looks at them, then all guests see and find them', async () => {
  const { page, context, complaints } = await openPage(browser, PHONE);
  await page.goto(link());
  await page.getByRole('button', { name: 'Add your photos' }).click();
  await page.getByRole('heading', { name: 'Add your photos' }).waitFor();
  await page.getByText('What becomes of them').waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'send-consent');
  await agree(page);
  await page.getByLabel('Your name').fill('Aunt Olga');
  assert.deepEqual(await axeFindings(page), []);
  await page
    .locator('#send-files')
    .setInputFiles([
      await asFile(PHOTOS.other[0]),
      await asFile(PHOTOS.groups[0]),
      { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture at all') },
    ]);
  await page.getByText('2 photos were sent. Thank you!').waitFor({ timeout: 30_000 });
  await page.getByText('Not a photo').waitFor();
  await shot(page, 'send');
  assert.equal((await seen()).length, 2, 'nobody sees them yet');

  await page.getByText('Waits for the photographer').nth(1).waitFor({ timeout: 60_000 });

  await panel.goto(`${pixora.base}/dashboard/photo-sessions/${session}#guests`);
  await panel.getByText('From Aunt Olga').nth(1).waitFor({ timeout: 60_000 });
  await panel.getByRole('link', { name: 'From guests 2 wait to be looked at' }).waitFor();
  assert.deepEqual(await axeFindings(panel), []);
  await shot(panel, 'guest-desk');
  // By keys: the first one is shown, and the next one is under the keys then.
  await panel.getByRole('checkbox').first().focus();
  await panel.keyboard.press('ArrowRight');
  await panel.keyboard.press('ArrowLeft');
  await panel.keyboard.press('a');
  await panel.waitForFunction(() => document.querySelectorAll('.guest-photo').length === 1);
  assert.ok(await panel.getByRole('checkbox').evaluate((element) => element === document.activeElement));
  await panel.keyboard.press('x');
  await panel.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await panel.getByRole('checkbox').check();
  await panel.getByText('1 chosen').waitFor();
  await panel.getByRole('button', { name: 'Show to guests (1)' }).click();
  await panel.getByText('Nothing to look at').waitFor();
  const photos = await seen();
  assert.deepEqual(photos.map((/** @type {any} */ each) => Boolean(each.is_from_guest)).sort(), [false, false, true, true]);
  await page.getByText('Seen by guests').nth(1).waitFor({ timeout: 60_000 });
  await shot(page, 'own-photos');

  await page.goto(`${link()}#/all`);
  await page.reload();
  await page.getByText('from guests').first().waitFor();
  assert.equal(await page.locator('.tile-guest').count(), 2);
  await shot(page, 'from-guests');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a limit is said, and a photo that is here already is not sent twice', async () => {
  const { page, context } = await openPage(browser, PHONE);
  await page.goto(`${link()}#/send`);
  await agree(page);
  await page.locator('#send-files').setInputFiles([sample(PHOTOS.one[0])]);
  await page.getByText('Is here already').waitFor({ timeout: 30_000 });
  /** @type {any[]} */
  const files = [];
  for (const width of [400, 420, 440, 460]) files.push({ ...(await poster(page, width, 300)), name: `hill-${width}.jpg` });
  await page.locator('#send-files').setInputFiles(files);
  await page.getByText('No more photos can be sent').first().waitFor({ timeout: 60_000 });
  await page.locator('.own-row').nth(2).waitFor();
  assert.equal(await page.locator('.own-row').count(), 3);
  await context.close();
});

test('a lost network is waited for, and what was begun goes on', async () => {
  await changeSession({ guest_photos: 'open', most_from_a_guest: 50 });
  const { page, context, complaints } = await openPage(browser, PHONE);
  await page.goto(`${link()}#/send`);
  await agree(page);
  await context.setOffline(true);
  await page.locator('#send-files').setInputFiles([sample(PHOTOS.groups[1])]);
  await page.getByText('it goes on by itself').waitFor({ timeout: 30_000 });
  await context.setOffline(false);
  await page.getByText('1 photo was sent. Thank you!').waitFor({ timeout: 60_000 });
  assert.deepEqual(complaints, []);
  await context.close();
});

test('what a reload has cut short goes on by itself, and is taken back', async () => {
  const { page, context } = await openPage(browser, PHONE);
  await page.goto(`${link()}#/send`);
  await agree(page);
  // Nothing gets past the announcement, as on a line that is lost.
  await page.route('**/guest-uploads/*', (route) => route.abort());
  await page.locator('#send-files').setInputFiles([{ ...(await poster(page, 640, 480)), name: 'reloaded.jpg' }]);
  await page.getByText('it goes on by itself').waitFor({ timeout: 30_000 });
  await page.unroute('**/guest-uploads/*');
  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await page.getByText('1 photo was sent. Thank you!').waitFor({ timeout: 60_000 });
  const own = page.locator('.own-row', { hasText: 'reloaded.jpg' });
  await own.getByText('Seen by guests').waitFor({ timeout: 60_000 });
  const before = (await seen()).length;
  await own.getByRole('button', { name: 'Take back' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
  await page.getByText('The photo is erased').waitFor();
  await own.waitFor({ state: 'detached' });
  assert.equal((await seen()).length, before - 1);

  // With the consent all goes, and it is asked again.
  await page.locator('#send-files').setInputFiles([{ ...(await poster(page, 500, 400)), name: 'all.jpg' }]);
  await page.locator('.own-row', { hasText: 'all.jpg' }).getByText('Seen by guests').waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Take all back' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take all back' }).click();
  await page.getByRole('button', { name: 'I agree, choose photos' }).waitFor();
  assert.equal((await seen()).length, before - 1);
  await context.close();
});

test('a guest reports a photo of another guest, and the studio decides', async () => {
  const { page, context } = await openPage(browser, DESKTOP);
  await page.goto(`${link()}#/all`);
  await panel.goto(`${pixora.base}/dashboard/photo-sessions/${session}#guests`);
  const tile = page.locator('.tile', { has: page.locator('.tile-guest') }).last();
  await tile.locator('.tile-link').click();
  await page.locator('.pswp__from-guest').getByRole('button', { name: 'Report' }).click();
  const dialog = page.getByRole('dialog', { name: 'Report this photo?' });
  await dialog.getByLabel('What is wrong with it').fill('Please take it away, Arrow keys too');
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'report');
  await dialog.getByRole('button', { name: 'Report', exact: true }).click();
  await page.getByText('The photographer will look at this photo').waitFor();

  // An open panel hears of it.
  const reported = panel.locator('.guest-photo', { hasText: 'Please take it away' });
  await reported.getByText('1 report').waitFor();
  await reported.getByText('Guests see it already').waitFor();
  await shot(panel, 'guest-desk-reported');
  const before = (await seen()).length;
  await reported.getByRole('button', { name: 'Delete' }).click();
  await panel.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await reported.waitFor({ state: 'detached' });
  assert.equal((await seen()).length, before - 1);
  await context.close();
});
