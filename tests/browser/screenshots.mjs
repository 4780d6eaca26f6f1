/** Writes docs/screenshots: the guest page on the sample photographs, the accounts' and the studio's pages, `npm run screenshots` after `make build`. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { cameraOf, DESKTOP, installPixora, launch, openPage, PHONE, PHOTOS, poster, sample } from './support.mjs';

const OUT = resolve(import.meta.dirname, '../../docs/screenshots');
const FACE = { x: 0.58, y: 0.325, size: 0.64 };
/** The one that the README shows; the others are kept small. */
const README_HERO = 'guest-phone';
const USER = 'anna@studio.example';
const CLIENT = 'clara@client.example';
const CUSTOMER = 'olga@brand.example';
const PASSWORD = 'seven purple lanterns';
/** Pictures fade in. */
const SETTLE_MS = 1500;

const folder = await mkdtemp(join(tmpdir(), 'pixora-camera-'));
const pixora = await installPixora();
const session = await pixora.createSession('Summer evening');
// Holders of public office only: these pictures are committed.
await pixora.ingest(session, [...PHOTOS.one, PHOTOS.selfieOfOne, ...PHOTOS.other]);
await pixora.addUser(USER, 'admin', PASSWORD);
await pixora.addUser(CLIENT, 'customer', PASSWORD);
await pixora.addUser(CUSTOMER, 'customer', PASSWORD);
await pixora.addBalance(CUSTOMER, 2_500_000);
await pixora.serve();
await mkdir(OUT, { recursive: true });
const browser = await launch({ camera: await cameraOf(join(folder, 'one.y4m'), { picture: sample(PHOTOS.selfieOfOne), face: FACE }) });

/**
 * @param {string} name
 * @param {import('playwright-core').BrowserContextOptions} options
 * @param {(page: import('playwright-core').Page) => Promise<unknown>} walk
 * @param {string} [path] the guest page when left out
 */
async function picture(name, options, walk, path = `/session/${session}`) {
  const { page, context } = await openPage(browser, options);
  await page.goto(pixora.base + path);
  await walk(page);
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: join(OUT, `${name}.png`), scale: name === README_HERO ? 'device' : 'css' });
  await context.close();
}

/** @param {import('playwright-core').Page} page */
async function camera(page) {
  await page.getByRole('button', { name: 'Find my photos' }).click();
  await page.getByRole('button', { name: /I agree/ }).click();
  await page.getByText('Place your face in the oval').waitFor();
}

/** @param {import('playwright-core').Page} page */
async function results(page) {
  await camera(page);
  await page.getByRole('button', { name: 'Take the picture' }).click();
  await page.getByRole('heading', { name: /You are in/ }).waitFor({ timeout: 60_000 });
}

/** @param {import('playwright-core').Page} page */
const landing = (page) => page.getByRole('button', { name: 'Find my photos' }).waitFor();
/** @param {import('playwright-core').Page} page */
const consent = (page) => page.getByRole('button', { name: 'Find my photos' }).click();
/** @param {import('playwright-core').Page} page */
async function all(page) {
  await page.getByRole('button', { name: 'All photos' }).click();
  await page.getByRole('listitem').first().waitFor();
}

/** A browser that is signed in, as Playwright keeps one. @param {import('playwright-core').BrowserContextOptions} options @param {string} [login] */
async function signedIn(options, login = USER) {
  const context = await browser.newContext(options);
  await context.request.post(`${pixora.base}/api/auth/login`, { data: { login, password: PASSWORD } });
  const storageState = await context.storageState();
  await context.close();
  return { ...options, storageState };
}

/** @param {import('playwright-core').Page} page */
const qrCode = (page) => page.getByRole('tab', { name: 'QR code' }).click();
/** @param {import('playwright-core').Page} page */
const confirmation = (page) => page.getByRole('button', { name: 'Confirm sign-in' }).waitFor();
/** @param {import('playwright-core').Page} page */
const devices = (page) => page.getByText('This device').waitFor();
/** @param {import('playwright-core').Page} page */
async function newKey(page) {
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name').fill('Booth at the hall');
  await page.getByText('Upload photos', { exact: true }).click();
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
}

/** @param {import('playwright-core').Page} page */
const qrCard = (page) => page.getByRole('img', { name: /^QR code with/ }).waitFor();
/** @param {import('playwright-core').Page} page */
async function gallery(page) {
  const tiles = page.getByRole('listbox').getByRole('option');
  await tiles.nth(1).click();
  await tiles.nth(2).click({ modifiers: ['Shift'] });
}
/** Officials only, and one file that is no photo. @param {import('playwright-core').Page} page */
async function upload(page) {
  const notes = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('buy film') };
  const photos = [...PHOTOS.one, PHOTOS.selfieOfOne, ...PHOTOS.other];
  await page
    .locator('input[type=file]:not([webkitdirectory])')
    .setInputFiles([
      ...(await Promise.all(
        photos.map(async (name) => ({ name: basename(name), mimeType: 'image/jpeg', buffer: await readFile(sample(name)) })),
      )),
      notes,
    ]);
  await page.getByText(/^Checked against the server/).waitFor();
  await page.getByText(/^Guests can find all/).waitFor({ timeout: 60_000 });
}
/** @param {import('playwright-core').Page} page */
const chart = (page) => page.locator('.chart-svg').waitFor();
/** @param {import('playwright-core').Page} page */
const card = (page) => page.getByRole('img', { name: 'The card' }).waitFor();

/** Talks to the interface as a script does. @param {string} login */
async function voice(login) {
  /** @param {string} path @param {object | FormData} body @param {string} [token] */
  const send = async (path, body, token) => {
    const form = body instanceof FormData;
    const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...(!form && { 'Content-Type': 'application/json' }) };
    return (await fetch(pixora.base + path, { method: 'POST', headers, body: form ? body : JSON.stringify(body) })).json();
  };
  const { access_token: token } = await send('/api/auth/login', { login, password: PASSWORD });
  return (/** @type {string} */ path, /** @type {object | FormData} */ body) => send(path, body, token);
}

/** Three tickets of one client; returns the one with a history. @returns {Promise<string>} */
async function tickets() {
  const [anna, clara] = [await voice(USER), await voice(CLIENT)];
  await clara('/api/ticket', {
    subject: 'Can we have the album with a linen cover?',
    message: 'In sand or sage. If it costs more, please tell us how much.',
    priority: 'low',
  });
  const done = await clara('/api/ticket', {
    subject: 'The gallery does not open on my phone',
    message: 'It says that the session is closed.',
    category: 'technical',
    priority: 'urgent',
  });
  await anna('/api/ticket/status', { ticket_id: done.id, status: 'resolved' });
  const bill = new FormData();
  for (const [name, value] of Object.entries({
    subject: 'The bill is wrong',
    message: 'We ordered two albums, three are on the bill.',
    category: 'billing',
    priority: 'high',
  }))
    bill.append(name, value);
  bill.append('attachment', new Blob([`%PDF-1.7\n${' '.repeat(182_000)}`]), 'bill.pdf');
  const { id } = await clara('/api/ticket', bill);
  await anna(`/api/ticket/${id}/response`, { message: 'Thank you for writing, Clara. We look at the order and come back to you today.' });
  await anna(`/api/ticket/${id}/response`, { message: 'The third album is from the trial order. Refund it.', is_internal: true });
  await clara(`/api/ticket/${id}/response`, { message: 'Great, thank you. We are in no hurry.' });
  return id;
}
/** @param {import('playwright-core').Page} page */
const shownTicket = (page) => page.locator('.ticket-card, .thread').first().waitFor();
/** @param {import('playwright-core').Page} page */
async function order(page) {
  await page.locator('input[type=file]').setInputFiles(await poster(page, 1600, 1200));
  await page.getByLabel('Link for the QR code').fill('https://example.com/autumn');
  await page.getByLabel('Title').fill('Autumn collection');
  await page.getByLabel('Description').fill('Evening mood, warm colours. Please post it before the weekend.');
  for (const platform of ['VK', 'Telegram']) await page.getByLabel(platform).check({ force: true });
  await page.getByLabel('Country').fill('Россия');
  await page.getByLabel('City').fill('Казань');
  await page.getByLabel('Budget, ₽').fill('7500');
  await page.getByText('QR code checked: it scans.').waitFor({ timeout: 60_000 });
  await page.locator('.placement-save', { hasText: 'Draft saved' }).waitFor();
  await page.evaluate(() => scrollTo(0, 0));
}
/** @param {import('playwright-core').Page} page */
async function placed(page) {
  await order(page);
  await page.getByRole('button', { name: 'Two weeks' }).click();
  await page.getByRole('button', { name: 'Place order' }).click();
  await page.getByText('The order was created!').waitFor();
  await page.getByRole('heading', { name: 'Autumn collection' }).first().waitFor();
}

/** Prices, a mark, and three orders of which two are paid. @returns {Promise<{ buyer: string, desk: string }>} the pages of the last one */
async function sales() {
  /** @param {string} method @param {string} path @param {object} body @param {string} [token] */
  const send = async (method, path, body, token) =>
    (
      await fetch(pixora.base + path, {
        method,
        headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
        body: JSON.stringify(body),
      })
    ).json();
  const { access_token: token, user } = await send('POST', '/api/auth/login', { login: USER, password: PASSWORD });
  const own = `/api/studios/${user.studios[0].id}`;
  const { prices } = await send(
    'PUT',
    `${own}/prices`,
    {
      currency: 'EUR',
      prices: [
        { kind: 'digital', size: null, name: { ru: 'Файл в полном размере', en: 'Full-size file' }, amount: 500, active: true },
        { kind: 'print', size: '10×15 cm', name: { ru: 'Отпечаток', en: 'Print' }, amount: 250, active: true },
        { kind: 'print', size: '20×30 cm', name: { ru: 'Отпечаток', en: 'Print' }, amount: 1200, active: true },
        { kind: 'bundle', size: null, name: { ru: 'Вся съёмка', en: 'The whole session' }, amount: 4900, active: true },
      ],
    },
    token,
  );
  await send('PUT', `${own}/watermark`, { kind: 'text', text: 'Anna · Studio', opacity: 40, logo_png_base64: null }, token);
  const { photos } = await (await fetch(`${pixora.base}/api/v1/sessions/${session}/photos`)).json();
  let last = { buyer: '', desk: '' };
  for (const [name, prints] of /** @type {const} */ ([
    ['Clara Example', 0],
    ['Boris Example', 3],
    ['Vera Example', 0],
  ])) {
    const { cart_token: cart } = await send('POST', `/api/v1/sessions/${session}/carts`, {});
    /** @param {number} kind @param {number} photo @param {number} quantity */
    const item = (kind, photo, quantity) => ({ price_id: prices[kind].id, photo_id: photos[photo].photo_id, quantity });
    const { total_amount: total } = await send('PUT', `/api/carts/${cart}/items`, {
      items: [item(0, 0, 1), item(0, 1, 1), ...(prints ? [item(1, 0, prints)] : [])],
    });
    const { order, order_url: buyer } = await send('POST', `/api/carts/${cart}/checkout`, {
      name,
      email: `${name.split(' ')[0].toLowerCase()}@example.com`,
      language: 'en',
      payment: 'manual',
      expected_total: total,
    });
    if (name !== 'Clara Example')
      await send('POST', `/api/shop/orders/${order.id}/transitions`, { to: 'paid', note: 'Transfer of this morning' }, token);
    last = { buyer, desk: `/dashboard/orders/${order.id}` };
  }
  return last;
}

/** @param {import('playwright-core').Page} page */
async function cart(page) {
  await all(page);
  for (const i of [1, 2]) {
    await page.getByRole('button', { name: `Add to cart: photo ${i}`, exact: true }).click();
    await page.getByRole('button', { name: /^Add.*Full-size file/ }).click();
    if (i === 1) await page.getByRole('button', { name: 'More: Print' }).first().click();
    await page.getByRole('button', { name: /^In the cart/ }).waitFor();
    await page.keyboard.press('Escape');
  }
  await page.getByRole('button', { name: /^Cart/ }).first().click();
  await page.getByRole('button', { name: 'Check out' }).waitFor();
}
/** @param {string} words */
const shown = (words) => (/** @type {import('playwright-core').Page} */ page) => page.getByText(words).first().waitFor();
/** A hand-off as a booth without a key makes it. @param {string} type */
async function handoff(type) {
  const made = await fetch(`${pixora.base}/api/session/create`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ type }),
  });
  return made.json();
}
/** @param {import('playwright-core').Page} page */
async function chosen(page) {
  const photos = [...PHOTOS.one, ...PHOTOS.other].map(async (name) => ({
    name: basename(name),
    mimeType: 'image/jpeg',
    buffer: await readFile(sample(name)),
  }));
  await page.locator('input[type=file][multiple]').setInputFiles(await Promise.all(photos));
  await page.getByRole('button', { name: 'Send 3 photos' }).waitFor();
}
/** @param {string} id */
async function leave(id) {
  const photo_data = (await readFile(sample(PHOTOS.one[0]))).toString('base64');
  await fetch(`${pixora.base}/api/session/${id}/result`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ photo_data }),
  });
}

try {
  await picture('guest-phone', PHONE, results);
  await picture('guest-consent', PHONE, consent);
  await picture('guest-camera', PHONE, camera);
  await picture('guest-all-dark', { ...PHONE, colorScheme: 'dark' }, all);
  await picture('guest-desktop', DESKTOP, landing);

  await picture('handoff-phone', PHONE, chosen, (await handoff('upload')).phone_url);
  const { id, phone_url } = await handoff('download');
  await picture(
    'handoff-result-dark',
    { ...PHONE, colorScheme: 'dark' },
    async (page) => {
      await page.getByRole('heading', { name: 'The booth is making your picture' }).waitFor();
      await leave(id);
      await page.getByRole('button', { name: 'Save' }).waitFor();
    },
    phone_url,
  );

  const anna = await signedIn(DESKTOP);
  // Another device, and a failed try, for the lists.
  await signedIn({
    ...PHONE,
    userAgent: 'Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  });
  await fetch(`${pixora.base}/api/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ login: USER, password: 'a guess' }),
  });
  const { confirm_url: link } = await (
    await fetch(`${pixora.base}/api/qr-auth/generate`, {
      method: 'POST',
      headers: { 'User-Agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0' },
    })
  ).json();
  await picture(
    'qr-confirm-phone',
    { ...PHONE, storageState: anna.storageState },
    confirmation,
    new URL(link).pathname + new URL(link).search,
  );
  await picture('login-qr', DESKTOP, qrCode, '/login');
  await picture('device-sessions', anna, devices, '/dashboard/settings/sessions');
  await picture('api-keys-dark', { ...anna, colorScheme: 'dark' }, newKey, '/dashboard/settings/keys');

  const studio = `/dashboard/photo-sessions/${session}`;
  const empty = await pixora.createSession('Autumn reception');
  await picture('studio-share', anna, qrCard, `${studio}#share`);
  await picture('studio-upload', anna, upload, `/dashboard/photo-sessions/${empty}#upload`);
  await picture('studio-photos-dark', { ...anna, colorScheme: 'dark' }, gallery, `${studio}#photos`);
  await picture('studio-analytics', anna, chart, `${studio}#analytics`);
  await picture('studio-branding', anna, card, '/dashboard/settings/studio');
  const ticket = `/dashboard/tickets/${await tickets()}`;
  await picture('tickets', anna, shownTicket, '/dashboard/tickets');
  await picture('ticket-dark', { ...anna, colorScheme: 'dark' }, shownTicket, ticket);
  await picture('ticket-phone', await signedIn(PHONE, CLIENT), shownTicket, ticket);
  const olga = await signedIn(DESKTOP, CUSTOMER);
  const create = '/dashboard/customer/create-order';
  await picture('customer-orders', olga, placed, create);
  await picture('customer-order', olga, order, create);
  await picture('customer-order-phone-dark', { ...PHONE, storageState: olga.storageState, colorScheme: 'dark' }, order, create);
  await picture('studio-phone', { ...PHONE, storageState: anna.storageState }, qrCard, `${studio}#share`);

  const { buyer, desk } = await sales();
  await picture('shop-cart-phone', PHONE, cart);
  await picture('shop-order-dark', { ...PHONE, colorScheme: 'dark' }, shown('Download all as ZIP'), buyer);
  await picture('studio-orders', anna, shown('Vera Example'), '/dashboard/orders');
  await picture('studio-order-dark', { ...anna, colorScheme: 'dark' }, shown('Transfer of this morning'), desk);
  await picture('studio-prices', anna, shown('As a guest sees it'), '/dashboard/settings/prices');
  await picture('studio-watermark', anna, shown('The mark as guests see it, on light and on dark.'), '/dashboard/settings/watermark');
} finally {
  await browser.close();
  await pixora.remove();
  await rm(folder, { recursive: true, force: true });
}
