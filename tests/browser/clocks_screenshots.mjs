/** Writes the pictures of the panel's camera clocks to docs/screenshots: two cameras whose clocks are an hour apart. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, sample, withExif } from './support.mjs';

const OUT = resolve(import.meta.dirname, '../../docs/screenshots');
const USER = 'anna@studio.example';
const PASSWORD = 'seven purple lanterns';

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
