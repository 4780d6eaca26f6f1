/** The guest's way from the link to their photos, in a real browser against the real program. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { axeFindings, cameraOf, fileNames, installPixora, launch, openPage, PHONE, PHOTOS, sample, shownFiles, speak } from './support.mjs';

const EVERYTHING = [...PHOTOS.one, ...PHOTOS.other, ...PHOTOS.groups];
/** Where the face is in `selfieOfOne`. */
const FACE = { x: 0.58, y: 0.325, size: 0.64 };
/** Searches and ingests share two cores with everything else. */
const SLOW = { timeout: 60_000 };

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {string} */
let party;
/** @type {string} */
let closed;
/** @type {string} */
let coming;
/** @type {string} */
let pictures;

before(
  async () => {
    pictures = await mkdtemp(join(tmpdir(), 'pixora-camera-'));
    pixora = await installPixora();
    party = await pixora.createSession('Summer party');
    closed = await pixora.createSession('Closed shoot', false);
    coming = await pixora.createSession('Just begun');
    await pixora.ingest(party, EVERYTHING);
    await pixora.serve();
  },
  { timeout: 400_000 },
);

after(async () => {
  await pixora?.remove();
  await rm(pictures, { recursive: true, force: true });
});

/** @param {string} id */
const link = (id) => `${pixora.base}/session/${id}`;

/** @param {import('playwright-core').Page} page @param {string | RegExp} name */
const press = (page, name) => page.getByRole('button', { name }).click();

/** The guest page as that of a longer gallery would be: it brings only so many photos along. @param {import('playwright-core').Page} page @param {string} session @param {number} count */
async function bringsAlong(page, session, count) {
  await page.route(`**/session/${session}`, async (route) => {
    const response = await route.fetch();
    const [before, json, after] = (await response.text()).split(/(?<=<script type="application\/json" id="session">)(.*?)(?=<\/script>)/s);
    const data = JSON.parse(json);
    data.first = await (await fetch(`${pixora.base}/api/v1/sessions/${session}/photos?limit=${Math.max(1, count)}`)).json();
    data.first.photos.length = count;
    await route.fulfill({ response, body: `${before}${JSON.stringify(data).replaceAll('<', '\\u003c')}${after}` });
  });
}

/** From the landing view through the consent. @param {import('playwright-core').Page} page @param {RegExp} [yes] */
async function agree(page, yes = /I agree/) {
  await press(page, 'Find my photos');
  await press(page, yes);
}

describe('with a live camera', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  before(async () => {
    const camera = await cameraOf(join(pictures, 'one.y4m'), { picture: sample(PHOTOS.selfieOfOne), face: FACE });
    browser = await launch({ camera });
  });
  after(() => browser?.close());

  test('a selfie brings exactly the photos of that person', async () => {
    const { page, complaints } = await openPage(browser);
    await page.goto(link(party));
    await agree(page);
    await page.getByText('Place your face in the oval').waitFor(SLOW);
    await press(page, 'Take the picture');
    await page.getByRole('heading', { name: `You are in ${PHOTOS.one.length} photos` }).waitFor(SLOW);
    assert.deepEqual(await shownFiles(page, pixora.base, party), fileNames(PHOTOS.one));
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('a result survives a reload, another tab and a return, until the guest says "forget me"', async () => {
    const { page, complaints } = await openPage(browser);
    await page.goto(link(party));
    await agree(page);
    await page.getByText('Place your face in the oval').waitFor(SLOW);
    await press(page, 'Take the picture');
    const mine = `You are in ${PHOTOS.one.length} photos`;
    await page.getByRole('heading', { name: mine }).waitFor(SLOW);
    await page.reload();
    await page.getByRole('heading', { name: mine }).waitFor(SLOW);
    assert.deepEqual(await shownFiles(page, pixora.base, party), fileNames(PHOTOS.one));
    const cookies = await page.context().cookies(`${pixora.base}/api/v1/sessions/${party}`);
    assert.deepEqual(
      cookies.filter(({ name }) => name === 'pixora_visit').map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite })),
      [{ httpOnly: true, sameSite: 'Strict' }],
    );

    const tab = await page.context().newPage();
    await tab.goto(link(party));
    await tab.getByRole('button', { name: mine }).click(SLOW);
    await tab.getByRole('heading', { name: mine }).waitFor();
    await tab.getByRole('button', { name: 'Forget me' }).click();
    await tab.getByRole('button', { name: 'Find my photos' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Find my photos' }).waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('who has found one photo is shown the next without asking', async () => {
    const [first, second] = PHOTOS.one;
    const live = await pixora.createSession('Still dancing');
    await pixora.ingest(live, [first, ...PHOTOS.other]);
    const { page, complaints } = await openPage(browser);
    await page.goto(link(live));
    await agree(page);
    await page.getByText('Place your face in the oval').waitFor(SLOW);
    await press(page, 'Take the picture');
    await page.getByRole('heading', { name: 'You are in 1 photo', exact: true }).waitFor(SLOW);
    let asked = 0;
    page.on('request', (request) => {
      if (/\/(search|photos|facepass-status)$/.test(new URL(request.url()).pathname)) asked++;
    });
    await pixora.ingest(live, [second, PHOTOS.groups[0]]);
    await page.getByRole('heading', { name: 'You are in 2 photos' }).waitFor(SLOW);
    assert.equal(asked, 0, 'nobody asked');
    assert.deepEqual(await shownFiles(page, pixora.base, live), fileNames(PHOTOS.one));
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('the consent is recorded before the camera opens, and can be withdrawn', async () => {
    const { page } = await openPage(browser);
    await page.addInitScript(() => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = (wish) => {
        performance.mark('camera');
        return open(wish);
      };
    });
    await page.goto(link(party));
    await press(page, 'Find my photos');
    const opened = () => page.evaluate(() => performance.getEntriesByName('camera').length);
    await page.getByRole('heading', { name: 'Before the camera opens' }).waitFor();
    assert.equal(await opened(), 0, 'no camera before the yes');
    const recorded = page.waitForResponse((response) => response.url().endsWith('/consents'));
    await press(page, /I agree/);
    assert.equal((await recorded).status(), 201);
    await page.getByText('Place your face in the oval').waitFor(SLOW);
    assert.equal(await opened(), 1);

    await press(page, 'Close');
    const erased = page.waitForResponse((response) => response.request().method() === 'DELETE');
    await press(page, 'How we protect your data');
    await press(page, 'Withdraw consent');
    assert.equal((await erased).status(), 204);
    await press(page, 'Find my photos');
    await page.getByRole('heading', { name: 'Before the camera opens' }).waitFor();
    await page.context().close();
  });

  test('leaving the camera switches it off', async () => {
    const { page } = await openPage(browser);
    await page.goto(link(party));
    await agree(page);
    await page.getByText('Place your face in the oval').waitFor(SLOW);
    const stream = await page.evaluateHandle(
      () => /** @type {MediaStream} */ (/** @type {HTMLVideoElement} */ (document.querySelector('video')).srcObject),
    );
    await page.goBack();
    await page.getByRole('button', { name: 'Find my photos' }).waitFor();
    assert.deepEqual(await stream.evaluate((each) => each.getTracks().map((track) => track.readyState)), ['ended']);
    await page.context().close();
  });

  test('a full queue is waited out, and a search can be cancelled', async () => {
    const { page } = await openPage(browser);
    let asked = 0;
    await page.route('**/search', (route) => {
      asked++;
      if (asked > 2) return route.fallback();
      return route.fulfill({
        status: 503,
        headers: { 'Retry-After': asked === 1 ? '1' : '60' },
        contentType: 'application/problem+json',
        body: '{"code":"queue_full"}',
      });
    });
    await page.goto(link(party));
    await agree(page);
    await page.getByText('Place your face in the oval').waitFor(SLOW);
    await press(page, 'Take the picture');
    await page.getByText(/Trying again in [2-9]\d seconds/).waitFor(SLOW);
    assert.equal(asked, 2, 'it asked again by itself after the first wait');
    await press(page, 'Stop');
    await page.getByText('Search stopped').waitFor();
    await press(page, 'Take the picture');
    await page.getByRole('heading', { name: /You are in/ }).waitFor(SLOW);
    await page.context().close();
  });

  test('a camera that the guest refuses leaves the other ways', async () => {
    const { page, complaints } = await openPage(browser);
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    });
    await page.goto(link(party));
    await agree(page);
    await page.getByText(/Camera access is off/).waitFor();
    await page.locator('input[type=file][capture=user]').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Find yourself by hand among all photos' }).click();
    await page.getByRole('heading', { name: 'All photos' }).waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('a messenger that blocks the camera is told how to open the real browser', async () => {
    const { page } = await openPage(browser, {
      ...PHONE,
      userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 350.0',
    });
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    });
    await page.goto(link(party));
    await agree(page);
    await page.getByText(/open inside Instagram/).waitFor();
    await page.getByRole('button', { name: 'Copy link' }).waitFor();
    await page.context().close();
  });
});

test('a camera that sees no face gives a hint and stays open', SLOW, async () => {
  const browser = await launch({ camera: await cameraOf(join(pictures, 'wall.y4m')) });
  try {
    const { page, complaints } = await openPage(browser);
    await page.goto(link(party));
    await agree(page);
    await page.getByText('Place your face in the oval').waitFor(SLOW);
    const answered = page.waitForResponse((response) => response.url().endsWith('/search'));
    await press(page, 'Take the picture');
    assert.equal((await (await answered).json()).code, 'no_face');
    await page.getByText('I can’t see a face').waitFor();
    assert.ok(
      await page.evaluate(
        () => /** @type {MediaStream} */ (/** @type {HTMLVideoElement} */ (document.querySelector('video')).srcObject).active,
      ),
      'the camera runs on',
    );
    await page.waitForResponse((response) => response.url().endsWith('/search'), SLOW);
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
});

test('a face too far away is asked to come closer', SLOW, async () => {
  const browser = await launch({
    camera: await cameraOf(join(pictures, 'far.y4m'), { picture: sample(PHOTOS.selfieOfOne), face: { ...FACE, size: 5 } }),
  });
  try {
    const { page } = await openPage(browser);
    await page.goto(link(party));
    await agree(page);
    await page.getByText('Place your face in the oval').waitFor(SLOW);
    await press(page, 'Take the picture');
    await page.getByText('Come a little closer').waitFor(SLOW);
  } finally {
    await browser.close();
  }
});

describe('photos that may show the guest', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  before(async () => {
    const camera = await cameraOf(join(pictures, 'doubt.y4m'), { picture: sample(PHOTOS.selfieOfOne), face: FACE });
    browser = await launch({ camera });
  });
  after(() => browser?.close());

  /**
   * A page whose first answer is less sure than the server was: the last match becomes one to ask about.
   * @param {import('playwright-core').BrowserContextOptions} options
   */
  async function openDoubtful(options) {
    const opened = await openPage(browser, options);
    /** @type {string[]} */
    const bodies = [];
    let doubtful = '';
    await opened.page.route('**/search', async (route) => {
      bodies.push(route.request().postDataBuffer()?.toString('latin1') ?? '');
      const response = await route.fetch();
      const answer = await response.json();
      if (bodies.length === 1) {
        answer.perhaps = [answer.matches.pop()];
        doubtful = answer.perhaps[0].photo_id;
      }
      await route.fulfill({ response, json: answer });
    });
    await opened.page.goto(link(party));
    return { ...opened, bodies, doubtful: () => doubtful };
  }

  test('are blurred until they are looked at, and a yes counts as another selfie', async () => {
    const { page, complaints, bodies, doubtful } = await openDoubtful(PHONE);
    await agree(page);
    await page.getByText('Place your face in the oval').waitFor(SLOW);
    await press(page, 'Take the picture');
    const tray = page.getByRole('region', { name: 'Perhaps you' });
    await tray.waitFor(SLOW);
    await page.getByRole('heading', { name: `You are in ${PHOTOS.one.length - 1} photo` }).waitFor(SLOW);
    const blur = () => tray.locator('img').evaluate((image) => getComputedStyle(image).filter);
    assert.match(await blur(), /^blur/);
    await tray.getByRole('button', { name: 'Show picture 1 of 1' }).click();
    assert.equal(await blur(), 'none');
    assert.deepEqual(await axeFindings(page), []);
    await tray.getByRole('button', { name: 'That is me' }).click();
    await page.getByRole('heading', { name: `You are in ${PHOTOS.one.length} photos` }).waitFor(SLOW);
    assert.equal(await tray.count(), 0);
    assert.equal(bodies.length, 2);
    assert.ok(!bodies[0].includes('name="confirmed"'));
    assert.match(bodies[1], new RegExp(`name="confirmed"\\s+${doubtful()}`));
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('are gone after a no, which nobody is told of', async () => {
    const { page, complaints, bodies } = await openDoubtful({ ...PHONE, locale: 'ru-RU' });
    await page.getByRole('button', { name: 'Найти мои фотографии' }).click();
    await page.getByRole('button', { name: /^Согласен/ }).click();
    await page.getByText('Поместите лицо в овал').waitFor(SLOW);
    await page.getByRole('button', { name: 'Сделать снимок' }).click();
    const tray = page.getByRole('region', { name: 'Возможно, это вы' });
    await tray.waitFor(SLOW);
    await tray.getByRole('button', { name: 'Не я' }).click();
    await tray.waitFor({ state: 'detached' });
    assert.equal(bodies.length, 1);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});

describe('over plain http, where no live camera exists', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {string} */
  let far;
  before(async () => {
    browser = await launch({ args: ['--host-resolver-rules=MAP studio.test 127.0.0.1'] });
    far = `http://studio.test:${pixora.port}/session/${party}`;
  });
  after(() => browser?.close());

  /** @param {import('playwright-core').Page} page @param {string} picture */
  async function choose(page, picture) {
    await page.goto(far);
    await agree(page, 'I agree, continue');
    await page.locator('input[type=file]:not([capture])').setInputFiles(sample(picture));
  }

  test('a picture from the gallery brings exactly the photos of that person', async () => {
    const { page, complaints } = await openPage(browser);
    await choose(page, PHOTOS.other[0]);
    assert.equal(await page.evaluate(() => isSecureContext), false);
    await page.getByRole('heading', { name: 'You are in 1 photo' }).waitFor(SLOW);
    assert.deepEqual(await shownFiles(page, pixora.base, party), fileNames(PHOTOS.other));
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('among several faces the guest chooses theirs', async () => {
    const { page, complaints } = await openPage(browser);
    await choose(page, 'groups/sample6.jpg');
    await page.getByRole('group', { name: /Several faces/ }).waitFor(SLOW);
    const faces = page.getByRole('radio');
    assert.equal(await faces.count(), 4);
    const chosen = await faces.evaluateAll((all) => all.findIndex((face) => /** @type {HTMLInputElement} */ (face).checked));
    assert.notEqual(chosen, -1, 'one is answered already');
    const other = (chosen + 1) % 4;
    const again = page.waitForRequest((request) => request.url().endsWith('/search'));
    await page.locator('.face').nth(other).click();
    await again;
    await page.locator(`.face:nth-child(${other + 1}) input:checked`).waitFor({ state: 'attached', ...SLOW });
    assert.deepEqual(await shownFiles(page, pixora.base, party), ['sample6.jpg']);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('another selfie is added to the first one', async () => {
    const { page } = await openPage(browser);
    await choose(page, PHOTOS.other[0]);
    await page.getByRole('heading', { name: 'You are in 1 photo' }).waitFor(SLOW);
    await page.getByRole('button', { name: 'Add another selfie' }).last().click();
    const second = page.waitForResponse((response) => response.url().endsWith('/search'), SLOW);
    await page.locator('input[type=file]:not([capture])').setInputFiles(sample(PHOTOS.other[0]));
    const { faces } = await (await second).json();
    assert.deepEqual(
      faces.filter((/** @type {any} */ face) => face.chosen).map((/** @type {any} */ face) => face.selfie),
      [0, 1],
    );
    // The heading says the same before and after: the second face tells that the new result is drawn.
    await page.locator('.avatar canvas').nth(1).waitFor(SLOW);
    await page.getByRole('heading', { name: 'You are in 1 photo' }).waitFor(SLOW);
    assert.equal(await page.locator('.avatar canvas').count(), 2);
    await page.context().close();
  });

  test('a file that is no picture is refused with advice', async () => {
    const { page } = await openPage(browser);
    await page.goto(far);
    await agree(page, 'I agree, continue');
    await page
      .locator('input[type=file]:not([capture])')
      .setInputFiles({ name: 'holiday.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not a picture') });
    await page
      .getByRole('alert')
      .filter({ hasText: /(Choose a JPEG|Choose another picture)/ })
      .waitFor(SLOW);
    await page.context().close();
  });
});

describe('without a camera', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  test('all photos are shown, opened, left with the back button and saved', async () => {
    const { page, complaints } = await openPage(browser);
    await page.goto(link(party));
    await press(page, 'All photos');
    await page
      .getByRole('listitem')
      .nth(EVERYTHING.length - 1)
      .waitFor();
    assert.deepEqual(await shownFiles(page, pixora.base, party), fileNames(EVERYTHING));
    await page.getByRole('link', { name: 'Photo 2', exact: true }).click();
    const viewer = page.getByRole('dialog');
    await viewer.waitFor();
    assert.match((await viewer.getByRole('link', { name: 'Save' }).getAttribute('href')) ?? '', /download=1$/);
    const download = page.waitForEvent('download');
    await viewer.getByRole('link', { name: 'Save' }).click();
    assert.match((await download).suggestedFilename(), /\.jpe?g$/i);
    await page.goBack();
    await viewer.waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'All photos' }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Find my photos' }).waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('a long gallery comes page by page as the guest scrolls', async () => {
    const { page, complaints } = await openPage(browser);
    let pages = 0;
    await page.route('**/photos?*', (route) => {
      pages++;
      return route.continue({
        url: route
          .request()
          .url()
          .replace(/limit=\d+/, 'limit=2'),
      });
    });
    await bringsAlong(page, party, 2);
    // A low window, so that one page of two photos fills it.
    await page.setViewportSize({ width: 390, height: 300 });
    await page.goto(link(party));
    await press(page, 'All photos');
    await page.getByText('That’s all for now').waitFor();
    assert.deepEqual(await shownFiles(page, pixora.base, party), fileNames(EVERYTHING));
    assert.equal(pages, Math.ceil(EVERYTHING.length / 2) - 1, 'the page brought the first ones along');
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('"All" selects what was not scrolled to, by one request, and all is downloaded', async () => {
    const { page, context, complaints } = await openPage(browser, { viewport: { width: 390, height: 300 }, locale: 'en-GB' });
    await page.route('**/photos?*', () => new Promise(() => {}));
    await bringsAlong(page, party, 2);
    /** @type {string[]} */
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${link(party)}#/all`);
    await press(page, 'Select');
    await page.getByRole('listitem').nth(1).waitFor();
    asked.length = 0;
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.getByText(`${EVERYTHING.length} selected`).waitFor();
    assert.deepEqual(
      asked.filter((path) => path.startsWith(`/api/v1/sessions/${party}/photos/`) && !path.endsWith('/hours')),
      [`/api/v1/sessions/${party}/photos/ids`],
    );
    await page.getByRole('button', { name: 'Done' }).last().click();
    await press(page, 'Download all');
    await page.getByText(new RegExp(`^${EVERYTHING.length} photos · `)).waitFor(SLOW);
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('nothing jumps when the photos of a gallery come', async () => {
    const { page, context } = await openPage(browser);
    await page.addInitScript(() => {
      const seen = /** @type {any} */ (window);
      seen.jumped = 0;
      new PerformanceObserver((list) => {
        for (const each of /** @type {any[]} */ (list.getEntries())) seen.jumped += each.value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(`${link(party)}#/all`);
    await page.getByRole('listitem').first().waitFor();
    await page.waitForTimeout(500);
    const jumped = await page.evaluate(() => /** @type {any} */ (window).jumped);
    assert.ok(jumped < 0.1, `layout shift ${jumped}`);
    await context.close();
  });

  test('the last photos of a gallery open, and the page stays alive', async () => {
    const { page, context, complaints } = await openPage(browser);
    await page.goto(`${link(party)}#/all`);
    await page.getByRole('link', { name: `Photo ${EVERYTHING.length}`, exact: true }).click(SLOW);
    const viewer = page.getByRole('dialog');
    await viewer.getByText(`${EVERYTHING.length} / ${EVERYTHING.length}`).waitFor(SLOW);
    await page.goBack();
    await viewer.waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('offline, a tap on a photo stays in the gallery, and the photo comes when the network is back', async () => {
    const { page, context } = await openPage(browser);
    await page.goto(`${link(party)}#/all`);
    await page.getByRole('listitem').nth(2).waitFor();
    // The viewer is fetched while nothing else is.
    await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('photoswipe')), null, SLOW);
    await page.waitForLoadState('networkidle');
    await context.setOffline(true);
    await page.getByRole('link', { name: 'Photo 3', exact: true }).click();
    const viewer = page.getByRole('dialog');
    await viewer.getByText('You are offline.').waitFor(SLOW);
    assert.equal(new URL(page.url()).pathname, `/session/${party}`);
    await context.setOffline(false);
    await viewer.getByText('You are offline.').waitFor({ state: 'detached', ...SLOW });
    await page.waitForFunction(
      () =>
        [.../** @type {NodeListOf<HTMLImageElement>} */ (document.querySelectorAll('.pswp__img:not(.pswp__img--placeholder)'))].some(
          (image) => image.naturalWidth > 0 && /\/(1024|2048)-/.test(image.currentSrc),
        ),
      null,
      SLOW,
    );
    await context.close();
  });

  test('back closes an open sheet, and the view under it stays', async () => {
    const { page, complaints } = await openPage(browser);
    await page.goto(link(party));
    await press(page, 'All photos');
    await page.getByRole('listitem').first().waitFor();
    await press(page, 'How we protect your data');
    await page.getByRole('dialog').waitFor();
    await page.goBack();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'All photos' }).waitFor();
    await press(page, 'How we protect your data');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // The sheet's own entry leaves the history a moment after the dialog has closed.
    await page.waitForFunction(() => !history.state?.sheet);
    await page.goBack();
    await page.getByRole('button', { name: 'Find my photos' }).waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('a gallery without face search has no selfie, and a switch is felt on an open page', async () => {
    const quiet = await pixora.createSession('No faces please');
    await pixora.ingest(quiet, PHOTOS.one);
    const { page, complaints } = await openPage(browser);
    await page.goto(link(quiet));
    await page.getByRole('button', { name: 'Find my photos' }).waitFor();
    await pixora.setFaceSearch(quiet, false);
    await page.reload();
    await page.getByRole('button', { name: 'All photos' }).click(SLOW);
    await page.getByRole('listitem').nth(1).waitFor();
    assert.equal(await page.getByRole('button', { name: /Find me|Find my photos/ }).count(), 0);
    assert.match(await page.title(), /^All photos · No faces please/);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('several chosen photos are saved, one is shared by its link', async () => {
    const { page, context, complaints } = await openPage(browser, {
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    /** @type {string[]} */
    const saved = [];
    page.on('download', (download) => saved.push(download.suggestedFilename()));
    await page.goto(`${link(party)}#/all`);
    await press(page, 'Select');
    await page.getByRole('link', { name: 'Photo 1', exact: true }).click();
    await page.getByRole('link', { name: 'Photo 3', exact: true }).click();
    await page.getByText('2 selected').waitFor();
    const second = page.waitForEvent('download', { predicate: () => saved.length === 2 });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await second;
    assert.equal(new Set(saved).size, 2, String(saved));
    await page.getByRole('button', { name: 'Done' }).last().click();
    await page.getByRole('link', { name: 'Photo 1', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Share' }).click();
    await page.getByText('Link copied').waitFor();
    const shared = await fetch(await page.evaluate(() => navigator.clipboard.readText()));
    // The page of that photo.
    assert.equal(shared.status, 200);
    assert.match(shared.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(shared.url, /\/session\/[0-9a-f-]+\/photo/);
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('a page that fails to load is offered again', async () => {
    const { page } = await openPage(browser);
    let broken = true;
    await page.route('**/photos?*', (route) => (broken ? route.abort() : route.fallback()));
    await bringsAlong(page, party, 0);
    await page.goto(link(party));
    await press(page, 'All photos');
    await page.getByText('The photos could not be loaded.').waitFor();
    broken = false;
    await press(page, 'Try again');
    await page.getByRole('listitem').first().waitFor();
    await page.context().close();
  });

  test('a shoot that has just begun says so, and its photos appear by themselves', { timeout: 180_000 }, async () => {
    const { page, complaints } = await openPage(browser);
    await page.goto(link(coming));
    await page.getByText('The shoot is in progress, photos will appear here').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Find my photos' }).count(), 0);
    await pixora.ingest(coming, PHOTOS.one);
    await page.getByRole('button', { name: 'Find my photos' }).waitFor({ timeout: 60_000 });
    await page.getByText('2 photos').waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  for (const [what, path, title] of /** @type {const} */ ([
    ['unknown', () => '0192f000-0000-7000-8000-000000000000', 'There is no such shoot'],
    ['malformed', () => 'not-an-id', 'The link has a mistake'],
    ['closed', () => closed, 'This shoot is closed'],
  ])) {
    test(`a link to a shoot that is ${what} says what to do`, async () => {
      const { page, complaints } = await openPage(browser);
      const response = await page.goto(link(path()));
      assert.ok((response?.status() ?? 0) >= 400);
      await page.getByRole('heading', { name: title }).waitFor();
      await speak(page, 'ru');
      assert.equal(await page.locator('html').getAttribute('lang'), 'ru');
      assert.match(await page.getByRole('heading').innerText(), /[а-я]/);
      assert.deepEqual(complaints, []);
      await page.context().close();
    });
  }

  test('the front door opens a pasted link', async () => {
    const { page, complaints } = await openPage(browser);
    await page.goto(pixora.base);
    await page.getByLabel('Link from your photographer').fill('somewhere else');
    await press(page, 'Open the shoot');
    await page
      .getByRole('alert')
      .filter({ hasText: /It looks like this/ })
      .waitFor();
    await page.getByLabel('Link from your photographer').fill(` ${link(party)}?from=mail `);
    await press(page, 'Open the shoot');
    await page.getByRole('heading', { name: 'Summer party' }).waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
