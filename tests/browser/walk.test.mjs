/** Faults that a walk through every page once found, each with a test of its name; others stand with their own pages. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { csrf, DESKTOP, gotoAll, installPixora, launch, openPage, PHONE, PHOTOS, sample, signIn, speak, upload } from './support.mjs';
import { sources } from '../../static/js/guest/tile.js';

/** @typedef {import('playwright-core').Page} Page */

const MARIA = 'maria@studio.example';
const OLGA = 'olga@studio.example';
const PASSWORD = 'seven purple lanterns';
/** Searches and analyses share two cores with everything else. */
const SLOW = { timeout: 120_000 };
const PARTY = [...PHOTOS.one, ...PHOTOS.other];

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('playwright-core').BrowserContext} */
let studio;
/** @type {string} */
let party;
/** One photo of nobody whom a test looks for. @type {string} */
let begun;

before(
  async () => {
    pixora = await installPixora();
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.addUser(OLGA, 'photographer', PASSWORD);
    party = await pixora.createSession('Summer party');
    begun = await pixora.createSession('Just begun');
    await pixora.ingest(party, PARTY);
    await pixora.ingest(begun, [PHOTOS.groups[0]]);
    await pixora.serve();
    // Over plain HTTP under a name there is no camera, so a selfie is a file.
    browser = await launch({ args: ['--host-resolver-rules=MAP studio.test 127.0.0.1'] });
    studio = (await openPage(browser, DESKTOP)).context;
    await signIn(studio, pixora.base, MARIA, PASSWORD);
  },
  { timeout: 400_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

/** Searches with a picture from the telephone's gallery. @param {Page} page @param {string} session @param {string} picture */
async function search(page, session, picture) {
  await page.goto(`http://studio.test:${pixora.port}/session/${session}`);
  await page.getByRole('button', { name: 'Find my photos' }).click();
  await page.getByRole('button', { name: /I agree/ }).click();
  await page.locator('input[type=file]:not([capture])').setInputFiles(sample(picture));
}

/** Buttons above the photos that are not whole on the screen. @param {Page} page */
const cutOff = (page) =>
  page.locator('.toolbar').evaluate((toolbar) =>
    [...toolbar.querySelectorAll('button, a')]
      .filter((each) => {
        const { left, right, width } = each.getBoundingClientRect();
        return width > 0 && (left < 0 || right > innerWidth);
      })
      .map((each) => each.textContent),
  );

test('"Select" is on the screen of a phone in every language', SLOW, async () => {
  const { page, context } = await openPage(browser);
  await gotoAll(page, `${pixora.base}/session/${party}#/all`);
  for (const [language, select] of Object.entries({ ru: 'Выбрать', de: 'Auswählen', en: 'Select' })) {
    await speak(page, language);
    await page.locator('.toolbar').getByRole('button', { name: select, exact: true }).waitFor();
    assert.deepEqual(await cutOff(page), [], language);
  }
  await context.close();
});

test('photos that come by themselves after a search that found none bring the ZIP along', SLOW, async () => {
  const { page, context } = await openPage(browser);
  await search(page, begun, PHOTOS.selfieOfOne);
  await page.getByRole('heading', { name: 'We did not find you yet' }).waitFor(SLOW);
  await upload(studio, pixora.base, begun, PHOTOS.one);
  await page.getByRole('heading', { name: 'You are in 2 photos' }).waitFor(SLOW);
  await page.getByRole('button', { name: 'As one ZIP' }).waitFor({ timeout: 5_000 });
  for (const language of ['ru', 'de']) {
    await speak(page, language);
    assert.deepEqual(await cutOff(page), [], language);
  }
  await context.close();
});

test('among several faces of whom none was found the chooser stands above the bad news', SLOW, async () => {
  const { page, context } = await openPage(browser);
  await search(page, begun, 'groups/sample6.jpg');
  const chooser = page.getByRole('group', { name: /Several faces/ });
  await chooser.waitFor(SLOW);
  const [faces, news] = await Promise.all(
    [chooser, page.getByRole('heading', { name: 'We did not find you yet' })].map((each) => each.boundingBox()),
  );
  assert.ok(faces && news && faces.y + faces.height <= news.y, `${faces?.y} and ${news?.y}`);
  await context.close();
});

test('a landing that began with one photo takes the next ones', SLOW, async () => {
  const session = await pixora.createSession('First light');
  await upload(studio, pixora.base, session, PHOTOS.other);
  const { page, context } = await openPage(browser);
  const tiles = page.locator('.mosaic img');
  await page.goto(`${pixora.base}/session/${session}`);
  await tiles.first().waitFor(SLOW);
  assert.equal(await tiles.count(), 1);
  await upload(studio, pixora.base, session, PHOTOS.one);
  await page.waitForFunction(() => document.querySelectorAll('.mosaic img').length === 3, undefined, SLOW);
  await page.getByText('3 photos', { exact: true }).waitFor();
  await context.close();
});

test('the count over an open gallery goes down with a photo that was not loaded', SLOW, async () => {
  const session = await pixora.createSession('Counted');
  await upload(studio, pixora.base, session, PARTY);
  const path = `${pixora.base}/api/v1/sessions/${session}/photos`;
  const ids = async () => (await (await fetch(`${path}/ids`)).json()).photo_ids;
  while ((await ids()).length < PARTY.length) await new Promise((done) => setTimeout(done, 200));
  const { page, context } = await openPage(browser);
  // The page brings one photo along, and the next ones do not come.
  const first = await (await fetch(`${path}?limit=1`)).json();
  await page.route(`**/session/${session}`, async (route) => {
    const response = await route.fetch();
    const [before, json, after] = (await response.text()).split(/(?<=<script type="application\/json" id="session">)(.*?)(?=<\/script>)/s);
    const data = JSON.stringify({ ...JSON.parse(json), first }).replaceAll('<', '\\u003c');
    await route.fulfill({ response, body: `${before}${data}${after}` });
  });
  await page.route('**/photos?*cursor=*', (route) => route.abort());
  await page.goto(`${pixora.base}/session/${session}#/all`);
  await page.getByText(`${PARTY.length} photos`, { exact: true }).waitFor();
  const last = (await ids()).at(-1);
  const hidden = await studio.request.patch(`${pixora.base}/api/photos/${last}`, {
    headers: await csrf(studio),
    data: { is_selected: false },
  });
  assert.ok(hidden.ok(), await hidden.text());
  await page.getByText(`${PARTY.length - 1} photos`, { exact: true }).waitFor();
  await context.close();
});

test('marked and unmarked copies of a photo are not offered for one tile', () => {
  const url = (/** @type {number} */ size, mark = '') => `/media/0/1/${size}-0123456789abcdef${mark}.jpg`;
  const photo = /** @type {any} */ ({ width: 3000, height: 2000, thumb_url: url(320), tile_url: url(640), preview_url: url(1024) });
  assert.match(sources(photo).srcset, /320-.* 320w, .*640-.* 640w, .*1024-.* 1024w/);
  const mark = '-fedcba9876543210';
  const { src, srcset } = sources({ ...photo, tile_url: url(640, mark), preview_url: url(1024, mark) });
  assert.equal(src, url(640, mark));
  assert.doesNotMatch(srcset, /320w/);
});

test('each view and each page has a title of its own', SLOW, async () => {
  const { page, context } = await openPage(browser);
  /** @type {string[]} */
  const titles = [];
  for (const view of ['', '#/all', '#/consent']) {
    await page.goto('about:blank');
    await page.goto(`${pixora.base}/session/${party}${view}`);
    await page.waitForFunction(() => document.title.includes('Summer party') && document.querySelector('h1'));
    titles.push(await page.title());
  }
  await context.close();
  const panel = await studio.newPage();
  await panel.goto(`${pixora.base}/dashboard/photo-sessions`);
  await panel.getByRole('heading', { level: 1 }).waitFor();
  const pages = await panel
    .locator('nav a[href^="/dashboard"]')
    .evaluateAll((all) => [...new Set(all.map((each) => each.getAttribute('href') ?? ''))]);
  assert.ok(pages.length > 5, pages.join(' '));
  for (const path of [...pages, ...['share', 'upload', 'photos'].map((tab) => `/dashboard/photo-sessions/${party}#${tab}`)]) {
    await panel.goto('about:blank');
    await panel.goto(pixora.base + path);
    await panel.waitForFunction(() => / · Pixora$/.test(document.title) && document.querySelector('h1'));
    if (path.includes(party)) await panel.waitForFunction(() => document.title.includes('Summer party'));
    titles.push(await panel.title());
  }
  await panel.close();
  assert.deepEqual(
    titles.filter((title, n) => titles.indexOf(title) !== n),
    [],
    titles.join(' | '),
  );
});

test('a colleague who opens another’s session is told whose it is, and a page that is not for them says so', SLOW, async () => {
  const { page, context } = await openPage(browser, DESKTOP);
  await signIn(context, pixora.base, OLGA, PASSWORD);
  for (const pin of [null, '4711']) {
    const set = await studio.request.patch(`${pixora.base}/api/photo-sessions/${party}`, { headers: await csrf(studio), data: { pin } });
    assert.ok(set.ok(), await set.text());
    await page.goto(`${pixora.base}/dashboard/photo-sessions/${party}`);
    await page.getByRole('heading', { name: 'This photo session is another photographer’s' }).waitFor();
    for (const name of ['Edit', 'Archive']) assert.equal(await page.getByRole('button', { name }).count(), 0, name);
    assert.equal(await page.getByText('There is no such').count(), 0);
  }
  await studio.request.patch(`${pixora.base}/api/photo-sessions/${party}`, { headers: await csrf(studio), data: { pin: null } });
  const refused = await page.goto(`${pixora.base}/dashboard/settings/team`);
  assert.equal(refused?.status(), 403);
  await page.getByRole('heading', { name: 'This page is not open to you' }).waitFor();
  assert.equal(await page.getByText('on our side').count(), 0);
  await context.close();
});

test('only a fault of ours is called one, also for a refusal that has no words of its own', SLOW, async () => {
  const { page, context } = await openPage(browser);
  const unknown = `${pixora.base}/session/0192f000-0000-7000-8000-000000000000`;
  for (const [status, heading] of /** @type {const} */ ([
    [409, 'This page cannot be opened'],
    [429, 'Too many tries'],
    [500, 'Something went wrong'],
  ])) {
    await page.route(unknown, async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(/data-code="[^"]*" data-status="404"/, `data-code="some_code" data-status="${status}"`);
      await route.fulfill({ response, body });
    });
    await page.goto(unknown);
    await page.getByRole('heading', { name: heading }).waitFor();
    assert.equal(await page.getByText('on our side').count(), status === 500 ? 1 : 0);
    await page.unroute(unknown);
  }
  await context.close();
});

test('the large photo of the panel has the one before and the next', SLOW, async () => {
  const page = await studio.newPage();
  await page.goto(`${pixora.base}/dashboard/photo-sessions/${party}#photos`);
  await page.getByRole('listbox').getByRole('option').first().dblclick();
  const dialog = page.getByRole('dialog', { name: 'Photo' });
  const [before, next] = ['Previous', 'Next'].map((name) => dialog.getByRole('button', { name, exact: true }));
  const picture = async () => dialog.locator('img.enlarged').getAttribute('src');
  await dialog.getByText('1 / 3').waitFor();
  const first = await picture();
  assert.equal(await before.isDisabled(), true);
  await next.click();
  await dialog.getByText('2 / 3').waitFor();
  assert.notEqual(await picture(), first);
  await page.keyboard.press('ArrowRight');
  await dialog.getByText('3 / 3').waitFor();
  assert.equal(await next.isDisabled(), true);
  await before.click();
  await page.keyboard.press('ArrowLeft');
  await dialog.getByText('1 / 3').waitFor();
  assert.equal(await picture(), first);
  await page.close();
});

test('one’s own password is changed on the page of one’s own account', SLOW, async () => {
  const page = await studio.newPage();
  await page.goto(`${pixora.base}/dashboard/settings/sessions`);
  await page.locator('.device').first().waitFor();
  const change = page.getByRole('main').getByRole('button', { name: 'Change password' });
  assert.equal(await change.count(), 0, 'it has nothing to do with devices');
  await page.goto(`${pixora.base}/dashboard/settings/account`);
  await change.click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Current password' }).waitFor();
  await page.close();
});
