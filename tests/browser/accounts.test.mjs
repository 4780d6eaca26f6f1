/** Signing in, staying in, letting another device in, and who can use these pages. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeFindings, DESKTOP, installPixora, launch, openPage, PHONE, signIn, speak } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const PASSWORD = 'seven purple lanterns';
/** One for each test that uses up tries or ends sessions. */
const USERS = ['anna', 'boris', 'clara', 'denis', 'elena', 'felix', 'greta'].map((name) => `${name}@studio.example`);
const [ANNA, BORIS, CLARA, DENIS, ELENA, FELIX, GRETA] = USERS;
const SESSIONS = '/dashboard/settings/sessions';
const KEYS = '/dashboard/settings/keys';

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;
/** A second Chromium, as another device. @type {import('playwright-core').Browser} */
let phone;

before(
  async () => {
    pixora = await installPixora();
    for (const each of USERS) await pixora.addUser(each, 'admin', PASSWORD);
    await pixora.serve();
    [browser, phone] = await Promise.all([launch(), launch()]);
  },
  { timeout: 200_000 },
);

after(async () => {
  await Promise.all([browser?.close(), phone?.close()]);
  await pixora?.remove();
});

/**
 * A page whose browser is signed in already.
 * @param {string} login
 * @param {import('playwright-core').BrowserContextOptions} [options]
 * @param {import('playwright-core').Browser} [of]
 */
async function signedIn(login, options = DESKTOP, of = browser) {
  const opened = await openPage(of, options);
  await signIn(opened.context, pixora.base, login, PASSWORD);
  return opened;
}

/** @param {Page} page @param {string} login @param {string} password */
async function fill(page, login, password) {
  await page.getByLabel('E-mail or phone').fill(login);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Opens /login on its QR tab and says what the code leads to. @param {Page} page */
async function showCode(page) {
  await page.goto(`${pixora.base}/login`);
  const made = page.waitForResponse((response) => response.url().endsWith('/generate'));
  await page.getByRole('tab', { name: 'QR code' }).click();
  const { confirm_url: link } = await (await made).json();
  await page.getByRole('img', { name: 'QR code to sign in' }).waitFor();
  return link.replace(/^https?:\/\/[^/]+/, pixora.base);
}

/** @param {Page} page */
const who = (page) => page.evaluate(() => fetch('/api/auth/me').then((answer) => answer.status));

test('the set-up link makes the first account, signs it in, and works once', { timeout: 120_000 }, async () => {
  const fresh = await installPixora();
  try {
    await fresh.serve();
    const { page, context, complaints } = await openPage(browser, DESKTOP);
    await page.goto(fresh.setUpLink());
    await page.getByLabel('Name of the studio').fill('North Light');
    await page.getByLabel('Your name').fill('Maria Lind');
    await page.getByLabel('E-mail').fill('maria@studio.example');
    const password = page.getByRole('textbox', { name: 'Password' });
    await password.fill('short');
    await page.getByText('Too short: at least 10 characters').waitFor();
    await page.getByRole('button', { name: 'Create and sign in' }).click();
    await page.getByText(/It needs 10 to 200 characters/).waitFor();
    await password.fill('marialind1');
    await page.getByText('Easy to guess').waitFor();
    await password.fill('seven purple lanterns');
    await page.getByText('A strong password').waitFor();
    await page.getByRole('button', { name: 'Create and sign in' }).click();
    await page.waitForURL(/\/dashboard\//);
    await page.getByRole('button', { name: 'Account: Maria Lind' }).click();
    await page.getByText('Main administrator').waitFor();

    await page.goto(`${fresh.base}/login`);
    await page.waitForURL(/\/dashboard\//);
    const other = await openPage(browser, DESKTOP);
    await other.page.goto(fresh.setUpLink());
    for (const [label, text] of [
      ['Name of the studio', 'X'],
      ['Your name', 'Y'],
      ['E-mail', 'y@x.example'],
    ])
      await other.page.getByLabel(label).fill(text);
    await other.page.getByRole('textbox', { name: 'Password' }).fill('seven purple lanterns');
    await other.page.getByRole('button', { name: 'Create and sign in' }).click();
    await other.page.getByRole('heading', { name: 'This link does not work' }).waitFor();
    assert.deepEqual(complaints, []);
    await Promise.all([context.close(), other.context.close()]);
  } finally {
    await fresh.remove();
  }
});

test('a wrong password is said, can be looked at, and the right one leads to where one wanted', async () => {
  const { page, context, complaints } = await openPage(browser, DESKTOP);
  await page.goto(pixora.base + KEYS);
  await page.waitForURL(/\/login\?next=/);
  await fill(page, ANNA, 'seven purple lantern');
  await page.getByText('The name or the password is not right').waitFor();
  const password = page.getByRole('textbox', { name: 'Password' });
  assert.equal(await password.getAttribute('aria-invalid'), 'true');
  assert.equal(await password.evaluate((input) => input === document.activeElement), true, 'ready to be typed again');
  assert.equal(await password.getAttribute('type'), 'password');
  await page.getByRole('button', { name: 'Show the password' }).click();
  assert.equal(await password.getAttribute('type'), 'text');
  await fill(page, ANNA, PASSWORD);
  await page.waitForURL(pixora.base + KEYS);
  await page.getByRole('heading', { name: 'API keys' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('no link leads elsewhere after the sign-in', async () => {
  const { page, context } = await openPage(browser, DESKTOP);
  await page.goto(`${pixora.base}/login`);
  const cases = [
    [KEYS, KEYS],
    ['/qr-login?code=a%26b#c', '/qr-login?code=a%26b#c'],
    ['https://elsewhere.example/', '/dashboard'],
    ['//elsewhere.example/', '/dashboard'],
    ['/\\elsewhere.example', '/dashboard'],
    ['/\t/elsewhere.example', '/dashboard'],
    ['javascript:alert(1)', '/dashboard'],
    ['/login?next=/login', '/dashboard'],
    ['', '/dashboard'],
  ];
  const found = await page.evaluate(
    async (wanted) => {
      const { nextPage } = await import(
        /** @type {HTMLScriptElement} */ (document.querySelector('script[src]')).src.replace('login.js', 'next.js')
      );
      return wanted.map((next) => nextPage(`?next=${encodeURIComponent(next)}`, location.origin));
    },
    cases.map(([next]) => next),
  );
  assert.deepEqual(
    found,
    cases.map(([, leads]) => leads),
  );
  await context.close();
});

test('too many tries must wait, and the page says how long', async () => {
  const { page, context } = await openPage(browser, DESKTOP);
  await page.goto(`${pixora.base}/login`);
  const tries = await page.evaluate(async (login) => {
    const answers = [];
    for (let i = 0; i < 10; i++)
      answers.push(
        (
          await fetch('/api/auth/login', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ login, password: 'no' }),
          })
        ).status,
      );
    return answers;
  }, GRETA);
  assert.deepEqual(tries, Array(10).fill(401));
  await fill(page, GRETA, PASSWORD);
  await page.getByText('Too many attempts.').waitFor();
  await page.getByText(/Try again in \d+ seconds?\./).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Sign in' }).isDisabled(), true);
  await context.close();
});

test('one signs in and out with the keyboard alone', async () => {
  const { page, context } = await openPage(browser, DESKTOP);
  await page.goto(`${pixora.base}/login`);
  await page.getByLabel('E-mail or phone').waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'login');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('ArrowRight');
  await page.getByRole('img', { name: 'QR code to sign in' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Tab');
  await page.keyboard.type(ANNA);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/dashboard\//);
  const account = page.getByRole('button', { name: 'Account: Anna' });
  await account.waitFor();
  for (let i = 0; i < 12 && !(await account.evaluate((each) => each === document.activeElement)); i++) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  assert.equal(await account.getAttribute('aria-expanded'), 'false');
  await page.keyboard.press('Enter');
  // Past the change of the password.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/login$/);
  assert.equal(await who(page), 401);
  await context.close();
});

test('a device that shows the QR code is in when a signed-in one confirms it', { timeout: 60_000 }, async () => {
  const asking = await openPage(browser, DESKTOP);
  const link = await showCode(asking.page);
  const confirming = await signedIn(BORIS, PHONE, phone);
  await confirming.page.goto(link);
  await confirming.page.getByRole('heading', { name: 'Let this device in?' }).waitFor();
  await confirming.page.getByText('It asks to sign in as you: Boris.').waitFor();
  await confirming.page.getByText(/Chrom.* on Linux/).waitFor();
  await confirming.page.getByText('Place unknown').waitFor();
  await confirming.page.getByText('127.0.0.1').waitFor();
  await confirming.page.getByText(/Do not confirm unless/).waitFor();
  assert.equal(await who(asking.page), 401, 'not before the yes');
  await confirming.page.getByRole('button', { name: 'Confirm sign-in' }).click();
  await confirming.page.getByRole('heading', { name: 'Done' }).waitFor();
  await asking.page.waitForURL(/\/dashboard\//, { timeout: 10_000 });
  await asking.page.getByRole('button', { name: 'Account: Boris' }).waitFor();
  await asking.page.goto(pixora.base + SESSIONS);
  await asking.page.getByRole('cell', { name: 'QR code' }).waitFor();

  await confirming.page.goto(link);
  await confirming.page.getByRole('heading', { name: 'There is no such code' }).waitFor();
  assert.deepEqual([...asking.complaints, ...confirming.complaints], []);
  await Promise.all([asking.context.close(), confirming.context.close()]);
});

test('a declined QR sign-in ends, and a new code can be asked for', { timeout: 60_000 }, async () => {
  const asking = await openPage(browser, DESKTOP);
  const link = await showCode(asking.page);
  const confirming = await openPage(phone, PHONE);
  await confirming.page.goto(link);
  await confirming.page.waitForURL(/\/login\?next=/);
  await fill(confirming.page, BORIS, PASSWORD);
  await confirming.page.getByRole('button', { name: 'Decline' }).click();
  await confirming.page.getByRole('heading', { name: 'Sign-in declined' }).waitFor();
  await asking.page.getByRole('heading', { name: 'Sign-in declined' }).waitFor({ timeout: 10_000 });
  assert.equal(await who(asking.page), 401);
  await asking.page.getByRole('button', { name: 'Show a new code' }).click();
  await asking.page.getByRole('img', { name: 'QR code to sign in' }).waitFor();
  await Promise.all([asking.context.close(), confirming.context.close()]);
});

test('a link to somebody else’s confirmed QR code signs nobody in', { timeout: 60_000 }, async () => {
  const attacker = await openPage(phone, PHONE);
  const login = await attacker.context.request.post(`${pixora.base}/api/auth/login`, { data: { login: BORIS, password: PASSWORD } });
  const { access_token: token } = await login.json();
  const victim = await openPage(browser, DESKTOP);
  /** @type {[string, (address: string) => Promise<unknown>][]} */
  const ways = [
    ['a link', (address) => victim.page.goto(address)],
    [
      'a window',
      async (address) => {
        await victim.page.goto(`${pixora.base}/login`);
        const opened = victim.context.waitForEvent('page');
        await victim.page.evaluate((url) => void window.open(url), address);
        await (await opened).waitForLoadState();
      },
    ],
    [
      'a page of another site',
      async (address) => {
        await victim.page.goto(`data:text/html,<script>location='${address}'</script>`);
        await victim.page.waitForURL(/qr-auth/);
      },
    ],
  ];
  for (const [way, lead] of ways) {
    // Without the attacker's cookies, as their program does it.
    const made = await (await fetch(`${pixora.base}/api/qr-auth/generate`, { method: 'POST' })).json();
    const scanned = new URL(made.confirm_url).searchParams.get('code');
    const confirmed = await fetch(`${pixora.base}/api/qr-auth/confirm`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ code: scanned }),
    });
    assert.equal(confirmed.status, 204);
    await lead(`${pixora.base}/api/qr-auth/status/${made.code}`);
    const cookies = (await victim.context.cookies()).map((cookie) => cookie.name);
    assert.ok(!cookies.some((name) => /^pixora_(access|refresh|csrf|device)/.test(name)), `${way}: ${cookies}`);
    assert.equal(await who(victim.page), 401, way);
  }
  await Promise.all([attacker.context.close(), victim.context.close()]);
});

test('the QR code renews itself, until nobody is there', { timeout: 60_000 }, async () => {
  const { page, context } = await openPage(browser, DESKTOP);
  await page.clock.install();
  let made = 0;
  page.on('request', (request) => {
    made += Number(request.url().endsWith('/generate'));
  });
  await showCode(page);
  assert.equal(made, 1);
  const picture = page.getByRole('img', { name: 'QR code to sign in' });
  const first = await picture.getAttribute('src');
  await page.clock.fastForward(61_000);
  // The time of the new code begins when it is shown.
  await page.waitForFunction((first) => document.querySelector('.qr-code')?.getAttribute('src') !== first, first);
  assert.equal(made, 2);
  await page.clock.fastForward(5 * 60_000);
  await page.getByRole('heading', { name: 'The code no longer renews' }).waitFor();
  assert.equal(made, 2);
  await page.getByRole('button', { name: 'Show a new code' }).click();
  await picture.waitFor();
  assert.equal(made, 3);
  await context.close();
});

test('a session that is ended from another device is out at once', async () => {
  const here = await signedIn(CLARA);
  const there = await signedIn(CLARA, PHONE, phone);
  const third = await signedIn(CLARA);
  await there.page.goto(pixora.base + KEYS);
  await there.page.getByText('No keys yet').waitFor();
  await here.page.goto(pixora.base + SESSIONS);
  await here.page.getByText('This device').waitFor();
  const cards = here.page.locator('.device');
  assert.equal(await cards.count(), 3);
  const idOfThere = (await (await there.context.request.get(`${pixora.base}/api/auth/me`)).json()).session_id;
  const { sessions } = await (await here.context.request.get(`${pixora.base}/api/sessions`)).json();
  // The page's order: this browser's own, then as the server lists them.
  const others = sessions.filter((/** @type {any} */ each) => !each.current);
  const ended = here.page.waitForRequest((request) => request.method() === 'DELETE');
  await cards
    .nth(1 + others.findIndex((/** @type {any} */ each) => each.id === idOfThere))
    .getByRole('button', { name: /End session/ })
    .click();
  await here.page.getByRole('dialog').getByRole('button', { name: 'End session' }).click();
  assert.ok((await ended).url().endsWith(idOfThere));
  await here.page.getByText('The session has ended').waitFor();
  await there.page.getByRole('button', { name: 'New key' }).click();
  await there.page.getByLabel('Name').fill('Late');
  await there.page.getByText('Upload photos', { exact: true }).click();
  await there.page.getByRole('button', { name: 'Create key' }).click();
  await there.page.waitForURL(/\/login\?next=/);

  await here.page.getByRole('button', { name: 'End all others' }).click();
  await here.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await third.page.goto(pixora.base + KEYS);
  assert.equal(await who(third.page), 200, 'asking is not doing');
  await here.page.getByRole('button', { name: 'End all others' }).click();
  await here.page.getByRole('dialog').getByRole('button', { name: 'End all others' }).click();
  await here.page.getByText('1 session ended').waitFor();
  assert.equal(await who(third.page), 401);
  await cards.nth(1).waitFor({ state: 'detached' });
  assert.equal(await cards.count(), 1);
  assert.deepEqual(here.complaints, []);
  await Promise.all([here, there, third].map(({ context }) => context.close()));
});

test('a changed password ends the other sessions', async () => {
  const here = await signedIn(DENIS);
  const there = await signedIn(DENIS);
  await here.page.goto(pixora.base + SESSIONS);
  await here.page.getByRole('button', { name: /^Account: / }).click();
  await here.page.getByRole('button', { name: 'Change password' }).click();
  const dialog = here.page.getByRole('dialog');
  const save = () => dialog.getByRole('button', { name: /^Change and/ }).click();
  await dialog.getByRole('textbox', { name: 'Current password' }).fill('not this one');
  await dialog.getByRole('textbox', { name: 'New password' }).fill('eleven green lanterns');
  await save();
  await dialog.getByText('This is not the current password').waitFor();
  await dialog.getByRole('textbox', { name: 'Current password' }).fill(PASSWORD);
  await save();
  await here.page.getByText('Password changed').waitFor();
  await here.page.locator('.device').nth(1).waitFor({ state: 'detached' });
  assert.equal(await here.page.locator('.device').count(), 1);
  await there.page.goto(pixora.base + SESSIONS);
  await there.page.waitForURL(/\/login\?next=/);
  await Promise.all([here.context.close(), there.context.close()]);
});

test('a request without the CSRF token changes nothing', async () => {
  const { page, context } = await signedIn(ELENA);
  await page.goto(pixora.base + KEYS);
  await page.getByText('No keys yet').waitFor();
  /** @param {Record<string, string>} headers */
  const create = (headers) =>
    page.evaluate(async (headers) => {
      const answer = await fetch('/api/keys', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify({ name: 'Forged', scopes: ['photos:write'] }),
      });
      return [answer.status, (await answer.json()).code];
    }, headers);
  assert.deepEqual(await create({}), [403, 'csrf_required']);
  assert.deepEqual(await create({ 'X-CSRF-Token': 'guessed' }), [403, 'csrf_required']);
  await page.reload();
  await page.getByText('No keys yet').waitFor();
  await context.close();
});

test('a key is shown once, works, and stops when it is revoked', async () => {
  const { page, context, complaints } = await signedIn(ELENA);
  await page.goto(pixora.base + KEYS);
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name').fill('Booth at the hall');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Choose at least one').waitFor();
  assert.equal(await page.getByText('Read metrics').count(), 0, 'an admin’s key may not, so it is not offered');
  await page.getByText('See photo sessions').click();
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('heading', { name: 'The key is ready' }).waitFor();
  const key = (await page.getByRole('dialog').locator('code').textContent()) ?? '';
  assert.match(key, /^pxk_.{20,}/);
  const ask = async () => (await fetch(`${pixora.base}/api/auth/me`, { headers: { Authorization: `Bearer ${key}` } })).status;
  assert.equal(await ask(), 403, 'known, but this is not for keys');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.locator('dialog').waitFor({ state: 'detached' });
  assert.equal((await page.content()).includes(key), false);
  await page.getByRole('button', { name: 'Revoke key: Booth at the hall' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('No keys yet').waitFor();
  assert.equal(await ask(), 401);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('tabs whose access has run out renew it once, together', async () => {
  const { page, context, complaints } = await signedIn(FELIX);
  const second = await context.newPage();
  await Promise.all(
    [page, second].map(async (each) => {
      await each.goto(pixora.base + SESSIONS);
      await each.getByText('This device').waitFor();
    }),
  );
  let renewals = 0;
  context.on('request', (request) => {
    renewals += Number(request.url().endsWith('/api/auth/refresh'));
  });
  await context.clearCookies({ name: 'pixora_access' });
  const imported = () => /** @type {HTMLScriptElement} */ (document.querySelector('script[src]')).src.replace('shell.js', 'api.js');
  const answers = await Promise.all(
    [page, second].flatMap((each) =>
      [1, 2].map(async () => {
        const url = await each.evaluate(imported);
        return each.evaluate(async (url) => (await (await import(url)).api.get('/api/auth/me')).user.email, url);
      }),
    ),
  );
  assert.deepEqual(answers, Array(4).fill(FELIX));
  assert.equal(renewals, 1);

  await context.clearCookies({ name: 'pixora_access' });
  await page.goto(pixora.base + KEYS);
  await page.waitForURL(pixora.base + KEYS);
  await page.getByRole('heading', { name: 'API keys' }).waitFor();
  assert.equal(renewals, 2, 'the sign-in page renewed, and went back');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the pages speak Russian to who reads Russian, and remember the other choice', async () => {
  const { page, context, complaints } = await signedIn(FELIX, { ...PHONE, locale: 'ru-RU' });
  await page.goto(pixora.base + SESSIONS);
  await page.getByRole('heading', { name: 'Сеансы и устройства' }).waitFor();
  await page.getByText('Это устройство').waitFor();
  assert.equal(await page.title(), 'Сеансы и устройства · Pixora');
  await page.getByRole('button', { name: 'Меню' }).click();
  await speak(page, 'en');
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByRole('heading', { name: 'API keys' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/\/login$/);
  await speak(page, 'ru');
  await page.getByRole('heading', { name: 'Вход' }).waitFor();
  await page.getByRole('button', { name: 'Войти' }).click();
  await page.getByText('Заполните это поле').first().waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('every page passes axe in light and dark, on a phone and on a desk', { timeout: 240_000 }, async () => {
  // The tests before have signed in so often that this address would have to wait; a new start forgives.
  await pixora.kill();
  await pixora.serve();
  const { context: first } = await signedIn(ANNA);
  const storageState = await first.storageState();
  await first.close();
  for (const size of [PHONE, DESKTOP]) {
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      const options = { ...size, colorScheme, reducedMotion: /** @type {const} */ ('reduce') };
      /** @param {Page} page @param {string} view */
      const check = async (page, view) =>
        assert.deepEqual(await axeFindings(page), [], `${view}, ${colorScheme}, ${size === PHONE ? 'phone' : 'desk'}`);

      const out = await openPage(browser, options);
      await out.page.goto(`${pixora.base}/login`);
      await out.page.getByRole('button', { name: 'Sign in' }).click();
      await out.page.getByText('Please fill this in').first().waitFor();
      await check(out.page, 'login');
      const link = await showCode(out.page);
      await check(out.page, 'QR code');
      await out.page.goto(`${pixora.base}/setup#token`);
      await out.page.getByRole('textbox', { name: 'Password' }).fill('seven purple');
      await check(out.page, 'set-up');
      await out.page.goto(`${pixora.base}/setup`);
      await out.page.getByRole('heading', { name: 'This link does not work' }).waitFor();
      await check(out.page, 'set-up without a token');

      const { page, context } = await openPage(browser, { ...options, storageState });
      await page.goto(link);
      await page.getByRole('button', { name: 'Confirm sign-in' }).waitFor();
      await check(page, 'confirmation');
      await page.getByRole('button', { name: 'Decline' }).click();
      await page.getByRole('heading', { name: 'Sign-in declined' }).waitFor();
      await check(page, 'declined');
      await page.goto(pixora.base + SESSIONS);
      await page.getByRole('heading', { name: 'Recent sign-ins' }).waitFor();
      await page.getByText('This device').waitFor();
      await check(page, 'device sessions');
      await page.getByRole('button', { name: size === PHONE ? 'Menu' : /^Account: / }).click();
      await page.getByRole('button', { name: 'Change password' }).click();
      await page.getByRole('textbox', { name: 'New password' }).waitFor();
      await check(page, 'change of password');
      await page.keyboard.press('Escape');
      if (size === PHONE) await page.keyboard.press('Escape');
      await page.getByRole('button', size === PHONE ? { name: 'Menu' } : { name: 'Settings' }).click();
      await check(page, 'menu');
      await page.goto(pixora.base + KEYS);
      await page.getByText('No keys yet').waitFor();
      await check(page, 'no keys');
      await page.getByRole('button', { name: 'New key' }).click();
      await page.getByRole('dialog').waitFor();
      await check(page, 'new key');
      await Promise.all([out.context.close(), context.close()]);
    }
  }
});
