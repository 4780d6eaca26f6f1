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

/**
 * Answers as the server would for a session of hundreds of photos, which are copies of those that are there.
 * @param {import('playwright-core').Page} page @param {string} path of the lists
 */
async function lengthen(page, path) {
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
      }));
      const from = Number(url.searchParams.get('cursor') ?? 0);
      const to = from + Number(url.searchParams.get('limit'));
      const photos = all.slice(from, to);
      await route.fulfill({ json: { ...real, photos, total: TOTAL, next_cursor: to < TOTAL ? String(to) : null } });
    },
  );
  await page.route(
    (url) => url.pathname === `${path}/hours`,
    (route) => route.fulfill({ json: { hours: HOURS.map((photos, i) => ({ starts_at: `2026-06-20T${14 + i}:00:00`, photos })) } }),
  );
}

test('a guest goes to an hour by keys and by touch, and the slider goes along with scrolling', async () => {
  const { page, complaints } = await openPage(browser);
  await lengthen(page, `/api/v1/sessions/${session}/photos`);
  // The first page is in the page itself and short; without it the gallery asks.
  await page.route(`**/session/${session}`, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replace(/"first":\{/, '"was_first":{') });
  });
  await gotoAll(page, `${pixora.base}/session/${session}#/all`);
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
  await page.goto(`${pixora.base}/dashboard/photo-sessions/${session}#photos`);
  const slider = page.getByRole('slider', { name: 'Time of the shot' });
  await slider.waitFor();
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
