/** Proofing: the photographer's stars and labels, and photos that the couple hides from other guests. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { axeFindings, DESKTOP, gotoAll, installPixora, launch, openPage, PHONE, PHOTOS, shot, signIn } from './support.mjs';

const OWNER = 'anna@studio.example';
const PASSWORD = 'a long enough password';

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
    session = await pixora.createSession('Anna & Ivan');
    await pixora.ingest(session, [...PHOTOS.one, ...PHOTOS.other, PHOTOS.groups[0]]);
    await pixora.serve();
    browser = await launch();
  },
  { timeout: 400_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

/** @param {string} hash */
const panelAt = (hash) => `${pixora.base}/dashboard/photo-sessions/${session}${hash}`;

/** The panel of the photographer. @param {string} hash */
async function panel(hash) {
  const opened = await openPage(browser, DESKTOP);
  await opened.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: pixora.base });
  await signIn(opened.context, pixora.base, OWNER, PASSWORD);
  await opened.page.goto(panelAt(hash));
  return opened;
}

test('stars, labels and rejections are given with the keys of Lightroom, to several at once, and taken back', async () => {
  const { page, context, complaints } = await panel('#photos');
  const tiles = page.getByRole('listbox').getByRole('option');
  await tiles.first().focus();
  await page.keyboard.press('4');
  await tiles.nth(0).getByText('★★★★').waitFor();
  await page.keyboard.press('6');
  await tiles.nth(0).getByText('Red').waitFor();
  await page.keyboard.press('6');
  await tiles.nth(0).getByText('Red').waitFor({ state: 'detached' });

  // Several at once, and the way back: each has again what it had.
  await tiles.nth(0).click();
  await tiles.nth(1).click();
  await page.keyboard.press('2');
  await tiles.nth(1).getByText('★★', { exact: true }).waitFor();
  await page.getByText('2 photos marked').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await tiles.nth(0).getByText('★★★★').waitFor();
  await tiles.nth(1).getByText('★', { exact: false }).waitFor({ state: 'detached' });

  // With a pointer.
  await page.getByRole('button', { name: 'Stars and labels' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Purple label' }).click();
  await dialog.getByRole('button', { name: 'Purple label', pressed: true }).waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'marks-dialog');
  await page.keyboard.press('Escape');
  await tiles.nth(1).getByText('Purple').waitFor();

  // In the large photo.
  await page.getByRole('button', { name: 'Clear selection' }).click();
  await tiles.nth(2).dblclick();
  await dialog.getByRole('button', { name: '5 stars' }).waitFor();
  await page.keyboard.press('x');
  await dialog.getByRole('button', { name: 'Reject', pressed: true }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await dialog.getByRole('button', { name: 'Purple label', pressed: true }).waitFor();
  await page.keyboard.press('ArrowRight');
  await dialog.getByRole('button', { name: 'Reject', pressed: true }).waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'marks-large');
  await page.keyboard.press('Escape');
  await page.reload();
  await tiles.nth(2).getByText('Reject').waitFor();
  await tiles.nth(0).getByText('★★★★').waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'marks-grid');
  await page.setViewportSize(PHONE.viewport);
  await shot(page, 'marks-grid-phone');
  await page.setViewportSize(DESKTOP.viewport);

  await page.goto(panelAt('#choices'));
  await page.getByLabel('Whose choice').selectOption('studio');
  const card = page.locator('section', { hasText: 'Take the choice back' });
  const [download] = await Promise.all([page.waitForEvent('download'), card.getByRole('link', { name: 'CSV table' }).click()]);
  const rows = (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
  assert.equal(rows.length, 4, rows.join('\n'));
  assert.ok(rows.some((row) => row.endsWith(',4,Purple')) && rows.some((row) => /,-1,[^,]*$/.test(row)), rows.join('\n'));
  const guest = await openPage(browser);
  await gotoAll(guest.page, `${pixora.base}/session/${session}#/all`);
  assert.equal(await guest.page.getByText(/★|Purple|Reject/).count(), 0, 'guests see none of it');
  await guest.context.close();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the couple hides photos from other guests, shows them again, and the photographer may overrule it', async () => {
  const studio = await panel('#choices');
  await studio.page.getByRole('button', { name: 'Make a link for the couple' }).click();
  await studio.page.getByText('The couple may hide photos from guests').click();
  await studio.page.getByText('Saved').waitFor();
  const url = await studio.page.getByLabel('The couple’s link').inputValue();

  const couple = await openPage(browser);
  await gotoAll(couple.page, url);
  const hide = couple.page.locator('.tile-hide');
  await hide.nth(0).waitFor();
  const guest = await openPage(browser);
  await gotoAll(guest.page, `${pixora.base}/session/${session}#/all`);
  const all = await guest.page.locator('.tile').count();
  assert.equal(await guest.page.locator('.tile-hide').count(), 0, 'other guests are offered nothing of it');

  await hide.nth(0).click();
  await couple.page.getByText('1 photo is hidden from guests').waitFor();
  await couple.page.getByRole('button', { name: 'Undo' }).click();
  await couple.page.getByText('Guests see 1 photo again').waitFor();
  await hide.nth(0).click();
  await couple.page.locator('.tile.is-kept-back').waitFor();
  await shot(couple.page, 'couple-hides');
  await guest.page.reload();
  await guest.page.locator('.tile').first().waitFor();
  assert.equal(await guest.page.locator('.tile').count(), all - 1);
  await couple.page.reload();
  await couple.page.locator('.tile.is-kept-back').waitFor();
  assert.equal(await couple.page.locator('.tile').count(), all, 'the couple goes on seeing it');
  await couple.page.getByRole('button', { name: 'Hidden' }).click();
  await couple.page.getByRole('heading', { name: 'Hidden from guests' }).waitFor();
  await couple.page.locator('.favourites .tile img.is-loaded').waitFor();
  assert.deepEqual(await axeFindings(couple.page), []);
  await shot(couple.page, 'couple-hidden');

  // The photographer sees who hid what, and may show it all the same.
  await studio.page.reload();
  await studio.page.getByText('The couple hides 1 photo').waitFor();
  assert.deepEqual(await axeFindings(studio.page), []);
  await shot(studio.page, 'choices-hidden');
  await studio.page.goto(panelAt('#photos'));
  const tile = studio.page.getByRole('option', { name: 'Hidden by the couple' });
  await tile.click();
  await studio.page.getByRole('button', { name: 'Show all the same' }).click();
  await studio.page.getByText('Guests see 1 photo').waitFor();
  await guest.page.reload();
  await guest.page.locator('.tile').first().waitFor();
  assert.equal(await guest.page.locator('.tile').count(), all);
  await gotoAll(couple.page, `${pixora.base}/session/${session}#/all`);
  await couple.page.reload();
  await hide.nth(0).waitFor();
  await hide.nth(0).click();
  await couple.page.getByText('The photographer decided that guests see this photo').waitFor();
  assert.equal(await hide.nth(0).getAttribute('aria-pressed'), 'false');
  for (const each of [studio, couple, guest]) {
    // The refusal is an answer that the browser notes.
    assert.deepEqual(
      each.complaints.filter((complaint) => !complaint.includes('409')),
      [],
    );
    await each.context.close();
  }
});
