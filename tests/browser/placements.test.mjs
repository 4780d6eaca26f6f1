/** The desk of placement orders: what has come in is started and done, and its customer sees it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeFindings, csrf, DESKTOP, installPixora, launch, openPage, poster, shot, signIn } from './support.mjs';

const PASSWORD = 'seven purple lanterns';
const [ADMIN, CUSTOMER] = ['admin@studio.example', 'customer@studio.example'];

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;

before(
  async () => {
    pixora = await installPixora();
    await pixora.addUser(ADMIN, 'admin', PASSWORD);
    await pixora.addUser(CUSTOMER, 'customer', PASSWORD);
    await pixora.serve();
    browser = await launch();
  },
  { timeout: 200_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

test('an admin starts and finishes a placement order', { timeout: 120_000 }, async () => {
  const customer = await openPage(browser, DESKTOP);
  await signIn(customer.context, pixora.base, CUSTOMER, PASSWORD);
  const headers = await csrf(customer.context);
  const picture = await customer.context.request.post(`${pixora.base}/api/images`, {
    headers,
    multipart: { image: await poster(customer.page) },
  });
  const { image_url: image } = await picture.json();
  const placed = await customer.context.request.post(`${pixora.base}/api/orders`, {
    headers,
    data: {
      title: 'Autumn sale',
      description: 'For a week',
      target_url: 'https://shop.example/autumn',
      total_amount: 500_000,
      geo: { country: 'Russia', city: 'Kazan' },
      deadline: '2030-01-01',
      platforms: ['VK'],
      image_url: image,
    },
  });
  assert.equal(placed.status(), 201, await placed.text());

  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await signIn(context, pixora.base, ADMIN, PASSWORD);
  await page.goto(`${pixora.base}/dashboard/placements`);
  await page.getByRole('heading', { name: 'Autumn sale' }).waitFor();
  await page.getByText('Customer ·').waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'placements-desk');
  await page.getByRole('button', { name: 'Start: Autumn sale' }).click();
  await page.getByText('No such orders').waitFor();
  await page.getByLabel('Status').last().selectOption('in_progress');
  await page.getByRole('button', { name: 'Done: Autumn sale' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
  await page.getByText('No such orders').waitFor();
  const listed = await (await customer.context.request.get(`${pixora.base}/api/orders`)).json();
  assert.equal(listed.orders[0].status, 'completed');
  assert.deepEqual(complaints, []);
});
