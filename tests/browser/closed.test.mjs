/** Galleries that their studio closes: the PIN's page, photos that are shown later, what may be saved, and the panel's form. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeFindings, DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
const SLOW = { timeout: 60_000 };

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let session;

before(
  async () => {
    pixora = await installPixora();
    session = await pixora.createSession('Anna & Ivan');
    await pixora.ingest(session, [...PHOTOS.one, ...PHOTOS.other]);
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
  },
  { timeout: 300_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

async function maria(options = DESKTOP) {
  const opened = await openPage(browser, options);
  const answer = await opened.context.request.post(`${pixora.base}/api/auth/login`, { data: { login: MARIA, password: PASSWORD } });
  assert.equal(answer.status(), 200, await answer.text());
  return opened;
}

/** Sets how the gallery is closed, in the form of the session. @param {(page: Page) => Promise<unknown>} fill */
async function closeBy(fill) {
  const { page, context, complaints } = await maria();
  await page.goto(`${pixora.base}/dashboard/photo-sessions/${session}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  const terms = page.locator('details.terms');
  if (!(await terms.getAttribute('open').then((open) => open !== null))) await terms.locator('summary').click();
  await fill(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.deepEqual(complaints, []);
  await context.close();
}

const link = () => `${pixora.base}/session/${session}`;

/** @param {string} pin */
const withPin = (pin) => closeBy((page) => page.getByLabel(/^PIN to get in/).fill(pin));

test('a guest types in the PIN and comes back without it until it is another', { timeout: 120_000 }, async () => {
  await withPin('4711');
  const { page, context, complaints } = await openPage(browser, PHONE);
  await page.goto(link());
  await page.getByRole('heading', { name: 'Type in the PIN' }).waitFor();
  assert.ok(!(await page.content()).includes('Anna'), 'nothing is said of the session');
  assert.deepEqual(await axeFindings(page), []);
  const open = page.getByRole('button', { name: 'Open', exact: true });
  await page.getByLabel('PIN', { exact: true }).fill('0000');
  await open.click();
  await page.getByText('The PIN is wrong. Check it and try again.').waitFor();
  await page.getByLabel('PIN', { exact: true }).fill('4711');
  await open.click();
  await page.getByRole('heading', { name: 'Anna & Ivan' }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'All photos' }).click();
  await page.getByRole('listitem').first().waitFor();
  const cookies = (await context.cookies()).filter(({ name }) => name.startsWith('pixora_gallery_'));
  assert.deepEqual(
    cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite })),
    [{ httpOnly: true, sameSite: 'Lax' }],
  );
  // Another PIN closes the page that is open at its next question.
  await withPin('0815');
  await page.getByRole('heading', { name: 'Type in the PIN' }).waitFor(SLOW);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a code may carry the PIN, and the address does not keep it', { timeout: 120_000 }, async () => {
  await withPin('wedding7');
  const studio = await maria();
  await studio.page.goto(`${pixora.base}/dashboard/photo-sessions/${session}#share`);
  const address = studio.page.getByLabel('Link for the guests');
  await studio.page.waitForFunction(() =>
    /** @type {HTMLInputElement | null} */ (document.querySelector('.link-box input'))?.value.includes('/g/'),
  );
  const short = await address.inputValue();
  await studio.page.getByText('With the PIN, so that guests need not type it in').click();
  const whole = await address.inputValue();
  assert.equal(whole, `${short}#pin=wedding7`);
  assert.match((await studio.page.getByRole('img', { name: /^QR code/ }).getAttribute('src')) ?? '', /qr\.svg\?pin=1$/);
  assert.deepEqual(await axeFindings(studio.page), []);
  await studio.context.close();

  const { page, context, complaints } = await openPage(browser, PHONE);
  await page.goto(whole);
  await page.getByRole('heading', { name: 'Anna & Ivan' }).waitFor();
  assert.equal(page.url(), link());
  await page.goto('about:blank');
  await page.goto(whole);
  await page.getByRole('heading', { name: 'Anna & Ivan' }).waitFor();
  assert.equal(page.url(), link(), 'nor where the gallery was open already');
  assert.deepEqual(complaints, []);
  await context.close();
  await withPin('');
});

test('photos that are shown later have a date, and the page opens by itself', { timeout: 120_000 }, async () => {
  const local = (/** @type {number} */ ahead) => {
    const at = new Date(Date.now() + ahead);
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  };
  await closeBy((page) => page.getByLabel(/^Show the photos from/).fill(local(3 * 86_400_000)));
  const { page, context, complaints } = await openPage(browser, PHONE);
  await page.goto(link());
  await page.getByText(/^The photos will appear here on /).waitFor();
  await page.getByText(/^They open in 3 days\./).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Find my photos' }).count(), 0);
  // The view fades in.
  await page.waitForTimeout(1000);
  assert.deepEqual(await axeFindings(page), []);
  await closeBy((panel) => panel.getByLabel(/^Show the photos from/).fill(''));
  await page.getByRole('button', { name: 'All photos' }).waitFor(SLOW);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('what may not be saved has no button, and an end is announced', { timeout: 120_000 }, async () => {
  await closeBy(async (page) => {
    await page.getByLabel('What guests may save').selectOption('off');
    await page.getByLabel(/^Close the gallery on/).fill('2031-05-06T18:00');
    await page.getByLabel('After that').selectOption('erase');
  });
  const { page, context, complaints } = await openPage(browser, PHONE);
  await page.goto(link());
  await page.getByText(/^The gallery is open until 6 May 2031/).waitFor();
  await page.getByRole('button', { name: 'All photos' }).click();
  await page.getByRole('listitem').first().waitFor();
  assert.equal(await page.getByRole('button', { name: /^Download all/ }).count(), 0);
  await page.getByRole('listitem').first().getByRole('link').click();
  await page.locator('.pswp--open').waitFor();
  assert.equal(await page.locator('.pswp__button--save').count(), 0);
  assert.deepEqual(complaints, [], 'nothing is asked for that is refused');
  await context.close();
  await closeBy(async (panel) => {
    assert.equal(await panel.getByLabel('After that').inputValue(), 'erase');
    await panel.getByLabel('What guests may save').selectOption('full');
    await panel.getByLabel(/^Close the gallery on/).fill('');
  });
});

test('a guest who guesses is slowed down and told for how long', { timeout: 120_000 }, async () => {
  await withPin('4711');
  const { page, context, complaints } = await openPage(browser, PHONE);
  await page.goto(link());
  const open = page.getByRole('button', { name: 'Open', exact: true });
  for (let n = 0; n < 12; n++) {
    await page.getByLabel('PIN', { exact: true }).fill(`99${n}`);
    await open.click();
    await page
      .getByRole('alert')
      .filter({ hasText: /The PIN is wrong|Too many tries/ })
      .waitFor();
  }
  await page.getByText(/^Too many tries\. Wait \d+ seconds?\.$/).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});
