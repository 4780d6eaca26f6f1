/** The words of editors in a real browser against the real program: stars of a sidecar in the panel, the studio's credit in a guest's file. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  axeFindings,
  DESKTOP,
  fileNames,
  gotoAll,
  installPixora,
  launch,
  openPage,
  PHONE,
  PHOTOS,
  sample,
  shownFiles,
  signIn,
} from './support.mjs';

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
const SLOW = { timeout: 120_000 };

/** A sidecar as Lightroom writes it. @param {number} stars */
const sidecar = (stars) => `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:Rating="${stars}" xmp:Label="Red">
 <dc:subject><rdf:Bag><rdf:li>first dance</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>`;

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let files;

before(
  async () => {
    files = await mkdtemp(join(tmpdir(), 'pixora-credits-'));
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
  await rm(files, { recursive: true, force: true });
});

/** @param {import('playwright-core').BrowserContextOptions} [options] */
async function signedIn(options = DESKTOP) {
  const opened = await openPage(browser, options);
  await signIn(opened.context, pixora.base, MARIA, PASSWORD);
  return opened;
}

test(
  'the credit that a studio saves is in what a guest takes home, and a dropped sidecar gives a photo its stars',
  { timeout: 300_000 },
  async () => {
    const { page, complaints } = await signedIn();
    await page.goto(`${pixora.base}/dashboard/settings/studio`);
    const credit = page.getByRole('region', { name: 'Credit in files' });
    await credit.getByLabel('Creator', { exact: true }).fill('Maria Example');
    await credit.getByLabel('Copyright', { exact: true }).fill('© Студия «Пример»');
    await credit.getByLabel('Contact', { exact: true }).fill('hello@studio.example');
    await credit.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Credit saved').waitFor();
    await page.reload();
    assert.equal(await credit.getByLabel('Copyright', { exact: true }).inputValue(), '© Студия «Пример»');
    assert.deepEqual(await axeFindings(page), []);

    const folder = join(files, 'card');
    await mkdir(folder);
    const [rated, plain] = [PHOTOS.one[0], PHOTOS.other[0]];
    for (const photo of [rated, plain]) await copyFile(sample(photo), join(folder, basename(photo)));
    await writeFile(join(folder, basename(rated).replace(/\.jpg$/, '.xmp')), sidecar(4));
    const session = await pixora.createSession('Rated in an editor');
    const panel = `${pixora.base}/dashboard/photo-sessions/${session}`;
    await page.goto(`${panel}#upload`);
    await page.locator('main .spinner').first().waitFor({ state: 'detached' });
    const devtools = await page.context().newCDPSession(page);
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    for (const type of /** @type {const} */ (['dragEnter', 'dragOver', 'drop']))
      await devtools.send('Input.dispatchDragEvent', { type, x: 400, y: 500, data });
    await devtools.detach();
    await page.getByText(/^Guests can find (all )?2 photos?$/).waitFor(SLOW);
    await page.getByText(/^Checked against the server/).waitFor(SLOW);

    await page.goto('about:blank');
    await page.goto(`${panel}#photos`);
    await page.getByRole('listbox').getByRole('option').nth(1).waitFor(SLOW);
    assert.equal(await page.getByLabel('4 stars').count(), 1);
    // Nothing is shown at first; then four stars and more become visible.
    await page.getByRole('button', { name: 'Select all' }).click();
    await page.getByRole('toolbar').getByRole('button', { name: 'Hide' }).click();
    await page.getByRole('button', { name: '★★★★ and more' }).click();
    await page.getByRole('listbox').getByRole('option').nth(1).waitFor({ state: 'detached' });
    await page.getByLabel('4 stars').waitFor();
    await page.getByRole('button', { name: 'Select all' }).click();
    await page.getByRole('toolbar').getByRole('button', { name: 'Show to guests' }).click();
    await page.getByRole('button', { name: 'Shown to guests' }).click();
    await page.getByLabel('4 stars').waitFor();
    assert.equal(await page.getByRole('listbox').getByRole('option').count(), 1);
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.getByRole('listbox').getByRole('option').nth(1).waitFor();
    await page.getByLabel('Keyword or label').fill('first dance');
    await page.keyboard.press('Enter');
    await page.getByRole('listbox').getByRole('option').nth(1).waitFor({ state: 'detached' });
    await page.getByLabel('4 stars').waitFor();
    assert.deepEqual(complaints, []);

    const guest = await openPage(browser, PHONE);
    await guest.page.goto(`${pixora.base}/session/${session}`);
    await guest.page.getByRole('button', { name: 'All photos' }).click();
    await guest.page.getByRole('link', { name: 'Photo 1', exact: true }).waitFor(SLOW);
    assert.deepEqual(await shownFiles(guest.page, pixora.base, session), fileNames([rated]));
    await guest.page.getByRole('link', { name: 'Photo 1', exact: true }).click();
    const viewer = guest.page.getByRole('dialog');
    const download = guest.page.waitForEvent('download');
    await viewer.getByRole('link', { name: 'Save' }).click();
    const saved = await readFile((await (await download).path()) ?? '');
    const written = saved.toString('utf8');
    for (const words of ['Maria Example', '© Студия «Пример»', 'hello@studio.example']) assert.ok(written.includes(words), words);
    assert.deepEqual(guest.complaints, []);
  },
);
