/** The search of a session on a page of another site: two origins, a camera, and no cookie that reaches us. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axeFindings, cameraOf, DESKTOP, fileNames, installPixora, launch, openPage, PHONE, PHOTOS, sample, signIn } from './support.mjs';

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
/** Where the face is in `selfieOfOne`. */
const FACE = { x: 0.58, y: 0.325, size: 0.64 };
const SLOW = { timeout: 60_000 };
/** The element waits so long for a frame that is not allowed. */
const GIVEN_UP = { timeout: 40_000 };

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let pictures;
/** @type {string} */
let session;
/** The studio's site and one that it has not named; neither is our host. @type {{ base: string, server: http.Server }[]} */
let sites = [];

/** A site of somebody's own, with the session in the path. @returns {Promise<{ base: string, server: http.Server }>} */
function site() {
  const server = http.createServer((request, answer) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const lang = url.searchParams.get('lang') ?? 'en';
    answer.setHeader('Content-Type', 'text/html; charset=utf-8');
    answer.end(`<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>Studio Example</title>
      <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
      <style>body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 1.1rem/1.6 Georgia, serif; background: #eef3ee; color: #223 } iframe { display: none }</style>
      <script type="module" src="${pixora.base}/embed.js"></script></head>
      <body><h1>Studio Example</h1><p>Our wedding of June. <a href="#next">Before the frame</a></p>
      <pixora-find session="${url.pathname.slice(1)}"></pixora-find>
      <p><a id="next" href="#next">Behind the frame</a></p></body></html>`);
  });
  return new Promise((done) => {
    server.listen(0, 'localhost', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      done({ base: `http://localhost:${port}`, server });
    });
  });
}

before(
  async () => {
    pictures = await mkdtemp(join(tmpdir(), 'pixora-embed-'));
    pixora = await installPixora();
    await pixora.addUser(MARIA, 'admin', PASSWORD);
    session = await pixora.createSession('Wedding in June');
    await pixora.ingest(session, [...PHOTOS.one, ...PHOTOS.other, PHOTOS.groups[0]]);
    await pixora.serve();
    sites = [await site(), await site()];
    const camera = await cameraOf(join(pictures, 'one.y4m'), { picture: sample(PHOTOS.selfieOfOne), face: FACE });
    browser = await launch({ camera, args: ['--test-third-party-cookie-phaseout'] });
  },
  { timeout: 400_000 },
);

after(async () => {
  await browser?.close();
  for (const { server } of sites) server.close();
  await pixora?.remove();
  await rm(pictures, { recursive: true, force: true });
});

/** @param {import('playwright-core').Page} page */
const frameOf = (page) => page.frameLocator('pixora-find iframe');

/** @param {import('playwright-core').Page} page */
async function height(page) {
  return (await page.locator('pixora-find iframe').boundingBox())?.height ?? 0;
}

/** The page makes the frame as high as what is in it a moment after that has changed. @param {import('playwright-core').Page} page @param {number} least */
async function grown(page, least) {
  const until = Date.now() + 10_000;
  while ((await height(page)) < least) {
    assert.ok(Date.now() < until, `the frame stays at ${await height(page)} pixels`);
    await page.waitForTimeout(50);
  }
}

/** The photos in the frame, by the address that each leads to. @param {import('playwright-core').Page} page */
function leads(page) {
  return frameOf(page)
    .locator('.gallery .tile-link')
    .evaluateAll((links) => links.map((link) => `${link.getAttribute('target')} ${link.getAttribute('href')}`));
}

/** @param {import('playwright-core').Page} page @param {string} name */
async function picture(page, name) {
  if (process.env.PIXORA_SHOTS) await page.screenshot({ path: join(process.env.PIXORA_SHOTS, `embed-${name}.png`) });
}

/** From the first view in the frame to the results. @param {import('playwright-core').Page} page */
async function search(page) {
  const frame = frameOf(page);
  await frame.getByRole('button', { name: 'Find my photos' }).click(SLOW);
  await frame.getByRole('button', { name: /I agree/ }).click();
  await frame.getByText('Place your face in the oval').waitFor(SLOW);
  await frame.getByRole('button', { name: 'Take the picture' }).click();
  await frame.getByRole('heading', { name: `You are in ${PHOTOS.one.length} photos` }).waitFor(SLOW);
}

/** What the studio says of its site, in the panel. @param {{ leads?: string, origins?: string[] }} of */
async function name({ leads = '', origins = [] }) {
  const { page, context } = await openPage(browser, DESKTOP);
  await signIn(context, pixora.base, MARIA, PASSWORD);
  await page.goto(`${pixora.base}/dashboard/settings/studio`);
  const form = page.getByRole('region', { name: 'Web site' });
  await form.getByLabel('Where a found photo leads').fill(leads);
  await form.getByLabel('Sites that may show the search').fill(origins.join('\n'));
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Web site saved').waitFor();
  await context.close();
}

test('the studio says in the panel where a found photo leads and which sites may show the search', { timeout: 200_000 }, async () => {
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await signIn(context, pixora.base, MARIA, PASSWORD);
  await page.goto(`${pixora.base}/dashboard/settings/studio`);
  const form = page.getByRole('region', { name: 'Web site' });
  const [leads, origins] = [form.getByLabel('Where a found photo leads'), form.getByLabel('Sites that may show the search')];
  const save = form.getByRole('button', { name: 'Save' });
  assert.equal(await leads.inputValue(), '');

  // What is wrong is said at its field, and the other one is saved.
  await leads.fill('http://studio.example/{guest}');
  await origins.fill('https://Studio.example/\nhttps://www.studio.example');
  await save.click();
  await form.getByText(/A return address begins with https/).waitFor();
  assert.equal(await leads.getAttribute('aria-invalid'), 'true');
  // As the server keeps them.
  await page.waitForFunction(
    (area) => /** @type {HTMLTextAreaElement} */ (area).value === 'https://studio.example\nhttps://www.studio.example',
    await origins.elementHandle(),
  );
  await leads.fill('https://studio.example/photo/{photo_id}?of={session_id}');
  await origins.fill('https://*.studio.example');
  await save.click();
  await form.getByText(/without a path and without a wildcard/).waitFor();
  assert.equal(await leads.getAttribute('aria-invalid'), null);
  await origins.fill('https://studio.example');
  await save.click();
  await page.getByText('Web site saved').waitFor();
  assert.deepEqual(await axeFindings(page), []);

  await page.reload();
  assert.equal(await leads.inputValue(), 'https://studio.example/photo/{photo_id}?of={session_id}');
  assert.equal(await origins.inputValue(), 'https://studio.example');
  await form.scrollIntoViewIfNeeded();
  await picture(page, 'panel');
  await leads.fill('');
  await save.click();
  await page.getByText('Web site saved').waitFor();
  await page.reload();
  assert.equal(await leads.inputValue(), '');

  // The code that goes into a page names this server and the session.
  await page.goto(`${pixora.base}/dashboard/photo-sessions/${session}#share`);
  await page.getByText('The search on your own site').click();
  const code = await page.getByLabel('Code for the page').inputValue();
  assert.equal(code, `<script type="module" src="${pixora.base}/embed.js"></script>\n<pixora-find session="${session}"></pixora-find>`);
  await picture(page, 'code');
  assert.deepEqual(
    complaints.filter((complaint) => !complaint.includes('422')),
    [],
  );
  await context.close();
});

test('a guest finds their photos on the page of another site, where no cookie reaches us', { timeout: 300_000 }, async () => {
  await name({ origins: [sites[0].base] });
  const { page, context, complaints } = await openPage(browser, { ...PHONE, viewport: { width: 390, height: 844 } });
  /** @type {string[]} */
  const withCookies = [];
  page.on('request', async (request) => {
    if (!request.url().startsWith(pixora.base)) return;
    if ((await request.allHeaders()).cookie) withCookies.push(request.url());
  });
  await page.goto(`${sites[0].base}/${session}`);
  const frame = frameOf(page);
  await frame.getByRole('heading', { name: 'Wedding in June' }).waitFor(SLOW);
  assert.equal(await page.locator('pixora-find iframe').getAttribute('title'), 'Find your photos with a selfie');
  assert.equal(await page.evaluate(() => document.activeElement === document.body), true, 'the frame takes no focus by itself');
  await picture(page, 'start-phone');
  const low = await height(page);
  assert.ok(low >= 300 && low < 600, `${low}`);

  // The keyboard comes in, through and out again.
  await page.getByRole('link', { name: 'Before the frame' }).focus();
  const walked = [];
  for (let step = 0; step < 12; step++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement?.id === 'next')) break;
    const focused = frame.locator(':focus');
    if (await focused.count()) walked.push(await focused.first().innerText());
  }
  assert.ok(walked.includes('Find my photos') && walked.includes('All photos'), `${walked}`);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'next');

  await frame.getByRole('button', { name: 'Find my photos' }).focus();
  await page.keyboard.press('Enter');
  await frame.getByRole('heading', { name: 'Before the camera opens' }).waitFor();
  assert.equal(await frame.locator('h1:focus').count(), 1, 'the heading of the new view is read out');
  await picture(page, 'consent-phone');
  await frame.getByRole('button', { name: /I agree/ }).click();
  await frame.getByText('Place your face in the oval').waitFor(SLOW);
  await picture(page, 'camera-phone');
  await grown(page, 600);
  await page.keyboard.press('Escape');
  await frame.getByRole('button', { name: 'Find my photos' }).click();
  await frame.getByText('Place your face in the oval').waitFor(SLOW);
  await frame.getByRole('button', { name: 'Take the picture' }).click();
  await frame.getByRole('heading', { name: `You are in ${PHOTOS.one.length} photos` }).waitFor(SLOW);
  const { photos } = await (await fetch(`${pixora.base}/api/v1/sessions/${session}/photos`)).json();
  const files = (await leads(page)).map(
    (lead) => photos.find((/** @type {{ photo_id: string }} */ photo) => lead.includes(photo.photo_id))?.filename,
  );
  assert.deepEqual(files.sort(), fileNames(PHOTOS.one));
  await frame
    .locator('.gallery img.is-loaded')
    .nth(PHOTOS.one.length - 1)
    .waitFor(SLOW);
  await picture(page, 'results-phone');
  assert.ok((await height(page)) > low, 'the frame has grown with what is in it');
  assert.ok((await height(page)) <= 844 * 0.92 + 1, 'and stays in sight');

  // A photo opens over the others, inside the frame.
  await frame.getByRole('link', { name: 'Photo 1', exact: true }).click();
  await frame.getByRole('dialog').waitFor();
  await page.waitForTimeout(500);
  await picture(page, 'viewer-phone');
  await page.keyboard.press('Escape');
  await frame.getByRole('dialog').waitFor({ state: 'detached' });

  // What is remembered of the guest is forgotten by the token in the page's memory.
  await frame.getByRole('button', { name: 'Forget me' }).click();
  await frame
    .getByText(/withdrawn|forgotten/i)
    .first()
    .waitFor();
  await frame.getByRole('button', { name: 'Find my photos' }).waitFor();
  assert.deepEqual(withCookies, []);
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a match opens the page of the studio where it has one', { timeout: 200_000 }, async () => {
  await name({ origins: [sites[0].base], leads: 'https://studio.example/photo/{photo_id}?of={session_id}' });
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await context.route('https://studio.example/**', (route) =>
    route.fulfill({ body: '<h1>The photo in our shop</h1>', contentType: 'text/html' }),
  );
  await page.goto(`${sites[0].base}/${session}`);
  await search(page);
  for (const lead of await leads(page))
    assert.match(lead, new RegExp(`^_blank https://studio\\.example/photo/[0-9a-f-]{36}\\?of=${session}$`));
  await picture(page, 'results-desktop');
  const opened = context.waitForEvent('page');
  await frameOf(page).getByRole('link', { name: 'Photo 1', exact: true }).click();
  const shop = await opened;
  await shop.getByRole('heading', { name: 'The photo in our shop' }).waitFor();
  assert.equal(await shop.evaluate(() => window.opener), null);
  // The results are still there for the next photo.
  assert.equal(
    await frameOf(page)
      .getByRole('heading', { name: /^You are in/ })
      .count(),
    1,
  );
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the frame speaks the language of the page around it and hears nobody else', { timeout: 200_000 }, async () => {
  await name({ origins: [sites[0].base] });
  const { page, context } = await openPage(browser, DESKTOP);
  await page.goto(`${sites[0].base}/${session}?lang=ru`);
  const frame = frameOf(page);
  await frame.getByRole('button', { name: 'Найти мои фотографии' }).waitFor(SLOW);
  assert.equal(await page.locator('pixora-find iframe').getAttribute('title'), 'Найти свои фотографии по селфи');
  assert.equal(await frame.locator('html').getAttribute('lang'), 'ru');
  await picture(page, 'start-desktop');
  const inside = page.frames().find((each) => each.url().includes('/embed/'));
  assert.equal(await inside?.title(), 'Wedding in June');
  assert.deepEqual(inside && (await axeFindings(/** @type {any} */ (inside))), []);

  // A message that does not come from the frame changes nothing.
  const before = await height(page);
  await page.evaluate(() => {
    window.postMessage({ type: 'pixora:height', height: 5000 }, '*');
    const other = document.createElement('iframe');
    other.srcdoc = '<script>parent.postMessage({ type: "pixora:height", height: 5000 }, "*")</' + 'script>';
    document.body.append(other);
  });
  await page.waitForTimeout(500);
  assert.equal(await height(page), before);
  await context.close();
});

test('a site that the studio has not named shows a link in place of the frame', { timeout: 200_000 }, async () => {
  await name({ origins: [sites[0].base] });
  const { page, context } = await openPage(browser, DESKTOP);
  // The script alone: the answer is for named origins, so the browser does not run it.
  await page.goto(`${sites[1].base}/${session}`);
  assert.equal(await page.evaluate(() => customElements.get('pixora-find') === undefined), true);
  // A copy of the script on that site does not help: the frame stays shut, and the link leads to our own page.
  const script = await (await fetch(`${pixora.base}/embed.js`)).text();
  await context.route(`${pixora.base}/embed.js`, (route) =>
    route.fulfill({ body: script, contentType: 'text/javascript', headers: { 'Access-Control-Allow-Origin': '*' } }),
  );
  await page.goto(`${sites[1].base}/${session}`);
  const link = page.getByRole('link', { name: 'Find your photos' });
  await link.waitFor(GIVEN_UP);
  assert.equal(await link.getAttribute('href'), `${pixora.base}/session/${session}`);
  assert.equal(await page.locator('pixora-find iframe').count(), 0);
  await context.close();
});
