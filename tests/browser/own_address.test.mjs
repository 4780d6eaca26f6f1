/** The studio's own address: entered, waiting for DNS with records to copy, failed, removed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeFindings, DESKTOP, installPixora, launch, openPage, PHONE, shot, signIn } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
const HOST = 'photos.studio.example';

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Page} */
let page;

before(
  async () => {
    pixora = await installPixora();
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
    const studio = await openPage(browser, DESKTOP);
    page = studio.page;
    await signIn(studio.context, pixora.base, MARIA, PASSWORD);
  },
  { timeout: 300_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

test('an address is entered, shows what DNS has to say, and is removed', { timeout: 120_000 }, async () => {
  await page.goto(`${pixora.base}/dashboard/settings/studio`);
  const card = page.getByRole('region', { name: 'Own address' });
  await card.getByLabel('Name in your domain').fill('https://photos.studio.example/');
  await card.getByRole('button', { name: 'Save address' }).click();
  await card.getByText('Write a name such as photos.example.com').waitFor();

  await card.getByLabel('Name in your domain').fill(HOST);
  await card.getByRole('button', { name: 'Save address' }).click();
  await card.getByText('Waiting for DNS').or(card.getByText('Failed')).waitFor();
  await card.getByText(`_pixora.${HOST}`).waitFor();
  const value = await card.getByText(/^pixora=[\w-]{43}$/).textContent();
  assert.ok(value);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await card.getByRole('button', { name: 'Copy' }).nth(1).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), value);

  // No name server here knows the name: the panel says what was found.
  await card.getByRole('button', { name: 'Check now' }).click();
  await card.getByText(/The TXT record is not there yet|The name server did not answer/).waitFor({ timeout: 30_000 });
  for (const { viewport } of [PHONE, DESKTOP]) {
    await page.setViewportSize(viewport);
    await card.scrollIntoViewIfNeeded();
    const isWider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(isWider, false, `${viewport.width}: nothing sticks out`);
  }
  await shot(page, 'own-address');
  assert.deepEqual(await axeFindings(page), []);

  // It is the same after a reload.
  await page.reload();
  await card.getByText(value).waitFor();
  await card.getByRole('button', { name: 'Remove address' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove address' }).click();
  await card.getByLabel('Name in your domain').waitFor();
});
