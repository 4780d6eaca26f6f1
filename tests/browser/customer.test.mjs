/** The customer's way in a real browser against the real program: sign in, write an order, see its code, place it. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { axeFindings, DESKTOP, installPixora, launch, openPage, PHONE, poster, signIn } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const jsQR = createRequire(import.meta.url)('jsqr');

const OLGA = 'olga@brand.example';
const IVAN = 'ivan@brand.example';
const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
const CREATE = '/dashboard/customer/create-order';
const SLOW = { timeout: 60_000 };

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;

before(
  async () => {
    pixora = await installPixora();
    for (const [email, role] of [
      [OLGA, 'customer'],
      [IVAN, 'customer'],
      [MARIA, 'admin'],
    ])
      await pixora.addUser(email, role, PASSWORD);
    await pixora.addBalance(OLGA, 500_000);
    await pixora.serve();
    browser = await launch();
  },
  { timeout: 200_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

/** @param {string} email @param {import('playwright-core').BrowserContextOptions} [options] */
async function signedIn(email, options = DESKTOP) {
  const opened = await openPage(browser, options);
  await signIn(opened.context, pixora.base, email, PASSWORD);
  return opened;
}

/** What a scanner reads from a picture of the server, at the size of a feed. @param {Page} page @param {string} url */
async function scan(page, url) {
  const { data, width, height } = await page.evaluate(async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const scale = Math.min(1, 1080 / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = new OffscreenCanvas(image.naturalWidth * scale, image.naturalHeight * scale);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let text = '';
    for (let i = 0; i < data.length; i += 32_768) text += String.fromCharCode(...data.subarray(i, i + 32_768));
    return { data: btoa(text), width: canvas.width, height: canvas.height };
  }, url);
  return jsQR(new Uint8ClampedArray(Buffer.from(data, 'base64')), width, height)?.data;
}

/** @param {Page} page @param {string | RegExp} words */
const saved = (page, words = 'Draft saved') => page.locator('.placement-save', { hasText: words }).waitFor(SLOW);

/** Everything but the picture. @param {Page} page */
async function fill(page, link = 'https://example.com/autumn') {
  await page.getByLabel('Link for the QR code').fill(link);
  await page.getByLabel('Title').fill('Autumn collection');
  await page.getByLabel('Description').fill('The poster with the hills.');
  await page.getByLabel('VK').check({ force: true });
  await page.getByLabel('Telegram').check({ force: true });
  await page.getByLabel('Country').fill('Россия');
  await page.getByLabel('City').fill('Казань');
  await page.getByLabel('Budget, ₽').fill('1 500,50');
  await page.getByRole('button', { name: 'Two weeks' }).click();
}

/** @param {import('playwright-core').BrowserContext} context */
async function orders(context) {
  return (await (await context.request.get(`${pixora.base}/api/orders`)).json()).orders;
}

describe('a customer', () => {
  test('signs in at a door of their own and lands on their orders', async () => {
    const { page, context, complaints } = await openPage(browser, DESKTOP);
    await page.goto(`${pixora.base}${CREATE}`);
    assert.equal(new URL(page.url()).pathname, '/auth/signin');
    await page.getByRole('heading', { name: 'Customer sign-in' }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.goto(`${pixora.base}/auth/signin?role=customer`);
    await page.getByLabel('E-mail or phone').fill(OLGA);
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/dashboard\/customer$/);
    await page.getByText('Your orders will be here').waitFor();
    assert.equal(await page.getByText(/^₽5,000$/).count(), 1, 'the balance');
    assert.deepEqual(await axeFindings(page), []);
    // The studio's people have nothing here, customers nothing there.
    assert.equal((await context.request.get(`${pixora.base}/dashboard/photo-sessions`)).status(), 403);
    const maria = await signedIn(MARIA);
    assert.equal((await maria.context.request.get(`${pixora.base}/dashboard/customer`)).status(), 403);
    assert.deepEqual([...complaints, ...maria.complaints], []);
    await maria.context.close();
    await context.close();
  });

  test('writes an order that saves itself, sees the code on the picture, places it', async () => {
    const { page, context, complaints } = await signedIn(OLGA);
    await page.goto(`${pixora.base}/dashboard/customer`);
    await page.getByRole('link', { name: 'New order' }).first().click();
    await page.getByRole('heading', { name: 'New order' }).waitFor();
    await page.getByText('0 of 7 filled in').waitFor();

    await page.locator('input[type=file]').setInputFiles(await poster(page));
    await page.getByText('Fill in the link, and its QR code appears on the picture.').waitFor(SLOW);
    await fill(page);
    await page.getByText('7 of 7 filled in').waitFor();
    await page.getByText('QR code checked: it scans.').waitFor(SLOW);
    const preview = page.getByRole('img', { name: 'Preview: your picture with its QR code' });
    assert.equal(await scan(page, (await preview.getAttribute('src')) ?? ''), 'https://example.com/autumn');
    await saved(page);
    assert.match(page.url(), /\?draft=[0-9a-f-]{36}$/);
    assert.deepEqual(await axeFindings(page), []);

    // Another link, another code.
    const autumn = await preview.getAttribute('src');
    await page.getByLabel('Link for the QR code').fill('https://example.com/winter');
    await page.locator(`img[alt^="Preview"]:not([src="${autumn}"])`).waitFor(SLOW);
    await page.getByText('QR code checked: it scans.').waitFor(SLOW);
    assert.equal(await scan(page, (await preview.getAttribute('src')) ?? ''), 'https://example.com/winter');

    await page.getByRole('button', { name: 'Place order' }).click();
    await page.waitForURL(/\/dashboard\/customer/);
    await page.getByRole('status').getByText('The order was created!').waitFor();
    assert.equal(await page.getByText('“Autumn collection” is on its way.').count(), 1);
    assert.equal(new URL(page.url()).search, '', 'a reload says nothing new');
    assert.deepEqual(await axeFindings(page), []);

    const [order] = await orders(context);
    assert.deepEqual(
      [order.status, order.total_amount, order.target_url, order.platforms, order.geo.city],
      ['placed', 150_050, 'https://example.com/winter', ['VK', 'Telegram'], 'Казань'],
    );
    assert.equal(await scan(page, order.image_url), 'https://example.com/winter', 'the order shows the code');
    await page.getByText('₽3,499.50').waitFor();

    await page.getByRole('button', { name: 'Cancel order “Autumn collection”' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel order' }).click();
    await page.getByText('Cancelled', { exact: true }).waitFor();
    await page.getByText(/^₽5,000$/).waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('presses the button once, also right after a field that is wrong', async () => {
    const { page, context, complaints } = await signedIn(OLGA, PHONE);
    await page.goto(pixora.base + CREATE);
    await page.getByLabel('Budget, ₽').fill('1');
    const button = page.getByRole('button', { name: 'Place order' });
    await button.scrollIntoViewIfNeeded();
    const { x, y, width, height } = /** @type {{ x: number, y: number, width: number, height: number }} */ (await button.boundingBox());
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    // It may shrink a little under the finger; its middle stays where it is.
    const pressed = /** @type {{ x: number, y: number, width: number, height: number }} */ (await button.boundingBox());
    const moved = Math.hypot(pressed.x + pressed.width / 2 - x - width / 2, pressed.y + pressed.height / 2 - y - height / 2);
    assert.ok(moved < 1, `the button stays under the press: ${moved} pixels`);
    await page.mouse.up();
    await page.getByText('Check 7 marked fields.').waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('is told beside each field what is missing or wrong, first of all the first', async () => {
    const { page, context, complaints } = await signedIn(OLGA, PHONE);
    await page.goto(pixora.base + CREATE);
    await page.getByRole('button', { name: 'Place order' }).click();
    await page.getByText('Check 7 marked fields.').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'placement-target_url');
    assert.equal(await page.getByText('Please fill this in').count(), 6);
    assert.equal(await page.getByText('Choose at least one platform').count(), 1);
    assert.deepEqual(await axeFindings(page), []);

    await fill(page, 'example.com');
    for (const [amount, words] of [
      ['99,99', 'The minimum is 100 ₽'],
      ['a lot', 'Enter the amount as a number, such as 1500'],
      ['5000,01', 'Your balance has only ₽5,000 available'],
    ]) {
      await page.getByLabel('Budget, ₽').fill(amount);
      await page.getByLabel('Title').focus();
      await page.getByText(words).waitFor();
    }
    await page.getByText('A full link is needed, such as https://example.com').waitFor();
    await page.getByText('5 of 7 filled in').waitFor();
    // What is sent all the same is refused by the server in the same words.
    const code = await page.evaluate(async () => {
      const { api } = await import(
        /** @type {string} */ (document.querySelector('script[type=module]')?.getAttribute('src')?.replace('shell.js', 'api.js'))
      );
      return api.post('/api/orders', { title: 'Only this' }).catch((/** @type {any} */ error) => error.problem);
    });
    assert.deepEqual([code.code, code.status, code.fields.length], ['placement_incomplete', 400, 6]);
    assert.equal(
      await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      true,
      'nothing is wider than the telephone',
    );
    assert.deepEqual(complaints, []);
    await saved(page);
    await context.close();
  });

  test('loses nothing without a network, and goes on after the tab was closed', async () => {
    const { page, context, complaints } = await signedIn(IVAN);
    await page.goto(pixora.base + CREATE);
    await page.getByLabel('Title').waitFor();
    await context.setOffline(true);
    await page.getByLabel('Title').fill('Written in a tunnel');
    await page.getByLabel('City').fill('Казань');
    await saved(page, 'No connection.');
    await context.setOffline(false);
    await saved(page);
    const [first, ...more] = await orders(context);
    assert.deepEqual([first.status, first.title, first.geo.city, more.length], ['draft', 'Written in a tunnel', 'Казань', 0]);

    // A tab that is closed with words on their way: the browser has kept them.
    await page.route('**/api/orders/*', (route) => route.abort());
    await page.getByLabel('Description').fill('And this in the last second.');
    await saved(page, 'No connection.');
    const address = page.url();
    await page.close();
    const again = await context.newPage();
    await again.goto(address);
    await saved(again);
    assert.equal(await again.getByLabel('Description').inputValue(), 'And this in the last second.');
    assert.equal((await orders(context))[0].description, 'And this in the last second.');

    await again.goto(`${pixora.base}/dashboard/customer`);
    await again.getByRole('link', { name: 'Continue the draft “Written in a tunnel”' }).waitFor();
    await again.getByRole('button', { name: 'Delete the draft “Written in a tunnel”' }).click();
    await again.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await again.getByText('Your orders will be here').waitFor();
    await again.goto(address);
    await again.getByText('This draft is not there any more').waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('is told when the code does not fit, and can do it all with the keyboard, in Russian and in the dark', async () => {
    const { page, context, complaints } = await signedIn(IVAN, { ...DESKTOP, locale: 'ru-RU', colorScheme: 'dark' });
    await page.goto(pixora.base + CREATE);
    await page.getByLabel('Ссылка для QR-кода').fill(`https://example.com/${'a'.repeat(900)}`);
    await page.locator('input[type=file]').setInputFiles(await poster(page, 220, 220));
    await page.getByText(/^Ссылка слишком длинная/).waitFor(SLOW);
    assert.deepEqual(await axeFindings(page), []);

    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Заменить' }).focus();
    await page.keyboard.press('Enter');
    await (await chooser).setFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') });
    await page.getByText(/^Снимки принимаются в JPEG/).waitFor(SLOW);
    await page.getByLabel('Telegram').focus();
    await page.keyboard.press('Space');
    assert.equal(await page.getByLabel('Telegram').isChecked(), true);
    await page.getByRole('button', { name: 'Убрать' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Выбрать картинку' }).waitFor();
    await saved(page, 'Черновик сохранён');
    const [draft] = await orders(context);
    assert.deepEqual([draft.image_url, draft.platforms], [null, ['Telegram']]);
    assert.deepEqual(complaints, []);
    await context.close();
  });
});
