/** Two-step sign-in: an authenticator app, recovery codes, and passkeys of Chromium's virtual authenticator. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { axeFindings, DESKTOP, installPixora, launch, openPage, PHONE, shot, signIn } from './support.mjs';

const [ANNA, BORIS] = ['anna@studio.example', 'boris@studio.example'];
const PASSWORD = 'seven purple lanterns';
const ACCOUNT = '/dashboard/settings/account';

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** Browsers have passkeys at names only, not at 127.0.0.1. @type {string} */
let base;
/** @type {import('playwright-core').Browser} */
let browser;

before(
  async () => {
    pixora = await installPixora((port) => ({ PIXORA_PUBLIC_URL: `http://localhost:${port}` }));
    base = `http://localhost:${pixora.port}`;
    for (const each of [ANNA, BORIS]) await pixora.addUser(each, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
  },
  { timeout: 200_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

/** A code of RFC 6238, by its own arithmetic. @param {string} base32 @param {number} steps from now */
function totp(base32, steps) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...base32].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** @param {import('playwright-core').Page} page @param {string} login */
async function givePassword(page, login) {
  await page.goto(`${base}/login`);
  await page.getByLabel('E-mail or phone').fill(login);
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('a code of an app is the second step, and a recovery code when the app is lost', { timeout: 180_000 }, async () => {
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await signIn(context, base, ANNA, PASSWORD);
  await page.goto(`${base}${ACCOUNT}`);
  await page.getByText('off', { exact: true }).waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'two-step-off');
  await page.getByRole('button', { name: 'Set up an app' }).click();
  const asking = page.getByRole('dialog');
  await asking.getByRole('textbox', { name: 'Your password' }).fill('wrong');
  await asking.getByRole('button', { name: 'Next' }).click();
  await asking.getByText('This is not the current password').waitFor();
  await asking.getByRole('textbox', { name: 'Your password' }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  const setting = page.getByRole('dialog').filter({ hasText: 'Scan the code' });
  await setting.getByRole('img', { name: 'QR code for an authenticator app' }).waitFor();
  await setting.getByText('Type the key in by hand').click();
  const secret = (await setting.locator('code').textContent()) ?? '';
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'two-step-app');
  await setting.getByLabel('Code from the app').fill('000000');
  await page.keyboard.press('Enter');
  await setting.getByText('Check the code').waitFor();
  const used = totp(secret, 0);
  await setting.getByLabel('Code from the app').fill(used);
  await page.keyboard.press('Enter');
  const shown = page.getByRole('dialog').filter({ hasText: 'Recovery codes' });
  const codes = ((await shown.locator('code').textContent()) ?? '').split('\n');
  assert.equal(codes.length, 10);
  await shot(page, 'two-step-codes');
  await shown.getByRole('button', { name: 'Done' }).click();
  await page.getByText('10 codes are left').waitFor();
  await shot(page, 'two-step-on');

  const phone = await openPage(browser, PHONE);
  await givePassword(phone.page, ANNA);
  await phone.page.getByRole('heading', { name: 'Second step' }).waitFor();
  assert.deepEqual(await axeFindings(phone.page), []);
  await shot(phone.page, 'second-step');
  await phone.page.getByLabel('Code from the app').fill(used);
  await phone.page.keyboard.press('Enter');
  await phone.page.getByText('Each counts once').waitFor();
  await phone.page.getByLabel('Code from the app').fill(totp(secret, 1));
  await phone.page.keyboard.press('Enter');
  await phone.page.waitForURL(/dashboard/);

  const lost = await openPage(browser, DESKTOP);
  await givePassword(lost.page, ANNA);
  await lost.page.getByRole('button', { name: 'Use a recovery code' }).click();
  await lost.page.keyboard.type(codes[3]);
  await lost.page.keyboard.press('Enter');
  await lost.page.waitForURL(/dashboard/);
  assert.deepEqual([...complaints, ...phone.complaints, ...lost.complaints], []);
});

test('a passkey is the second step, or signs in alone', { timeout: 180_000 }, async () => {
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  const wire = await context.newCDPSession(page);
  await wire.send('WebAuthn.enable');
  const { authenticatorId } = await wire.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await signIn(context, base, BORIS, PASSWORD);
  await page.goto(`${base}${ACCOUNT}`);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Work laptop');
  await dialog.getByRole('textbox', { name: 'Your password' }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('dialog').filter({ hasText: 'Recovery codes' }).getByRole('button', { name: 'Done' }).click();
  await page.getByText('Work laptop').waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'two-step-passkey');
  const { credentials } = await wire.send('WebAuthn.getCredentials', { authenticatorId });
  assert.equal(credentials.length, 1);
  assert.equal(credentials[0].rpId, 'localhost');

  // The same device makes no second one.
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Again');
  await page.getByRole('dialog').getByRole('textbox', { name: 'Your password' }).fill(PASSWORD);
  await page.getByRole('dialog').getByRole('button', { name: 'Next' }).click();
  await page.getByText('This device has a passkey of yours already').waitFor();
  await page.keyboard.press('Escape');

  await context.clearCookies();
  await givePassword(page, BORIS);
  await page.getByRole('heading', { name: 'Second step' }).waitFor();
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.waitForURL(/dashboard/);

  await context.clearCookies();
  await page.goto(`${base}/login`);
  await page.getByRole('button', { name: 'Continue with a passkey' }).click();
  await page.waitForURL(/dashboard/);
  const history = await (await context.request.get(`${base}/api/sessions/history`)).json();
  assert.equal(history.entries[0].method, 'passkey');

  // A device that does not recognise its owner opens nothing.
  await context.clearCookies();
  await wire.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.goto(`${base}/login`);
  await page.getByRole('button', { name: 'Continue with a passkey' }).click();
  await page.getByText('No passkey was used').waitFor();
  await shot(page, 'login-passkey');

  // Without the passkey a password is enough again.
  await wire.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  await page.getByRole('button', { name: 'Continue with a passkey' }).click();
  await page.waitForURL(/dashboard/);
  await page.goto(`${base}${ACCOUNT}`);
  await page.getByRole('button', { name: 'Remove the passkey: Work laptop' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Your password' }).fill(PASSWORD);
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('off', { exact: true }).waitFor();
  await context.clearCookies();
  await givePassword(page, BORIS);
  await page.waitForURL(/dashboard/);
  assert.deepEqual(complaints, []);
});
