/** The slideshow: its order, what comes in and what is taken away while it runs, its keys, and that it does not grow. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeFindings, csrf, DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, shot, signIn, upload } from './support.mjs';
import { Deck } from '../../static/js/show/deck.js';

/** @typedef {import('playwright-core').Page} Page */

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
/** What "within seconds" means. */
const SECONDS = 6_000;

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {string} */
let session;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('playwright-core').BrowserContext} */
let studio;

before(
  async () => {
    pixora = await installPixora();
    session = await pixora.createSession('Anna & Ivan');
    await pixora.ingest(session, [...PHOTOS.one, ...PHOTOS.groups.slice(0, 4)]);
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
    studio = (await openPage(browser, DESKTOP)).context;
    await signIn(studio, pixora.base, MARIA, PASSWORD);
  },
  { timeout: 300_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

/** @param {'patch' | 'delete' | 'put' | 'post'} method @param {string} path @param {object} [data] */
async function change(method, path, data) {
  const answer = await studio.request[method](`${pixora.base}${path}`, { headers: await csrf(studio), data });
  assert.ok(answer.ok(), await answer.text());
}

/** @param {object} data */
const changeSession = (data) => change('patch', `/api/photo-sessions/${session}`, data);

const link = () => `${pixora.base}/session/${session}/show`;

/** The photo that is seen. @param {Page} page @returns {Promise<string>} */
async function seen(page) {
  await page.locator('.slide').first().waitFor();
  return page.evaluate(() => /** @type {HTMLElement} */ ([...document.querySelectorAll('.slide')].at(-1))?.dataset.photo ?? '');
}

/** Waits until another photo than this one is seen. @param {Page} page @param {string} id @param {number} [timeout] */
async function seenAfter(page, id, timeout = 30_000) {
  await page.waitForFunction(
    (before) => {
      const last = /** @type {HTMLElement | undefined} */ ([...document.querySelectorAll('.slide')].at(-1));
      return last && last.dataset.photo !== before;
    },
    id,
    { timeout },
  );
  return seen(page);
}

/** Opens the slideshow with its pace. @param {number} pace seconds @param {import('playwright-core').BrowserContextOptions} [options] */
async function open(pace, options = DESKTOP) {
  const opened = await openPage(browser, options);
  await opened.page.addInitScript((pace) => {
    if (!localStorage.getItem('pixora.show')) localStorage.setItem('pixora.show', JSON.stringify({ pace }));
  }, pace);
  await opened.page.goto(link());
  await seen(opened.page);
  return opened;
}

const letters = (/** @type {string} */ text) => [...text];

test('a round shows every photo once, and nothing twice in a row', () => {
  for (const order of /** @type {const} */ (['mixed', 'time'])) {
    const deck = new Deck({ order });
    assert.equal(deck.next(), null);
    deck.update(letters('abcdef'));
    /** @type {(string | null)[]} */
    const shown = [];
    for (let n = 0; n < 60; n++) shown.push(deck.next());
    assert.deepEqual(shown.slice(0, 6).sort(), letters('abcdef'));
    assert.ok(
      shown.every((id, n) => n === 0 || id !== shown[n - 1]),
      shown.join(''),
    );
    if (order === 'time') assert.deepEqual(shown.slice(0, 6), letters('abcdef'));
  }
});

test('what came in is shown next, and of many the latest are not kept waiting', () => {
  const deck = new Deck({ order: 'time' });
  deck.update(letters('abcd'));
  assert.equal(deck.next(), 'a');
  deck.update(letters('abxcdy'));
  assert.deepEqual([deck.next(), deck.next(), deck.next()], ['x', 'y', 'b']);
  const many = Array.from({ length: 100 }, (_, n) => `n${n}`);
  deck.update([...letters('abxcdy'), ...many]);
  assert.equal(deck.next(), 'n80');
  /** @type {Set<string | null>} */
  const round = new Set(['n80']);
  for (let n = 0; n < 101; n++) round.add(deck.next());
  assert.ok(
    many.every((id) => round.has(id)),
    'none is forgotten',
  );
});

test('what is taken away is not shown again, neither forwards nor backwards', () => {
  const deck = new Deck({ order: 'time' });
  deck.update(letters('abcd'));
  for (let n = 0; n < 3; n++) deck.next();
  assert.deepEqual(deck.update(letters('acd')), ['b']);
  assert.equal(deck.back(), 'a');
  assert.equal(deck.back(), null);
  deck.drop('c');
  assert.equal(deck.next(), 'd');
  deck.update([]);
  assert.deepEqual([deck.peek(), deck.next(), deck.current], [null, null, null]);
  for (let n = 0; n < 500; n++) {
    deck.update(letters('ab'));
    deck.next();
  }
  assert.ok(deck.past.length <= 50 && deck.waiting.length <= 20, 'it does not grow');
});

test('photos go on by themselves, a new one comes next, a code leads to the gallery', async () => {
  const { page, context, complaints } = await open(4);
  const first = await seen(page);
  const second = await seenAfter(page, first, 8_000);
  assert.notEqual(second, first);
  const known = new Set((await (await fetch(`${pixora.base}/api/v1/sessions/${session}/photos/ids`)).json()).photo_ids);
  await upload(studio, pixora.base, session, PHOTOS.other);
  await page.waitForFunction(
    (known) => {
      const last = /** @type {HTMLElement | undefined} */ ([...document.querySelectorAll('.slide')].at(-1));
      return last && !known.includes(last.dataset.photo);
    },
    [...known],
    { timeout: 60_000 },
  );
  const code = page.locator('.show-code');
  assert.equal(await code.locator('.show-scan').textContent(), 'Find yourself in the photos');
  assert.ok(await code.locator('img').evaluate((image) => /** @type {HTMLImageElement} */ (image).naturalWidth > 0));
  await changeSession({ face_search: false });
  await code.getByText('See all photos').waitFor({ timeout: SECONDS });
  await changeSession({ face_search: true });
  await code.getByText('Find yourself').waitFor({ timeout: SECONDS });
  assert.deepEqual(complaints, []);
  await context.close();
});

test('keys pause, go on and back, change the pace and the code; the buttons say the same', async () => {
  const { page, context, complaints } = await open(4);
  const first = await seen(page);
  await page.keyboard.press(' ');
  await page.getByRole('button', { name: 'Go on (space)' }).waitFor();
  await page.waitForTimeout(5_000);
  assert.equal(await seen(page), first, 'it stands still');
  await page.keyboard.press('ArrowRight');
  const second = await seenAfter(page, first);
  await page.keyboard.press('ArrowLeft');
  assert.equal(await seenAfter(page, second), first);
  await page.keyboard.press('-');
  assert.equal(await page.getByLabel('Pace', { exact: true }).inputValue(), '7');
  await page.keyboard.press('q');
  assert.equal(await page.locator('.show-code').isVisible(), false);
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.fullscreenElement);
  await page.reload();
  await seen(page);
  assert.equal(await page.locator('.show-code').isVisible(), false, 'the screen keeps its taste');
  await page.getByRole('button', { name: 'QR code (Q)' }).click();
  assert.equal(await page.locator('.show-code').isVisible(), true);
  await page.mouse.move(5, 5);
  await page.waitForFunction(() => document.body.classList.contains('is-quiet'));
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a photo that is hidden or deleted leaves the screen within seconds, and comes back when it is shown again', async () => {
  const { page, context, complaints } = await open(40);
  const hidden = await seen(page);
  await change('patch', `/api/photos/${hidden}`, { is_selected: false });
  const next = await seenAfter(page, hidden, SECONDS);
  assert.equal(await page.locator(`[data-photo="${hidden}"]`).count(), 0);
  await change('patch', `/api/photos/${hidden}`, { is_selected: true });
  await page.waitForTimeout(6_000);
  await page.keyboard.press('ArrowRight');
  assert.equal(await seenAfter(page, next), hidden, 'as one that came in');
  await change('delete', `/api/photos/${hidden}`);
  await seenAfter(page, hidden, SECONDS);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a closed gallery leaves the screen within seconds, and the show goes on when it is open again', async () => {
  const { page, context } = await open(40);
  await changeSession({ gallery_open: false });
  await page.getByText('The gallery is closed now').waitFor({ timeout: SECONDS });
  assert.equal(await page.locator('.slide img').count(), 0);
  assert.equal(await page.locator('.show-code').isVisible(), false);
  await changeSession({ gallery_open: true });
  await page.locator('.slide img').first().waitFor({ timeout: 30_000 });
  assert.equal(await page.getByText('The gallery is closed now').isVisible(), false);
  await context.close();
});

test('photos that are not shown yet are announced, and a PIN is asked for first', async () => {
  const { page, context, complaints } = await openPage(browser, PHONE);
  await changeSession({ reveals_at: new Date(Date.now() + 3600_000).toISOString(), pin: '4711' });
  await page.goto(link());
  await page.getByLabel('PIN').fill('4711');
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText(/^Photos appear on/).waitFor();
  assert.equal(await page.locator('.slide').count(), 0);
  assert.ok(page.url().endsWith('/show'), page.url());
  await changeSession({ reveals_at: null, pin: null });
  await page.locator('.slide img').first().waitFor({ timeout: 45_000 });
  assert.deepEqual(complaints, []);
  await context.close();
});

test('without a network the photo stays, and the show goes on when it is back', async () => {
  const { page, context } = await open(4);
  const first = await seen(page);
  await context.setOffline(true);
  await page.getByText('No connection').waitFor({ timeout: 15_000 });
  assert.ok(await seen(page));
  await context.setOffline(false);
  await seenAfter(page, first, 20_000);
  await page.waitForFunction(() => !document.querySelector('.show-offline')?.textContent);
  await context.close();
});

test('the screen stays on while photos go on, and may go off in a pause', async () => {
  const { page, context } = await openPage(browser, DESKTOP);
  await page.addInitScript(() => {
    const held = /** @type {any} */ (window);
    held.locks = 0;
    Object.defineProperty(navigator, 'wakeLock', {
      value: {
        request: async () => {
          held.locks++;
          return Object.assign(new EventTarget(), { release: async () => void held.locks-- });
        },
      },
    });
  });
  await page.goto(link());
  await page.waitForFunction(() => /** @type {any} */ (window).locks === 1);
  await page.keyboard.press(' ');
  await page.waitForFunction(() => /** @type {any} */ (window).locks === 0);
  await page.keyboard.press(' ');
  await page.waitForFunction(() => /** @type {any} */ (window).locks === 1);
  await context.close();
});

test('a slideshow of hundreds of photos holds no more than one of a few', async () => {
  const { page, context, complaints } = await open(40);
  const wire = await context.newCDPSession(page);
  /** Shows so many photos more, and says what the page holds after. @param {number} n */
  async function after(n) {
    let last = await seen(page);
    for (let i = 0; i < n; i++) {
      await page.keyboard.press('ArrowRight');
      last = await seenAfter(page, last);
    }
    await page.waitForTimeout(1_500);
    await wire.send('HeapProfiler.collectGarbage');
    const { usedSize } = await wire.send('Runtime.getHeapUsage');
    const { nodes } = await wire.send('Memory.getDOMCounters');
    return { usedSize, nodes, images: await page.locator('.slide img').count() };
  }
  const early = await after(20);
  const late = await after(150);
  assert.equal(late.images, 1);
  assert.ok(late.nodes <= early.nodes + 50, `${early.nodes} nodes, then ${late.nodes}`);
  assert.ok(late.usedSize <= early.usedSize + 300_000, `${early.usedSize} bytes, then ${late.usedSize}`);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a chapter that begins is named, one of them may be shown alone, and one that goes gives the whole show back', async () => {
  const { photo_ids: ids } = await (await fetch(`${pixora.base}/api/v1/sessions/${session}/photos/ids`)).json();
  const path = `/api/photo-sessions/${session}`;
  await change('put', `${path}/chapters`, { chapters: [{ name: 'Ceremony', starts_at: '2001-01-01T00:00' }, { name: 'Dinner <3' }] });
  const { chapters } = await (await fetch(`${pixora.base}/api/v1/sessions/${session}/chapters`)).json();
  assert.equal(chapters.length, 1, 'one without photos is not offered');
  const managed = await (await studio.request.get(`${pixora.base}${path}/chapters`)).json();
  const dinner = managed.chapters[1].chapter_id;
  await change('post', `${path}/photos/batch`, { photo_ids: [ids[1]], action: 'chapter', chapter_id: dinner });

  const { page, context, complaints } = await open(40);
  const title = page.locator('.show-title');
  await page.getByLabel('Order', { exact: true }).selectOption('time');
  // Round by the time: the photo of the dinner is named, and so is what goes on after it. It may have been the first one, in
  // an order that names nothing.
  let last = await seen(page);
  do {
    await page.keyboard.press('ArrowRight');
    last = await seenAfter(page, last);
  } while (last !== ids[1]);
  await title.getByText('Dinner <3').waitFor({ timeout: SECONDS });
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'show-chapter');
  await page.keyboard.press('ArrowRight');
  await title.getByText('Ceremony').waitFor({ timeout: SECONDS });

  await page.mouse.move(30, 30);
  await page.getByLabel('Chapter', { exact: true }).selectOption({ label: 'Dinner <3' });
  await page.waitForFunction((id) => document.querySelector('.slide:last-child')?.getAttribute('data-photo') === id, ids[1]);
  await title.getByText('Dinner <3').waitFor({ timeout: SECONDS });
  // The choice stands in the address, so a screen that is started again shows the same.
  await page.reload();
  assert.equal(await seen(page), ids[1]);
  assert.equal(await page.getByLabel('Chapter', { exact: true }).inputValue(), dinner);
  await page.keyboard.press('ArrowRight');
  await page.waitForTimeout(1_500);
  assert.equal(await seen(page), ids[1], 'there is no other photo in the chapter');
  await change('put', `${path}/chapters`, { chapters: [] });
  await page.waitForFunction(() => !location.search, undefined, { timeout: 30_000 });
  await page.getByLabel('Chapter', { exact: true }).waitFor({ state: 'hidden' });
  // The photos of the whole show may still be on their way when the choice has gone.
  while ((await seen(page)) === ids[1]) {
    await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(500);
  }
  await page.goto(`${link()}?chapter=nonsense`);
  await seen(page);
  assert.equal(new URL(page.url()).search, '');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the slideshow is accessible, and looks as it should', async () => {
  const { page, context } = await open(40);
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'show');
  await context.close();
});
