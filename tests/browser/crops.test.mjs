/** What is cut off a photo where its tile has another shape: no head that has room in it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { csrf, DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, signIn } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{ x: number, y: number, w: number, h: number }} Box fractions of the upright picture */
/** @typedef {{ photo: string, left: number, top: number, across: number, down: number }} Seen the part of a photo that a tile shows */

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
const HAIR = 0.4;
/** Positions are whole percents of what is cut off. */
const ROUNDING = 0.006;

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {string} */
let session;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Record<string, Box[]>} the faces of each photo */
let faces;

before(
  async () => {
    pixora = await installPixora();
    session = await pixora.createSession('Anna & Ivan');
    await pixora.ingest(session, [...PHOTOS.one, ...PHOTOS.other, ...PHOTOS.groups]);
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
    const script = `import json, sqlite3, sys
faces = {}
for photo, x, y, w, h in sqlite3.connect(sys.argv[1]).execute('SELECT photo_id, x, y, w, h FROM faces'):
    faces.setdefault(photo, []).append(dict(x=x, y=y, w=w, h=h))
print(json.dumps(faces))`;
    const { stdout } = await promisify(execFile)('python3', ['-c', script, join(pixora.dataDir, 'pixora.db')]);
    faces = JSON.parse(stdout);
  },
  { timeout: 300_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

/** The parts of the photos that are seen in the loaded pictures. @param {Page} page @param {string} pictures @returns {Promise<Seen[]>} */
function seen(page, pictures) {
  return page.locator(pictures).evaluateAll((/** @type {HTMLImageElement[]} */ images) =>
    images
      .filter((image) => image.complete && image.naturalWidth > 0)
      .map((image) => {
        const { width, height } = image.getBoundingClientRect();
        const scale = Math.max(width / image.naturalWidth, height / image.naturalHeight);
        const [across, down] = [width / (image.naturalWidth * scale), height / (image.naturalHeight * scale)];
        const [x, y] = getComputedStyle(image)
          .objectPosition.split(' ')
          .map((percent) => parseFloat(percent) / 100);
        const photo = new URL(image.currentSrc).pathname.split('/')[3];
        return { photo, left: x * (1 - across), top: y * (1 - down), across, down };
      }),
  );
}

/** How many of the tiles cut something off; none cuts a head. @param {Seen[]} tiles @param {string} where */
function check(tiles, where) {
  let cut = 0;
  for (const { photo, left, top, across, down } of tiles) {
    const all = faces[photo] ?? [];
    const largest = Math.max(0, ...all.map(({ h }) => h));
    const near = all.filter(({ h }) => h >= largest / 3);
    if (!near.length || (across > 0.99 && down > 0.99)) continue;
    cut++;
    const x = [Math.min(...near.map((face) => face.x)), Math.max(...near.map((face) => face.x + face.w))];
    const y = [Math.max(0, Math.min(...near.map((face) => face.y - HAIR * face.h))), Math.max(...near.map((face) => face.y + face.h))];
    const what = `${where}: ${JSON.stringify({ photo, left, top, across, down, x, y })}`;
    if (x[1] - x[0] <= across) assert.ok(left <= x[0] + ROUNDING && left + across >= x[1] - ROUNDING, what);
    if (y[1] - y[0] <= down) assert.ok(top <= y[0] + ROUNDING && top + down >= y[1] - ROUNDING, what);
  }
  return cut;
}

test('no picture of the cart, of a photo’s prices and of an order cuts a head that has room in it', { timeout: 120_000 }, async () => {
  const { page, context } = await openPage(browser, PHONE);
  await signIn(context, pixora.base, MARIA, PASSWORD);
  const { user } = await (await context.request.get(`${pixora.base}/api/auth/me`)).json();
  const price = { kind: 'digital', size: null, name: { en: 'File' }, amount: 900, active: true };
  const set = await context.request.put(`${pixora.base}/api/studios/${user.studios[0].id}/prices`, {
    headers: await csrf(context),
    data: { currency: 'EUR', prices: [price, { ...price, kind: 'print', size: '10×15' }] },
  });
  assert.ok(set.ok(), await set.text());
  await page.goto(`${pixora.base}/session/${session}#/all`);
  await page.getByRole('button', { name: 'Add to cart: photo 1', exact: true }).click();
  await page.locator('dialog .line-photo img').waitFor();
  await page.waitForLoadState('networkidle');
  check(await seen(page, 'dialog .line-photo img'), 'prices of a photo');
  await page.keyboard.press('Escape');
  const list = await (await context.request.get(`${pixora.base}/api/v1/sessions/${session}/prices`)).json();
  const items = Object.keys(faces).map((photo) => ({ price_id: list.prices[0].id, photo_id: photo, quantity: 1 }));
  const made = await (await context.request.post(`${pixora.base}/api/v1/sessions/${session}/carts`)).json();
  const cart = `${pixora.base}/api/carts/${made.cart_token}`;
  const { total_amount: total } = await (await context.request.put(`${cart}/items`, { data: { items } })).json();
  await page.evaluate(([key, token]) => localStorage.setItem(key, token), [`pixora.cart.${session}`, made.cart_token]);
  await page.goto(`${pixora.base}/session/${session}#/cart`);
  await page.reload();
  await page.locator('.lines .line-photo img').first().waitFor();
  await page.waitForLoadState('networkidle');
  assert.ok(check(await seen(page, '.lines .line-photo img'), 'cart') > 0);
  const buyer = { name: 'Vera Example', email: 'vera@example.com', language: 'en', payment: 'manual', expected_total: total };
  const placed = await (await context.request.post(`${cart}/checkout`, { data: buyer })).json();
  const paid = await context.request.post(`${pixora.base}/api/shop/orders/${placed.order.id}/transitions`, {
    headers: await csrf(context),
    data: { to: 'paid' },
  });
  assert.ok(paid.ok(), await paid.text());
  await page.goto(pixora.base + placed.order_url);
  await page.locator('.file-photo img').first().waitFor();
  await page.locator('.order-lines').scrollIntoViewIfNeeded();
  await page.waitForLoadState('networkidle');
  assert.ok(check(await seen(page, '.file-photo img, .line-photo img'), 'order') > 0);
  await page.goto(`${pixora.base}/dashboard/orders/${placed.order.id}`);
  await page.locator('.order-thumb img').first().waitFor();
  await page.waitForLoadState('networkidle');
  assert.ok(check(await seen(page, '.order-thumb img'), 'order in the panel') > 0);
  await context.close();
});

test('no tile cuts a head that has room in it', { timeout: 180_000 }, async () => {
  assert.ok(Object.keys(faces).length >= 6, 'the samples have faces');
  for (const [name, device] of /** @type {const} */ ([
    ['phone', PHONE],
    ['desktop', DESKTOP],
  ])) {
    const { page, context } = await openPage(browser, device);
    await page.goto(`${pixora.base}/session/${session}`);
    await page.locator('.mosaic img.is-loaded').first().waitFor();
    await page.waitForLoadState('networkidle');
    assert.ok(check(await seen(page, '.mosaic img'), `landing, ${name}`) > 0);
    await page.goto(`${pixora.base}/session/${session}#/all`);
    await page.reload();
    await page.locator('.tile img.is-loaded').first().waitFor();
    await page.waitForLoadState('networkidle');
    const grid = await seen(page, '.tile img');
    assert.ok(grid.length >= 6, `${grid.length} tiles`);
    check(grid, `gallery, ${name}`);
    await signIn(context, pixora.base, MARIA, PASSWORD);
    await page.goto(`${pixora.base}/dashboard/photo-sessions/${session}#photos`);
    await page.locator('.photo-tile img').first().waitFor();
    await page.waitForLoadState('networkidle');
    assert.ok(check(await seen(page, '.photo-tile img'), `panel, ${name}`) > 0);
    await context.close();
  }
});
