/** A photo and a session are erased for good in the panel of the real program, each with its receipt. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { axeFindings, csrf, DESKTOP, installPixora, launch, openPage, PHOTOS, shot, signIn, upload } from './support.mjs';

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
const NAME = 'Wedding of Anna and Peter';
const DONE = { timeout: 120_000 };

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;

before(
  async () => {
    pixora = await installPixora();
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
  },
  { timeout: 200_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

test('a photo and a session are erased for good, and each has a receipt', { timeout: 600_000 }, async () => {
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await signIn(context, pixora.base, MARIA, PASSWORD);
  const made = await context.request.post(`${pixora.base}/api/photo-sessions`, { headers: await csrf(context), data: { name: NAME } });
  const { id } = await made.json();
  await upload(context, pixora.base, id, PHOTOS.one);
  await page.goto(`${pixora.base}/dashboard/photo-sessions/${id}#photos`);
  const photos = page.getByRole('listbox').getByRole('option');
  await page.waitForFunction((count) => document.querySelectorAll('[role="option"] img').length === count, PHOTOS.one.length, DONE);

  // One photo, from its large view.
  await photos.first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Erase for good' }).click();
  const dialog = page.getByRole('dialog', { name: 'Erase for good' });
  await dialog.getByText('1 photo', { exact: true }).waitFor();
  await shot(page, 'erase-photo');
  assert.deepEqual(await axeFindings(page), []);
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await dialog.getByText('Erased. Nothing is left on the disk.').waitFor(DONE);
  const [saved] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('link', { name: 'Save the receipt' }).click()]);
  const receipt = JSON.parse(await readFile(await saved.path(), 'utf8'));
  assert.equal(receipt.rows.photos, 1);
  assert.deepEqual(receipt.left, { photos: 0, faces: 0, files: 0, vectors: 0 });
  assert.deepEqual(receipt.index, { rewritten: true });
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.waitForFunction((count) => document.querySelectorAll('[role="option"]').length === count, PHOTOS.one.length - 1, DONE);

  // The session, whose name has to be typed.
  await page.getByRole('button', { name: 'Delete session' }).click();
  const whole = page.getByRole('dialog', { name: 'Delete session' });
  const yes = whole.getByRole('button', { name: 'Erase for good' });
  await yes.waitFor();
  assert.equal(await yes.isDisabled(), true, 'not before the name is typed');
  await whole.getByRole('textbox').fill('Wedding');
  assert.equal(await yes.isDisabled(), true);
  await whole.getByRole('textbox').fill(NAME);
  await shot(page, 'erase-session');
  assert.deepEqual(await axeFindings(page), []);
  await yes.click();
  await whole.getByText('Erased. Nothing is left on the disk.').waitFor(DONE);
  assert.deepEqual(await axeFindings(page), []);
  await whole.getByRole('button', { name: 'Close' }).last().click();
  await page.waitForURL(/dashboard\/photo-sessions$/);
  assert.equal((await context.request.get(`${pixora.base}/api/v1/sessions/${id}`)).status(), 404);
  assert.equal((await context.request.get(`${pixora.base}/api/erasures`)).status(), 200);
  assert.deepEqual(
    complaints.filter((complaint) => !complaint.includes('404')),
    [],
  );
  await context.close();
});
