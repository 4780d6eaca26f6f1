/** A session tied to a folder in the panel: photos that lie there are photos of the session, without an upload. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { axeFindings, DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, sample, signIn } from './support.mjs';

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
const SLOW = { timeout: 120_000 };

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let nas;

before(
  async () => {
    nas = await mkdtemp(join(tmpdir(), 'pixora-nas-'));
    pixora = await installPixora({ PIXORA_LIBRARY_ROOTS: nas });
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
  },
  { timeout: 200_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
  await rm(nas, { recursive: true, force: true });
});

test('an admin ties a session to a folder and sees how far it is', { timeout: 300_000 }, async () => {
  const folder = join(nas, 'wedding');
  await mkdir(folder);
  for (const name of PHOTOS.one) await copyFile(sample(name), join(folder, basename(name)));
  await writeFile(join(folder, 'notes.jpg'), 'no picture');
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await signIn(context, pixora.base, MARIA, PASSWORD);
  const session = await pixora.createSession('On the shelf');
  await page.goto(`${pixora.base}/dashboard/photo-sessions/${session}#upload`);
  await page.getByRole('heading', { name: 'Library' }).waitFor();
  await page.getByLabel('Folder on the server').fill('/etc');
  await page.getByRole('button', { name: 'Tie to a folder' }).click();
  await page.getByText('There is no such folder below those that the operator has allowed.').waitFor();
  await page.getByLabel('Folder on the server').fill(folder);
  await page.getByRole('button', { name: 'Tie to a folder' }).click();
  const count = PHOTOS.one.length;
  await page.getByText(new RegExp(`^${count + 1} files, ${count} photos; looked through`)).waitFor(SLOW);
  await page.getByText('Refused: 1').click();
  await page.getByText('notes.jpg').waitFor();
  assert.deepEqual(await axeFindings(page), []);
  if (process.env.PIXORA_SHOTS) {
    await page.screenshot({ path: join(process.env.PIXORA_SHOTS, 'library-desktop.png'), fullPage: true });
    await page.setViewportSize(PHONE.viewport ?? { width: 390, height: 844 });
    await page.screenshot({ path: join(process.env.PIXORA_SHOTS, 'library-phone.png'), fullPage: true });
    await page.setViewportSize({ width: 1440, height: 900 });
  }
  await page.goto(`${pixora.base}/dashboard/photo-sessions/${session}#photos`);
  await page
    .getByRole('listbox')
    .getByRole('option')
    .nth(count - 1)
    .waitFor(SLOW);

  // A file that goes there goes here.
  await unlink(join(folder, basename(PHOTOS.one[0])));
  await page.goto(`${pixora.base}/dashboard/photo-sessions/${session}#upload`);
  await page.getByRole('button', { name: 'Look through now' }).click();
  await page.getByText(new RegExp(`^${count} files, ${count - 1} photos; looked through`)).waitFor(SLOW);
  await page.getByRole('button', { name: 'Untie from the folder' }).click();
  await page.getByLabel('Folder on the server').waitFor();
  // The refusal of the folder is in the browser's log as well.
  assert.deepEqual(
    complaints.filter((complaint) => !complaint.includes('422')),
    [],
  );
});
