/** How a studio shows itself to guests, the page of one photo, the cover, and codes that are counted apart. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  axeFindings,
  csrf,
  DESKTOP,
  installPixora,
  launch,
  openPage,
  PHONE,
  PHOTOS,
  shot,
  signIn,
  weightBeforePhotos,
} from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
/** What a guest's page may weigh before its photos. */
const LIGHT = 100 * 1024;

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
/** @type {string[]} */
let photos;

before(
  async () => {
    pixora = await installPixora();
    session = await pixora.createSession('Anna & Ivan');
    await pixora.ingest(session, [...PHOTOS.one, ...PHOTOS.groups.slice(0, 4)]);
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
    ({ context: studio, page: panel } = await openPage(browser, DESKTOP));
    await signIn(studio, pixora.base, MARIA, PASSWORD);
    photos = (await (await fetch(`${pixora.base}/api/v1/sessions/${session}/photos/ids`)).json()).photo_ids;
  },
  { timeout: 300_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

const link = () => `${pixora.base}/session/${session}`;

/** @param {object} data */
async function changeSession(data) {
  const answer = await studio.request.patch(`${pixora.base}/api/photo-sessions/${session}`, { headers: await csrf(studio), data });
  assert.ok(answer.ok(), await answer.text());
}

/** The contrast of an element's words with its ground (WCAG 2.2). @param {import('playwright-core').Locator} element */
function contrastOf(element) {
  return element.evaluate((node) => {
    const { color, backgroundColor } = getComputedStyle(node);
    const [a, b] = [color, backgroundColor].map((text) => {
      const [r, g, b] = (text.match(/[\d.]+/g) ?? []).map((n) => {
        const part = Number(n) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    });
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  });
}

test('a studio says how it looks, and its guests see it, readable in light and dark', async () => {
  await panel.goto(`${pixora.base}/dashboard/settings/studio`);
  await panel.getByLabel('Name of the studio').fill('Light & Shade');
  await panel.getByLabel('Colour').fill('#ffe600');
  await panel.getByLabel('Contact for guests').fill('hello@studio.example');
  await panel.getByLabel('Site of the studio').fill('nonsense');
  await panel
    .locator('form.form', { has: panel.getByLabel('Site of the studio') })
    .getByRole('button', { name: 'Save' })
    .click();
  await panel.getByText('begins with https://').waitFor();
  await panel.getByLabel('Site of the studio').fill('https://www.studio.example/');
  await panel
    .locator('form.form', { has: panel.getByLabel('Site of the studio') })
    .getByRole('button', { name: 'Save' })
    .click();
  await panel.getByText('Branding saved').waitFor();
  await shot(panel, 'studio');

  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    const { page, context, complaints } = await openPage(browser, { ...PHONE, colorScheme });
    await page.goto(link());
    const find = page.getByRole('button', { name: 'Find my photos' });
    await find.waitFor();
    assert.ok((await contrastOf(find)) >= 4.5, `${colorScheme}: ${await contrastOf(find)}`);
    await page.getByRole('banner').getByText('Light & Shade').waitFor();
    assert.equal(await page.getByRole('link', { name: 'studio.example' }).first().getAttribute('href'), 'https://www.studio.example/');
    assert.equal(await page.getByRole('link', { name: 'hello@studio.example' }).getAttribute('href'), 'mailto:hello@studio.example');
    assert.equal(await page.title(), 'Anna & Ivan · Light & Shade');
    assert.deepEqual(await axeFindings(page), []);
    await shot(page, `guest-brand-${colorScheme}`);
    await page.goto(`${pixora.base}/session/${session}/photo/${session}`);
    await page.getByText('This photo is not here').waitFor();
    await page.getByRole('banner').getByText('Light & Shade').waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  }
});

test('the guest page stays light', async () => {
  const { page, context } = await openPage(browser, PHONE);
  const weight = await weightBeforePhotos(page, context, link());
  assert.ok(weight < LIGHT, `${weight} bytes`);
  await context.close();
});

test('a logo stands in the header, written there before any script', async () => {
  const logo = await panel.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 100 });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.fillStyle = '#a9472a';
    context.beginPath();
    context.arc(50, 50, 45, 0, 7);
    context.fill();
    context.font = '48px sans-serif';
    context.fillText('Light', 120, 66);
    return canvas.toDataURL('image/png').split(',')[1];
  });
  const { studio_id: own } = await (await studio.request.get(`${pixora.base}/api/photo-sessions/${session}`)).json();
  const put = await studio.request.put(`${pixora.base}/api/studios/${own}/branding`, {
    headers: await csrf(studio),
    data: { name: 'Light & Shade', colour: '#a9472a', logo_png_base64: logo, contact: null, site: null },
  });
  assert.ok(put.ok(), await put.text());
  const { page, context, complaints } = await openPage(browser, PHONE);
  await page.route('**/*.js', (route) => route.abort());
  await page.goto(link(), { waitUntil: 'domcontentloaded' });
  const written = page.locator('.brand-logo');
  await page.waitForFunction(() => /** @type {HTMLImageElement} */ (document.querySelector('.brand-logo'))?.naturalWidth > 0);
  const box = await written.boundingBox();
  await page.unroute('**/*.js');
  await page.reload();
  await page.getByRole('button', { name: 'All photos' }).waitFor();
  assert.deepEqual(await page.getByRole('img', { name: 'Light & Shade' }).boundingBox(), box, 'it stays where it was');
  assert.deepEqual(
    complaints.filter((line) => !line.includes('ERR_FAILED')),
    [],
  );
  await context.close();
});

test('a photo becomes the cover in the panel and stands first for guests', async () => {
  await panel.goto(`${pixora.base}/dashboard/photo-sessions/${session}#photos`);
  await panel.getByRole('listbox').getByRole('option').nth(2).press('Enter');
  await panel.getByRole('button', { name: 'Make it the cover' }).click();
  await panel.getByText('This is the cover of the shoot now').waitFor();
  await panel.getByRole('button', { name: 'Take it off the cover' }).waitFor();
  const { cover_photo_id: cover } = await (await studio.request.get(`${pixora.base}/api/photo-sessions/${session}`)).json();
  assert.ok(photos.includes(cover));
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await page.goto(link());
  await page.getByRole('button', { name: 'All photos' }).waitFor();
  const shown = await page.locator('.mosaic img').evaluateAll((all) => all.map((each) => /** @type {HTMLImageElement} */ (each).src));
  assert.ok(shown[0].includes(cover), shown[0]);
  assert.equal(new Set(shown).size, shown.length);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a guest shares the page of a photo, which leads on to the others and is shut with the gallery', async () => {
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${link()}#/all`);
  await page.locator('.gallery .tile-link').first().click();
  await page.locator('.pswp__button--share').click();
  await page.getByText('Link copied').waitFor();
  const shared = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(shared, new RegExp(`^${link()}/photo/[0-9a-f-]{36}$`));
  await context.close();

  const receiver = await openPage(browser, PHONE);
  await receiver.page.goto(shared);
  await receiver.page.getByRole('heading', { name: 'Anna & Ivan' }).waitFor();
  await receiver.page.waitForFunction(() => /** @type {HTMLImageElement} */ (document.querySelector('.one-photo'))?.naturalWidth > 0);
  assert.deepEqual(await axeFindings(receiver.page), []);
  await shot(receiver.page, 'photo');
  await receiver.page.getByRole('link', { name: 'All photos' }).click();
  await receiver.page.getByRole('heading', { name: 'All photos' }).waitFor();
  assert.ok(receiver.page.url().startsWith(`${link()}#`), receiver.page.url());

  await receiver.page.goto(shared);
  await receiver.page.locator('.one-photo').waitFor();
  const photo = shared.split('/').at(-1);
  const hide = (/** @type {boolean} */ is_selected) =>
    studio.request.patch(`${pixora.base}/api/photos/${photo}`, { headers: { 'X-CSRF-Token': token }, data: { is_selected } });
  const token = (await csrf(studio))['X-CSRF-Token'];
  await hide(false);
  await receiver.page.getByText('This photo is not here').waitFor({ timeout: 8_000 });
  await hide(true);
  await changeSession({ pin: '4711' });
  await receiver.page.goto(shared);
  await receiver.page.getByLabel('PIN').fill('4711');
  await receiver.page.getByRole('button', { name: 'Open' }).click();
  await receiver.page.locator('.one-photo').waitFor();
  assert.equal(receiver.page.url(), shared);
  await changeSession({ pin: null, gallery_open: false });
  await receiver.page.goto(shared);
  await receiver.page.getByText('This shoot is closed').waitFor();
  await changeSession({ gallery_open: true });
  assert.deepEqual([...complaints, ...receiver.complaints], []);
  await receiver.context.close();
});

test('each table has a code of its own, counted apart, and a sheet holds them all', async () => {
  await panel.goto(`${pixora.base}/dashboard/photo-sessions/${session}#share`);
  await panel.reload();
  const card = panel.locator('.links-card');
  await card.getByText('Main code').waitFor();
  await card.getByLabel('Where it hangs').fill('Table 4');
  await card.getByRole('button', { name: 'Add a code' }).click();
  await card.getByText('Table 4').waitFor();
  const address = panel.getByLabel('Link for guests');
  await panel.waitForFunction(() =>
    /** @type {HTMLInputElement | null} */ (document.querySelector('.link-box input'))?.value.includes('/g/'),
  );
  const url = await panel.locator('.link-box input').inputValue();
  assert.match(url, /\/g\/[2-9A-Z]{10}$/);
  assert.ok(!(await address.count()) || (await address.inputValue()) === url);
  const { page, context } = await openPage(browser, PHONE);
  await page.goto(url);
  await page.getByRole('button', { name: 'All photos' }).waitFor();
  assert.equal(page.url(), link());
  await page.goto(url.replace(/.$/, (last) => (last === '2' ? '3' : '2')));
  await page.getByText('There is no such link').waitFor();
  await context.close();
  await panel.reload();
  await card.locator('.link-row', { hasText: 'Table 4' }).getByText('1 visit').waitFor();
  await card.locator('.link-row', { hasText: 'Main code' }).getByText('0 visits').waitFor();
  await shot(panel, 'links');
  await card.getByText('Sheet of cards').click();
  await card.getByLabel('Which codes').selectOption('all');
  await card.getByLabel('Design').selectOption('cover');
  const [download] = await Promise.all([panel.waitForEvent('download'), card.getByRole('button', { name: 'Download PDF' }).click()]);
  assert.match(download.suggestedFilename(), /\.pdf$/);
  assert.deepEqual(await axeFindings(panel), []);
  await card.getByRole('button', { name: 'Remove the code “Table 4”' }).click();
  await panel.getByRole('button', { name: 'Remove', exact: true }).click();
  await card.getByText('Table 4').waitFor({ state: 'detached' });
});
