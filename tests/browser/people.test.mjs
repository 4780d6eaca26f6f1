/** People of a session in a real browser against the real program: grouped, named, hidden, and shown to guests. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  axeFindings,
  cameraOf,
  DESKTOP,
  installPixora,
  launch,
  openPage,
  PHONE,
  PHOTOS,
  sample,
  shot,
  upload,
  watchShifts,
} from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
const SLOW = { timeout: 240_000 };
/** One person in two photographs, another in one, and groups with neither. */
const EVERYTHING = [...PHOTOS.one, ...PHOTOS.other, PHOTOS.groups[0]];

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;

before(
  async () => {
    pixora = await installPixora();
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

/** The files of a guest's gallery. @param {Page} page @param {string} session @returns {Promise<string[]>} */
async function gallery(page, session) {
  const answer = await page.context().request.get(`${pixora.base}/api/v1/sessions/${session}/photos`);
  return (await answer.json()).photos.map((/** @type {{ filename: string }} */ photo) => photo.filename).toSorted();
}

test('people are switched on, named, hidden and shown to guests', { timeout: 900_000 }, async () => {
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  const answer = await context.request.post(`${pixora.base}/api/auth/login`, { data: { login: MARIA, password: PASSWORD } });
  assert.equal(answer.status(), 200, await answer.text());
  await page.goto(`${pixora.base}/dashboard/photo-sessions`);
  await page.getByRole('button', { name: 'New photo session' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('Wedding of Anna and Peter');
  await page.getByRole('button', { name: 'Create Session & Generate QR' }).click();
  await page.waitForURL(/photo-sessions\/[^/]+#share$/);
  const url = page.url().replace('#share', '');
  const session = new URL(url).pathname.split('/').at(-1) ?? '';
  await upload(context, pixora.base, session, EVERYTHING);

  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.getByText('People are switched off for the studio').waitFor();
  await shot(page, 'people-off');
  await page.getByRole('link', { name: 'Studio settings' }).click();
  await page.getByText('Allow it in the sessions of the studio').click();
  await page.getByText('Saved').waitFor();
  await page.goto(`${url}#people`);
  await page.getByText('Group faces by person').click();
  const people = page.locator('.person');
  await page.waitForFunction(() => document.querySelectorAll('.person').length >= 3, null, SLOW);
  await page.getByText(/still to be looked at/).waitFor({ state: 'detached', ...SLOW });
  const first = people.first();
  assert.equal(await first.getByRole('link').textContent(), '2 photos', 'who is in the most photos comes first');

  // A face opens its faces, and a face there the whole photo with a box.
  await first.getByRole('button', { name: /^Faces of/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByRole('button', { name: /^Show the whole photo/ })
    .first()
    .click();
  await dialog.locator('.face-box').waitFor();
  const [box, photo] = await Promise.all([dialog.locator('.face-box').boundingBox(), dialog.locator('.boxed-photo img').boundingBox()]);
  assert.ok(box && photo && box.x >= photo.x && box.y >= photo.y && box.width > 10 && box.x + box.width <= photo.x + photo.width);
  await shot(page, 'people-faces');
  assert.deepEqual(await axeFindings(page), []);
  await dialog.getByRole('button', { name: 'Close' }).click();

  await first.getByRole('combobox').fill('Barack');
  await first.getByRole('combobox').press('Enter');
  await page.getByRole('button', { name: 'Faces of Barack' }).waitFor();
  await shot(page, 'people-list');
  assert.deepEqual(await axeFindings(page), []);

  // An open page of a guest loses the photos of who is hidden, and has them back.
  const guest = await openPage(browser, PHONE);
  await guest.page.goto(`${pixora.base}/session/${session}#/all`);
  await guest.page.waitForFunction((n) => document.querySelectorAll('.tile').length === n, EVERYTHING.length, SLOW);
  assert.equal((await gallery(page, session)).length, EVERYTHING.length);
  await page
    .locator('.person', { has: page.getByRole('button', { name: 'Faces of Barack' }) })
    .getByRole('button', { name: 'Hide' })
    .click();
  await page.getByText('Barack: 2 photos are hidden from guests').waitFor();
  await guest.page.waitForFunction((n) => document.querySelectorAll('.tile').length === n, EVERYTHING.length - 2, SLOW);
  assert.deepEqual(await gallery(page, session), [...PHOTOS.other, PHOTOS.groups[0]].map((name) => basename(name)).toSorted());
  await page.getByRole('link', { name: 'Photos', exact: true }).click();
  await page.getByText('Somebody is hidden').first().waitFor();
  await page.goto(`${url}#people`);
  await page
    .getByRole('button', { name: 'Undo' })
    .or(page.getByRole('button', { name: 'Show', exact: true }))
    .first()
    .click();
  await page.waitForFunction(() => document.querySelectorAll('.person.is-hidden').length === 0);
  assert.equal((await gallery(page, session)).length, EVERYTHING.length);

  // Guests are shown people once the photographer says so.
  await page.getByText('Show people to guests').click();
  await page.waitForTimeout(500);
  const shifts = await watchShifts(guest.page);
  await guest.page.goto(`${pixora.base}/session/${session}?again#/all`);
  const barack = guest.page.getByRole('button', { name: 'Barack' });
  await barack.waitFor(SLOW);
  assert.ok((await shifts()) < 0.01, `${await shifts()}: people have their room before they come`);
  await barack.click();
  await guest.page.waitForFunction(() => document.querySelectorAll('.tile').length === 2, null, SLOW);
  // The view has come in by then.
  await guest.page.waitForTimeout(1000);
  assert.deepEqual(await axeFindings(guest.page), []);
  await shot(guest.page, 'people-guest');
  assert.deepEqual([...complaints, ...guest.complaints], []);
  await Promise.all([context.close(), guest.context.close()]);
});

test(
  'a guest who has found themselves asks to be left out, the photographer agrees, and the guest takes it back',
  { timeout: 900_000 },
  async () => {
    const panel = await openPage(browser, DESKTOP);
    const answer = await panel.context.request.post(`${pixora.base}/api/auth/login`, { data: { login: MARIA, password: PASSWORD } });
    assert.equal(answer.status(), 200, await answer.text());
    await panel.page.goto(`${pixora.base}/dashboard/photo-sessions`);
    await panel.page.getByRole('button', { name: 'New photo session' }).first().click();
    await panel.page.getByLabel('Name', { exact: true }).fill('Wedding of Olga and Ivan');
    await panel.page.getByRole('button', { name: 'Create Session & Generate QR' }).click();
    await panel.page.waitForURL(/photo-sessions\/[^/]+#share$/);
    const url = panel.page.url().replace('#share', '');
    const session = new URL(url).pathname.split('/').at(-1) ?? '';
    const [first, ...later] = PHOTOS.one;
    await upload(panel.context, pixora.base, session, [first, ...PHOTOS.other]);

    const folder = await mkdtemp(join(tmpdir(), 'pixora-camera-'));
    const face = { x: 0.58, y: 0.325, size: 0.64 };
    const camera = await launch({ camera: await cameraOf(join(folder, 'one.y4m'), { picture: sample(PHOTOS.selfieOfOne), face }) });
    const { page, complaints } = await openPage(camera, PHONE);
    await page.goto(`${pixora.base}/session/${session}#/all`);
    await page.waitForFunction((n) => document.querySelectorAll('.tile').length === n, 1 + PHOTOS.other.length, SLOW);
    await page.goto(`${pixora.base}/session/${session}?again`);
    await page.getByRole('button', { name: 'Find my photos' }).click();
    await page.getByRole('button', { name: /I agree/ }).click();
    await page.getByText('Place your face in the oval').waitFor(SLOW);
    await page.getByRole('button', { name: 'Take the picture' }).click();
    await page.getByRole('heading', { name: 'You are in 1 photo' }).waitFor(SLOW);
    await page.getByRole('button', { name: 'Leave me out' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'All of them, and later ones' }).waitFor();
    await shot(page, 'hide-asks');
    assert.deepEqual(await axeFindings(page), []);
    await dialog.getByRole('button', { name: 'All of them, and later ones' }).click();
    await dialog.getByText(/1 photo/).waitFor();
    const code = await dialog.locator('code').textContent();
    assert.ok(code && code.length > 20);
    assert.deepEqual(await axeFindings(page), []);
    assert.equal((await gallery(page, session)).length, 1 + PHOTOS.other.length, 'nothing is hidden before the photographer agrees');
    await dialog.getByRole('button', { name: 'Close' }).click();

    // The photographer agrees; a later photo of the guest is held back, though people are off in this session.
    await panel.page.goto(`${url}#people`);
    await panel.page.getByText('1 photo is to be hidden').waitFor();
    await shot(panel.page, 'hide-panel');
    assert.deepEqual(await axeFindings(panel.page), []);
    await panel.page.locator('.wish').getByRole('button', { name: 'Hide' }).click();
    await panel.page.getByText('1 photo is hidden').waitFor();
    await upload(panel.context, pixora.base, session, later);
    const others = PHOTOS.other.map((name) => basename(name)).toSorted();
    const held = async () => {
      const found = await page.context().request.get(`${pixora.base}/api/hide-requests/${code}`);
      return (await found.json()).photos_held_back;
    };
    for (const end = Date.now() + SLOW.timeout; (await held()) < later.length && Date.now() < end;) await page.waitForTimeout(500);
    assert.equal(await held(), later.length);
    assert.deepEqual(await gallery(page, session), others);

    // The guest comes back on the same device, with nothing found, and takes the wish back.
    await page.goto(`${pixora.base}/session/${session}?back#/results`);
    await page.getByRole('button', { name: 'Leave me out' }).click(SLOW);
    await dialog.getByText('1 photo is hidden').waitFor();
    await shot(page, 'hide-receipt');
    await dialog.getByRole('button', { name: 'Take the wish back' }).click();
    await page.getByText('The wish was taken back').waitFor();
    assert.deepEqual(await gallery(page, session), [...PHOTOS.one, ...PHOTOS.other].map((name) => basename(name)).toSorted());
    await panel.page.reload();
    await panel.page.getByText('Taken back by the guest: 1 photo').waitFor();
    assert.deepEqual([...complaints, ...panel.complaints], []);
    await Promise.all([panel.context.close(), camera.close(), rm(folder, { recursive: true, force: true })]);
  },
);
