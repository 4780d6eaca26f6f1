/** Access to the guest page: languages, keyboard, screen readers, slow networks. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  axeFindings,
  DESKTOP,
  gotoAll,
  installPixora,
  launch,
  openPage,
  PHONE,
  PHOTOS,
  sample,
  speak,
  weightBeforePhotos,
} from './support.mjs';

/** Everything that travels before the first photo. */
const WEIGHT_LIMIT = 100 * 1024;

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {string} */
let session;
/** @type {import('playwright-core').Browser} */
let browser;

before(
  async () => {
    pixora = await installPixora();
    session = await pixora.createSession('Summer party');
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

test('the language follows the browser, switches on the page and is remembered', async () => {
  const { page, complaints } = await openPage(browser, { ...PHONE, locale: 'ru-RU' });
  await page.goto(link());
  assert.equal(await page.locator('html').getAttribute('lang'), 'ru');
  await page.getByRole('button', { name: 'Найти мои фотографии' }).waitFor();
  await page.getByText('9 фотографий').waitFor();
  await speak(page, 'en');
  await page.getByRole('button', { name: 'Find my photos' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.reload();
  await page.getByRole('button', { name: 'Find my photos' }).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('the gallery, the viewer and the way to the camera work from the keyboard', async () => {
  const { page, complaints } = await openPage(browser, DESKTOP);
  await page.goto(link());
  await page.getByRole('button', { name: 'All photos' }).waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent);
  /** @type {(string | null | undefined)[]} */
  const order = [];
  for (let i = 0; i < 5; i++) {
    await page.keyboard.press('Tab');
    order.push(await focused());
  }
  assert.deepEqual(order, ['Skip to content', 'Pixora', 'Language', 'Find my photos', 'All photos']);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'All photos' }).waitFor();
  assert.equal(await focused(), 'All photos', 'a new view is announced by its heading');

  const first = page.getByRole('link', { name: 'Photo 1', exact: true });
  await first.focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'dialog');
  await page.keyboard.press('ArrowRight');
  await page.getByText('2 / 9').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(
    await page.evaluate(() => document.activeElement?.querySelector('img')?.alt),
    'Photo 2',
    'the focus comes back to the photo',
  );

  await page.getByRole('button', { name: 'Select' }).press('Enter');
  await page.getByRole('checkbox', { name: 'Select photo 3' }).press('Space');
  await page.getByText('1 selected').waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('every view passes axe in light and dark', { timeout: 240_000 }, async () => {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    const { page } = await openPage(browser, { ...PHONE, colorScheme, reducedMotion: 'reduce' });
    /** @param {string} view */
    const check = async (view) => {
      await page.waitForTimeout(300);
      assert.deepEqual(await axeFindings(page), [], `${view}, ${colorScheme}`);
    };
    await page.goto(link());
    await page.getByRole('button', { name: 'Find my photos' }).waitFor();
    await check('landing');
    await page.getByRole('button', { name: 'How we protect your data' }).click();
    await check('privacy');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Find my photos' }).click();
    await check('consent');
    await page.getByRole('button', { name: 'I agree, open the camera' }).click();
    await page.getByText('Place your face in the oval').waitFor();
    await check('camera');
    await page.locator('input[type=file]').setInputFiles(sample('groups/sample6.jpg'));
    await page.getByRole('group', { name: /Several faces/ }).waitFor({ timeout: 60_000 });
    await check('results with several faces');
    await page.getByRole('link', { name: 'Photo 1', exact: true }).click();
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'dialog');
    await check('viewer');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Pixora' }).click();
    await page.getByRole('button', { name: 'All photos' }).click();
    await page.getByRole('listitem').first().waitFor();
    await check('all photos');
    await page.getByRole('button', { name: 'Select' }).click();
    await check('selecting');
    await page.goto(`${pixora.base}/session/not-an-id`);
    await page.getByRole('heading').waitFor();
    await check('error');
    await page.goto(pixora.base);
    await page.getByRole('heading').waitFor();
    await check('front door');
    await page.context().close();
  }
});

test('less than 100 KB travel before the photos', async () => {
  const { page, context } = await openPage(browser);
  const total = await weightBeforePhotos(page, context, link());
  assert.ok(total < WEIGHT_LIMIT, `${total} bytes`);
  await context.close();
});

test('no module has to wait for the one that imports it', async () => {
  const { page, context } = await openPage(browser);
  await gotoAll(page, link());
  const { loaded, announced } = await page.evaluate(() => ({
    loaded: performance
      .getEntriesByType('resource')
      .map((entry) => entry.name)
      .filter((name) => name.endsWith('.js'))
      .sort(),
    announced: [...document.querySelectorAll('link[rel=modulepreload], script[src]')]
      .map((each) => /** @type {any} */ (each).href || /** @type {any} */ (each).src)
      .sort(),
  }));
  assert.deepEqual(announced, [...new Set(loaded)]);
  await context.close();
});

test('nothing but the program itself is asked for anything', async () => {
  const { page, context } = await openPage(browser);
  /** @type {Set<string>} */
  const origins = new Set();
  page.on('request', (request) => origins.add(new URL(request.url()).protocol === 'data:' ? 'data:' : new URL(request.url()).origin));
  await gotoAll(page, link());
  origins.delete('data:');
  assert.deepEqual([...origins], [pixora.base]);
  await context.close();
});
