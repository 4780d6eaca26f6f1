/** Choosing: hearts of guests, a shared list, the couple's selection with its limit, and what the photographer takes back. */
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
    await pixora.ingest(session, [...PHOTOS.one, ...PHOTOS.other, ...PHOTOS.groups]);
    await pixora.serve();
    browser = await launch();
  },
  { timeout: 400_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

const link = () => `${pixora.base}/session/${session}`;
/** @param {import('playwright-core').Page} page */
const hearts = (page) => page.locator('.tile-heart');

test('a guest gives hearts without an account, finds them after a reload, shares them and is forgotten', async () => {
  const { page, context, complaints } = await openPage(browser);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: pixora.base });
  await gotoAll(page, `${link()}#/all`);
  assert.deepEqual(await context.cookies().then((all) => all.map(({ name }) => name)), [], 'who only looks leaves no trace');
  await hearts(page).nth(0).click();
  await hearts(page).nth(2).click();
  assert.equal(await hearts(page).nth(0).getAttribute('aria-pressed'), 'true');
  assert.equal(await hearts(page).nth(1).getAttribute('aria-pressed'), 'false');
  await page.getByRole('button', { name: 'Favourites' }).waitFor();

  // In the viewer the same heart stands.
  await page.locator('.tile-link').nth(2).click();
  await page.locator('.pswp__button--heart[aria-pressed="true"]').waitFor();
  // While the photo grows into its place no key is heard.
  await page.locator('.pswp--open').waitFor();
  await page.waitForTimeout(800);
  await page.keyboard.press('ArrowRight');
  await page.locator('.pswp__button--heart[aria-pressed="false"]').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await gotoAll(page, `${link()}#/all`);
  await page.reload();
  await page.getByRole('button', { name: 'Favourites' }).click();
  await page.getByRole('heading', { name: 'Favourites' }).waitFor();
  await page.getByText('2 photos').waitFor();
  await page.locator('.favourites .tile img.is-loaded').first().waitFor();
  assert.equal(await page.locator('.favourites .tile').count(), 2);
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'hearts');
  await page.setViewportSize(PHONE.viewport);

  await page.getByLabel('Your name, if you like').fill('Vera');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The name is saved').waitFor();
  await page.getByRole('button', { name: 'Share the list' }).click();
  await page.getByText('The link is copied').waitFor();
  const shared = await page.evaluate(() => navigator.clipboard.readText());
  const other = await openPage(browser);
  await gotoAll(other.page, shared);
  await other.page.getByRole('heading', { name: 'List: Vera' }).waitFor();
  assert.equal(await other.page.locator('.favourites .tile').count(), 2);
  assert.deepEqual(await axeFindings(other.page), []);
  await shot(other.page, 'hearts-shared');
  await page.getByRole('button', { name: 'Stop sharing' }).click();
  await page.getByText('The link no longer works').waitFor();
  await other.page.reload();
  await other.page.getByText('This list is no longer shared').waitFor();
  await other.context.close();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the couple chooses up to its limit and the photographer takes the choice back', async () => {
  const panel = await openPage(browser, DESKTOP);
  await panel.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: pixora.base });
  await signIn(panel.context, pixora.base, OWNER, PASSWORD);
  const studio = panel.page;
  await studio.goto(`${pixora.base}/dashboard/photo-sessions/${session}#choices`);
  await studio.getByLabel('How many photos may be chosen').fill('2');
  await studio.getByRole('button', { name: 'Make a link for the couple' }).click();
  await studio.getByText('0 of 2 chosen').waitFor();
  const url = await studio.getByLabel('The couple’s link').inputValue();

  const couple = await openPage(browser);
  await gotoAll(couple.page, url);
  assert.ok(!couple.page.url().includes('choose='), 'the key does not stay in the address');
  await hearts(couple.page).nth(0).click();
  await hearts(couple.page).nth(1).click();
  await couple.page.getByRole('button', { name: '2 of 2 chosen' }).waitFor();
  await hearts(couple.page).nth(3).click();
  await couple.page.getByText('2 are chosen, and no more may be').waitFor();
  assert.equal(await hearts(couple.page).nth(3).getAttribute('aria-pressed'), 'false');
  await couple.page.getByRole('button', { name: '2 of 2 chosen' }).click();
  await couple.page.getByRole('heading', { name: 'Your selection' }).waitFor();
  await couple.page.locator('.favourites .tile img.is-loaded').first().waitFor();
  await couple.page.getByRole('button', { name: 'The choice is made' }).click();
  await couple.page.getByText('You said that the choice is made').waitFor();
  assert.deepEqual(await axeFindings(couple.page), []);
  await shot(couple.page, 'selection');
  assert.deepEqual(couple.complaints, []);
  await couple.context.close();

  await studio.reload();
  await studio.getByText('2 of 2 chosen').waitFor();
  await studio.getByText('The couple said that the choice is made').waitFor();
  await studio.getByRole('region', { name: 'Take the choice back' }).getByRole('button', { name: 'Names of files' }).click();
  await studio.getByText('names copied').waitFor();
  const names = (await studio.evaluate(() => navigator.clipboard.readText())).split(', ');
  assert.ok(names.length >= 2 && names.every((name) => !name.includes('.')), names.join());
  await studio.getByLabel('Whose choice').selectOption('couple');
  const [download] = await Promise.all([
    studio.waitForEvent('download'),
    studio.locator('section', { hasText: 'Take the choice back' }).getByRole('link', { name: 'CSV table' }).click(),
  ]);
  const table = await readFile(await download.path(), 'utf8');
  assert.equal(table.trim().split('\n').length, 3, table);
  assert.deepEqual(await axeFindings(studio), []);
  await shot(studio, 'choices-panel');

  await studio.getByRole('button', { name: 'New link' }).click();
  await studio.getByRole('dialog').getByRole('button', { name: 'New link' }).click();
  // The form is drawn anew with the new link.
  await studio.waitForFunction((old) => {
    const all = [...document.querySelectorAll('[aria-label="The couple’s link"]')];
    return all.length === 1 && /** @type {HTMLInputElement} */ (all[0]).value !== old;
  }, url);
  const late = await openPage(browser);
  await gotoAll(late.page, url);
  await late.page.getByText('This link for choosing no longer works').waitFor();
  await late.context.close();
  assert.deepEqual(panel.complaints, []);
  await panel.context.close();
});
