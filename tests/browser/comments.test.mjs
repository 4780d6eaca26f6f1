/** Guests write on photos: the studio looks first, answers, and takes away; others report; a guest takes back; without a network nothing is lost. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { axeFindings, csrf, DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, shot, signIn, speak } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
const TABLET = { viewport: { width: 820, height: 1180 }, hasTouch: true, locale: 'en-GB' };

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {string} */
let session;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('playwright-core').BrowserContext} */
let studio;
/** @type {Page} */
let panel;

before(
  async () => {
    pixora = await installPixora();
    session = await pixora.createSession('Anna & Ivan');
    await pixora.ingest(session, [...PHOTOS.one, PHOTOS.groups[0]]);
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
    ({ context: studio, page: panel } = await openPage(browser, DESKTOP));
    await signIn(studio, pixora.base, MARIA, PASSWORD);
  },
  { timeout: 300_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

const link = () => `${pixora.base}/session/${session}`;
const desk = () => `${pixora.base}/dashboard/photo-sessions/${session}#guests`;

/** @param {object} data */
async function changeSession(data) {
  const answer = await studio.request.patch(`${pixora.base}/api/photo-sessions/${session}`, { headers: await csrf(studio), data });
  assert.ok(answer.ok(), await answer.text());
}

/** Opens the n-th photo in the viewer. @param {Page} page */
async function openPhoto(page, n = 0) {
  await page.goto(`${link()}#/all`);
  await page.locator('.gallery .tile-link').nth(n).click();
  await page.locator('.pswp--open').waitFor();
}

/** @param {Page} page */
const toggle = (page) => page.locator('.pswp__button--comments');

/** Opens the comments on the n-th photo. @param {Page} page */
async function openComments(page, n = 0) {
  await openPhoto(page, n);
  await toggle(page).click();
  await page.getByRole('heading', { name: 'Comments' }).waitFor();
}

/** @param {Page} page @param {string} text @param {string} [name] */
async function write(page, text, name) {
  await page.getByLabel('Your comment').fill(text);
  if (name) await page.getByLabel('Your name').fill(name);
  await page.locator('.comment-form button[type=submit]').click();
}

/** Waits until the photo is shown beside the comments, or above them. @param {Page} page @param {'x' | 'y'} axis */
async function waitForRoom(page, axis) {
  await page.waitForFunction((axis) => {
    const photo = [...document.querySelectorAll('.pswp__item[aria-hidden="false"] .pswp__img:not(.pswp__img--placeholder)')].at(-1);
    const panel = document.querySelector('.comments');
    if (!photo || !panel) return false;
    const [seen, covers] = [photo.getBoundingClientRect(), panel.getBoundingClientRect()];
    return axis === 'x' ? seen.right <= covers.left + 1 : seen.bottom <= covers.top + 1;
  }, axis);
}

/** At the sizes of a phone, a tablet and a desktop, light and dark, where screenshots are wanted. @param {Page} page @param {string} name */
async function shots(page, name) {
  const folder = process.env.PIXORA_SHOTS;
  if (!folder) return;
  const before = page.viewportSize() ?? DESKTOP.viewport;
  for (const colorScheme of /** @type {const} */ (['light', 'dark']))
    for (const viewport of [DESKTOP.viewport, TABLET.viewport, PHONE.viewport]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(folder, `${name}-${viewport.width}-${colorScheme}.png`) });
    }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(before);
}

test('where a session takes no comments, nothing offers them', async () => {
  const { page, context } = await openPage(browser, PHONE);
  await openPhoto(page);
  assert.equal(await toggle(page).count(), 0);
  await context.close();
});

test('the studio switches them on in the form of the session', async () => {
  await panel.goto(`${pixora.base}/dashboard/photo-sessions/${session}`);
  await panel.getByRole('button', { name: 'Edit' }).click();
  const terms = panel.locator('dialog details.terms');
  if ((await terms.getAttribute('open')) === null) await terms.locator('summary').click();
  await panel.getByLabel('Comments on photos').selectOption('moderated');
  await panel.getByRole('button', { name: 'Save', exact: true }).click();
  await panel.getByRole('dialog').waitFor({ state: 'detached' });
  await panel.getByRole('link', { name: 'From guests' }).waitFor();
});

test('a guest writes, the studio shows and answers it, and other guests read it on an open page', async () => {
  const olga = await openPage(browser, PHONE);
  await openComments(olga.page);
  await olga.page.getByText('Nobody has written here yet').waitFor();
  await shots(olga.page, 'comments-none');
  assert.deepEqual(await axeFindings(olga.page), []);
  await olga.page.getByLabel('Your comment').fill('How lovely!\n<b>Anna</b>, you shine ✨');
  await olga.page.getByText('What becomes of it').waitFor();
  await shots(olga.page, 'comments-form');
  assert.deepEqual(await axeFindings(olga.page), []);
  await write(olga.page, 'How lovely!\n<b>Anna</b>, you shine ✨', 'Aunt Olga');
  await olga.page.getByText('Sent. Guests see it when the photographer has looked at it.').waitFor();
  await olga.page.getByText('Waits for the photographer').waitFor();
  assert.equal(await olga.page.getByLabel('Your comment').inputValue(), '');

  const other = await openPage(browser, DESKTOP);
  await openComments(other.page);
  await other.page.getByText('Nobody has written here yet').waitFor();

  await panel.goto(desk());
  const waiting = panel.locator('.guest-comment', { hasText: 'How lovely!' });
  await waiting.getByText('Comment by Aunt Olga').waitFor();
  await panel.getByRole('link', { name: 'From guests 1 waits to be looked at' }).waitFor();
  assert.deepEqual(await axeFindings(panel), []);
  await shots(panel, 'comments-desk');
  // By keys, and back again.
  await panel.getByRole('checkbox').first().focus();
  await panel.keyboard.press('x');
  await panel.getByText('1 comment declined').waitFor();
  await panel.getByText('Nothing to look at').waitFor();
  await panel.getByRole('button', { name: 'Undo' }).click();
  await waiting.waitFor();
  await panel.getByRole('checkbox').first().focus();
  await panel.keyboard.press('a');
  await panel.getByText('1 comment is shown').waitFor();
  await panel.getByRole('button', { name: 'Shown comments' }).click();
  await waiting.getByRole('button', { name: 'Answer' }).click();
  await panel.getByLabel('Answer in the name of the studio').fill('Thank you, Olga!');
  await panel.getByRole('button', { name: 'Save the answer' }).click();
  await panel.getByText('The answer was saved').waitFor();
  await waiting.getByText('Thank you, Olga!').waitFor();
  assert.deepEqual(await axeFindings(panel), []);
  await shots(panel, 'comments-desk-shown');

  const read = other.page.locator('.comment', { hasText: 'How lovely!' });
  await read.getByText('<b>Anna</b>, you shine ✨').waitFor({ timeout: 5_000 });
  await read.getByText('Thank you, Olga!').waitFor({ timeout: 5_000 });
  assert.equal(await other.page.locator('.comment b').count(), 0, 'words stay words');
  assert.equal(await toggle(other.page).getAttribute('data-number'), '1');
  assert.equal(await toggle(other.page).getAttribute('aria-label'), '1 comment');
  await shots(other.page, 'comments-read');
  assert.deepEqual(await axeFindings(other.page), []);
  // The photo is beside the panel, and the arrows flip photos with it.
  await waitForRoom(other.page, 'x');
  await other.page.getByRole('button', { name: 'Next' }).click();
  await other.page.getByText('Nobody has written here yet').waitFor();
  assert.deepEqual(other.complaints, []);
  assert.deepEqual(olga.complaints, []);
  await other.context.close();

  // What is written is taken back where it was written.
  const own = olga.page.locator('.comment', { hasText: 'How lovely!' });
  await own.getByText('Thank you, Olga!').waitFor();
  await own.getByRole('button', { name: 'Take back' }).click();
  await olga.page.locator('dialog').getByRole('button', { name: 'Take back' }).click();
  await olga.page.getByText('The comment is erased').waitFor();
  await own.waitFor({ state: 'detached' });
  await olga.context.close();
});

test('on a phone the comments cover the photo only while they are open, and Back closes them first', async () => {
  const { page, context } = await openPage(browser, PHONE);
  await openPhoto(page);
  assert.equal(await page.locator('.comments').count(), 0);
  await toggle(page).click();
  await page.getByRole('heading', { name: 'Comments' }).waitFor();
  await waitForRoom(page, 'y');
  await page.goBack();
  await page.locator('.comments').waitFor({ state: 'hidden' });
  assert.equal(await page.locator('.pswp--open').count(), 1);
  await page.goBack();
  await page.locator('.pswp').waitFor({ state: 'detached' });
  assert.ok(page.url().endsWith('#/all'));
  await context.close();
});

test('a guest reports a comment, an open desk hears of it, and what was declined leaves open pages', async () => {
  await changeSession({ comments: 'open' });
  const boris = await openPage(browser, DESKTOP);
  await openComments(boris.page, 1);
  await write(boris.page, 'Rude words');
  await boris.page.getByText('Sent. Guests see it.').waitFor();
  const olga = await openPage(browser, DESKTOP);
  await openComments(olga.page, 1);
  await panel.goto(desk());
  await olga.page.locator('.comment', { hasText: 'Rude words' }).getByRole('button', { name: 'Report' }).click();
  const dialog = olga.page.getByRole('dialog', { name: 'Report this comment?' });
  await dialog.getByLabel('What is wrong with it').fill('This hurts, arrow keys too');
  assert.deepEqual(await axeFindings(olga.page), []);
  await shot(olga.page, 'comments-report');
  await dialog.getByRole('button', { name: 'Report', exact: true }).click();
  await olga.page.getByText('The photographer will look at this comment').waitFor();
  const reported = panel.locator('.guest-comment', { hasText: 'This hurts' });
  await reported.getByText('1 report').waitFor();
  await shots(panel, 'comments-desk-reported');
  await reported.getByRole('button', { name: 'Decline' }).click();
  await olga.page.locator('.comment', { hasText: 'Rude words' }).waitFor({ state: 'detached', timeout: 5_000 });
  await boris.page.getByText('The photographer has not taken it').waitFor();
  await panel.getByRole('button', { name: 'Declined comments' }).click();
  await panel.locator('.guest-comment', { hasText: 'Rude words' }).waitFor();
  await olga.context.close();
  await boris.context.close();
});

test('without a network the words stay, and what is wrong is said', async () => {
  const { page, context } = await openPage(browser, PHONE);
  await openComments(page, 2);
  await write(page, 'First', 'Ivan');
  await page.getByText('Sent. Guests see it.').waitFor();
  await context.setOffline(true);
  await write(page, 'Second');
  await page.getByText('Your words are still here: send them when it is back.').waitFor();
  assert.equal(await page.getByLabel('Your comment').inputValue(), 'Second');
  await shots(page, 'comments-offline');
  await context.setOffline(false);
  await page.locator('.comment-form button[type=submit]').click();
  await page.locator('.comment', { hasText: 'Second' }).waitFor();

  await page.route('**/gallery/*/comments', (route) => route.fulfill({ status: 500, body: '' }));
  await page.reload();
  await openComments(page, 2);
  await page.getByText('The comments did not load.').waitFor();
  await page.unroute('**/gallery/*/comments');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.comment', { hasText: 'Second' }).waitFor();

  // With the consent all goes, and it is asked again.
  await page.getByText('What I agreed to').click();
  await page.getByRole('button', { name: 'Take all back' }).click();
  await page.locator('dialog').getByRole('button', { name: 'Take all back' }).click();
  await page.getByText('All that you have written is erased').waitFor();
  await page.getByText('Nobody has written here yet').waitFor();
  await page.getByLabel('Your comment').fill('Third');
  await page.getByRole('button', { name: 'I agree, send' }).waitFor();

  await changeSession({ comments: 'off' });
  await page.getByRole('button', { name: 'I agree, send' }).click();
  await page.getByText('Comments are not taken any more.').waitFor();
  await context.close();
  await changeSession({ comments: 'open' });
});

test('a couple takes away what others wrote', async () => {
  const guest = await openPage(browser, PHONE);
  await openComments(guest.page);
  await write(guest.page, 'For the couple to see', 'Uncle Pavel');
  await guest.page.getByText('Sent. Guests see it.').waitFor();
  const headers = await csrf(studio);
  const selection = await studio.request.put(`${pixora.base}/api/photo-sessions/${session}/selection`, {
    headers,
    data: { may_hide: true },
  });
  const key = (await selection.json()).url.split('#choose=')[1];
  const { page, context } = await openPage(browser, DESKTOP);
  await page.goto(`${link()}#choose=${key}`);
  await page.locator('.gallery .tile-link').first().click();
  await toggle(page).click();
  await page.locator('.comment', { hasText: 'For the couple to see' }).getByRole('button', { name: 'Take away' }).click();
  await page.locator('dialog').getByRole('button', { name: 'Take away' }).click();
  await page.getByText('The comment was taken away').waitFor();
  await guest.page.getByText('The photographer has not taken it').waitFor();
  await context.close();
  await guest.context.close();
});

test('the words are there in Russian and German', async () => {
  for (const [language, title, none] of [
    ['ru', 'Комментарии', 'Здесь пока никто не написал'],
    ['de', 'Kommentare', 'Hier hat noch niemand geschrieben'],
  ]) {
    const { page, context, complaints } = await openPage(browser, PHONE);
    await page.goto(`${link()}#/all`);
    await speak(page, language);
    await page.locator('.gallery .tile-link').nth(1).click();
    await toggle(page).click();
    await page.getByRole('heading', { name: title }).waitFor();
    await page.getByText(none).waitFor();
    await shots(page, `comments-${language}`);
    assert.deepEqual(complaints, []);
    await context.close();
  }
});
