/** A photobooth and a phone: the booth as a program with a key, the phone as a real browser. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { after, before, test } from 'node:test';
import jsQR from 'jsqr';
import { axeFindings, DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, sample } from './support.mjs';

const USER = 'booth@studio.example';
const PASSWORD = 'eleven paper umbrellas';
/** Pixels that the code is read at. */
const SIDE = 320;

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let key;

before(
  async () => {
    pixora = await installPixora();
    await pixora.addUser(USER, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
    key = await boothKey();
  },
  { timeout: 240_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

/** The admin makes the key in the panel, as they would. */
async function boothKey() {
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await context.request.post(`${pixora.base}/api/auth/login`, { data: { login: USER, password: PASSWORD } });
  await page.goto(`${pixora.base}/dashboard/settings/keys`);
  await page.getByRole('button', { name: 'New key' }).first().click();
  await page.getByLabel('Name').fill('Booth at the hall');
  await page.getByText('Be a photobooth', { exact: true }).click();
  await page.getByRole('button', { name: 'Create key' }).click();
  const text = await page.getByRole('dialog').getByText(/^pxk_/).textContent();
  assert.deepEqual(complaints, []);
  await context.close();
  return String(text).trim();
}

/** The booth's side. @param {string} method @param {string} path @param {unknown} [body] */
async function booth(method, path, body) {
  const response = await fetch(pixora.base + path, {
    method,
    headers: { Authorization: `Bearer ${key}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    body: body ? JSON.stringify(body) : undefined,
  });
  assert.ok(response.ok, `${method} ${path}: ${response.status}`);
  return response.status === 204 ? null : response.json();
}

/** @param {string} type */
const begin = (type) => booth('POST', '/api/session/create', { type, data: { booth: 'hall' } });

/** @param {string} name */
async function file(name) {
  return { name: basename(name), mimeType: 'image/jpeg', buffer: await readFile(sample(name)) };
}

/** What a phone's camera reads on the booth's screen. @param {string} svg */
async function scanned(svg) {
  const { page, context } = await openPage(browser, DESKTOP);
  const rgba = await page.evaluate(
    async ({ svg, side }) => {
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
      await image.decode();
      const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(side, side).getContext('2d'));
      pen.drawImage(image, 0, 0, side, side);
      let text = '';
      for (const byte of pen.getImageData(0, 0, side, side).data) text += String.fromCharCode(byte);
      return btoa(text);
    },
    { svg, side: SIDE },
  );
  await context.close();
  return jsQR(Uint8ClampedArray.from(Buffer.from(rgba, 'base64')), SIDE, SIDE)?.data;
}

test('a guest scans the code, sends three photos, and gets the finished picture', { timeout: 240_000 }, async () => {
  const session = await begin('upload');
  const link = await scanned(session.qr_svg);
  assert.equal(link, `${pixora.base}${session.phone_url}`);
  const { page, context, complaints } = await openPage(browser);
  await page.goto(String(link));
  await page.getByRole('heading', { name: 'Photos for the photobooth' }).waitFor();
  await page.getByText(/^(30:00|29:\d\d) left$/).waitFor();
  await page.getByText('3 more photos, please.').waitFor();
  const chooser = page.locator('input[type=file][multiple]');
  await chooser.setInputFiles([
    await file(PHOTOS.one[0]),
    await file(PHOTOS.one[1]),
    await file(PHOTOS.groups[0]),
    await file(PHOTOS.other[0]),
  ]);
  await page.getByRole('button', { name: 'Send 4 photos' }).waitFor();
  await page.getByRole('button', { name: 'Remove photo 3' }).click();
  await page.getByRole('button', { name: 'Send 3 photos' }).click();
  await page.getByText('The booth has enough. You can add 2 more.').waitFor({ timeout: 60_000 });
  assert.equal(await page.getByRole('listitem').filter({ hasText: 'Sent' }).count(), 3);

  const now = await booth('GET', `/api/session/${session.id}`);
  assert.deepEqual([now.status, now.photo_count], ['ready', 3]);
  const { photos } = await booth('GET', `/api/session/${session.id}/photos?include=data`);
  assert.deepEqual(
    photos.map((/** @type {any} */ photo) => photo.order_index),
    [0, 1, 2],
  );
  await booth('POST', `/api/session/${session.id}/result`, { photo_data: photos[0].photo_data });
  // Nobody reloads.
  await page.getByRole('heading', { name: 'Your picture is ready' }).waitFor();
  const picture = page.getByRole('img', { name: 'Photobooth picture, 1' });
  await page.waitForFunction(
    () =>
      document.querySelector('.handoff-picture') instanceof HTMLImageElement &&
      /** @type {HTMLImageElement} */ (document.querySelector('.handoff-picture')).naturalWidth > 100,
  );
  assert.ok(await picture.isVisible());
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save' }).click()]);
  assert.equal(download.suggestedFilename(), 'photobooth-1.jpg');

  // The booth is done; the next guest's page must not show anything of it.
  await booth('DELETE', `/api/session/${session.id}`);
  await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  assert.equal(await page.locator('img').count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a lost network keeps the photos, and sending again sends each once', { timeout: 240_000 }, async () => {
  const session = await begin('upload');
  const { page, context, complaints } = await openPage(browser);
  await page.goto(pixora.base + session.phone_url);
  await page.locator('input[type=file][multiple]').setInputFiles([await file(PHOTOS.one[0]), await file(PHOTOS.other[0])]);
  let lost = 0;
  // The first answer is lost on its way back: the photo is at the booth all the same.
  await page.route(`**/api/session/${session.id}/photos`, async (route) => {
    if (route.request().method() !== 'POST' || lost++) return route.continue();
    await route.fetch();
    return route.abort('connectionreset');
  });
  await page.getByRole('button', { name: 'Send 2 photos' }).click();
  await page.getByText('No connection').waitFor();
  await page.getByRole('button', { name: 'Send again' }).click();
  await page.getByText('1 more photo, please.').waitFor({ timeout: 60_000 });
  assert.equal((await booth('GET', `/api/session/${session.id}`)).photo_count, 2);

  // A reload finds them again; what is no photo is refused by name and can be removed.
  await page.reload();
  await page.getByText('1 more photo, please.').waitFor();
  assert.equal(await page.getByRole('listitem').filter({ hasText: 'Sent' }).count(), 2);
  // A text is no photo: it takes no place and is counted as none.
  await page
    .locator('input[type=file][multiple]')
    .setInputFiles([{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('buy film') }]);
  await page.getByText('1 file is no photo and will not be sent').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Remove photo 3' }).count(), 0);
  await page
    .locator('input[type=file][multiple]')
    .setInputFiles([{ name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('buy film') }]);
  await page.getByRole('button', { name: 'Send 1 photo' }).click();
  await page.getByText('Cannot be used: JPEG, PNG or WebP, please').waitFor();
  await page.getByRole('button', { name: 'Remove photo 3' }).click();
  await page.getByText('1 more photo, please.').waitFor();

  // The booth may finish early.
  await booth('PUT', `/api/session/${session.id}`, { status: 'completed' });
  await page.getByRole('heading', { name: 'The booth has your photos' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('more than five are not taken, and the words say so', async () => {
  const session = await begin('upload');
  const { page, context } = await openPage(browser, { ...PHONE, locale: 'ru-RU' });
  await page.goto(pixora.base + session.phone_url);
  const photo = await file(PHOTOS.other[0]);
  await page.locator('input[type=file][multiple]').setInputFiles(Array(7).fill(photo));
  await page.getByText('Осталось 5 мест: взяты первые.').waitFor();
  await page.getByRole('button', { name: 'Отправить 5 фото' }).click();
  await page.getByText('Все пять на месте').waitFor({ timeout: 60_000 });
  assert.equal(await page.locator('input[type=file]').first().isVisible(), false);
  await context.close();
});

test('what the booth leaves appears on the waiting phone, also where events do not pass', { timeout: 120_000 }, async () => {
  for (const events of [true, false]) {
    const session = await begin('download');
    const { page, context, complaints } = await openPage(browser);
    if (!events) await page.addInitScript(() => Reflect.deleteProperty(window, 'EventSource'));
    await page.goto(pixora.base + session.phone_url);
    await page.getByRole('heading', { name: 'The booth is making your picture' }).waitFor();
    await booth('POST', `/api/session/${session.id}/result`, { photo_data: (await readFile(sample(PHOTOS.one[0]))).toString('base64') });
    await page.getByRole('heading', { name: 'Your picture is ready' }).waitFor();
    assert.equal((await booth('GET', `/api/session/${session.id}`)).status, 'ready');
    assert.deepEqual(complaints, []);
    await context.close();
  }
});

test('an unknown and a finished hand-off say so in words', async () => {
  const { page, context, complaints } = await openPage(browser);
  const unknown = await page.goto(`${pixora.base}/handoff/${(await begin('upload')).id.replace(/.{4}$/, '0000')}`);
  assert.equal(unknown?.status(), 404);
  await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  const session = await begin('upload');
  await booth('PUT', `/api/session/${session.id}`, { status: 'expired' });
  const over = await page.goto(pixora.base + session.phone_url);
  assert.equal(over?.status(), 410);
  await page.getByRole('heading', { name: 'The time is over' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('every view passes axe in light and dark', { timeout: 240_000 }, async () => {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    const { page, context } = await openPage(browser, { ...PHONE, colorScheme, reducedMotion: 'reduce' });
    /** @param {string} view */
    const check = async (view) => {
      await page.waitForTimeout(300);
      assert.deepEqual(await axeFindings(page), [], `${view}, ${colorScheme}`);
    };
    const session = await begin('upload');
    await page.goto(pixora.base + session.phone_url);
    await page.getByText('3 more photos, please.').waitFor();
    await check('empty');
    const broken = { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('buy film') };
    await page.locator('input[type=file][multiple]').setInputFiles([await file(PHOTOS.one[0]), broken]);
    await page.getByRole('button', { name: 'Send 2 photos' }).waitFor();
    await check('chosen');
    await page.getByRole('button', { name: 'Send 2 photos' }).click();
    await page.getByText('Cannot be used: JPEG, PNG or WebP, please').waitFor();
    await check('one sent, one refused');
    await booth('PUT', `/api/session/${session.id}`, { status: 'completed' });
    await page.getByRole('heading', { name: 'The booth has your photos' }).waitFor();
    await check('finished');
    await booth('POST', `/api/session/${session.id}/result`, { photo_data: (await readFile(sample(PHOTOS.one[0]))).toString('base64') });
    await page.getByRole('heading', { name: 'Your picture is ready' }).waitFor();
    await check('result');
    await booth('DELETE', `/api/session/${session.id}`);
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    await check('gone');
    await context.close();
  }
});
