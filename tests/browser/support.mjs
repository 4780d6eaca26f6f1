/** A real Pixora on a random port, a real Chromium with a made-up camera, and eyes on what goes wrong. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const ROOT = resolve(import.meta.dirname, '../..');
const BINARY = process.env.PIXORA_BINARY ?? join(ROOT, 'target/release/pixora');
const CHROMIUM = process.env.PIXORA_CHROMIUM ?? '/usr/bin/chromium';
const START_MS = 60_000;
/** Ingesting a dozen photos on a busy two-core machine. */
const COMMAND_MS = 300_000;
const FRAME = { width: 640, height: 480 };

/** Photographs of the sample packages, see tools/pins.toml. @param {string} name for example officials/obama.jpg; a whole path is left as it is */
export function sample(name) {
  const path = isAbsolute(name) ? name : join(process.env.PIXORA_SAMPLES ?? join(ROOT, '.build/samples'), name);
  if (!existsSync(path)) throw new Error(`${path} is not there: run \`python3 tools/setup.py --tests\``);
  return path;
}

/** One person in three photographs, another in one, and groups with neither. */
export const PHOTOS = {
  one: ['officials/obama.jpg', 'officials/obama3.jpg'],
  other: ['officials/biden.jpg'],
  groups: [1, 2, 3, 4, 5, 6].map((n) => `groups/sample${n}.jpg`),
  /** Of the first person; never put into a session, so that a selfie is not found as itself. */
  selfieOfOne: 'officials/obama2.jpg',
};

/** @param {string} address @returns {Promise<number>} */
function freePort(address) {
  return new Promise((done, failed) => {
    const server = createServer().listen(0, address, () => {
      const bound = server.address();
      server.close(() => done(/** @type {import('node:net').AddressInfo} */ (bound).port));
    });
    server.on('error', failed);
  });
}

/** Whether the program is ready. Nobody checks its certificate here: tests of certificates do. @param {string} base @returns {Promise<boolean>} */
function isReady(base) {
  return new Promise((done) => {
    const { get } = base.startsWith('https:') ? https : http;
    const request = get(`${base}/readyz`, { rejectUnauthorized: false }, (answer) => {
      answer.resume();
      done(answer.statusCode === 200);
    });
    request.on('error', () => done(false));
  });
}

/** The program in a data directory of its own. @param {Record<string, string> | ((port: number) => Record<string, string>)} [more] of the environment @param {string} [address] of this machine */
export async function installPixora(more = {}, address = '127.0.0.1') {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: run \`make build\``);
  const dataDir = await mkdtemp(join(tmpdir(), 'pixora-browser-'));
  const port = await freePort(address);
  const settings = typeof more === 'function' ? more(port) : more;
  const base = `${settings.PIXORA_TLS ? 'https' : 'http'}://${address}:${port}`;
  const env = {
    ...process.env,
    PIXORA_BIND: `${address}:${port}`,
    PIXORA_DATA_DIR: dataDir,
    PIXORA_MODEL_DIR: process.env.PIXORA_MODEL_DIR ?? join(ROOT, '.build/nets'),
    ORT_DYLIB_PATH: process.env.ORT_DYLIB_PATH ?? join(ROOT, '.build/onnxruntime/libonnxruntime.so'),
    ...settings,
  };
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let server;
  let log = '';

  /** Runs a command and parses its one JSON document. @param {...string} command */
  async function run(...command) {
    const { stdout } = await promisify(execFile)(BINARY, [...command, '--json'], { env, timeout: COMMAND_MS, maxBuffer: 1 << 24 });
    return JSON.parse(stdout);
  }

  return {
    base,
    port,
    dataDir,

    /** @param {string} name @param {boolean} [facepass] @returns {Promise<string>} the session's id */
    /** @param {string} session @param {boolean} on */
    setFaceSearch(session, on) {
      return run('session', 'face-search', session, on ? 'on' : 'off');
    },

    async createSession(name, facepass = true) {
      return (await run('session', 'create', '--name', name, ...(facepass ? ['--facepass'] : []))).id;
    },

    /** Takes sample photographs in and waits until they can be found. @param {string} session @param {string[]} names */
    async ingest(session, names) {
      const answer = await run('ingest', '--session', session, '--wait', ...names.map(sample));
      if (answer.accepted !== names.length) throw new Error(`ingest took ${JSON.stringify(answer)}`);
    },

    /** @param {string} email @param {string} role @param {string} password */
    async addUser(email, role, password) {
      const command = promisify(execFile)(
        BINARY,
        ['user', 'add', '--email', email, '--role', role, '--name', nameOf(email), '--password-stdin', '--json'],
        { env, timeout: COMMAND_MS },
      );
      command.child.stdin?.end(`${password}\n`);
      await command;
    },

    /** The description of the interface, as the command prints it. */
    async openapi() {
      return JSON.parse((await promisify(execFile)(BINARY, ['openapi'], { env, timeout: COMMAND_MS, maxBuffer: 1 << 24 })).stdout);
    },

    /** All that the server has written so far. */
    log: () => log,

    /** Kopecks into a customer's balance. @param {string} email @param {number} kopecks */
    addBalance(email, kopecks) {
      return run('user', 'balance', '--email', email, '--add', String(kopecks));
    },

    /** The one-time link that the first start prints for the person at the terminal. */
    setUpLink() {
      const link = log.match(/http\S+\/setup#\S+/)?.[0];
      if (!link) throw new Error(`no set-up link in the server's output:\n${log}`);
      return link;
    },

    async serve() {
      server = spawn(BINARY, ['serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      server.stdout?.on('data', (text) => {
        log += text;
      });
      server.stderr?.on('data', (text) => {
        log += text;
      });
      const until = Date.now() + START_MS;
      while (!(await isReady(base))) {
        if (server.exitCode !== null || Date.now() > until) throw new Error(`the server did not come up:\n${log}`);
        await new Promise((done) => setTimeout(done, 100));
      }
    },

    /** Ends the server as a power cut would; `serve` starts it again on the same data and port. */
    async kill() {
      const gone = new Promise((done) => server?.once('exit', done));
      server?.kill('SIGKILL');
      await gone;
      server = undefined;
    },

    async remove() {
      if (server && server.exitCode === null) {
        const gone = new Promise((done) => server?.once('exit', done));
        server.kill('SIGTERM');
        await gone;
      }
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** "anna@studio.example" → "Anna". @param {string} email */
export function nameOf(email) {
  const [name] = email.split('@');
  return name[0].toUpperCase() + name.slice(1);
}

/**
 * A headless Chromium. Playwright's own arguments stay; these make it quiet and give it a camera.
 * @param {{ camera?: string, args?: string[] }} [options] `camera`: a y4m file, see `cameraOf`
 */
export function launch({ camera, args = [] } = {}) {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      ...(camera ? [`--use-file-for-fake-video-capture=${camera}`] : []),
      ...args,
    ],
  });
}

/**
 * Writes what Chromium's fake camera plays: an uncompressed y4m of one still picture, decoded by
 * Chromium itself so that no video tool is needed.
 * @param {string} file
 * @param {{ picture?: string, face?: { x: number, y: number, size: number } }} subject
 *   `face`: centre and height of the part to show, fractions of the picture; without a picture the
 *   camera sees an even grey wall
 */
export async function cameraOf(file, { picture, face = { x: 0.5, y: 0.5, size: 1 } } = {}) {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const url = picture && `data:image/jpeg;base64,${await readFile(picture, 'base64')}`;
    const rgba = Buffer.from(
      await page.evaluate(
        async ({ url, face, width, height }) => {
          const canvas = new OffscreenCanvas(width, height);
          const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
          context.fillStyle = '#8a8a8a';
          context.fillRect(0, 0, width, height);
          if (url) {
            const image = new Image();
            image.src = url;
            await image.decode();
            const side = image.height * face.size;
            const scale = height / side;
            context.drawImage(
              image,
              width / 2 - face.x * image.width * scale,
              height / 2 - face.y * image.height * scale,
              image.width * scale,
              image.height * scale,
            );
          }
          const { data } = context.getImageData(0, 0, width, height);
          let text = '';
          for (let i = 0; i < data.length; i += 32_768) text += String.fromCharCode(...data.subarray(i, i + 32_768));
          return btoa(text);
        },
        { url, face, ...FRAME },
      ),
      'base64',
    );
    const frame = Buffer.concat([Buffer.from('FRAME\n'), toYuv420(rgba)]);
    await writeFile(
      file,
      Buffer.concat([Buffer.from(`YUV4MPEG2 W${FRAME.width} H${FRAME.height} F20:1 Ip A1:1 C420jpeg\n`), ...Array(10).fill(frame)]),
    );
  } finally {
    await browser.close();
  }
  return file;
}

/** BT.601, studio range; chroma from the top left pixel of each 2 × 2 block. @param {Buffer} rgba */
function toYuv420(rgba) {
  const { width, height } = FRAME;
  const y = Buffer.alloc(width * height);
  const u = Buffer.alloc((width * height) / 4);
  const v = Buffer.alloc((width * height) / 4);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * 4;
      const [r, g, b] = [rgba[at], rgba[at + 1], rgba[at + 2]];
      y[row * width + column] = 16 + 0.257 * r + 0.504 * g + 0.098 * b;
      if (row % 2 || column % 2) continue;
      const chroma = (row / 2) * (width / 2) + column / 2;
      u[chroma] = 128 - 0.148 * r - 0.291 * g + 0.439 * b;
      v[chroma] = 128 + 0.439 * r - 0.368 * g - 0.071 * b;
    }
  }
  return Buffer.concat([y, u, v]);
}

export const DESKTOP = { viewport: { width: 1440, height: 900 }, locale: 'en-GB' };

/** A tablet held upright. */
const TABLET = { viewport: { width: 820, height: 1180 } };

/** A telephone held upright. */
export const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  locale: 'en-GB',
};

/** What Chromium logs as errors and is none: provoked 4xx and 5xx, which tests assert, and a header that only counts over TLS. */
const EXPECTED = ['Failed to load resource', 'The Cross-Origin-Opener-Policy header has been ignored'];

/**
 * A page that remembers everything that a guest's browser would complain about.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function openPage(browser, options = PHONE) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !EXPECTED.some((start) => message.text().startsWith(start))) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error.stack)));
  page.on('response', (response) => {
    if (response.status() === 404 && /\/(static|media)\//.test(response.url())) complaints.push(`404 ${response.url()}`);
  });
  return { page, context, complaints };
}

/** A JPEG that says with which camera it was taken, and when. @param {Buffer} jpeg @param {string} model @param {string} taken `YYYY:MM:DD HH:MM:SS` by its clock */
export function withExif(jpeg, model, taken) {
  /** @param {string} text */
  const ascii = (text) => Buffer.from(`${text}\0`, 'latin1');
  const [name, time] = [ascii(model), ascii(taken)];
  const main = 8;
  const exif = main + 2 + 2 * 12 + 4 + name.length;
  const tiff = Buffer.alloc(exif + 2 + 12 + 4 + time.length);
  tiff.write('II*\0', 'latin1');
  tiff.writeUInt32LE(main, 4);
  /** @param {number} at @param {number} tag @param {number} kind @param {number} count @param {number} value */
  const entry = (at, tag, kind, count, value) => {
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(kind, at + 2);
    tiff.writeUInt32LE(count, at + 4);
    tiff.writeUInt32LE(value, at + 8);
  };
  tiff.writeUInt16LE(2, main);
  entry(main + 2, 0x0110, 2, name.length, exif - name.length);
  entry(main + 14, 0x8769, 4, 1, exif);
  name.copy(tiff, exif - name.length);
  tiff.writeUInt16LE(1, exif);
  entry(exif + 2, 0x9003, 2, time.length, exif + 18);
  time.copy(tiff, exif + 18);
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(tiff.length + 8, 4);
  return Buffer.concat([head, Buffer.from('Exif\0\0', 'latin1'), tiff, jpeg.subarray(2)]);
}

/** Counts from the beginning how far things move that nobody has touched. @param {import('playwright-core').Page} page */
export async function watchShifts(page) {
  await page.addInitScript(() => {
    const seen = /** @type {any} */ (window);
    seen.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of /** @type {any[]} */ (list.getEntries())) if (!entry.hadRecentInput) seen.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return () => page.evaluate(() => /** @type {number} */ (/** @type {any} */ (window).shift));
}

/** Signs a browser in as a person would; the answer has the tokens. @param {import('playwright-core').BrowserContext} context @param {string} base @param {string} login @param {string} password */
export async function signIn(context, base, login, password) {
  const answer = await context.request.post(`${base}/api/auth/login`, { data: { login, password } });
  assert.equal(answer.status(), 200, await answer.text());
  return answer;
}

/** The header that goes with every change made by a signed-in browser. @param {import('playwright-core').BrowserContext} context */
export async function csrf(context) {
  const cookie = (await context.cookies()).find(({ name }) => name === 'pixora_csrf');
  return { 'X-CSRF-Token': decodeURIComponent(cookie?.value ?? '') };
}

/** Uploads samples as a signed-in studio. @param {import('playwright-core').BrowserContext} context @param {string} base @param {string} session @param {string[]} photos */
export async function upload(context, base, session, photos) {
  for (const photo of photos) {
    const answer = await context.request.post(`${base}/api/photo-sessions/${session}/photos`, {
      headers: await csrf(context),
      multipart: { photo: { name: basename(photo), mimeType: 'image/jpeg', buffer: await readFile(sample(photo)) } },
      timeout: 60_000,
    });
    assert.ok(answer.ok(), await answer.text());
  }
}

/** Takes screenshots, large and small, light and dark, where they are wanted. @param {import('playwright-core').Page} page @param {string} name */
export async function shot(page, name) {
  const folder = process.env.PIXORA_SHOTS;
  if (!folder) return;
  for (const colorScheme of /** @type {const} */ (['light', 'dark']))
    for (const { viewport } of [DESKTOP, TABLET, PHONE]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await page.waitForTimeout(300);
      await page.screenshot({ path: join(folder, `${name}-${viewport.width}-${colorScheme}.png`) });
    }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(DESKTOP.viewport);
}

/** The faults that axe finds in the page once its views have come in. @param {import('playwright-core').Page} page @returns {Promise<string[]>} */
export async function axeFindings(page) {
  // Every page has a heading, as soon as its words have come.
  await page.locator('h1').first().waitFor();
  // A view that fades in has too little contrast, and one that grows covers another for a moment.
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter((each) => each.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map((each) => each.finished));
  });
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(() =>
    /** @type {any} */ (window).axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  return violations.map((/** @type {any} */ each) => `${each.id}: ${each.nodes.map((/** @type {any} */ node) => node.html).join(' ')}`);
}

/** A picture that no camera took: hills in the evening. @param {import('playwright-core').Page} page */
export async function poster(page, width = 1600, height = 1200) {
  const base64 = await page.evaluate(
    async ({ width, height }) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      const sky = context.createLinearGradient(0, 0, 0, height);
      for (const [at, colour] of /** @type {const} */ ([
        [0, '#2b2a4c'],
        [0.5, '#c0567a'],
        [1, '#f5b86b'],
      ]))
        sky.addColorStop(at, colour);
      context.fillStyle = sky;
      context.fillRect(0, 0, width, height);
      for (const [n, colour] of ['#5b2f52', '#3d2244', '#221530'].entries()) {
        context.fillStyle = colour;
        context.beginPath();
        context.moveTo(0, height);
        for (let x = 0; x <= width; x += 8)
          context.lineTo(x, height * (0.55 + 0.14 * n) + Math.sin(x / (90 + 40 * n) + n * 2) * height * 0.06);
        context.lineTo(width, height);
        context.fill();
      }
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
      let text = '';
      for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
      return btoa(text);
    },
    { width, height },
  );
  return { name: 'poster.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(base64, 'base64') };
}

/** Longer than a page pauses between two of its requests. */
const QUIET_MS = 700;

/** Goes to a page and waits until nothing more is loaded. The network is never idle: the event stream has no end. @param {import('playwright-core').Page} page @param {string} url */
export async function gotoAll(page, url) {
  let last = Date.now();
  const stir = () => {
    last = Date.now();
  };
  page.on('request', stir).on('requestfinished', stir);
  await page.goto(url);
  while (Date.now() - last < QUIET_MS) await page.waitForTimeout(100);
}

/** What travels before the first photo, in bytes on the wire. @param {import('playwright-core').Page} page @param {import('playwright-core').BrowserContext} context @param {string} url */
export async function weightBeforePhotos(page, context, url) {
  const wire = await context.newCDPSession(page);
  await wire.send('Network.enable');
  /** @type {Map<string, string>} */
  const urls = new Map();
  /** @type {Map<string, number>} */
  const weights = new Map();
  wire.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url));
  wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => weights.set(requestId, encodedDataLength));
  await gotoAll(page, url);
  let total = 0;
  for (const [id, weight] of weights) if (!urls.get(id)?.includes('/media/')) total += weight;
  if (total < 10_000) throw new Error(`${total} bytes: the page was not measured`);
  return total;
}

/** The photos that the page shows, by file name. @param {import('playwright-core').Page} page @param {string} base @param {string} session */
export async function shownFiles(page, base, session) {
  const { photos } = await (await fetch(`${base}/api/v1/sessions/${session}/photos?limit=200`)).json();
  /** @type {Map<string, string>} */
  const names = new Map(photos.map((/** @type {{ photo_id: string, filename: string }} */ photo) => [photo.photo_id, photo.filename]));
  const links = await page.locator('.gallery .tile-link').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
  return links.map((link) => names.get(link.split('/')[3]) ?? link).sort();
}

/** @param {string[]} photos paths of samples */
export function fileNames(photos) {
  return photos.map((path) => path.split('/')[1]).sort();
}

/** Chooses the language of a page. @param {import('playwright-core').Page} page @param {string} language */
export async function speak(page, language) {
  await page.locator('.language-select:visible').first().selectOption(language);
  await page.waitForFunction((lang) => document.documentElement.lang === lang, language);
}
