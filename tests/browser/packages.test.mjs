/** Packages in a real browser: made by the studio, filled by a guest, paid, delivered; and what is sold in several sessions. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startYooKassa } from '../support/yookassa.mjs';
import { axeFindings, csrf, DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, shot, signIn, speak } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
const SLOW = { timeout: 90_000 };

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {Awaited<ReturnType<typeof startYooKassa>>} */
let yookassa;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let session;
/** The panel, signed in; stays open. @type {Awaited<ReturnType<typeof openPage>>} */
let studio;
/** @type {string} */
let prices;

before(
  async () => {
    yookassa = await startYooKassa();
    pixora = await installPixora(yookassa.settings);
    yookassa.tells(pixora.base);
    session = await pixora.createSession('Summer party');
    await pixora.createSession('Autumn party');
    await pixora.ingest(session, [...PHOTOS.one, ...PHOTOS.other, ...PHOTOS.groups]);
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
    studio = await openPage(browser, DESKTOP);
    await signIn(studio.context, pixora.base, MARIA, PASSWORD);
    const { user } = await (await studio.context.request.get(`${pixora.base}/api/auth/me`)).json();
    prices = `${pixora.base}/api/studios/${user.studios[0].id}/prices`;
    const answer = await studio.context.request.put(prices, {
      headers: await csrf(studio.context),
      data: {
        currency: 'RUB',
        prices: [{ kind: 'digital', size: null, name: { ru: 'Файл', en: 'Full-size file' }, amount: 900, active: true }],
      },
    });
    assert.ok(answer.ok(), await answer.text());
  },
  { timeout: 400_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
  await yookassa?.stop();
});

/** @param {Page} page @param {string | RegExp} name */
const press = (page, name) => page.getByRole('button', { name }).click();

/** @param {Page} page @param {string} name */
async function check(page, name) {
  await page.waitForTimeout(300);
  assert.deepEqual(await axeFindings(page), [], name);
  const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  assert.ok(fits, `${name} is as wide as the screen`);
  await shot(page, name);
}

test('the studio makes a package and names it in the languages that it wants', SLOW, async () => {
  const { page, complaints } = studio;
  await page.goto(`${pixora.base}/dashboard/settings/prices`);
  await press(page, 'Package');
  const row = page.locator('.price-row').nth(1);
  await row.getByLabel('Name (English)', { exact: true }).fill('Memories');
  await row.getByText('Other languages').click();
  assert.equal(await row.getByLabel('Name (Deutsch)').inputValue(), 'Paket', 'the usual name is there in every language');
  await row.getByLabel('Name (Deutsch)').fill('Erinnerungen');
  await row.getByLabel('Name (Русский)').fill('');
  assert.equal(await row.getByLabel('Name (Русский)').getAttribute('placeholder'), 'Memories', 'what is read instead');
  await row.getByLabel('How many photos').fill('3');
  await row.getByLabel('Price, RUB').fill('50');
  await row.getByRole('button', { name: 'Add a part' }).click();
  await press(page, 'Save prices');
  await row.getByText('Write a size, for example').waitFor();
  await row.getByRole('combobox', { name: 'Size' }).fill('10×15 cm');
  await row.getByLabel('How many photos').nth(1).fill('2');
  await page.locator('.price-preview').getByText('3 files + 2 prints 10×15 cm').waitFor();
  await check(page, 'package-made');
  await press(page, 'Save prices');
  await page.getByText('Prices saved').waitFor();
  await page.reload();
  await row.getByText('Other languages').click();
  assert.equal(await row.getByLabel('Name (Deutsch)').inputValue(), 'Erinnerungen');
  assert.equal(await row.getByLabel('Name (Русский)').inputValue(), '');
  // The same list again keeps the ids, so that carts keep their photos.
  const before = await (await studio.context.request.get(prices)).json();
  await row.getByLabel('Price, RUB').fill('51');
  await press(page, 'Save prices');
  await page.getByText('Prices saved').waitFor();
  const after = await (await studio.context.request.get(prices)).json();
  assert.deepEqual(after.prices[1].parts, before.prices[1].parts);
  assert.equal(after.prices[1].amount, 5_100);
  assert.deepEqual(complaints, []);
});

test('a guest takes a package, fills it, orders it and downloads what is in it', { timeout: 180_000 }, async () => {
  const { page, context, complaints } = await openPage(browser, PHONE);
  await page.goto(`${pixora.base}/session/${session}#/all`);
  await page.getByRole('button', { name: 'Add to cart: photo 1', exact: true }).waitFor();
  await page.getByRole('button', { name: /^Cart, / }).click();
  await page.getByText('3 files + 2 prints 10×15 cm').waitFor();
  await check(page, 'package-offer');
  await press(page, /^Add\s*Memories/);
  await page.getByText('5 photos are missing in a package.').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Check out' }).isDisabled());

  // The files: a press on a photo puts it in, and no more than fit.
  await page.getByRole('group', { name: '0 of 3 files' }).getByRole('button', { name: 'Choose photos' }).click();
  /** @param {number} i */
  const photo = (i) => page.getByRole('button', { name: `Into the package: photo ${i}`, exact: true });
  for (const i of [1, 2, 3]) {
    await photo(i).click();
    await page.getByText(`Memories: ${i} of 3 files`).waitFor();
  }
  await photo(4).click();
  await page.getByText('The package is full.').waitFor();
  await check(page, 'package-filling');
  await photo(3).click();
  await page.getByText('Memories: 2 of 3 files').waitFor();
  await photo(4).click();
  await page.getByRole('button', { name: 'Memories: 3 of 3 files' }).click();
  await page.getByText('2 photos are missing in a package.').waitFor();

  // The prints: one photo twice.
  await page
    .getByRole('group', { name: /^0 of 2 prints/ })
    .getByRole('button', { name: 'Choose photos' })
    .click();
  await photo(1).click();
  await page.getByRole('button', { name: /^Memories: 1 of 2 prints/ }).click();
  await check(page, 'package-in-cart');
  await page
    .locator('.package-photos')
    .getByRole('button', { name: /^More: / })
    .click();
  await page.getByRole('group', { name: /^2 of 2 prints/ }).waitFor();
  await page.locator('.sum-amount', { hasText: '₽51' }).waitFor();

  // A package that is taken out comes back as it was.
  await press(page, 'Remove: Memories');
  await press(page, 'Undo');
  await page.getByRole('group', { name: '3 of 3 files' }).waitFor();
  await page.getByRole('group', { name: /^2 of 2 prints/ }).waitFor();
  await speak(page, 'de');
  await page.getByText('Erinnerungen', { exact: true }).waitFor();
  await check(page, 'package-german');
  await speak(page, 'en');

  await press(page, 'Check out');
  await page.getByLabel('Your name').fill('Vera Example');
  await page.getByLabel('E-mail').fill('vera@example.com');
  await page.getByText('Online now').click();
  await press(page, 'Place order for ₽51');
  await page.waitForURL(/\/order\//);
  await page.getByRole('link', { name: 'Download all as ZIP' }).waitFor(SLOW);
  assert.equal(await page.locator('.file').count(), 3);
  await page.getByText('2 prints 10×15 cm').waitFor();
  await check(page, 'package-order');

  const panel = studio.page;
  await panel.goto(`${pixora.base}/dashboard/orders`);
  await panel.getByRole('link', { name: /Vera Example/ }).click();
  await panel.getByRole('link', { name: 'Files for the lab' }).waitFor();
  assert.equal(await panel.locator('.order-thing.is-part').count(), 4);
  await check(panel, 'package-panel');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a photo goes into a package from its own prices', SLOW, async () => {
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await page.goto(`${pixora.base}/session/${session}#/all`);
  await page.getByRole('button', { name: 'Add to cart: photo 2', exact: true }).click();
  const sheet = page.getByRole('dialog', { name: 'This photo' });
  await sheet.getByRole('button', { name: /^Add\s*Memories/ }).click();
  await sheet.getByRole('button', { name: 'Put in: Memories, 3 files' }).click();
  await sheet.getByText('1 of 3 files').waitFor();
  await sheet.getByRole('button', { name: 'Included ✓: Memories, 3 files' }).waitFor();
  // The file has been paid for with the package.
  await sheet.getByRole('button', { name: /^Add\s*Full-size file/ }).click();
  await check(page, 'package-sheet');
  await sheet.getByRole('button', { name: /^Go to cart/ }).click();
  await page.getByText('Already included').waitFor();
  await page.locator('.sum-amount', { hasText: '₽51' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('what is sold is said for several sessions at once', SLOW, async () => {
  const { page, complaints } = studio;
  await page.goto(`${pixora.base}/dashboard/photo-sessions`);
  await press(page, 'Choose several');
  assert.ok(await page.getByRole('button', { name: 'What is sold' }).isDisabled());
  await press(page, 'Choose all');
  await page.getByText('2 chosen').waitFor();
  await check(page, 'sessions-several');
  await press(page, 'What is sold');
  const dialog = page.getByRole('dialog', { name: 'What is sold' });
  await dialog.getByText('The choice is for 2 photo sessions.').waitFor();
  await dialog.getByLabel(/Memories/).uncheck();
  await check(page, 'sessions-sold');
  await dialog.getByRole('button', { name: 'Save for all' }).click();
  await page.getByText('Saved for 2 photo sessions').waitFor();
  const { sessions } = await (await studio.context.request.get(`${pixora.base}/api/photo-sessions`)).json();
  const list = await (await studio.context.request.get(prices)).json();
  assert.equal(sessions.length, 2);
  for (const each of sessions) assert.deepEqual(each.prices, [list.prices[0].id], each.name);
  assert.deepEqual(complaints, []);
});
