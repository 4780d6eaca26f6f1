/** A guest asks for news of new photos, by mail and by a notification, and ends them with one tap. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { axeFindings, cameraOf, DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, sample, shot } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const SLOW = { timeout: 240_000 };
const ADDRESS = 'anna@mail.example';

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let camera;
/** @type {string} */
let folder;
/** @type {import('node:child_process').ChildProcess} */
let mailServer;
/** @type {{ to: string[], raw: string }[]} */
const mails = [];

before(
  async () => {
    mailServer = spawn('node', [join(import.meta.dirname, '../support/smtp.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: /** @type {import('node:stream').Readable} */ (mailServer.stdout) });
    const port = await new Promise((done) => lines.once('line', (line) => done(JSON.parse(line).port)));
    lines.on('line', (line) => mails.push(JSON.parse(line)));
    pixora = await installPixora({
      PIXORA_SMTP_URL: `smtp://127.0.0.1:${port}`,
      PIXORA_MAIL_FROM: 'Studio Example <photos@studio.example>',
      // Browsers give notifications to pages that came by https; that of the test comes from this machine, which counts as such.
      PIXORA_PUBLIC_URL: 'https://photos.example',
    });
    await pixora.serve();
    folder = await mkdtemp(join(tmpdir(), 'pixora-camera-'));
    const face = { x: 0.58, y: 0.325, size: 0.64 };
    camera = await launch({ camera: await cameraOf(join(folder, 'one.y4m'), { picture: sample(PHOTOS.selfieOfOne), face }) });
  },
  { timeout: 200_000 },
);

after(async () => {
  await camera?.close();
  mailServer?.kill();
  await pixora?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** The next mail, as text. @param {number} known how many have come before */
async function mail(known) {
  for (const end = Date.now() + SLOW.timeout; mails.length <= known && Date.now() < end;) await new Promise((go) => setTimeout(go, 200));
  assert.ok(mails.length > known, 'a mail comes');
  return mails[known].raw.replaceAll('=\r\n', '').replaceAll('=3D', '=');
}

/** The path of the link that does this. @param {string} text @param {string} what */
function link(text, what) {
  const found = text.match(new RegExp(`https://photos\\.example(/news/[^\\s"<>]+#${what})`));
  assert.ok(found, text);
  return pixora.base + found[1].replaceAll('&amp;', '&');
}

/** A guest who finds themselves in a photo of a new session. @param {string} name @param {(page: Page) => Promise<void>} [prepare] */
async function foundGuest(name, prepare) {
  const session = await pixora.createSession(name);
  await pixora.ingest(session, [PHOTOS.one[0]]);
  const { page, context, complaints } = await openPage(camera, PHONE);
  await prepare?.(page);
  await page.goto(`${pixora.base}/session/${session}`);
  await page.getByRole('button', { name: 'Find my photos' }).click();
  await page.getByRole('button', { name: /I agree/ }).click();
  await page.getByText('Place your face in the oval').waitFor(SLOW);
  await page.getByRole('button', { name: 'Take the picture' }).click();
  await page.getByRole('heading', { name: 'You are in 1 photo' }).waitFor(SLOW);
  await page.getByRole('button', { name: 'Tell me of new photos' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('you unsubscribe').waitFor();
  return { session, page, context, complaints, dialog };
}

test(
  'by mail: the reader says yes, hears of a new photo with its picture, and one tap erases everything',
  { timeout: 900_000 },
  async () => {
    const { session, page, context, complaints, dialog } = await foundGuest('Wedding of Anna and Ivan');
    await shot(page, 'news-asks');
    assert.deepEqual(await axeFindings(page), []);
    await dialog.getByLabel('Your e-mail address').fill(ADDRESS);
    await dialog.getByRole('button', { name: 'I agree, write to me' }).click();
    await dialog.getByText('We have sent you a mail').waitFor();
    const question = await mail(0);
    await page.goto(link(question, 'confirm'));
    await page.getByRole('heading', { name: 'You will hear of new photos' }).waitFor();
    await shot(page, 'news-on');
    assert.deepEqual(await axeFindings(page), []);

    await pixora.ingest(session, [PHOTOS.one[1]]);
    const digest = await mail(1);
    assert.equal(mails[1].to[0], ADDRESS);
    assert.match(digest, /New photos of you: 1\./);
    assert.match(digest, /Content-Type: image\/jpeg/);

    await page.goto(link(digest, 'stop'));
    await page.getByRole('heading', { name: 'No more messages' }).waitFor();
    await page.getByText('Erased: 1 address').waitFor();
    await shot(page, 'news-stopped');
    assert.deepEqual(await axeFindings(page), []);
    // The browser that asked knows it too.
    await page.goto(`${pixora.base}/session/${session}?back#/results`);
    await page.getByRole('button', { name: 'Tell me of new photos' }).click(SLOW);
    await dialog.getByLabel('Your e-mail address').waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  },
);

/** Chromium's own push needs a service of Google's: what the page asks of the browser is answered here instead. @param {Page} page */
async function stubbedPushManager(page) {
  const browser = crypto.createECDH('prime256v1');
  browser.generateKeys();
  const keys = { p256dh: browser.getPublicKey('base64url'), auth: crypto.randomBytes(16).toString('base64url') };
  await page.addInitScript((keys) => {
    const made = /** @type {any} */ (window);
    const subscription = {
      endpoint: 'https://93.184.215.14/push/of-the-test',
      toJSON: () => ({ endpoint: subscription.endpoint, expirationTime: null, keys }),
      unsubscribe: async () => ((made.given_back = true), (made.subscribed = null), true),
    };
    Notification.requestPermission = async () => 'granted';
    PushManager.prototype.subscribe = async (options) => {
      made.subscribed = options;
      return /** @type {any} */ (subscription);
    };
    PushManager.prototype.getSubscription = async () => /** @type {any} */ (made.subscribed ? subscription : null);
  }, keys);
}

test('by a notification: the browser subscribes with the key of the installation, and gives it back', { timeout: 900_000 }, async () => {
  const { session, page, context, complaints, dialog } = await foundGuest('Wedding of Olga and Ivan', stubbedPushManager);
  const offered = await (await context.request.get(`${pixora.base}/api/v1/sessions/${session}/news`)).json();
  assert.deepEqual(offered.channels, ['mail', 'push']);
  await dialog.getByRole('button', { name: 'I agree, notify me on this device' }).click();
  await dialog.getByText('We tell you of new photos of you').waitFor();
  const asked = await page.evaluate(() => /** @type {any} */ (window).subscribed);
  assert.deepEqual(asked, { userVisibleOnly: true, applicationServerKey: offered.push_public_key });
  const scope = await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).map((it) => new URL(it.scope).pathname));
  assert.deepEqual(scope, [`/session/${session}`], 'a worker of this session alone');
  await shot(page, 'news-push');
  assert.deepEqual(await axeFindings(page), []);

  await dialog.getByRole('button', { name: 'Stop, and erase everything' }).click();
  await dialog.getByText('Done. Erased: 1 address').waitFor();
  await page.waitForFunction(() => /** @type {any} */ (window).given_back);
  assert.deepEqual(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('forgetting a guest ends their news too', { timeout: 900_000 }, async () => {
  const { session, page, context, dialog } = await foundGuest('Wedding of Vera and Ivan', stubbedPushManager);
  await dialog.getByRole('button', { name: 'I agree, notify me on this device' }).click();
  await dialog.getByText('We tell you of new photos of you').waitFor();
  const known = await page.evaluate((session) => JSON.parse(localStorage.getItem(`pixora.news.${session}`) ?? 'null'), session);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Forget me' }).first().click();
  await page.waitForFunction((session) => localStorage.getItem(`pixora.news.${session}`) === null, session);
  const standing = await context.request.get(`${pixora.base}/api/news/${known.id}?key=${known.key}`);
  assert.equal((await standing.json()).state, 'stopped');
  await context.close();
});

test('who looks after a session is told of its first visit, and chooses what to be told', { timeout: 300_000 }, async () => {
  const [maria, password] = ['maria@studio.example', 'seven purple lanterns'];
  await pixora.addUser(maria, 'admin', password);
  const session = await pixora.createSession('Wedding of Nina and Oleg');
  const { page, context, complaints } = await openPage(camera, DESKTOP);
  assert.equal((await context.request.get(`${pixora.base}/session/${session}`)).status(), 200);
  const answer = await context.request.post(`${pixora.base}/api/auth/login`, { data: { login: maria, password } });
  assert.equal(answer.status(), 200, await answer.text());
  const row = page.getByRole('listitem').filter({ hasText: 'Wedding of Nina and Oleg' });
  for (const end = Date.now() + SLOW.timeout; (await row.count()) === 0 && Date.now() < end;) {
    await page.goto(`${pixora.base}/dashboard/settings/notices`);
    await page.getByRole('heading', { name: 'What to tell you' }).waitFor();
    await page.waitForTimeout(1000);
  }
  await row.getByText('The first guest has opened the page').waitFor();
  await shot(page, 'notices');
  assert.deepEqual(await axeFindings(page), []);
  const order = page.getByRole('group', { name: 'A new order' });
  await order.getByText('By mail').click();
  await page.getByText('Saved').waitFor();
  const settings = await page.evaluate(async () => (await fetch('/api/notices/settings')).json());
  const wanted = settings.settings.find((/** @type {{ kind: string }} */ it) => it.kind === 'order');
  assert.deepEqual([wanted.by_mail, wanted.in_panel], [false, true]);
  assert.deepEqual(complaints, []);
  await context.close();
});
