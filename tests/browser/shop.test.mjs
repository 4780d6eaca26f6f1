/** Selling, in a real browser against the real program: from the studio's prices over a selfie and a cart to the files. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import {
  axeFindings,
  cameraOf,
  csrf,
  DESKTOP,
  fileNames,
  installPixora,
  launch,
  openPage,
  PHONE,
  PHOTOS,
  sample,
  weightBeforePhotos,
} from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
const BUYER = { name: 'Vera Example', email: 'vera@example.com', phone: '+44 7700 900000' };
/** Where the face is in `selfieOfOne`. */
const FACE = { x: 0.58, y: 0.325, size: 0.64 };
const EVERYTHING = [...PHOTOS.one, ...PHOTOS.other, ...PHOTOS.groups];
/** Searches and ingests share two cores with everything else. */
const SLOW = { timeout: 60_000 };
/** Everything that travels before the first photo, the shop's own part included. */
const WEIGHT_LIMIT = 100 * 1024;

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let session;
/** @type {string} */
let files;
/** The buyer's link of the order that gets paid. @type {string} */
let paidOrder;
/** The panel, signed in; stays open. @type {Awaited<ReturnType<typeof openPage>>} */
let studio;

before(
  async () => {
    files = await mkdtemp(join(tmpdir(), 'pixora-shop-'));
    pixora = await installPixora();
    session = await pixora.createSession('Summer party');
    await pixora.ingest(session, EVERYTHING);
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch({ camera: await cameraOf(join(files, 'one.y4m'), { picture: sample(PHOTOS.selfieOfOne), face: FACE }) });
    studio = await openPage(browser, DESKTOP);
    const answer = await studio.context.request.post(`${pixora.base}/api/auth/login`, { data: { login: MARIA, password: PASSWORD } });
    assert.equal(answer.status(), 200, await answer.text());
  },
  { timeout: 400_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
  await rm(files, { recursive: true, force: true });
});

const link = () => `${pixora.base}/session/${session}`;

/** @param {Page} page @param {string | RegExp} name */
const press = (page, name) => page.getByRole('button', { name }).click();

/** Changes something as the studio, past the panel. @param {'put' | 'patch'} method @param {string} path @param {unknown} data */
async function asStudio(method, path, data) {
  const answer = await studio.context.request[method](pixora.base + path, { data, headers: await csrf(studio.context) });
  assert.ok(answer.ok(), `${path} answered ${await answer.text()}`);
  return answer.json();
}

/** The studio's list as its interface gives it, and its address. */
async function priceList() {
  const { user } = await (await studio.context.request.get(`${pixora.base}/api/auth/me`)).json();
  const path = `/api/studios/${user.studios[0].id}/prices`;
  return { path, list: await (await studio.context.request.get(pixora.base + path)).json() };
}

async function orderCount() {
  return (await (await studio.context.request.get(`${pixora.base}/api/shop/orders`)).json()).totals.count;
}

/** What lies at the end of a link that downloads. @param {Page} page @param {import('playwright-core').Locator} target */
async function download(page, target) {
  const downloading = page.waitForEvent('download');
  await target.click();
  return (await downloading).path();
}

/** What `unzip` finds in an archive, which it must find sound. @param {string} zip @returns {Promise<string[]>} */
async function unzipped(zip) {
  const { stdout } = await promisify(execFile)('unzip', ['-t', zip]);
  assert.match(stdout, /No errors detected/);
  const { stdout: names } = await promisify(execFile)('unzip', ['-Z1', zip]);
  return names.trim().split('\n').sort();
}

/** @param {Buffer} bytes */
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The gallery of the whole shoot. @param {import('playwright-core').BrowserContextOptions} [options] */
async function gallery(options = PHONE) {
  const opened = await openPage(browser, options);
  await opened.page.goto(`${link()}#/all`);
  await opened.page.getByRole('button', { name: 'Add to cart: photo 1', exact: true }).waitFor();
  return opened;
}

/** Puts one photo's file into the cart. @param {Page} page @param {number} i */
async function take(page, i) {
  await page.getByRole('button', { name: `Add to cart: photo ${i}`, exact: true }).click();
  const options = page.getByRole('dialog', { name: 'This photo' });
  await options.getByRole('button', { name: /^Add.*Full-size file/ }).click();
  await options.getByRole('button', { name: /^In the cart.*Full-size file/ }).waitFor();
  return options;
}

/** Waits for the cart's total. @param {Page} page @param {string} amount */
const comesTo = (page, amount) => page.locator('.sum-amount', { hasText: amount }).waitFor();

/** @param {Page} page */
async function fillIn(page) {
  await page.getByLabel('Your name').fill(BUYER.name);
  await page.getByLabel('E-mail').fill(BUYER.email);
  await page.getByLabel('Phone').fill(BUYER.phone);
}

/** From a photo to the form that orders it. @param {Page} page @param {number} i */
async function toCheckout(page, i) {
  const options = await take(page, i);
  await options.getByRole('button', { name: /^Go to cart/ }).click();
  await press(page, 'Check out');
  await fillIn(page);
}

test('before anything is sold, a guest takes all their photos as one ZIP', SLOW, async () => {
  const { page, context, complaints } = await openPage(browser);
  await page.goto(link());
  await press(page, 'Find my photos');
  await press(page, /I agree/);
  await page.getByText('Place your face in the oval').waitFor(SLOW);
  await press(page, 'Take the picture');
  await page.getByRole('heading', { name: `You are in ${PHOTOS.one.length} photos` }).waitFor(SLOW);
  assert.equal(await page.getByRole('button', { name: /cart/i }).count(), 0, 'nothing is sold, so there is no cart');
  await press(page, 'As one ZIP');
  const dialog = page.getByRole('dialog', { name: 'Photos as one archive' });
  await dialog.getByText(/^2 photos · [\d.]+ [kM]B$/i).waitFor(SLOW);
  const zip = await download(page, dialog.getByRole('link', { name: 'Download ZIP' }));
  assert.deepEqual(await unzipped(zip), fileNames(PHOTOS.one));
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the studio sets its prices and its mark', SLOW, async () => {
  const { page, complaints } = studio;
  await page.goto(`${pixora.base}/dashboard/orders`);
  await page.getByRole('heading', { name: 'No orders yet' }).waitFor();
  await page.getByRole('link', { name: 'Set prices' }).click();
  await press(page, 'Take the usual set');
  const amounts = page.getByLabel('Price, RUB');
  await amounts.nth(0).fill('300');
  await amounts.nth(1).fill('12,345');
  await press(page, 'Save prices');
  await page.getByText('The price as a number, for example 300').first().waitFor();
  assert.equal(await amounts.nth(1).getAttribute('aria-invalid'), 'true', 'three digits of kopecks are no price');
  await amounts.nth(1).fill('150,50');
  await amounts.nth(2).fill('1000');
  await press(page, 'Save prices');
  await page.getByText('Prices saved').waitFor();
  await page.reload();
  assert.deepEqual(await Promise.all([0, 1, 2].map((i) => amounts.nth(i).inputValue())), ['300', '150.50', '1000']);

  await page.goto(`${pixora.base}/dashboard/settings/watermark`);
  await page.getByText('Text', { exact: true }).click();
  await page.getByLabel('Text of the mark').fill('Studio Example');
  await page.getByText('The mark as guests see it, on light and on dark.').waitFor();
  await page.waitForFunction(
    () => /** @type {HTMLImageElement | null} */ (document.querySelector('.watermark-picture')?.naturalWidth ?? 0) > 0,
  );
  await press(page, 'Save');
  await page.getByText(/^Mark saved/).waitFor();
  assert.deepEqual(complaints, []);
});

test('from a selfie over a cart to a paid order and its ZIP', { timeout: 240_000 }, async () => {
  const { page, context, complaints } = await openPage(browser);
  await page.goto(link());
  await press(page, 'Find my photos');
  await press(page, /I agree/);
  await page.getByText('Place your face in the oval').waitFor(SLOW);
  await press(page, 'Take the picture');
  await page.getByRole('heading', { name: `You are in ${PHOTOS.one.length} photos` }).waitFor(SLOW);
  await press(page, 'Buy all of mine');
  await page.getByText('2 photos added to the cart').waitFor();

  // A print, from the viewer.
  await page.getByRole('link', { name: 'Photo 1', exact: true }).click();
  await page.getByRole('button', { name: 'Add to cart', exact: true }).click();
  const options = page.getByRole('dialog', { name: 'This photo' });
  await options.getByText('The studio’s mark is only on what you see here').waitFor();
  await options.getByRole('button', { name: 'More: Print' }).click();
  await options.getByRole('button', { name: 'More: Print' }).click();
  await options.getByRole('button', { name: /^Go to cart ₽901$/ }).click();
  const lines = page.getByRole('list', { name: 'What is in the cart' }).getByRole('listitem');
  await comesTo(page, '₽901');
  assert.equal(await lines.count(), 3);

  // It is the server's cart: a reload changes nothing.
  await page.reload();
  await page.getByRole('button', { name: 'Cart, 4 items' }).waitFor();
  await comesTo(page, '₽901');
  await press(page, /^Remove: Print/);
  await comesTo(page, '₽600');
  await press(page, 'Undo');
  await comesTo(page, '₽901');
  await page.getByRole('button', { name: /^Fewer: Print/ }).click();
  await comesTo(page, '₽750.50');

  await press(page, 'Check out');
  await press(page, /^Place order/);
  await page.getByText('Write your e-mail address').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'name', 'the focus is where something is missing');
  await fillIn(page);
  await page.getByLabel('E-mail').fill('vera at example');
  await press(page, /^Place order/);
  await page.getByText(/That address looks wrong/).waitFor();
  await page.getByLabel('E-mail').fill(BUYER.email);
  await press(page, 'Place order for ₽750.50');
  await page.waitForURL(/\/order\/[^/]+\?key=/);
  paidOrder = page.url();
  const heading = await page.getByRole('heading', { name: /^Order \d{4}-\d+$/ }).textContent();
  await page.getByText(/Please ask them how to pay/).waitFor();
  assert.equal(await page.getByRole('link', { name: /download/i }).count(), 0, 'no file before it is paid');

  const panel = studio.page;
  await panel.goto(`${pixora.base}/dashboard/orders`);
  await panel.getByRole('link', { name: new RegExp(BUYER.name) }).click();
  await panel.getByRole('heading', { name: heading ?? '' }).waitFor();
  await press(panel, 'Mark as paid');
  await panel.getByLabel('Note to yourself').fill('Cash at the door');
  await panel.getByRole('dialog').getByRole('button', { name: 'Mark as paid' }).click();
  await panel.getByText('Marked as paid by Maria').waitFor();
  await panel.getByText('Cash at the door').waitFor();

  // The buyer's page has been waiting.
  const all = page.getByRole('link', { name: 'Download all as ZIP' });
  await all.waitFor(SLOW);
  await page.getByText(/is making the prints/).waitFor();
  assert.deepEqual(await unzipped(await download(page, all)), fileNames(PHOTOS.one));
  const [first] = PHOTOS.one;
  const single = await download(page, page.getByRole('link', { name: `Download ${fileNames([first])[0]}` }));
  assert.equal(hash(await readFile(single)), hash(await readFile(sample(first))), 'the photographer’s own file, to the byte');

  await press(panel, 'Mark as fulfilled');
  await panel.getByRole('dialog').getByRole('button', { name: 'Mark as fulfilled' }).click();
  await panel.getByText('Fulfilled by Maria').waitFor();
  await page.reload();
  await page.getByText(/Your order is ready/).waitFor();

  // The way back to it, without the mail.
  await page.goto(`${link()}#/cart`);
  await page.getByRole('heading', { name: 'Your cart is empty' }).waitFor();
  await page.getByRole('link', { name: heading ?? '' }).waitFor();
  assert.deepEqual(complaints, []);
  assert.deepEqual(studio.complaints, []);
  await context.close();
});

test('links to files that have grown old are made anew before they are followed', SLOW, async () => {
  const { page, context, complaints } = await openPage(browser);
  await page.clock.install();
  await page.goto(paidOrder);
  const all = page.getByRole('link', { name: 'Download all as ZIP' });
  await all.waitFor();
  await page.clock.fastForward('13:00:00');
  const asked = page.waitForRequest(/\/api\/shop\/orders\/[^/]+\?key=/);
  assert.deepEqual(await unzipped(await download(page, all)), fileNames(PHOTOS.one));
  await asked;
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the whole session covers its single files, also for who chose them first', SLOW, async () => {
  const { page, context } = await gallery(DESKTOP);
  for (const i of [1, 2, 3, 4]) {
    await take(page, i);
    await page.keyboard.press('Escape');
  }
  await press(page, /^Cart, 4 items/);
  await page.getByText(/The whole session costs ₽1,000/).waitFor();
  await press(page, 'Take everything');
  await page.getByText('Already included').first().waitFor();
  await comesTo(page, '₽1,000');
  await context.close();
});

test('an order whose answer got lost is asked for again and not made twice', SLOW, async () => {
  const { page, context } = await gallery();
  await toCheckout(page, 1);
  // The order arrives, its answer does not.
  await page.route(
    '**/checkout',
    async (route) => {
      await route.fetch();
      await route.abort();
    },
    { times: 1 },
  );
  await press(page, /^Place order/);
  await page.getByText(/we do not know whether the order arrived/).waitFor();
  await page.getByLabel('Note to the studio').fill('Please call first');
  const before = await orderCount();
  await press(page, /^Place order/);
  await page.waitForURL(/\/order\//);
  await page.getByRole('heading', { name: /^Order \d/ }).waitFor();
  assert.equal(await orderCount(), before, 'the order had arrived');
  assert.equal(await page.getByText('Please call first').count(), 0, 'as it was sent first');
  await context.close();
});

test('an order whose answer got lost is found again after a reload', SLOW, async () => {
  const { page, context } = await gallery();
  await toCheckout(page, 2);
  await page.route(
    '**/checkout',
    async (route) => {
      await route.fetch();
      await route.abort();
    },
    { times: 1 },
  );
  await press(page, /^Place order/);
  await page.getByText(/we do not know whether the order arrived/).waitFor();
  await page.reload();
  await page.getByText(/^Order \d{4}-\d+ was placed/).waitFor();
  await page.goto(`${link()}#/cart`);
  await page.getByRole('link', { name: /^Order \d{4}-\d+$/ }).waitFor();
  await context.close();
});

test('a total that has changed is shown before anything is ordered', SLOW, async () => {
  const { path, list } = await priceList();
  const { page, context } = await gallery();
  await toCheckout(page, 3);
  const dearer = {
    ...list,
    prices: list.prices.map((/** @type {{ kind: string }} */ price) => (price.kind === 'digital' ? { ...price, amount: 35_000 } : price)),
  };
  await asStudio('put', path, dearer);
  await press(page, 'Place order for ₽300');
  await page.getByText('it was ₽300, now it is ₽350').waitFor();
  await press(page, 'Place order for ₽350');
  await page.waitForURL(/\/order\//);
  await page.getByText('₽350').first().waitFor();

  // Its buyer thinks better of it.
  await press(page, 'Cancel the order');
  await press(page, 'Yes, cancel it');
  await page.getByText('The order is cancelled. There is nothing to pay.').waitFor();
  await asStudio('put', path, list);
  await context.close();
});

test('a photo that the photographer takes away leaves the cart, and the guest is told', SLOW, async () => {
  const { page, context } = await gallery();
  const changed = page.waitForResponse((response) => response.url().endsWith('/items'));
  await take(page, 1);
  const { lines } = await (await changed).json();
  await page.keyboard.press('Escape');
  await asStudio('patch', `/api/photos/${lines[0].photo_id}`, { is_selected: false });
  await page.goto(`${link()}#/cart`);
  // Where the news of it comes before the cart is opened, it is told there and then; the list of the empty cart is hidden.
  const told = page.getByText('The photographer took 1 photo away, so it left your cart.');
  await told.filter({ visible: true }).first().waitFor();
  await asStudio('patch', `/api/photos/${lines[0].photo_id}`, { is_selected: true });
  await context.close();
});

test('orders are found by name, status and day, and leave as CSV', SLOW, async () => {
  const { page } = studio;
  await page.goto(`${pixora.base}/dashboard/orders`);
  const rows = page.getByRole('list', { name: 'Orders' }).getByRole('listitem');
  await rows.first().waitFor();
  await page.getByLabel('Status').selectOption('cancelled');
  await page.waitForURL(/status=cancelled/);
  await page.waitForFunction(() => document.querySelectorAll('.order-row').length === 1);
  const csv = String(await readFile(await download(page, page.getByRole('link', { name: 'Download CSV' }))));
  assert.equal(csv.trim().split('\n').length, 2, csv);
  await page.reload();
  await rows.first().waitFor();
  assert.equal(await rows.count(), 1, 'the filter is in the address');
  await page.getByLabel('Number, name or e-mail').fill('nobody');
  await page.getByText('Nothing matches').waitFor();
  await page.getByRole('search').getByRole('button', { name: 'Clear' }).click();
  await page.waitForFunction(() => document.querySelectorAll('.order-row').length > 1);
  const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('From').fill(tomorrow);
  await page.getByText('Nothing matches').waitFor();
});

test('what was sold stands beside what was looked at', SLOW, async () => {
  const { page } = studio;
  await page.goto(`${pixora.base}/dashboard/photo-sessions/${session}#analytics`);
  const revenue = page.getByRole('button', { name: /Revenue/ });
  await revenue.click();
  assert.match((await revenue.textContent()) ?? '', /750\.50/);
  await page.locator('.chart-bar').waitFor();
});

test('a photo is bought with the keyboard alone', SLOW, async () => {
  const { page, context } = await gallery(DESKTOP);
  const tile = page.getByRole('button', { name: 'Add to cart: photo 5', exact: true });
  await tile.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'This photo' }).waitFor();
  await page.getByRole('button', { name: /^Add.*Full-size file/ }).press('Enter');
  await page.getByRole('button', { name: /^In the cart.*Full-size file/ }).waitFor();
  await page.keyboard.press('Escape');
  assert.ok(await tile.evaluate((element) => element === document.activeElement), 'the focus comes back');
  assert.equal(await tile.getAttribute('aria-pressed'), 'true');
  await context.close();
});

test('every page of selling passes axe in light and dark, on telephone and desktop', { timeout: 300_000 }, async () => {
  const {
    orders: [order],
  } = await (await studio.context.request.get(`${pixora.base}/api/shop/orders?limit=1`)).json();
  const storageState = await studio.context.storageState();
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    for (const device of [PHONE, DESKTOP]) {
      const options = { ...device, colorScheme, reducedMotion: /** @type {const} */ ('reduce') };
      /** @param {Page} page @param {string} name */
      const check = async (page, name) => {
        await page.waitForTimeout(300);
        const { width } = device.viewport;
        assert.deepEqual(await axeFindings(page), [], `${name}, ${colorScheme}, ${width}`);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, `${name} is as wide as the screen`);
      };
      const { page, context } = await gallery(options);
      await check(page, 'gallery');
      await press(page, 'Select');
      await check(page, 'selecting');
      await page.locator('.selection-bar').getByRole('button', { name: 'Done' }).click();
      const dialog = await take(page, 1);
      await check(page, 'options');
      await dialog.getByRole('button', { name: /^Go to cart/ }).click();
      await page.getByRole('heading', { name: 'Cart' }).waitFor();
      await check(page, 'cart');
      await press(page, 'Check out');
      await press(page, /^Place order/);
      await check(page, 'checkout with what is missing');
      await fillIn(page);
      await press(page, /^Place order/);
      await page.getByRole('heading', { name: /^Order \d/ }).waitFor();
      await check(page, 'order');
      await page.goto(`${pixora.base}/order/${order.id}?key=wrong`);
      await page.getByRole('heading', { name: 'There is no such order' }).waitFor();
      await check(page, 'no order');
      await context.close();

      const panel = await openPage(browser, { ...options, storageState });
      for (const [path, ready] of [
        ['/dashboard/orders', '.order-row'],
        [`/dashboard/orders/${order.id}`, '.order-table'],
        ['/dashboard/settings/prices', '.price-row'],
        ['/dashboard/settings/selling', '.promo-pair'],
        ['/dashboard/settings/watermark', '.watermark-picture'],
      ]) {
        await panel.page.goto(pixora.base + path);
        await panel.page.locator(ready).first().waitFor();
        await check(panel.page, path);
      }
      assert.deepEqual(panel.complaints, []);
      await panel.context.close();
    }
  }
});

test('less than 100 KB travel before the photos, the shop included', async () => {
  const { page, context } = await openPage(browser);
  const total = await weightBeforePhotos(page, context, link());
  assert.equal(await page.getByRole('button', { name: /^Cart/ }).count(), 1, 'the shop is open');
  assert.ok(total < WEIGHT_LIMIT, `${total} bytes`);
  await context.close();
});
