/** Writes docs/screenshots: the guest page on the sample photographs, `npm run screenshots` after `make build`. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cameraOf, installPixora, launch, openPage, PHONE, PHOTOS, sample } from './support.mjs';

const OUT = resolve(import.meta.dirname, '../../docs/screenshots');
const FACE = { x: 0.58, y: 0.325, size: 0.64 };
const DESKTOP = { viewport: { width: 1440, height: 900 }, locale: 'en-GB' };
/** The one that the README shows; the others are kept small. */
const README_HERO = 'guest-phone';
/** Pictures fade in. */
const SETTLE_MS = 1500;

const folder = await mkdtemp(join(tmpdir(), 'pixora-camera-'));
const pixora = await installPixora();
const session = await pixora.createSession('Summer evening');
// Holders of public office only: these pictures are committed.
await pixora.ingest(session, [...PHOTOS.one, PHOTOS.selfieOfOne, ...PHOTOS.other]);
await pixora.serve();
await mkdir(OUT, { recursive: true });
const browser = await launch({ camera: await cameraOf(join(folder, 'one.y4m'), { picture: sample(PHOTOS.selfieOfOne), face: FACE }) });

/**
 * @param {string} name
 * @param {import('playwright-core').BrowserContextOptions} options
 * @param {(page: import('playwright-core').Page) => Promise<unknown>} walk
 */
async function picture(name, options, walk) {
  const { page, context } = await openPage(browser, options);
  await page.goto(`${pixora.base}/session/${session}`);
  await walk(page);
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: join(OUT, `${name}.png`), scale: name === README_HERO ? 'device' : 'css' });
  await context.close();
}

/** @param {import('playwright-core').Page} page */
async function camera(page) {
  await page.getByRole('button', { name: 'Find my photos' }).click();
  await page.getByRole('button', { name: /I agree/ }).click();
  await page.getByText('Place your face in the oval').waitFor();
}

/** @param {import('playwright-core').Page} page */
async function results(page) {
  await camera(page);
  await page.getByRole('button', { name: 'Take the picture' }).click();
  await page.getByRole('heading', { name: /You are in/ }).waitFor({ timeout: 60_000 });
}

/** @param {import('playwright-core').Page} page */
const landing = (page) => page.getByRole('button', { name: 'Find my photos' }).waitFor();
/** @param {import('playwright-core').Page} page */
const consent = (page) => page.getByRole('button', { name: 'Find my photos' }).click();
/** @param {import('playwright-core').Page} page */
async function all(page) {
  await page.getByRole('button', { name: 'All photos' }).click();
  await page.getByRole('listitem').first().waitFor();
}

try {
  await picture('guest-phone', PHONE, results);
  await picture('guest-consent', PHONE, consent);
  await picture('guest-camera', PHONE, camera);
  await picture('guest-all-dark', { ...PHONE, colorScheme: 'dark' }, all);
  await picture('guest-desktop', DESKTOP, landing);
} finally {
  await browser.close();
  await pixora.remove();
  await rm(folder, { recursive: true, force: true });
}
