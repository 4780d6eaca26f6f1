/** A forgotten password: the link that is mailed, another password, and what ends with the old one. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startMail } from './mail.mjs';
import { axeFindings, DESKTOP, installPixora, launch, openPage, PHONE, shot, signIn } from './support.mjs';

const ANNA = 'anna@studio.example';
const PASSWORD = 'seven purple lanterns';
const NEW = 'four violet teapots sing';

/** @type {Awaited<ReturnType<typeof startMail>>} */
let mail;
/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;

before(
  async () => {
    mail = await startMail();
    pixora = await installPixora(mail.settings);
    await pixora.addUser(ANNA, 'admin', PASSWORD);
    await pixora.serve();
    browser = await launch();
  },
  { timeout: 200_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
  mail?.stop();
});

test('somebody who has forgotten their password chooses another by mail', { timeout: 120_000 }, async () => {
  const elsewhere = await openPage(browser, DESKTOP);
  await signIn(elsewhere.context, pixora.base, ANNA, PASSWORD);
  const { page, context, complaints } = await openPage(browser, PHONE);
  await page.goto(`${pixora.base}/login`);
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'reset-ask');
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByText('Please fill this in').waitFor();
  await page.keyboard.type(ANNA);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1', 'a reader hears what comes next');
  await shot(page, 'reset-sent');

  const link = new URL(await mail.link(ANNA));
  const here = `${pixora.base}${link.pathname}${link.hash}`;
  await page.goto(here);
  await page.reload();
  await page.getByRole('textbox', { name: 'New password' }).fill('password12');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page
    .getByText('A password has 10')
    .or(page.getByRole('alert').filter({ hasText: /\w/ }))
    .first()
    .waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'reset-choose');
  await page.getByRole('textbox', { name: 'New password' }).fill(NEW);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByRole('heading', { name: 'Your password is changed' }).waitFor();
  assert.ok(!page.url().includes('#'), 'the spent link does not stay in the history');
  assert.match(await mail.next(ANNA), /was changed/);
  await shot(page, 'reset-done');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signIn(context, pixora.base, ANNA, NEW);
  const me = await elsewhere.context.request.get(`${pixora.base}/api/auth/me`);
  assert.equal(me.status(), 401, 'the other browser is signed out');

  await page.goto('about:blank');
  await page.goto(here);
  await page.getByRole('textbox', { name: 'New password' }).fill('nine orange ladders hum');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
  await shot(page, 'reset-invalid');
  await page.getByRole('link', { name: 'Ask for another link' }).click();
  await page.getByRole('button', { name: 'Send the link' }).waitFor();
  assert.deepEqual(complaints, []);
});
