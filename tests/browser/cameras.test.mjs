/** The user and password of a session's cameras in the panel; a photo that a camera sends comes up on the open page. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { axeFindings, DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, sample, signIn } from './support.mjs';

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
const SLOW = { timeout: 120_000 };
const PORT = 20_000 + (process.pid % 20_000);

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;

before(
  async () => {
    pixora = await installPixora({ PIXORA_FTP_BIND: `127.0.0.1:${PORT}`, PIXORA_FTP_PASSIVE_PORTS: `${PORT + 1}-${PORT + 10}` });
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
  },
  { timeout: 200_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

/** @param {string} login @param {string} password */
async function send(login, password) {
  // Python is needed to set Pixora up at all; what photographers use is tried in tests/api/ftp.rs.
  const script = `
import ftplib, sys
host, port, login, password, file = sys.argv[1:]
ftp = ftplib.FTP(timeout=20)
ftp.connect(host, int(port))
ftp.login(login, password)
with open(file, 'rb') as picture:
    print(ftp.storbinary('STOR DSC_0001.JPG', picture))
`;
  const run = promisify(execFile);
  return run('python3', ['-c', script, '127.0.0.1', String(PORT), login, password, sample(PHOTOS.one[0])]);
}

test('the panel gives cameras a user, shows what they send, and takes the user away', { timeout: 300_000 }, async () => {
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await signIn(context, pixora.base, MARIA, PASSWORD);
  const session = await pixora.createSession('From the camera');
  await page.goto(`${pixora.base}/dashboard/photo-sessions/${session}#upload`);
  await page.getByRole('button', { name: 'Make a user' }).click();
  const access = page.locator('.cameras-access dd');
  await access.nth(3).waitFor();
  const [host, port, login, password] = await access.allTextContents();
  assert.deepEqual([host, port], ['127.0.0.1', String(PORT)]);
  assert.deepEqual(await axeFindings(page), []);
  if (process.env.PIXORA_SHOTS) {
    await page.screenshot({ path: join(process.env.PIXORA_SHOTS, 'cameras-desktop.png'), fullPage: true });
    await page.setViewportSize(PHONE.viewport ?? { width: 390, height: 844 });
    await page.screenshot({ path: join(process.env.PIXORA_SHOTS, 'cameras-phone.png'), fullPage: true });
    await page.setViewportSize({ width: 1440, height: 900 });
  }

  await page
    .getByRole('link', { name: /^Photos/ })
    .last()
    .click();
  const { stdout } = await send(login, password);
  assert.match(stdout, /^226 /);
  await page.getByRole('listbox').getByRole('option').first().waitFor(SLOW);

  await page
    .getByRole('link', { name: /^Upload/ })
    .last()
    .click();
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('button', { name: 'Make a user' }).waitFor();
  await assert.rejects(send(login, password), /530/);
  assert.deepEqual(complaints, []);
});
