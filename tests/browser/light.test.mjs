/** A guest page that is light: what is seen first comes first, and nothing moves when the rest comes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeFindings, DESKTOP, gotoAll, installPixora, launch, openPage, PHONE, PHOTOS, watchShifts } from './support.mjs';

/** What web.dev calls good. */
const GOOD_SHIFT = 0.1;
const NAME = 'Anna & <Ivan>';

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {string} */
let session;
/** @type {import('playwright-core').Browser} */
let browser;

before(
  async () => {
    pixora = await installPixora();
    session = await pixora.createSession(NAME);
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

/** Whether a whole photo of the first view is there. @param {import('playwright-core').Page} page */
const photoIsThere = (page) =>
  page.waitForFunction(() => {
    const photo = /** @type {HTMLImageElement | null} */ (document.querySelector('.mosaic img'));
    return photo?.complete && photo.naturalWidth > 0 && photo.checkVisibility();
  });

test('the name and the photos do not wait for a script', async () => {
  for (const device of [PHONE, DESKTOP]) {
    const { page, complaints } = await openPage(browser, device);
    /** @type {(() => void)[]} */
    const held = [];
    await page.route('**/*.js', (route) => new Promise((done) => held.push(() => done(route.continue()))));
    await page.goto(link(), { waitUntil: 'commit' });
    await page.getByRole('heading', { name: NAME }).waitFor();
    await photoIsThere(page);
    assert.equal(await page.getByRole('button').count(), 0, 'no script has run');
    for (const go of held) go();
    await page.unroute('**/*.js');
    await page.getByRole('button', { name: 'All photos' }).waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  }
});

test('the script takes the photos over: none is asked for twice, nothing moves', async () => {
  for (const device of [PHONE, DESKTOP]) {
    const { page, complaints } = await openPage(browser, device);
    // On a slow processor the photos are painted before the words beside them are parsed.
    const developer = await page.context().newCDPSession(page);
    await developer.send('Emulation.setCPUThrottlingRate', { rate: 10 });
    /** @type {string[]} */
    const asked = [];
    page.on('request', (request) => request.url().includes('/media/') && asked.push(request.url()));
    const shifts = await watchShifts(page);
    await page.route('**/*.js', async (route) => {
      await new Promise((done) => setTimeout(done, 300));
      await route.continue();
    });
    await page.goto(link());
    await page.getByRole('button', { name: 'All photos' }).waitFor();
    await page.waitForTimeout(1000);
    assert.equal(asked.length, new Set(asked).size, asked.join('\n'));
    const shift = await shifts();
    assert.ok(shift < GOOD_SHIFT, `${shift} on ${device.viewport.width} pixels`);
    assert.deepEqual(complaints, []);
    await page.context().close();
  }
});

test('what comes behind the first photos of an open gallery has its room before', async () => {
  const { page, complaints } = await openPage(browser);
  const shifts = await watchShifts(page);
  /** @type {() => void} */
  let go = () => {};
  const held = new Promise((done) => (go = () => done(undefined)));
  await page.route('**/narrow.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${link()}#/all`);
  await page.locator('.tile img.is-loaded').first().waitFor();
  // Against the head of the view, which comes in with a movement of its own.
  const top = () =>
    page.locator('.all').evaluate((view) => {
      const [head, gallery] = ['.results-head', '.gallery'].map((part) => view.querySelector(part)?.getBoundingClientRect().top ?? 0);
      return Math.round(gallery - head);
    });
  const before = await top();
  go();
  await page.locator('.narrow').waitFor();
  assert.equal(await top(), before);
  assert.ok((await shifts()) < GOOD_SHIFT / 10, String(await shifts()));
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('photos in sight are asked for before those around them, and the first before the rest', async () => {
  const { page, complaints } = await openPage(browser, { ...PHONE, viewport: { width: 390, height: 520 } });
  /** @type {(() => void)[]} */
  const held = [];
  await page.route('**/media/**', (route) => new Promise((done) => held.push(() => done(route.continue()))));
  const go = () => held.splice(0).forEach((each) => each());
  await page.goto(`${link()}#/all`, { waitUntil: 'commit' });
  /** Numbers of the photos that are in the page, in sight, and asked for. */
  const photos = () =>
    page.locator('.tile').evaluateAll((tiles) => {
      const numbers = (/** @type {Element[]} */ some) => some.map((tile) => Number(tile.getAttribute('aria-posinset')));
      return {
        all: numbers(tiles),
        seen: numbers(tiles.filter((tile) => tile.getBoundingClientRect().top < innerHeight)),
        asked: numbers(tiles.filter((tile) => tile.querySelector('img')?.src)),
      };
    });
  /** @param {(found: Awaited<ReturnType<typeof photos>>) => boolean} wanted */
  async function until(wanted) {
    for (let i = 0; i < 100; i++) {
      if (wanted(await photos())) break;
      await page.waitForTimeout(50);
    }
    // What must not be asked for has the time to be.
    await page.waitForTimeout(300);
    return photos();
  }
  const first = await until(({ asked }) => asked.length > 0);
  assert.deepEqual(first.asked, [1]);
  go();
  const second = await until(({ asked }) => asked.length > 1);
  assert.ok(second.seen.length > 2, JSON.stringify(second));
  assert.deepEqual(second.asked, second.seen);
  go();
  const last = await until(({ asked, seen }) => asked.length > seen.length);
  assert.deepEqual(last.asked, last.all);
  assert.ok(last.all.length > second.seen.length, JSON.stringify(last));
  go();
  await page.unroute('**/media/**');
  await page.waitForFunction(() => [...document.querySelectorAll('.tile img')].every((image) => image.classList.contains('is-loaded')));
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('an address that names another view does not show the first one', async () => {
  const { page } = await openPage(browser);
  await page.route('**/*.js', (route) => route.abort());
  await page.goto(`${link()}#/all`, { waitUntil: 'domcontentloaded' });
  assert.equal(await page.getByRole('heading', { name: NAME }).count(), 0);
  await page.context().close();
});

test('a gallery that the page opens with asks for each photo once, and nothing moves', async () => {
  const { page, complaints } = await openPage(browser);
  const developer = await page.context().newCDPSession(page);
  await developer.send('Emulation.setCPUThrottlingRate', { rate: 10 });
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => request.url().includes('/media/') && asked.push(request.url()));
  const shifts = await watchShifts(page);
  await page.goto(`${link()}#/all`);
  await page.locator('.narrow').waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('.tile img')].every((image) => image.classList.contains('is-loaded')));
  const shown = await page
    .locator('.tile img')
    .evaluateAll((images) => images.map((image) => /** @type {HTMLImageElement} */ (image).currentSrc));
  const others = asked.filter((url) => !shown.includes(url));
  assert.ok(others.length <= 1, `of the first view only the first was on its way: ${others.join('\n')}`);
  assert.equal(asked.length, new Set(asked).size, asked.join('\n'));
  assert.ok((await shifts()) < GOOD_SHIFT / 10, String(await shifts()));
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('every view opens without a network once the page is still', async () => {
  const { page } = await openPage(browser);
  await gotoAll(page, link());
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'All photos' }).click();
  await page.getByRole('heading', { name: 'All photos' }).waitFor();
  await page.goBack();
  await page.getByRole('button', { name: 'Find my photos' }).click();
  await page.locator('.sheet h1').waitFor();
  await page.context().close();
});

test('a view whose scripts did not come says so, and the page stays', async () => {
  const { page } = await openPage(browser);
  await page.route('**/consent.js', (route) => route.abort());
  await page.goto(link());
  await page.getByRole('button', { name: 'Find my photos' }).click();
  await page.getByText('This part did not open').waitFor();
  await page.getByRole('heading', { name: NAME }).waitFor();
  assert.ok(!page.url().includes('#'), page.url());
  await page.getByRole('button', { name: 'All photos' }).click();
  await page.getByRole('heading', { name: 'All photos' }).waitFor();
  await page.context().close();
});

test('a tap on a photo makes no slides of thousands of others, and no formatter for each', async () => {
  const { page, complaints } = await openPage(browser);
  await page.goto(`${link()}#/all`);
  await page.locator('.tile img.is-loaded').first().waitFor();
  const made = await page.evaluate(async () => {
    const script = /** @type {HTMLScriptElement} */ (document.querySelector('script[src$="/guest/main.js"]'));
    const { openViewer } = await import(new URL('viewer.js', script.src).href);
    const [photo] = JSON.parse(document.getElementById('session')?.textContent ?? '').first.photos;
    let formatters = 0;
    for (const kind of /** @type {const} */ (['NumberFormat', 'PluralRules', 'DateTimeFormat'])) {
      /** @type {any} */ (Intl)[kind] = new Proxy(Intl[kind], {
        construct(target, given) {
          formatters++;
          return Reflect.construct(target, given);
        },
      });
    }
    const read = new Set();
    const photos = Array.from({ length: 3000 }, (_, i) => {
      const each = { ...photo };
      Object.defineProperty(each, 'full_url', { get: () => (read.add(i), photo.full_url) });
      return each;
    });
    await openViewer({ photos, index: 1500, gallery: { imageAt: () => null, reveal() {} }, shop: null });
    return { formatters, slides: read.size };
  });
  await page.getByRole('dialog').waitFor();
  assert.match(await page.locator('.pswp__counter').innerText(), /1501 \/ 3000/);
  assert.ok(made.slides > 0 && made.slides < 20, `${made.slides} slides`);
  assert.ok(made.formatters < 5, `${made.formatters} formatters`);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('axe finds nothing in the first view, without its script and with it', async () => {
  const { page } = await openPage(browser);
  await page.route('**/*.js', (route) => route.abort());
  await page.goto(link());
  await photoIsThere(page);
  assert.deepEqual(await axeFindings(page), []);
  await page.unroute('**/*.js');
  await gotoAll(page, link());
  assert.deepEqual(await axeFindings(page), []);
  await page.context().close();
});
