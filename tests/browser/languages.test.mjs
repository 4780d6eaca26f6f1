/** A third language and the time zone of a session, on every kind of page. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeFindings, csrf, DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, shot, speak } from './support.mjs';

const MARIA = 'maria@studio.example';
const PASSWORD = 'seven purple lanterns';
const GERMAN = { locale: 'de-AT' };
const ZONE = 'Asia/Vladivostok';
/** 19:30 in Vladivostok, 11:30 in Berlin. */
const WHEN = '2026-06-20T09:30:00Z';

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let session;
/** The order's own link. @type {string} */
let order;

before(
  async () => {
    pixora = await installPixora();
    session = await pixora.createSession('Sommerfest');
    await pixora.ingest(session, PHOTOS.groups);
    await pixora.addUser(MARIA, 'super_admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
    const { context } = await signedIn(DESKTOP);
    const headers = await csrf(context);
    const { studio_id: studio } = await (await context.request.get(`${pixora.base}/api/photo-sessions/${session}`)).json();
    const prices = [{ kind: 'digital', size: null, name: { ru: 'Файл', en: 'File' }, amount: 500, active: true }];
    const ask = async (/** @type {'put' | 'patch' | 'post'} */ method, /** @type {string} */ path, /** @type {unknown} */ data) => {
      const answer = await context.request[method](pixora.base + path, { data, headers });
      assert.ok(answer.ok(), `${path}: ${await answer.text()}`);
      return answer.json();
    };
    await ask('put', `/api/studios/${studio}/prices`, { currency: 'EUR', prices });
    await ask('patch', `/api/photo-sessions/${session}`, { time_zone: ZONE, scheduled_at: WHEN, ends_at: '2099-06-20T09:30:00Z' });
    const list = await (await context.request.get(`${pixora.base}/api/v1/sessions/${session}/prices`)).json();
    const { photos } = await (await context.request.get(`${pixora.base}/api/v1/sessions/${session}/photos`)).json();
    const cart = await ask('post', `/api/v1/sessions/${session}/carts`, {});
    await ask('put', `/api/carts/${cart.cart_token}/items`, {
      items: [{ price_id: list.prices[0].id, photo_id: photos[0].photo_id, quantity: 1 }],
    });
    const buyer = { name: 'Vera Example', email: 'vera@example.com', payment: 'manual', language: 'de', expected_total: 500 };
    order = (await ask('post', `/api/carts/${cart.cart_token}/checkout`, buyer)).order_url;
    await context.close();
  },
  { timeout: 400_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

/** @param {import('playwright-core').BrowserContextOptions} options */
async function signedIn(options) {
  const opened = await openPage(browser, options);
  const answer = await opened.context.request.post(`${pixora.base}/api/auth/login`, { data: { login: MARIA, password: PASSWORD } });
  assert.equal(answer.status(), 200, await answer.text());
  return opened;
}

/** Nothing is wider than the window, and the page is German. @param {import('playwright-core').Page} page @param {string} name */
async function isGerman(page, name) {
  assert.equal(await page.locator('html').getAttribute('lang'), 'de', name);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wider <= 0, `${name} is ${wider} pixels wider than the window`);
  await shot(page, `german-${name}`);
}

const guestPages = () =>
  /** @type {const} */ ([
    ['welcome', pixora.base, 'Fotostudio'],
    ['guest', `${pixora.base}/session/${session}`, 'Meine Fotos finden'],
    ['all', `${pixora.base}/session/${session}#/all`, 'Alle Fotos'],
    ['order', new URL(order, pixora.base).href, 'Bestellung'],
    ['gone', `${pixora.base}/session/0192f000-0000-7000-8000-000000000000`, 'Galerie'],
    ['login', `${pixora.base}/login`, 'Anmelden'],
  ]);

for (const [size, options] of /** @type {const} */ ([
  ['phone', PHONE],
  ['desk', DESKTOP],
]))
  test(`a German browser gets German pages (${size})`, { timeout: 120_000 }, async () => {
    for (const [name, url, words] of guestPages()) {
      const { page, context } = await openPage(browser, { ...options, ...GERMAN });
      await page.goto(url);
      await page.getByText(words).first().waitFor();
      await isGerman(page, `${name}-${size}`);
      await context.close();
    }
    const { page, context, complaints } = await signedIn({ ...options, ...GERMAN });
    const settings = ['account', 'keys', 'notices', 'prices', 'privacy', 'sessions', 'studio', 'team', 'webhooks'];
    for (const path of [
      'photo-sessions',
      `photo-sessions/${session}`,
      'orders',
      'tickets',
      ...settings.map((each) => `settings/${each}`),
    ]) {
      const answer = await page.goto(`${pixora.base}/dashboard/${path}`);
      assert.equal(answer?.status(), 200, path);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.waitForTimeout(300);
      await isGerman(page, `dashboard-${path.replaceAll('/', '-').slice(0, 30)}-${size}`);
    }
    assert.deepEqual(await axeFindings(page), []);
    assert.deepEqual(complaints, []);
    await context.close();
  });

test('the switch lists every language by its own name and rewrites the page in place', async () => {
  const { page, context, complaints } = await openPage(browser, { ...PHONE, ...GERMAN });
  await page.goto(`${pixora.base}/session/${session}`);
  await page.getByRole('button', { name: 'Meine Fotos finden' }).waitFor();
  assert.deepEqual(await page.locator('.language-select option').allTextContents(), ['Русский', 'English', 'Deutsch']);
  await page.evaluate(() => document.querySelector('main')?.setAttribute('data-same', ''));
  await speak(page, 'ru');
  await page.getByRole('button', { name: 'Найти мои фотографии' }).waitFor();
  await speak(page, 'de');
  await page.getByRole('button', { name: 'Meine Fotos finden' }).waitFor();
  assert.equal(await page.locator('main[data-same]').count(), 1, 'nothing was loaded anew');
  await page.reload();
  await page.getByRole('button', { name: 'Meine Fotos finden' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('only the words of the reader’s language travel', async () => {
  const { page, context } = await openPage(browser, { ...PHONE, ...GERMAN });
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => void (request.url().includes('/locales/') && asked.push(request.url().split('/locales/')[1])));
  await page.goto(`${pixora.base}/session/${session}`);
  await page.getByRole('button', { name: 'Meine Fotos finden' }).waitFor();
  assert.ok(asked.length > 0 && asked.every((path) => path.startsWith('de/')), asked.join());
  assert.equal(new Set(asked).size, asked.length, 'none is asked for twice');
  await context.close();
});

test('words that do not come at once are asked for again, and a switch without them changes nothing', async () => {
  const { page, context } = await openPage(browser, { ...PHONE, ...GERMAN });
  let failures = 1;
  await page.route('**/locales/de/pages/guest.json', (route) => (failures-- > 0 ? route.abort() : route.continue()));
  await page.route('**/locales/ru/**', (route) => route.abort());
  await page.goto(`${pixora.base}/session/${session}`);
  await page.getByRole('button', { name: 'Meine Fotos finden' }).waitFor();
  await page.locator('.language-select').first().selectOption('ru');
  await page.waitForFunction(() => /** @type {HTMLSelectElement} */ (document.querySelector('.language-select')).value === 'de');
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  await page.getByRole('button', { name: 'Meine Fotos finden' }).waitFor();
  await context.close();
});

test('guests elsewhere see the times of the session, with its zone', async () => {
  for (const [timezoneId, date, end] of /** @type {const} */ ([
    ['America/New_York', 'June 20, 2026', /June 20, 2099 at 7:30 PM, Vladivostok/],
    [ZONE, 'June 20, 2026', /June 20, 2099 at 7:30 PM(?!, )/],
  ])) {
    const { page, context } = await openPage(browser, { ...PHONE, locale: 'en-US', timezoneId });
    await page.goto(`${pixora.base}/session/${session}`);
    await page.getByText(date).first().waitFor();
    await page.getByText(end).first().waitFor();
    await context.close();
  }
});

test('the studio reads and writes a session’s times by its clocks, wherever it sits', async () => {
  const { page, context, complaints } = await signedIn({ ...DESKTOP, locale: 'en-US', timezoneId: 'America/New_York' });
  await page.goto(`${pixora.base}/dashboard/photo-sessions/${session}`);
  await page
    .getByText(/June 20, 2026 at 7:30 PM, Vladivostok/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Edit' }).first().click();
  const when = page.locator('input[type=datetime-local]').first();
  assert.equal(await when.inputValue(), '2026-06-20T19:30');
  await when.fill('2026-06-21T08:15');
  const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
  await page.getByRole('button', { name: 'Save' }).click();
  const { scheduled_at: moment, time_zone: zone } = await (await saved).json();
  assert.deepEqual([moment, zone], ['2026-06-20T22:15:00.000000+00:00', ZONE]);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a new session has the zone of the browser that makes it', async () => {
  const { page, context } = await signedIn({ ...DESKTOP, locale: 'en-GB', timezoneId: 'Australia/Sydney' });
  await page.goto(`${pixora.base}/dashboard/photo-sessions`);
  await page.getByRole('button', { name: 'New photo session' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('Harbour');
  await page.getByRole('button', { name: 'Create Session' }).click();
  await page.waitForURL(/photo-sessions\/[0-9a-f-]{36}/);
  const [id] = /[0-9a-f-]{36}/.exec(page.url()) ?? [];
  assert.equal((await (await context.request.get(`${pixora.base}/api/photo-sessions/${id}`)).json()).time_zone, 'Australia/Sydney');
  await context.close();
});
