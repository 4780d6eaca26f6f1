/** Tickets in two real browsers at once: who asks, and who answers. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { axeFindings, DESKTOP, installPixora, launch, openPage, PHONE, signIn } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').BrowserContextOptions} Options */

const CLARA = 'clara@client.example';
const DINA = 'dina@client.example';
const OLEG = 'oleg@studio.example';
const ROOT = 'rita@studio.example';
const PASSWORD = 'seven purple lanterns';
const SECRET = 'She paid by card, look there';
/** Something that comes by the event stream. */
const SOON = { timeout: 15_000 };

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {import('playwright-core').Browser} */
let browser;

before(
  async () => {
    pixora = await installPixora();
    for (const [email, role] of [
      [CLARA, 'customer'],
      [DINA, 'customer'],
      [OLEG, 'operator'],
      [ROOT, 'super_admin'],
    ])
      await pixora.addUser(email, role, PASSWORD);
    await pixora.serve();
    browser = await launch();
  },
  { timeout: 200_000 },
);

after(async () => {
  await browser?.close();
  await pixora?.remove();
});

/** @param {string} login @param {Options} [options] */
async function signedIn(login, options = DESKTOP) {
  const opened = await openPage(browser, options);
  const answer = await signIn(opened.context, pixora.base, login, PASSWORD);
  const { access_token: token } = await answer.json();
  /** Asks the interface as a script does. @param {string} path @param {object} [data] @param {string} [method] */
  const ask = async (path, data, method = data ? 'POST' : 'GET') => {
    const headers = { authorization: `Bearer ${token}`, ...(data && { 'content-type': 'application/json' }) };
    const response = await fetch(pixora.base + path, { method, headers, body: data && JSON.stringify(data) });
    assert.ok(response.ok, `${path}: ${response.status}`);
    return response.status === 204 ? null : response.json();
  };
  return { ...opened, ask };
}

/** @param {string} name @param {string} content */
const file = (name, content) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) });

describe('from the question to the closed ticket', { timeout: 240_000 }, () => {
  test('a note of the desk is never seen by who asked, and what is typed stays', async () => {
    const clara = await signedIn(CLARA);
    const oleg = await signedIn(OLEG);
    await oleg.page.goto(`${pixora.base}/dashboard`);
    await oleg.page.waitForURL(/\/dashboard\/tickets$/);
    await oleg.page.getByRole('heading', { name: 'No tickets yet' }).waitFor();

    // Asking: complaints stand beside their fields, then it goes through.
    await clara.page.goto(`${pixora.base}/dashboard/settings/sessions`);
    await clara.page.getByRole('link', { name: 'Support', exact: true }).click();
    await clara.page.getByRole('heading', { name: 'You have not asked anything yet' }).waitFor();
    await clara.page.getByRole('main').getByRole('link', { name: 'New ticket' }).first().click();
    await clara.page.getByRole('button', { name: 'Send ticket' }).click();
    const subject = clara.page.getByLabel('Subject');
    assert.equal(
      await clara.page.evaluate(() => document.activeElement?.getAttribute('placeholder')),
      'For example: I cannot find my photos',
    );
    assert.match(
      await subject.evaluate((input) => document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent ?? ''),
      /Give it a subject/,
    );
    await subject.fill('The bill is wrong');
    await clara.page.getByLabel('Message').fill('We ordered two albums.\nThree are on the bill.');
    await clara.page.getByLabel('Category').selectOption('billing');
    await clara.page.getByLabel('Priority').selectOption('high');
    await clara.page.locator('input[type=file]').setInputFiles([file('bill.exe', 'MZ'), file('bill.txt', 'Three albums')]);
    await clara.page.getByText('Files of this type are not taken.').waitFor();
    await clara.page.getByRole('button', { name: 'Send ticket' }).click();
    assert.equal(await clara.page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Remove bill.exe');
    await clara.page.getByRole('button', { name: 'Remove bill.exe' }).click();
    assert.deepEqual(await axeFindings(clara.page), []);
    await clara.page.getByRole('button', { name: 'Send ticket' }).click();
    await clara.page.getByRole('heading', { level: 1, name: 'The bill is wrong' }).waitFor();
    assert.equal(await clara.page.getByLabel('Internal note').count(), 0, "that is the desk's");
    const [download] = await Promise.all([
      clara.page.waitForEvent('download'),
      clara.page.getByRole('link', { name: /bill\.txt/ }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'bill.txt');

    // The operator's list shows it by itself.
    const card = oleg.page.getByRole('link', { name: /The bill is wrong/ });
    await card.waitFor(SOON);
    assert.match(await card.innerText(), /High[\s\S]*Open[\s\S]*Billing[\s\S]*From Clara[\s\S]*No replies/);
    assert.deepEqual(await axeFindings(oleg.page), []);
    await card.click();
    await oleg.page.getByRole('heading', { level: 1, name: 'The bill is wrong' }).waitFor();
    await oleg.page.getByRole('button', { name: 'Assign to me' }).click();
    await oleg.page.getByText('In progress', { exact: true }).first().waitFor();

    // A reply arrives while Clara is typing.
    const draft = clara.page.getByLabel('Reply');
    await draft.fill('Besides, the');
    await clara.page.locator('.badge-ticket', { hasText: 'In progress' }).waitFor(SOON);
    await oleg.page.getByLabel('Reply').fill('We are looking at it.');
    await oleg.page.getByLabel('Reply').press('Control+Enter');
    await clara.page.locator('.message', { hasText: 'We are looking at it.' }).waitFor(SOON);
    await clara.page.locator('.badge-ticket', { hasText: 'Awaiting your reply' }).waitFor(SOON);
    assert.equal(await draft.inputValue(), 'Besides, the');
    assert.ok(await draft.evaluate((input) => input === document.activeElement), 'nor does the cursor leave');

    // The note is there for Oleg, on yellow, and nowhere for Clara.
    let heard = 0;
    clara.page.on('request', (request) => {
      if (request.url().includes('/api/ticket/')) heard += 1;
    });
    await oleg.page.getByText('Internal note', { exact: true }).click();
    await oleg.page.getByLabel('Reply').fill(SECRET);
    await oleg.page.locator('input[type=file]').setInputFiles([file('hidden.txt', SECRET)]);
    assert.deepEqual(await axeFindings(oleg.page), []);
    await oleg.page.getByRole('button', { name: 'Save note' }).click();
    const note = oleg.page.locator('.message.is-internal', { hasText: SECRET });
    await note.waitFor();
    await note.getByText(/only operators and administrators see it/).waitFor();
    await clara.page.waitForTimeout(2500);
    assert.equal(heard, 0, 'her page is not even told to look');
    for (const look of [async () => {}, () => clara.page.reload(), () => clara.page.goto(`${pixora.base}/dashboard/tickets`)]) {
      await look();
      await clara.page.getByText('The bill is wrong').first().waitFor();
      const html = await clara.page.content();
      for (const trace of [SECRET, 'hidden.txt', 'is-internal']) assert.ok(!html.includes(trace), trace);
    }
    assert.match(await clara.page.getByRole('link', { name: /The bill is wrong/ }).innerText(), /1 reply/);
    assert.deepEqual(await axeFindings(clara.page), []);

    // Clara answers and closes; Oleg sees both without doing anything.
    await clara.page.getByRole('link', { name: /The bill is wrong/ }).click();
    await clara.page.getByLabel('Reply').fill('Never mind, it was right.');
    await clara.page.getByRole('button', { name: 'Send reply' }).click();
    await oleg.page.locator('.message', { hasText: 'Never mind' }).waitFor(SOON);
    await clara.page.getByRole('button', { name: 'Close ticket' }).click();
    await clara.page.getByRole('dialog').getByRole('button', { name: 'Close ticket' }).click();
    await clara.page.getByText('The ticket is closed', { exact: true }).waitFor();
    assert.ok(await clara.page.getByRole('button', { name: 'Send reply' }).isHidden());
    await oleg.page.locator('.badge-ticket', { hasText: 'Closed' }).waitFor(SOON);
    assert.deepEqual(await axeFindings(clara.page), []);
    await clara.page.getByRole('button', { name: 'Open again' }).click();
    await oleg.page.locator('.badge-ticket', { hasText: 'Open' }).waitFor(SOON);

    assert.deepEqual([...clara.complaints, ...oleg.complaints], []);
    await Promise.all([clara.context.close(), oleg.context.close()]);
  });

  test('files are dropped and pasted, and what cannot go is said beside each', async () => {
    const { page, context, complaints, ask } = await signedIn(DINA);
    const { id } = await ask('/api/ticket', { subject: 'With files', message: 'See below' });
    await page.goto(`${pixora.base}/dashboard/tickets/${id}`);
    await page.locator('.composer').waitFor();
    /** @param {'drop' | 'paste'} type @param {[string, number][]} files names and sizes */
    const bring = (type, files) =>
      page.evaluate(
        ({ type, files }) => {
          const carried = new DataTransfer();
          for (const [name, size] of files) carried.items.add(new File([new Uint8Array(size).fill(65)], name));
          const event =
            type === 'drop'
              ? new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true })
              : new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true });
          document.querySelector('.composer textarea')?.dispatchEvent(event);
        },
        { type, files },
      );
    await bring('drop', [
      ['words.txt', 2000],
      ['large.txt', 10_000_001],
      ['empty.txt', 0],
    ]);
    await page.getByText('2 kB').waitFor();
    await page.getByText('Larger than 10 MB.').waitFor();
    await page.getByText('The file is empty.').waitFor();
    for (const name of ['large.txt', 'empty.txt']) await page.getByRole('button', { name: `Remove ${name}` }).click();
    // By its name a picture; the server looks inside.
    await bring('paste', [['holiday.jpg', 10]]);
    await page.getByLabel('Reply').fill('Here they are');
    await page.getByRole('button', { name: 'Send reply' }).click();
    await page.locator('.message', { hasText: 'holiday.jpg.txt' }).waitFor();
    assert.equal(await page.locator('.chosen-file').count(), 0);
    await bring(
      'drop',
      [1, 2, 3, 4, 5, 6].map((n) => /** @type {[string, number]} */ ([`${n}.txt`, 1])),
    );
    await page.getByText('At most 5 files.').waitFor();
    assert.equal(await page.locator('.chosen-file').count(), 5);
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('a ticket that is deleted says so where it is open', async () => {
    const { page, context, complaints, ask } = await signedIn(DINA);
    const root = await signedIn(ROOT);
    const { id } = await ask('/api/ticket', { subject: 'To be deleted', message: 'Please' });
    await page.goto(`${pixora.base}/dashboard/tickets/${id}`);
    await page.locator('.composer').waitFor();
    await page.waitForTimeout(500);
    await root.ask(`/api/ticket/${id}`, undefined, 'DELETE');
    await page.getByRole('heading', { name: 'This ticket is gone' }).waitFor(SOON);
    assert.deepEqual(complaints, []);
    await Promise.all([context.close(), root.context.close()]);
  });

  test('a stranger finds no such ticket', async () => {
    const oleg = await signedIn(OLEG);
    const { tickets } = await oleg.ask('/api/ticket?category=billing');
    const dina = await signedIn(DINA);
    await dina.page.goto(`${pixora.base}/dashboard/tickets/${tickets[0].id}`);
    await dina.page.getByText('There is no such ticket').waitFor();
    await Promise.all([dina.context.close(), oleg.context.close()]);
  });
});

describe('the list', { timeout: 120_000 }, () => {
  test('filters stay in the address, more is shown on demand', async () => {
    const { page, context, complaints, ask } = await signedIn(DINA);
    for (let n = 1; n <= 25; n++)
      await ask('/api/ticket', { subject: `Question ${n}`, message: 'And so on', category: n % 5 ? 'general' : 'technical' });
    await page.goto(`${pixora.base}/dashboard/tickets`);
    const cards = page.locator('.ticket-card');
    await cards.nth(19).waitFor();
    assert.equal(await cards.count(), 20);
    await page.getByRole('button', { name: 'Show more' }).click();
    await cards.nth(24).waitFor();
    assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ''), /Question 5/, 'on with the first new one');
    assert.equal(await page.getByRole('button', { name: 'Show more' }).count(), 0);

    await page.getByLabel('Category').selectOption('technical');
    await page.waitForFunction(() => document.querySelectorAll('.ticket-card').length === 5);
    assert.equal(new URL(page.url()).search, '?category=technical');
    await page.reload();
    await cards.nth(4).waitFor();
    assert.equal(await page.getByLabel('Category').inputValue(), 'technical');
    await page.getByLabel('Status').selectOption('closed');
    await page.getByRole('heading', { name: 'No such tickets' }).waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await cards.nth(19).waitFor();
    assert.equal(new URL(page.url()).search, '');
    assert.equal(await page.getByLabel('Assigned to').count(), 0, "who has it is the desk's to ask");
    assert.deepEqual(complaints, []);
    await context.close();
  });

  for (const [name, options] of /** @type {[string, Options][]} */ ([
    ['phone, light', PHONE],
    ['phone, dark', { ...PHONE, colorScheme: 'dark' }],
    ['desktop, dark', { ...DESKTOP, colorScheme: 'dark' }],
  ])) {
    test(`axe finds nothing and nothing is cut off: ${name}`, async () => {
      const { page, context, complaints, ask } = await signedIn(OLEG, options);
      const {
        tickets: [{ id }],
      } = await ask('/api/ticket?status=open&category=billing');
      for (const path of ['', '/new', `/${id}`]) {
        await page.goto(`${pixora.base}/dashboard/tickets${path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.locator('.ticket-card, .ticket-form, .thread').first().waitFor();
        assert.deepEqual(await axeFindings(page), [], path);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} is wider than the screen`);
      }
      assert.deepEqual(complaints, []);
      await context.close();
    });
  }

  test('in Russian', async () => {
    const { page, context, complaints } = await signedIn(OLEG, { ...DESKTOP, locale: 'ru-RU' });
    await page.goto(`${pixora.base}/dashboard/tickets?category=billing`);
    await page.getByRole('heading', { level: 1, name: 'Обращения' }).waitFor();
    await page.getByRole('link', { name: /The bill is wrong/ }).click();
    await page.getByText(/Внутренняя заметка — её видят/).waitFor();
    await page.getByRole('button', { name: 'Отправить ответ' }).waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  });
});
