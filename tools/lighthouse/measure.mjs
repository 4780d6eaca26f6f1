/**
 * Measures the guest's page of a large gallery on an emulated phone: Lighthouse (performance, LCP, TBT), how soon the first
 * photo is there on a slow line, how long each tap takes, the memory of a scroll through everything, and how long "select
 * all" takes for guests and in the studio's panel.
 *
 *   cd tools/lighthouse && npm install --no-package-lock && npm run measure -- 3000
 *
 * Instead of a number of photos it takes the guest's link to a gallery that is there; the panel is measured then if
 * PIXORA_LOGIN is the e-mail address and the password of somebody who manages it, with a space between.
 *
 * `PIXORA_BINARY` and `PIXORA_CHROMIUM` are those of the browser's tests, whose sample photographs it varies. The machine
 * should be idle meanwhile. One JSON document comes out.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import lighthouse from 'lighthouse';
import { DESKTOP, installPixora, launch, PHONE, PHOTOS, sample, signIn, withExif } from '../../tests/browser/support.mjs';

/** Files of one call of `pixora ingest`. */
const BATCH = 100;
const LONG_SIDE = 1600;
/** 400 kbit/s and 400 ms, as WebPageTest's "3G slow". */
const SLOW_3G = { offline: false, downloadThroughput: 50_000, uploadThroughput: 50_000, latency: 400 };
const SLOW_CPU = 4;

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((done, failed) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => done(port));
    });
    server.on('error', failed);
  });

/** The hours of the wedding that is measured. */
const HOURS = 12;

/** Crops of the sample photographs, each another file with a moment of its own. @param {string} folder @param {number} count */
async function vary(folder, count) {
  const browser = await launch();
  const page = await browser.newPage();
  const sources = await Promise.all(
    [...PHOTOS.one, ...PHOTOS.other, ...PHOTOS.groups].map(
      async (name) => `data:image/jpeg;base64,${await readFile(sample(name), 'base64')}`,
    ),
  );
  const files = [];
  for (let n = 0; n < count; n++) {
    const base64 = await page.evaluate(
      async ({ url, n, side }) => {
        const image = new Image();
        image.src = url;
        await image.decode();
        const scale = side / Math.max(image.width, image.height);
        const [width, height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
        const canvas = new OffscreenCanvas(width, height);
        const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
        const cut = 0.001 * (n % 60);
        context.drawImage(
          image,
          image.width * cut,
          image.height * cut,
          image.width * (1 - cut),
          image.height * (1 - cut),
          0,
          0,
          width,
          height,
        );
        const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 })).arrayBuffer());
        let text = '';
        for (let i = 0; i < bytes.length; i += 32_768) text += String.fromCharCode(...bytes.subarray(i, i + 32_768));
        return btoa(text);
      },
      { url: sources[n % sources.length], n: Math.floor(n / sources.length), side: LONG_SIDE },
    );
    const file = join(folder, `${String(n).padStart(5, '0')}.jpg`);
    const when = new Date(Date.UTC(2026, 5, 20, 12) + (n * HOURS * 3_600_000) / count);
    const taken = when.toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');
    await writeFile(file, withExif(Buffer.from(base64, 'base64'), 'Camera', taken));
    files.push(file);
  }
  await browser.close();
  return files;
}

/** @param {string} url @param {number} port of Chromium's own protocol */
async function report(url, port) {
  const result = await lighthouse(url, { port, output: 'json', onlyCategories: ['performance'], logLevel: 'error' });
  const { categories, audits } = /** @type {any} */ (result).lhr;
  const value = (/** @type {string} */ name) => Math.round(audits[name].numericValue * 100) / 100;
  return {
    performance: Math.round(100 * categories.performance.score),
    lcp_ms: value('largest-contentful-paint'),
    fcp_ms: value('first-contentful-paint'),
    tbt_ms: value('total-blocking-time'),
    cls: value('cumulative-layout-shift'),
    bytes: value('total-byte-weight'),
  };
}

/** @param {import('playwright-core').Browser} browser */
async function phone(browser, slow = false) {
  const context = await browser.newContext(PHONE);
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOW_CPU });
  if (slow) {
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', SLOW_3G);
  }
  return { context, page, devtools };
}

/** How long the first photo takes on a slow line, until all of it is there. @param {import('playwright-core').Browser} browser @param {string} url @param {string} photos */
async function firstPhoto(browser, url, photos) {
  const { context, page } = await phone(browser, true);
  const started = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.waitForFunction(
    (photos) =>
      [.../** @type {NodeListOf<HTMLImageElement>} */ (document.querySelectorAll(photos))].some(
        (photo) => photo.complete && photo.naturalWidth > 0 && photo.checkVisibility({ visibilityProperty: true, opacityProperty: true }),
      ),
    photos,
    { timeout: 120_000, polling: 50 },
  );
  const took = performance.now() - started;
  await context.close();
  return Math.round(took);
}

/** How long a page takes from a tap to what it leads to. @param {import('playwright-core').Locator} button @param {import('playwright-core').Locator} end */
async function timed(button, end) {
  await button.scrollIntoViewIfNeeded();
  const started = performance.now();
  await button.click();
  await end.waitFor();
  return Math.round(performance.now() - started);
}

/** The taps of a guest's visit, and what a scroll through all photos leaves. @param {import('playwright-core').Browser} browser @param {string} url */
async function visit(browser, url) {
  const { context, page, devtools } = await phone(browser);
  await page.addInitScript(() => {
    const seen = /** @type {any} */ (window);
    seen.slowest = 0;
    new PerformanceObserver((list) => {
      for (const each of /** @type {any[]} */ (list.getEntries()))
        if (each.interactionId) seen.slowest = Math.max(seen.slowest, each.duration);
    }).observe(/** @type {any} */ ({ type: 'event', durationThreshold: 16, buffered: true }));
  });
  /** From the touch to the picture that answers it, as INP counts. @type {Record<string, number>} */
  const taps = {};
  /** @param {string} name @param {() => Promise<unknown>} work */
  async function tap(name, work) {
    await page.evaluate(() => /** @type {any} */ (window.slowest = 0));
    await work();
    await page.waitForTimeout(1000);
    taps[name] = await page.evaluate(() => /** @type {any} */ (window).slowest);
  }
  await page.goto(url);
  await tap('all_photos', async () => {
    await page.getByRole('button', { name: 'All photos' }).click();
    await page.locator('.tile img.is-loaded').first().waitFor();
  });
  const heap = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    const { metrics } = await devtools.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  await devtools.send('Performance.enable');
  const before = await heap();
  let height = 0;
  for (let still = 0; still < 40;) {
    await page.mouse.wheel(0, 4000);
    await page.waitForTimeout(100);
    const now = await page.evaluate(() => scrollY);
    still = now === height ? still + 1 : 0;
    height = now;
  }
  const after = await heap();
  const shown = await page.locator('.tile').last().getAttribute('aria-setsize');
  await page.evaluate(() => scrollTo(0, 0));
  await tap('select', () => page.getByRole('button', { name: 'Select', exact: true }).click());
  let selectAll = 0;
  await tap('select_all', async () => {
    const end = page.locator('.selection-count').filter({ hasText: Number(shown).toLocaleString('en') });
    selectAll = await timed(page.getByRole('button', { name: 'All', exact: true }), end);
  });
  await tap('done', () => page.getByRole('button', { name: 'Done', exact: true }).first().click());
  await tap('open', async () => {
    await page.locator('.tile-link').first().click();
    await page.getByRole('dialog').waitFor();
  });
  await context.close();
  return {
    photos_scrolled: Number(shown),
    scrolled_px: height,
    heap_mb: Math.round((after.JSHeapUsedSize - before.JSHeapUsedSize) / 1e4) / 100,
    nodes: after.Nodes - before.Nodes,
    taps_ms: taps,
    slowest_tap_ms: Math.max(...Object.values(taps)),
    select_all_ms: selectAll,
  };
}

/** How long the panel takes to select every photo. @param {import('playwright-core').Browser} browser @param {string} url the guest's link @param {string[]} login */
async function panel(browser, url, [email, password]) {
  const { origin, pathname } = new URL(url);
  const context = await browser.newContext(DESKTOP);
  await signIn(context, origin, email, password);
  const page = await context.newPage();
  await page.goto(`${origin}/dashboard/photo-sessions/${pathname.split('/')[2]}#photos`);
  const grid = page.getByRole('listbox').getByRole('option');
  await grid.first().waitFor();
  const photos = Number(await grid.first().getAttribute('aria-setsize'));
  const selectAll = await timed(
    page.getByRole('button', { name: 'Select all', exact: true }),
    page.locator('.selection-count').filter({ hasText: /\d/ }),
  );
  const text = await page.locator('.selection-count').innerText();
  const tiles = await grid.count();
  await context.close();
  return { loaded: photos, selected: Number(text.replace(/\D/g, '')), tiles_in_page: tiles, select_all_ms: selectAll };
}

/** @param {string} url the guest's link to a gallery @param {string[]} [login] of somebody who manages it */
async function figures(url, login) {
  const port = await freePort();
  const browser = await launch({ args: [`--remote-debugging-port=${port}`] });
  try {
    return {
      landing: await report(url, port),
      gallery: await report(`${url}#/all`, port),
      first_photo_ms: {
        landing: await firstPhoto(browser, url, '.mosaic img'),
        gallery: await firstPhoto(browser, `${url}#/all`, '.tile img'),
      },
      visit: await visit(browser, url),
      ...(login && { panel: await panel(browser, url, login) }),
    };
  } finally {
    await browser.close();
  }
}

/** A gallery of so many photos, measured and removed again. @param {number} count */
async function measured(count) {
  const folder = await mkdtemp(join(tmpdir(), 'pixora-lighthouse-'));
  const pixora = await installPixora();
  const login = ['photographer@studio.example', 'correct horse battery staple'];
  try {
    await pixora.addUser(login[0], 'super_admin', login[1]);
    const session = await pixora.createSession('A long wedding');
    const files = await vary(folder, count);
    for (let at = 0; at < files.length; at += BATCH) {
      await pixora.ingest(session, files.slice(at, at + BATCH));
      console.error(`${Math.min(at + BATCH, files.length)} of ${files.length} photos taken in`);
    }
    await pixora.serve();
    return await figures(`${pixora.base}/session/${session}`, login);
  } finally {
    await pixora.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

const [wanted = '3000'] = process.argv.slice(2);
const [, email, password] = /^(\S+) (.+)$/.exec(process.env.PIXORA_LOGIN ?? '') ?? [];
console.log(
  JSON.stringify(
    await (wanted.startsWith('http') ? figures(wanted, email ? [email, password] : undefined) : measured(Number(wanted))),
    null,
    2,
  ),
);
