/** Writes the pictures of the panel's camera clocks to docs/screenshots: two cameras whose clocks are an hour apart. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, sample } from './support.mjs';

const OUT = resolve(import.meta.dirname, '../../docs/screenshots');
const USER = 'anna@studio.example';
const PASSWORD = 'seven purple lanterns';

/** A JPEG that says with which camera it was taken, and when. @param {Buffer} jpeg @param {string} model @param {string} taken */
function withExif(jpeg, model, taken) {
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

const folder = await mkdtemp(join(tmpdir(), 'pixora-clocks-'));
const pixora = await installPixora();
const session = await pixora.createSession('Summer evening');
const shots = [
  [PHOTOS.one[0], 'Canon EOS R5', '2026:06:20 17:00:12'],
  [PHOTOS.one[1], 'Canon EOS R5', '2026:06:20 18:41:07'],
  [PHOTOS.other[0], 'NIKON Z 8', '2026:06:20 16:02:30'],
];
const files = [];
for (const [n, [name, model, taken]] of shots.entries()) {
  const file = join(folder, `IMG_${n}.jpg`);
  await writeFile(file, withExif(await readFile(sample(name)), model, taken));
  files.push(file);
}
await pixora.ingest(session, files);
await pixora.addUser(USER, 'admin', PASSWORD);
await pixora.serve();
await mkdir(OUT, { recursive: true });
const browser = await launch();
const sign = await browser.newContext();
await sign.request.post(`${pixora.base}/api/auth/login`, { data: { login: USER, password: PASSWORD } });
const storageState = await sign.storageState();
await sign.close();
for (const [name, device] of /** @type {const} */ ([
  ['studio-clocks', DESKTOP],
  ['studio-clocks-phone', PHONE],
])) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    const { page, context } = await openPage(browser, { ...device, locale: 'en-GB', colorScheme, storageState });
    await page.goto(`${pixora.base}/dashboard/photo-sessions/${session}#photos`);
    await page.getByRole('button', { name: 'Camera clocks' }).click();
    await page.getByText('NIKON Z 8', { exact: true }).waitFor();
    await page.waitForTimeout(800);
    await page.screenshot({ path: join(OUT, `${name}${colorScheme === 'dark' ? '-dark' : ''}.png`), scale: 'css' });
    await context.close();
  }
}
await browser.close();
await pixora.remove();
await rm(folder, { recursive: true, force: true });
