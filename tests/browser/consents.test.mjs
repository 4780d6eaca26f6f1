/** Consents kept: what a guest agrees to and keeps, a guardian's yes, the studio's list and texts, an account that goes. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  axeFindings,
  cameraOf,
  csrf,
  DESKTOP,
  installPixora,
  launch,
  openPage,
  PHONE,
  PHOTOS,
  sample,
  shot,
  signIn,
  upload,
} from './support.mjs';

const MARIA = 'maria@studio.example';
const BOSS = 'boss@studio.example';
const PASSWORD = 'seven purple lanterns';
const SLOW = { timeout: 240_000 };

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('playwright-core').Browser} */
let camera;
/** @type {string} */
let folder;

before(
  async () => {
    pixora = await installPixora();
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.addUser(BOSS, 'super_admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
    folder = await mkdtemp(join(tmpdir(), 'pixora-camera-'));
    const face = { x: 0.58, y: 0.325, size: 0.64 };
    camera = await launch({ camera: await cameraOf(join(folder, 'one.y4m'), { picture: sample(PHOTOS.selfieOfOne), face }) });
  },
  { timeout: 200_000 },
);

after(async () => {
  await Promise.all([browser?.close(), camera?.close()]);
  await pixora?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** @param {string} name @param {string[]} photos */
async function newSession(name, photos) {
  const panel = await openPage(browser, DESKTOP);
  await signIn(panel.context, pixora.base, MARIA, PASSWORD);
  const headers = await csrf(panel.context);
  const made = await panel.context.request.post(`${pixora.base}/api/photo-sessions`, { headers, data: { name } });
  const { id, studio_id: studio } = await made.json();
  await upload(panel.context, pixora.base, id, photos);
  return { ...panel, headers, id, studio };
}

/** @param {import('playwright-core').Page} page */
async function shoot(page) {
  await page.getByText('Place your face in the oval').waitFor(SLOW);
  await page.getByRole('button', { name: 'Take the picture' }).click();
}

test('a guest reads the studio’s own words, keeps the record, and is asked again after they changed', { timeout: 900_000 }, async () => {
  const panel = await newSession('Wedding of Anna and Peter', PHOTOS.one);
  await panel.page.goto(`${pixora.base}/dashboard/settings/privacy`);
  await panel.page.getByRole('heading', { name: 'Texts of consents' }).waitFor();
  const texts = panel.page.getByRole('region', { name: 'Texts of consents' });
  await texts.getByText('Search by a selfie').click();
  const card = texts.locator('details', { hasText: 'Search by a selfie' }).first();
  await card.getByLabel('English').fill('May we look for you?\n\nWhat for\nTo give you your photos.');
  await card.getByLabel('Русский').fill('Можно вас поискать?');
  await shot(panel.page, 'privacy-text');
  assert.deepEqual(await axeFindings(panel.page), []);
  await card.getByRole('button', { name: 'Ask like this' }).click();
  await panel.page.getByRole('dialog').getByRole('button', { name: 'Ask like this' }).click();
  await panel.page.getByText('Your text, version studio-1').waitFor();

  const { page, complaints } = await openPage(camera, PHONE);
  await page.goto(`${pixora.base}/session/${panel.id}`);
  await page.getByRole('button', { name: 'Find my photos' }).click();
  await page.getByText('May we look for you?').waitFor();
  await page.getByText('To give you your photos.').waitFor();
  await shot(page, 'consent-own');
  assert.deepEqual(await axeFindings(page), []);
  // It changes while the guest reads.
  const text = { ru: 'Можно вас найти?', en: 'May we find you?' };
  const url = `${pixora.base}/api/studios/${panel.studio}/consent-texts/match`;
  assert.equal((await panel.context.request.put(url, { headers: panel.headers, data: { text } })).status(), 200);
  await page.getByRole('button', { name: /I agree/ }).click();
  await page.getByText('The text has just changed').waitFor();
  await page.getByText('May we find you?').waitFor();
  await page.getByRole('button', { name: /I agree/ }).click();
  await shoot(page);
  await page.getByRole('heading', { name: `You are in ${PHOTOS.one.length} photos` }).waitFor(SLOW);
  await page.goto(`${pixora.base}/session/${panel.id}?again`);
  await page.getByRole('button', { name: 'How we protect your data' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('May we find you?').waitFor();
  await shot(page, 'consent-record');
  assert.deepEqual(await axeFindings(page), []);
  const code = await dialog.locator('code').textContent();
  const [saved] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('link', { name: 'Download the record' }).click()]);
  const record = JSON.parse(await readFile(await saved.path(), 'utf8'));
  assert.deepEqual(
    record.consents.map((/** @type {Record<string, unknown>} */ { purpose, version, text, withdrawn_at: withdrawn }) => ({
      purpose,
      version,
      text,
      withdrawn,
    })),
    [{ purpose: 'match', version: 'studio-2', text: 'May we find you?', withdrawn: null }],
  );
  await dialog.getByRole('button', { name: 'Close' }).click();
  // The sheet's own entry leaves the history a moment after the dialog has closed.
  await page.waitForFunction(() => !history.state?.sheet);

  // Back to Pixora's words: who comes back is asked anew.
  assert.equal((await panel.context.request.delete(url, { headers: panel.headers })).status(), 200);
  await page.goto(`${pixora.base}/session/${panel.id}?back`);
  await page.getByRole('button', { name: 'Find my photos' }).click();
  await page.getByText('A numeric template of your face').waitFor();
  await shot(page, 'consent-pixora');

  // The studio's list: nothing of who it was, and one consent is erased with a receipt.
  await panel.page.reload();
  const list = panel.page.getByRole('region', { name: 'Guests’ consents' });
  await list.getByText('Text studio-2').waitFor();
  await shot(panel.page, 'privacy-page');
  await list.getByRole('button', { name: 'Erase the consent' }).first().click();
  const erase = panel.page.getByRole('dialog', { name: 'Erase the consent' });
  await erase.getByRole('button', { name: 'Erase for good' }).click();
  await erase.getByText('Erased. Nothing is left on the disk.').waitFor(SLOW);
  await erase.getByRole('button', { name: 'Close' }).last().click();
  await list.getByText('No consents yet').waitFor();
  await panel.page.reload();
  const erasures = panel.page.getByRole('region', { name: 'Erased for good' });
  await erasures.getByText('Nothing is left', { exact: true }).waitFor(SLOW);
  const [receipt] = await Promise.all([
    panel.page.waitForEvent('download'),
    erasures.getByRole('link', { name: 'Save the receipt' }).click(),
  ]);
  assert.deepEqual(JSON.parse(await readFile(await receipt.path(), 'utf8')).left, { consents: 0, searches: 0, comments: 0 });
  assert.deepEqual(await axeFindings(panel.page), []);
  assert.equal((await page.context().request.get(`${pixora.base}/api/consents/${code}`)).status(), 404);
  assert.deepEqual(
    complaints.filter((complaint) => !/40[49]/.test(complaint)),
    [],
  );
  assert.deepEqual(panel.complaints, []);
  await Promise.all([panel.context.close(), page.context().close()]);
});

test('a child’s photos are found once a guardian has agreed', { timeout: 900_000 }, async () => {
  const panel = await newSession('Birthday', [...PHOTOS.one, ...PHOTOS.other]);
  const people = `${pixora.base}/api/studios/${panel.studio}/people`;
  assert.equal((await panel.context.request.put(people, { headers: panel.headers, data: { is_on: true } })).status(), 200);
  await panel.page.goto(`${pixora.base}/dashboard/photo-sessions/${panel.id}#people`);
  await panel.page.getByText('Group faces by person').click();
  await panel.page.waitForFunction(() => document.querySelectorAll('.person').length >= 2, null, SLOW);
  await panel.page.getByText(/still to be looked at/).waitFor({ state: 'detached', ...SLOW });
  await panel.page.locator('.person').first().getByRole('button', { name: 'Mark as a child' }).click();
  await panel.page.getByText('Children only with a guardian’s yes').click();
  await panel.page.locator('.person').first().getByText('Child', { exact: true }).waitFor();
  await shot(panel.page, 'guardian-panel');
  assert.deepEqual(await axeFindings(panel.page), []);

  const { page, complaints } = await openPage(camera, PHONE);
  await page.goto(`${pixora.base}/session/${panel.id}`);
  await page.getByRole('button', { name: 'Find my photos' }).click();
  await page.getByRole('button', { name: 'I am looking for a child' }).waitFor();
  await shot(page, 'guardian-offer');
  await page.getByRole('button', { name: /I agree/ }).click();
  await shoot(page);
  await page.locator('.message-page h1').waitFor(SLOW);
  await page.getByRole('button', { name: 'I am looking for a child' }).click(SLOW);
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Please confirm that you are the child’s parent or guardian').waitFor();
  await shot(page, 'guardian-asked');
  assert.deepEqual(await axeFindings(page), []);
  await dialog.getByRole('button', { name: 'I am a parent or guardian, and I agree' }).click();
  await page.getByRole('heading', { name: `You are in ${PHOTOS.one.length} photos` }).waitFor(SLOW);
  assert.equal(await page.getByRole('button', { name: 'I am looking for a child' }).count(), 0);
  await panel.page.getByRole('link', { name: 'Consents of this session’s guests' }).click();
  await panel.page.getByText('Guardian of a child').nth(1).waitFor();
  await shot(panel.page, 'guardian-list');
  assert.deepEqual([...complaints, ...panel.complaints], []);
  await page.context().close();

  // Asked at once, before the camera opens.
  const other = await openPage(camera, DESKTOP);
  await other.page.goto(`${pixora.base}/session/${panel.id}`);
  await other.page.getByRole('button', { name: 'Find my photos' }).click();
  await other.page.getByRole('button', { name: 'I am looking for a child' }).click();
  await other.page.getByRole('dialog').getByRole('button', { name: 'I am a parent or guardian, and I agree' }).click();
  await shoot(other.page);
  await other.page.getByRole('heading', { name: `You are in ${PHOTOS.one.length} photos` }).waitFor(SLOW);
  await Promise.all([panel.context.close(), other.context.close()]);
});

test('an account is erased by whoever has it', { timeout: 300_000 }, async () => {
  const { page, context } = await openPage(browser, DESKTOP);
  await signIn(context, pixora.base, MARIA, PASSWORD);
  await page.goto(`${pixora.base}/dashboard/settings/account`);
  await page.getByRole('button', { name: 'Erase the account' }).click();
  const dialog = page.getByRole('dialog', { name: 'Erase the account' });
  await dialog.getByText('name, addresses and password').waitFor();
  await shot(page, 'account-erase');
  assert.deepEqual(await axeFindings(page), []);
  const yes = dialog.getByRole('button', { name: 'Erase for good' });
  assert.equal(await yes.isDisabled(), true, 'not before the name is typed');
  const label = await dialog.locator('label').first().textContent();
  await dialog.getByRole('textbox').fill(String(label).replace(/^.*: /, '').trim());
  await yes.click();
  await page.waitForURL(/\/login/, SLOW);
  const refused = await context.request.post(`${pixora.base}/api/auth/login`, { data: { login: MARIA, password: PASSWORD } });
  assert.equal(refused.status(), 401);
  await context.close();
});
