/** A slider over the hours of a long gallery, for guests and in the panel. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeFindings, DESKTOP, gotoAll, installPixora, launch, openPage, PHONE, PHOTOS, shot, signIn } from './support.mjs';

const OWNER = 'anna@studio.example';
const PASSWORD = 'a long enough password';
/** Photos of each hour, from 14:00 on. */
const HOURS = [40, 200, 300, 60];
const TOTAL = HOURS.reduce((sum, photos) => sum + photos, 0);

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {string} */
let session;
/** @type {import('playwright-core').Browser} */
let browser;

before(
  async () => {
    pixora = await installPixora();
    await pixora.addUser(OWNER, 'super_admin', PASSWORD);
    session = await pixora.createSession('A long wedding');
    await pixora.ingest(session, [...PHOTOS.one, ...PHOTOS.groups]);
    await pixora.serve();
    browser = await launch();
  },
  { timeout: 400_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

/** The parts of the day: the second begins within the first hour, the third has no start and two of its photos stand apart. */
const CHAPTERS = [
  { chapter_id: 'a', name: 'Ceremony', starts_at: '2026-06-20T14:00:00', photos: 20 },
  { chapter_id: 'b', name: 'Champagne and good wishes in the garden', starts_at: '2026-06-20T14:30:00', photos: 220 },
  { chapter_id: 'c', name: 'Dinner', starts_at: '2026-06-20T16:00:00', photos: 358 },
  { chapter_id: 'd', name: 'Details', starts_at: null, photos: 2 },
];
/** The chapter of a photo. @param {number} i */
const chapterOf = (i) => (i === 300 || i === 301 ? 'd' : i < 20 ? 'a' : i < HOURS[0] + HOURS[1] ? 'b' : 'c');

/**
 * Answers as the server would for a session of hundreds of photos, which are copies of those that are there.
 * @param {import('playwright-core').Page} page @param {string} path of the lists @param {boolean} [parted] into chapters
 */
async function lengthen(page, path, parted = false) {
  /** @type {any[] | undefined} */
  let all;
  await page.route(
    (url) => url.pathname === path,
    async (route) => {
      const url = new URL(route.request().url());
      const answer = await route.fetch({ url: `${url.origin}${path}?limit=200` });
      const real = await answer.json();
      all ??= Array.from({ length: TOTAL }, (_, i) => ({
        ...real.photos[i % real.photos.length],
        photo_id: `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`,
        filename: `IMG_${i}.jpg`,
        ...(parted && { chapter_id: chapterOf(i) }),
      }));
      const from = Number(url.searchParams.get('cursor') ?? 0);
      const to = from + Number(url.searchParams.get('limit'));
      const photos = all.slice(from, to);
      const chapters = parted ? CHAPTERS : [];
      await route.fulfill({ json: { ...real, photos, chapters, total: TOTAL, next_cursor: to < TOTAL ? String(to) : null } });
    },
  );
  await page.route(
    (url) => url.pathname === `${path}/hours`,
    (route) => route.fulfill({ json: { hours: HOURS.map((photos, i) => ({ starts_at: `2026-06-20T${14 + i}:00:00`, photos })) } }),
  );
}

/** Opens the gallery of a guest without the first page, which is in the page itself and short. @param {import('playwright-core').Page} page */
async function openLong(page) {
  await page.route(`**/session/${session}`, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replace(/"first":\{/, '"was_first":{') });
  });
  await gotoAll(page, `${pixora.base}/session/${session}#/all`);
}

test('a guest goes to an hour by keys and by touch, and the slider goes along with scrolling', async () => {
  const { page, complaints } = await openPage(browser);
  await lengthen(page, `/api/v1/sessions/${session}/photos`);
  await openLong(page);
  const slider = page.getByRole('slider', { name: 'Time of the shot' });
  await slider.waitFor();
  assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /14:00.*40 photos/);
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'scrubber');
  await page.setViewportSize(PHONE.viewport);

  await slider.focus();
  for (let n = 0; n < 2; n++) await page.keyboard.press('ArrowRight');
  assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /16:00.*300 photos/);
  const first = HOURS[0] + HOURS[1];
  // What was not loaded yet is, and the hour's first photo stands below the slider.
  await page.locator(`.tile[aria-posinset="${first + 1}"]`).waitFor();
  await page.waitForFunction((at) => {
    const tile = document.querySelector(`.tile[aria-posinset="${at}"]`);
    const bar = document.querySelector('.scrubber-place');
    return tile && bar && Math.abs(tile.getBoundingClientRect().top - bar.getBoundingClientRect().bottom) < 4;
  }, first + 1);

  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForFunction(() => document.querySelector('.scrubber input')?.getAttribute('aria-valuetext')?.startsWith('14:00'));

  const box = await slider.boundingBox();
  assert.ok(box);
  await page.touchscreen.tap(box.x + box.width - 4, box.y + box.height / 2);
  await page.locator(`.tile[aria-posinset="${first + HOURS[2] + 1}"]`).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('chapters are headings between the photos and marks of the slider, and few of them are in the page', async () => {
  const { page, complaints } = await openPage(browser);
  await lengthen(page, `/api/v1/sessions/${session}/photos`, true);
  await page.route(`**/api/v1/sessions/${session}/chapters`, (route) => route.fulfill({ json: { chapters: CHAPTERS, credits: [] } }));
  await openLong(page);
  const slider = page.getByRole('slider', { name: 'Time of the shot' });
  await slider.waitFor();
  assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^Ceremony, Champagne and good wishes in the garden: 14:00/);
  assert.deepEqual(
    await page.locator('.scrubber-bars > span').evaluateAll((bars) => bars.map((bar) => bar.classList.contains('is-chapter'))),
    [true, false, true, false],
  );
  const heading = (/** @type {string} */ name) => page.getByRole('heading', { level: 2, name, exact: true });
  await heading('Ceremony').waitFor();
  assert.equal(await heading('Dinner').count(), 0, 'what is far from the screen is not in the page');
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'chapter-headings');
  await page.setViewportSize(PHONE.viewport);

  // The heading of the chapter that begins with the hour stands right below the slider, above its first photo.
  await slider.focus();
  for (let n = 0; n < 2; n++) await page.keyboard.press('ArrowRight');
  assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^Dinner: 16:00.*300 photos/);
  await heading('Dinner').first().waitFor();
  await page.waitForFunction(
    (at) => {
      const tile = document.querySelector(`.tile[aria-posinset="${at}"]`)?.getBoundingClientRect();
      const bar = document.querySelector('.scrubber-place')?.getBoundingClientRect();
      const part = [...document.querySelectorAll('.gallery-part')].find((each) => each.textContent === 'Dinner')?.getBoundingClientRect();
      return tile && bar && part && Math.abs(part.top - bar.bottom) < 4 && Math.abs(tile.top - part.bottom) < 4;
    },
    HOURS[0] + HOURS[1] + 1,
  );
  // Photos that a hand put elsewhere stand under their own heading, and what goes on after them says what it is.
  for (let n = 0; n < 12 && (await heading('Details').count()) === 0; n++) {
    await page.evaluate(() => scrollBy(0, 600));
    await page.waitForTimeout(300);
  }
  await heading('Details').waitFor();
  const around = page.locator('.gallery > li');
  const words = await around.evaluateAll((items) => items.map((item) => item.querySelector('h2')?.textContent ?? ''));
  const at = words.indexOf('Details');
  assert.deepEqual([words[at + 1], words[at + 2], words[at + 3]], ['', '', 'Dinner']);
  assert.ok(words.length < 120, `${words.length} boxes are in the page`);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a short gallery has no slider', async () => {
  const { page } = await openPage(browser);
  await gotoAll(page, `${pixora.base}/session/${session}#/all`);
  assert.equal(await page.getByRole('slider').count(), 0);
  await page.context().close();
});

test('the panel goes to an hour too', async () => {
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await signIn(context, pixora.base, OWNER, PASSWORD);
  await lengthen(page, `/api/photo-sessions/${session}/photos`);
  // The stream of events would say how few photos there really are.
  await page.route('**/events', (route) => route.abort());
  await page.route(`**/api/photo-sessions/${session}`, async (route) => {
    const answer = await route.fetch();
    const json = await answer.json();
    await route.fulfill({ response: answer, json: { ...json, photos: { ...json.photos, ready: TOTAL } } });
  });
  await page.route(`**/api/photo-sessions/${session}/chapters`, (route) =>
    route.fulfill({ json: { chapters: CHAPTERS, credits: [], suggested: [], outside: 0 } }),
  );
  await page.goto(`${pixora.base}/dashboard/photo-sessions/${session}#photos`);
  const slider = page.getByRole('slider', { name: 'Time of the shot' });
  await slider.waitFor();
  assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^Ceremony, Champagne and good wishes in the garden: 14:00/);
  await slider.focus();
  await page.keyboard.press('End');
  const first = page.locator(`[role="option"][aria-posinset="${TOTAL - HOURS[3] + 1}"]`);
  await first.waitFor();
  await page.waitForTimeout(300);
  const [bar, track, tile] = await Promise.all(
    [page.locator('.topbar'), page.locator('.scrubber-place'), first].map(async (each) => each.boundingBox()),
  );
  assert.ok(bar && track && tile);
  assert.ok(track.y >= bar.y + bar.height - 1, 'the slider stands below the head of the page');
  assert.ok(Math.abs(tile.y - (track.y + track.height)) < 4, 'the first photo of the hour stands below the slider');
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'scrubber-panel');
  assert.deepEqual(complaints, []);
  await context.close();
});
