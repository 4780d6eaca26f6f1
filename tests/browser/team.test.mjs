/** The team: inviting by mail and by link, roles, keeping out, removing, several photographers; one's own address. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startMail } from './mail.mjs';
import { axeFindings, csrf, DESKTOP, installPixora, launch, openPage, PHONE, shot, signIn } from './support.mjs';

const [ADMIN, VERA, IVAN] = ['admin@studio.example', 'vera@studio.example', 'ivan@studio.example'];
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
    await pixora.addUser(ADMIN, 'admin', PASSWORD);
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

/** The same page at the test's own address. @param {string} link */
function here(link) {
  const { pathname, hash } = new URL(link);
  return `${pixora.base}${pathname}${hash}`;
}

/** @param {import('playwright-core').Page} page @param {string} link @param {{ name?: string, email?: string }} who */
async function join(page, link, { name = 'Vera Nova', email }) {
  await page.goto(here(link));
  await page.getByLabel('Your name').fill(name);
  if (email) await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(NEW);
  await page.getByRole('button', { name: 'Accept the invitation' }).click();
  await page.getByRole('heading', { name: 'You are in the team' }).waitFor();
}

test('an admin invites, changes, shares a session with and removes colleagues', { timeout: 240_000 }, async () => {
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await signIn(context, pixora.base, ADMIN, PASSWORD);
  await page.goto(`${pixora.base}/dashboard/settings/team`);
  await page.getByText('You are alone here so far').waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'team-alone');

  await page.getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail').fill('no address');
  await dialog.getByRole('button', { name: 'Invite' }).click();
  await dialog.getByRole('alert').filter({ hasText: /\w/ }).first().waitFor();
  await dialog.getByLabel('E-mail').fill(VERA);
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'team-invite');
  await page.keyboard.press('Enter');
  await page.getByText(`An invitation was sent to ${VERA}`).waitFor();
  const guest = await openPage(browser, PHONE);
  const link = await mail.link(VERA);
  await guest.page.goto(here(link));
  await guest.page.getByRole('heading', { name: /You are invited/ }).waitFor();
  assert.deepEqual(await axeFindings(guest.page), []);
  await shot(guest.page, 'join');
  await guest.page.goto('about:blank');
  await join(guest.page, link, {});
  await guest.page.goto('about:blank');
  await guest.page.goto(here(link));
  await guest.page.getByRole('heading', { name: 'The invitation does not work' }).waitFor();

  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
  const shown = page.getByRole('dialog').filter({ hasText: 'Invitation link' });
  const byLink = (await shown.locator('code').textContent()) ?? '';
  await shown.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('heading', { name: 'By link' }).waitFor();
  await shot(page, 'team');
  await guest.page.goto('about:blank');
  await join(guest.page, byLink, { name: 'Ivan Petrov', email: IVAN });

  // Vera makes a session, and Ivan takes part in it.
  await signIn(guest.context, pixora.base, VERA, NEW);
  const made = await guest.context.request.post(`${pixora.base}/api/photo-sessions`, {
    headers: await csrf(guest.context),
    data: { name: 'Anna & Ivan' },
  });
  const { id } = await made.json();
  await page.goto(`${pixora.base}/dashboard/photo-sessions/${id}`);
  await page.getByRole('button', { name: 'Photographers' }).click();
  await page.getByRole('dialog').getByLabel('Ivan Petrov').check();
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'photographers');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').waitFor();
  const ivan = await openPage(browser, DESKTOP);
  await signIn(ivan.context, pixora.base, IVAN, NEW);
  await ivan.page.goto(`${pixora.base}/dashboard/photo-sessions`);
  await ivan.page.getByText('Anna & Ivan').first().waitFor();

  await page.goto(`${pixora.base}/dashboard/settings/team`);
  const vera = page.getByRole('listitem').filter({ hasText: 'Vera Nova' });
  await vera.getByRole('button', { name: 'Actions: Vera Nova' }).click();
  await vera.getByRole('button', { name: 'Link for a new password' }).click();
  const reset = page.getByRole('dialog').filter({ hasText: 'Hand it over' });
  assert.match((await reset.locator('code').textContent()) ?? '', /\/reset#/);
  await reset.getByRole('button', { name: 'Done' }).click();
  await vera.getByRole('button', { name: 'Actions: Vera Nova' }).click();
  await vera.getByRole('button', { name: 'Remove from the team' }).click();
  await page.getByText('Who takes over their 1 session?').waitFor();
  await page.getByRole('dialog').getByRole('combobox').selectOption({ label: 'Ivan Petrov' });
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'team-remove');
  await page.getByRole('dialog').getByRole('button', { name: 'Remove from the team' }).click();
  await page.getByText('Vera Nova is not in the team any more').waitFor();
  await page.getByRole('listitem').filter({ hasText: 'Ivan Petrov' }).getByText('1 session').waitFor();
  const me = await guest.context.request.get(`${pixora.base}/api/auth/me`);
  assert.equal(me.status(), 401, 'Vera is signed out');
  assert.deepEqual([...complaints, ...guest.complaints, ...ivan.complaints], []);
});

test('another address of one’s own counts once it is confirmed', { timeout: 120_000 }, async () => {
  const { page, context, complaints } = await openPage(browser, PHONE);
  await signIn(context, pixora.base, ADMIN, PASSWORD);
  await page.goto(`${pixora.base}/dashboard/settings/account`);
  await page.getByRole('button', { name: 'Change the address' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('New address').fill('new@studio.example');
  await dialog.getByRole('textbox', { name: 'Your password' }).fill('wrong');
  await dialog.getByRole('button', { name: 'Send the link' }).click();
  await dialog.getByText('This is not the current password').waitFor();
  await shot(page, 'email-change');
  await dialog.getByRole('textbox', { name: 'Your password' }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText('Waiting to be confirmed: new@studio.example').waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await shot(page, 'account');
  await page.goto(here(await mail.link('new@studio.example')));
  assert.deepEqual(await axeFindings(page), []);
  await page.getByRole('button', { name: 'Confirm the address' }).click();
  await page.getByText('You sign in with new@studio.example now.').waitFor();
  assert.match(await mail.next(ADMIN), /new@studio\.example/);
  await page.getByRole('link', { name: 'My account' }).click();
  await page.locator('.account-value').getByText('new@studio.example').waitFor();
  assert.deepEqual(complaints, []);
});
