/** Money to its end, in a real browser: payment by hand, tax, promo codes, delivery, receipts, and money that goes back. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { startYooKassa } from '../support/yookassa.mjs';
import { axeFindings, csrf, DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, shot, signIn } from './support.mjs';

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

before(
  async () => {
    yookassa = await startYooKassa();
    pixora = await installPixora(yookassa.settings);
    yookassa.tells(pixora.base);
    session = await pixora.createSession('Summer party');
    await pixora.ingest(session, PHOTOS.one);
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
    studio = await openPage(browser, DESKTOP);
    await signIn(studio.context, pixora.base, MARIA, PASSWORD);
    const { user } = await (await studio.context.request.get(`${pixora.base}/api/auth/me`)).json();
    /** @param {string} kind @param {string | null} size @param {string} name @param {number} amount */
    const price = (kind, size, name, amount) => ({ kind, size, name: { ru: name, en: name }, amount, active: true });
    const answer = await studio.context.request.put(`${pixora.base}/api/studios/${user.studios[0].id}/prices`, {
      headers: await csrf(studio.context),
      data: { currency: 'RUB', prices: [price('digital', null, 'Full-size file', 30_000), price('print', '10×15 cm', 'Print', 15_050)] },
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

/** A buyer with one thing of the first photo in the cart, looking at it. @param {string} what */
async function buyerWith(what) {
  const opened = await openPage(browser, PHONE);
  const { page } = opened;
  await page.goto(`${pixora.base}/session/${session}#/all`);
  await page.getByRole('button', { name: 'Add to cart: photo 1', exact: true }).click();
  const options = page.getByRole('dialog', { name: 'This photo' });
  if (what === 'Print') await options.getByRole('button', { name: 'More: Print' }).click();
  else await options.getByRole('button', { name: /^Add.*Full-size file/ }).click();
  await options.getByRole('button', { name: /^Go to cart ₽/ }).click();
  await page.getByRole('button', { name: 'Check out' }).waitFor();
  return opened;
}

/** @param {Page} page @param {string} name */
async function check(page, name) {
  await page.waitForTimeout(300);
  assert.deepEqual(await axeFindings(page), [], name);
  const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  assert.ok(fits, `${name} is as wide as the screen`);
  await shot(page, name);
}

/** @param {Page} page @param {string} name of the link */
async function pdfOf(page, name) {
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name }).click();
  const file = await readFile(await (await downloading).path());
  assert.equal(file.subarray(0, 5).toString(), '%PDF-');
}

test('the studio says how it is paid, its tax, its ways of delivery and a promo code', SLOW, async () => {
  const { page, complaints } = studio;
  await page.goto(`${pixora.base}/dashboard/settings/selling`);
  await page.getByLabel('How to pay the studio directly').fill('Account 0000 0000\nExample Bank');
  await page.getByLabel('Details on receipts').fill('Studio Example\nExample street 1');
  await page.getByLabel('Tax', { exact: true }).selectOption('included');
  await page.getByLabel('Rate, %').fill('99');
  await press(page, 'Save');
  await page.getByText('A rate is a number from 0 to 50').waitFor();
  await page.getByLabel('Rate, %').fill('20');
  for (const [n, [ru, en, amount, needs]] of [
    ['Самовывоз', 'Pick-up', '0', false],
    ['Почта', 'Post', '350', true],
  ].entries()) {
    await press(page, 'Add a way of delivery');
    await page.getByLabel('Name (English)').nth(n).fill(String(en));
    await page.getByText('Other languages').nth(n).click();
    await page.getByLabel('Name (Русский)').nth(n).fill(String(ru));
    await page.getByLabel('Price, RUB').nth(n).fill(String(amount));
    if (!needs) await page.getByText('Needs an address').nth(n).click();
  }
  await press(page, 'Save');
  await page.getByText('Saved', { exact: true }).waitFor();
  await page.reload();
  assert.equal(await page.getByLabel('Name (English)').nth(1).inputValue(), 'Post');
  assert.equal(await page.getByLabel('Rate, %').inputValue(), '20');

  await press(page, 'New promo code');
  const dialog = page.getByRole('dialog', { name: 'New promo code' });
  await dialog.getByRole('button', { name: 'Create' }).click();
  await dialog.getByText('Write a number: 1 to 100 percent, or an amount').waitFor();
  await dialog.getByLabel('Percent').fill('10');
  await dialog.getByLabel('Promo code').fill('a b');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await dialog.getByText(/A code has 3 to 40 letters/).waitFor();
  await dialog.getByLabel('Promo code').fill('summer-10');
  await dialog.getByLabel('How often it can be used').fill('1');
  await check(page, 'selling-promo');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await page.getByText('SUMMER-10').waitFor();
  await page.getByText('0 of 1').waitFor();
  await check(page, 'selling');
  assert.deepEqual(complaints, []);
});

test('a print is bought with a promo code, sent by post and paid by hand', SLOW, async () => {
  const { page, context, complaints } = await buyerWith('Print');
  await page.getByLabel('Promo code').fill('winter');
  await press(page, 'Apply');
  await page.getByText('Check how it is written').waitFor();
  await page.getByLabel('Promo code').fill('Summer-10');
  await press(page, 'Apply');
  await page.getByText('Promo code SUMMER-10 is applied').waitFor();
  await page.locator('.sum-amount', { hasText: '₽135.45' }).waitFor();
  await page.getByText('Including tax 20%: ₽22.58').waitFor();
  await check(page, 'cart-promo');
  await press(page, 'Check out');
  await page.getByText('Mail is not set up here').waitFor();
  await page.getByLabel('Your name').fill('Vera Example');
  await page.getByLabel('E-mail').fill('vera@example.com');
  await page.getByText('Post', { exact: true }).click();
  await page.getByText('Arrange with the studio').click();
  await page.getByRole('button', { name: 'Place order for ₽485.45' }).click();
  await page.getByText('Fill this in, so that your order arrives').first().waitFor();
  await page.getByLabel('Street and house').fill('Example street 2');
  await page.getByLabel('Postal code').fill('00000');
  await page.getByLabel('City').fill('Exampleton');
  await check(page, 'checkout-delivery');
  await press(page, 'Place order for ₽485.45');
  await page.waitForURL(/\/order\//);
  await page.getByText('Example Bank').waitFor();
  await page.getByText('Mail is not set up here, so no mail will come').waitFor();
  await page.getByText('Example street 2, 00000 Exampleton').waitFor();
  await check(page, 'order-by-hand');
  await pdfOf(page, 'Receipt, PDF');

  const panel = studio.page;
  await panel.goto(`${pixora.base}/dashboard/orders`);
  await panel.getByRole('link', { name: /Vera Example/ }).click();
  await panel.getByText('Example street 2, 00000 Exampleton').waitFor();
  await panel.getByText('Promo code SUMMER-10').waitFor();
  await check(panel, 'panel-order');
  await pdfOf(panel, 'Receipt');
  assert.ok(!pixora.log().includes('Example street'), 'no address is in the log');

  // The one use is spent, for the next buyer too.
  const next = await buyerWith('Print');
  await next.page.getByLabel('Promo code').fill('summer-10');
  await press(next.page, 'Apply');
  await next.page.getByText(/used it as often as it could be used/).waitFor();
  await next.context.close();
  assert.deepEqual(complaints, []);
  assert.deepEqual(studio.complaints, []);
  await context.close();
});

test('money that was paid online goes back when the provider says so, and both sides read how it stands', SLOW, async () => {
  const { page, context, complaints } = await buyerWith('Full-size file');
  await press(page, 'Check out');
  assert.equal(await page.getByText('Delivery', { exact: true }).isVisible(), false, 'a file is not delivered');
  await page.getByLabel('Your name').fill('Ivan Example');
  await page.getByLabel('E-mail').fill('ivan@example.com');
  await page.getByText('Online now').click();
  await press(page, 'Place order for ₽300');
  // The stand-in takes the money and leads back.
  await page.waitForURL(/\/order\//);
  const all = page.getByRole('link', { name: 'Download all as ZIP' });
  await all.waitFor(SLOW);

  const panel = studio.page;
  await panel.goto(`${pixora.base}/dashboard/orders`);
  await panel.getByRole('link', { name: /Ivan Example/ }).click();
  await press(panel, 'Give the money back');
  const dialog = panel.getByRole('dialog');
  await check(panel, 'refund-dialog');
  await dialog.getByRole('button', { name: 'Give the money back' }).click();
  await panel
    .getByText(/refund was requested/i)
    .first()
    .waitFor();
  await check(panel, 'refund-asked');
  await page.reload();
  await page.getByText('The studio has asked to give the money back').waitFor();
  await check(page, 'order-refund-asked');
  await yookassa.giveBack();
  await page.reload();
  await page.getByText('The money was returned. When it arrives depends on your bank.').waitFor();
  assert.equal(await all.count(), 0, 'the files are closed');
  await check(page, 'order-refunded');
  await panel.reload();
  await panel.locator('.badge', { hasText: 'Refunded' }).waitFor();
  await check(panel, 'refunded');
  assert.deepEqual(complaints, []);
  assert.deepEqual(studio.complaints, []);
  await context.close();
});

test('who has forgotten the password is told that no mail will come', SLOW, async () => {
  const { page, context, complaints } = await openPage(browser, PHONE);
  await page.goto(`${pixora.base}/reset`);
  await page.getByText(/This installation sends no mail/).waitFor();
  assert.equal(await page.getByRole('textbox').count(), 0);
  await check(page, 'reset-no-mail');
  assert.deepEqual(complaints, []);
  await context.close();
});
