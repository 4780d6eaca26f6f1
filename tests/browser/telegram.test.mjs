/** The Telegram bot of a real Pixora with the real models, against an emulated Bot API. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TOKEN, startBotApi } from './bot_api.mjs';
import { PHOTOS, installPixora, sample } from './support.mjs';

/** @type {Awaited<ReturnType<typeof startBotApi>>} */
let api;
/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
let session = '';
/** A session with one person in this many photos. */
let crowded = '';
const COPIES = 22;
const [MARIA, PASSWORD] = ['maria@studio.example', 'an invented password'];
let people = 1000;

/** @param {string} language */
const somebody = (language) => api.user(people++, language);

/** @param {string} name */
const picture = (name) => readFile(sample(name));

before(
  async () => {
    api = await startBotApi();
    pixora = await installPixora({ PIXORA_TELEGRAM_TOKEN: TOKEN, PIXORA_TELEGRAM_API_URL: api.url });
    session = await pixora.createSession('Anna & Ivan');
    await pixora.ingest(session, [...PHOTOS.one, ...PHOTOS.other]);
    const folder = await mkdtemp(join(tmpdir(), 'pixora-telegram-'));
    const copies = await Promise.all(
      Array.from({ length: COPIES }, async (_, n) => {
        const path = join(folder, `${n}.jpg`);
        // What follows the end of a JPEG makes another file of the same picture.
        await writeFile(path, Buffer.concat([await picture(PHOTOS.one[0]), Buffer.from(`${n}`)]));
        return path;
      }),
    );
    crowded = await pixora.createSession('A long party');
    await pixora.ingest(crowded, copies);
    await rm(folder, { recursive: true });
    await pixora.addUser(MARIA, 'super_admin', PASSWORD);
    await pixora.serve();
  },
  { timeout: 600_000 },
);

after(async () => {
  await pixora?.remove();
  await api?.stop();
});

test('the bot greets in the language of the person, and speaks another if asked', { timeout: 60_000 }, async () => {
  const [anna, ben, clara] = [somebody('ru-RU'), somebody('fr'), somebody('de-AT')];
  await anna.say('/start');
  await ben.say('/start');
  await clara.say('/start');
  assert.match((await anna.hears(1))[0].text, /^Здравствуйте!/);
  assert.match((await ben.hears(1))[0].text, /^Hello!/);
  assert.match((await clara.hears(1))[0].text, /^Guten Tag!/);
  await clara.say('/language');
  await clara.hears(2);
  await clara.press('Deutsch');
  assert.equal((await clara.hears(3))[2].text, 'Ich antworte auf Deutsch.');
  await ben.say('/language');
  await ben.hears(2);
  await ben.press('Русский');
  assert.equal((await ben.hears(3))[2].text, 'Отвечаю по-русски.');
  await ben.say('/help');
  assert.match((await ben.hears(4))[3].text, /^Что я умею/);
});

test('a guest agrees, sends a selfie, gets the photos, and is forgotten', { timeout: 120_000 }, async () => {
  const guest = somebody('en-GB');
  await guest.say(`/start ${session}`);
  const [gallery, consent] = await guest.hears(2);
  assert.ok(gallery.text.includes('Anna & Ivan') && gallery.text.includes(`/session/${session}`), gallery.text);
  assert.ok(consent.text.includes('we compare your face'), consent.text);

  // Before the yes no picture is even fetched.
  const selfie = await picture(PHOTOS.selfieOfOne);
  await guest.photo(selfie);
  await guest.hears(4);
  assert.equal(api.calls.filter((call) => call.method === 'getfile').length, 0);

  await guest.press('I agree, find me');
  assert.match((await guest.hears(5))[4].text, /send a selfie/);
  await guest.photo(selfie);
  const [found, album] = (await guest.hears(7)).slice(5);
  assert.match(found.text, /^Photos with you: 2\./);
  assert.equal(album.kind, 'album');
  assert.equal(album.pictures.length, 2);
  for (const jpeg of album.pictures) assert.equal(jpeg.readUInt16BE(0), 0xffd8);

  // A stranger's face as a document finds nobody's photo.
  await guest.document(await picture('groups/sample1.jpg'), 'image/jpeg');
  const answer = (await guest.hears(8))[7];
  assert.match(answer.text, /none of the photos|not clear enough|can’t see/);

  await guest.say('/stop');
  assert.match((await guest.hears(9))[8].text, /^Done: the consent is withdrawn/);
  await guest.photo(selfie);
  assert.match((await guest.hears(10))[9].text, /First open the link/);
});

test('who is in many photos gets the best of them as albums, and the way to the others', { timeout: 120_000 }, async () => {
  const guest = somebody('en');
  await guest.say(`/start ${crowded}`);
  await guest.hears(2);
  await guest.press('I agree, find me');
  await guest.hears(3);
  await guest.photo(await picture(PHOTOS.selfieOfOne));
  const [found, ...albums] = (await guest.hears(6, 60_000)).slice(3);
  assert.match(found.text, new RegExp(`Photos with you: ${COPIES}. Here are the 20 that fit best`));
  assert.ok(found.text.endsWith(`/session/${crowded}`), found.text);
  assert.deepEqual(
    albums.map((album) => album.pictures.length),
    [10, 10],
  );
});

test('what the studio sells, the bot sends with its mark, as the guest page shows it', { timeout: 120_000 }, async () => {
  /** @param {string} path @param {string} method @param {any} body @param {string} [token] */
  const send = async (path, method, body, token) => {
    const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
    const response = await fetch(`${pixora.base}${path}`, { method, headers, body: JSON.stringify(body) });
    assert.ok(response.ok, `${path}: ${response.status}`);
    return response.json();
  };
  const { access_token } = await send('/api/auth/login', 'POST', { login: MARIA, password: PASSWORD });
  const { studio_id } = (await (await fetch(`${pixora.base}/api/v1/sessions/validate/${session}`)).json()).session;
  const guest = somebody('en');
  await guest.say(`/start ${session}`);
  await guest.hears(2);
  await guest.press('I agree, find me');
  await guest.hears(3);
  /** What the bot sends, and what the page would show. @param {number} heard */
  const both = async (heard) => {
    await guest.photo(await picture(PHOTOS.selfieOfOne));
    const album = (await guest.hears(heard))[heard - 1];
    const { photos } = await (await fetch(`${pixora.base}/api/v1/sessions/${session}/photos`)).json();
    const shown = await Promise.all(
      photos.map(async (/** @type {any} */ photo) => Buffer.from(await (await fetch(`${pixora.base}${photo.full_url}`)).arrayBuffer())),
    );
    for (const sent of album.pictures)
      assert.ok(
        shown.some((one) => one.equals(sent)),
        'the page shows the same',
      );
    return album.pictures;
  };
  const clean = await both(5);
  const mark = { kind: 'text', text: 'Maria’s studio', opacity: 40, logo_png_base64: null };
  await send(`/api/studios/${studio_id}/watermark`, 'PUT', mark, access_token);
  const marked = await both(7);
  assert.ok(marked.every((one) => !clean.some((other) => other.equals(one))));
  await send(`/api/studios/${studio_id}/watermark`, 'PUT', { ...mark, kind: 'none' }, access_token);
});

test('what is no selfie is answered with what to do', { timeout: 120_000 }, async () => {
  const guest = somebody('ru');
  await guest.photo(await picture(PHOTOS.selfieOfOne));
  assert.match((await guest.hears(1))[0].text, /^Сначала откройте ссылку/);
  await guest.say(`/start ${session}`);
  await guest.hears(3);
  await guest.press('Согласен, искать меня');
  await guest.hears(4);
  await guest.photo(Buffer.from('this is no picture at all'));
  assert.match((await guest.hears(5))[4].text, /не открывается как фотография/);
  await guest.photo(await picture('groups/sample1.jpg'));
  assert.match((await guest.hears(6))[5].text, /На снимке несколько лиц/);
  await guest.document(Buffer.from('%PDF-1.7'), 'application/pdf');
  assert.match((await guest.hears(7)).at(-1)?.text ?? '', /только фотографии/);
  await guest.say('/start not-an-id');
  assert.match((await guest.hears(8)).at(-1)?.text ?? '', /ссылка не работает/);
  await guest.say(`/start ${crypto.randomUUID()}`);
  assert.match((await guest.hears(9)).at(-1)?.text ?? '', /ссылка не работает|Время вышло/);
});

test('too many searches in a row are put off', { timeout: 120_000 }, async () => {
  const guest = somebody('en');
  await guest.say(`/start ${session}`);
  await guest.hears(2);
  await guest.press('I agree, find me');
  await guest.hears(3);
  for (let n = 0; n < 6; n++) await guest.photo(Buffer.from('no picture'));
  const answers = (await guest.hears(9, 60_000)).slice(3).map((one) => one.text);
  assert.equal(answers.filter((text) => /Too many searches/.test(text)).length, 1, answers.join('\n'));
});

test('groups are none of the bot’s business', { timeout: 60_000 }, async () => {
  const group = api.user(people++, 'en', 'group');
  const person = somebody('en');
  await group.say('/start');
  await person.say('/start');
  await person.hears(1);
  assert.equal(group.heard().length, 0);
});

test('a limit of Telegram’s is waited for, and nothing is lost by it', { timeout: 60_000 }, async () => {
  const guest = somebody('en');
  api.stumble('sendmessage', async () => api.refusal(429, 'Too Many Requests: retry after 3', { retry_after: 3 }));
  const refused = Date.now();
  await guest.say('/help');
  const [answer] = await guest.hears(1);
  assert.ok(answer.at - refused >= 3000, `${answer.at - refused} ms`);
  // At most one message a second to one chat.
  for (let n = 0; n < 3; n++) await guest.say('/help');
  const times = (await guest.hears(4)).map((one) => one.at);
  for (let n = 2; n < 4; n++) assert.ok(times[n] - times[n - 1] >= 950, `${times}`);
});

test('somebody who blocks the bot is forgotten', { timeout: 60_000 }, async () => {
  const guest = somebody('en');
  await guest.say(`/start ${session}`);
  await guest.hears(2);
  await guest.press('I agree, find me');
  await guest.hears(3);
  api.stumble('sendmessage', async () => api.refusal(403, 'Forbidden: bot was blocked by the user'));
  await guest.say('/help');
  await sleep(2500);
  await guest.photo(await picture(PHOTOS.selfieOfOne));
  assert.match((await guest.hears(4))[3].text, /First open the link/);
});

test('while Telegram is away the service goes on, and afterwards nothing is missing', { timeout: 120_000 }, async () => {
  const guest = somebody('en');
  await guest.say('/help');
  await guest.hears(1);
  api.setReachable(false);
  await guest.say('/language');
  await sleep(3000);
  assert.equal((await fetch(`${pixora.base}/readyz`)).status, 200);
  api.setReachable(true);
  await guest.hears(2, 90_000);
  await sleep(1500);
  assert.equal(guest.heard().length, 2);
});

test('killed at any moment, the bot answers everything that was said', { timeout: 300_000 }, async () => {
  const guest = somebody('en');
  await guest.say(`/start ${session}`);
  await guest.hears(2);
  await guest.press('I agree, find me');
  await guest.hears(3);
  // While the selfie is being fetched.
  let fetched = 0;
  api.stumble('download', async () => {
    fetched++;
    await sleep(60_000, undefined, { ref: false });
  });
  await guest.photo(await picture(PHOTOS.selfieOfOne));
  while (!fetched) await sleep(20);
  await pixora.kill();
  await pixora.serve();
  const found = (await guest.hears(5, 60_000)).slice(3);
  assert.deepEqual(
    found.map((one) => one.kind),
    ['text', 'album'],
  );

  // While a message is on its way: it has come, but the answer has not.
  let taken = 0;
  api.stumble('sendmessage', async (proceed) => {
    await proceed();
    taken++;
    await sleep(60_000, undefined, { ref: false });
  });
  await guest.say('/help');
  while (!taken) await sleep(20);
  await pixora.kill();
  await guest.say('/language');
  await pixora.serve();
  await guest.hears(8, 60_000);
  await sleep(2500);
  // Telegram takes no key for a message: this one comes twice rather than never.
  assert.deepEqual(
    guest
      .heard()
      .slice(5)
      .map((one) => one.text.split(' ')[0]),
    ['What', 'What', 'Which'],
  );
  await pixora.kill();
  await pixora.serve();
  await sleep(2500);
  assert.equal(guest.heard().length, 8);
  assert.equal(api.waiting(), 0);
});

test('the emulator alone, which pays no heed to offsets, is enough for texts and buttons', { timeout: 120_000 }, async () => {
  const token = '987654321:another-invented-token-of-usual-length';
  const bare = await installPixora({ PIXORA_TELEGRAM_TOKEN: token, PIXORA_TELEGRAM_API_URL: api.bare });
  try {
    await bare.serve();
    const client = api.stranger(token);
    await client.sendCommand(client.makeCommand('/start'));
    const greeting = await client.getUpdates();
    assert.match(greeting.result[0].message.text, /^Hello!/);
    await client.sendCommand(client.makeCommand('/language'));
    const [{ message: asked }] = (await client.getUpdates()).result;
    const [[russian]] = asked.reply_markup.inline_keyboard;
    await client.sendCallback(client.makeCallbackQuery(russian.callback_data));
    assert.equal((await client.getUpdates()).result[0].message.text, 'Отвечаю по-русски.');
  } finally {
    await bare.remove();
  }
});

test('by webhook Telegram brings what people say, and only Telegram', { timeout: 120_000 }, async () => {
  const hooked = await installPixora({ PIXORA_TELEGRAM_TOKEN: TOKEN, PIXORA_TELEGRAM_API_URL: api.url, PIXORA_TELEGRAM_WEBHOOK: 'on' });
  try {
    await pixora.kill();
    await hooked.serve();
    const set = () => api.calls.findLast((call) => call.method === 'setwebhook');
    while (!set()) await sleep(50);
    const { url, secret_token } = set()?.query;
    assert.equal(url, `${hooked.base}/api/telegram/webhook`);
    assert.match(secret_token, /^[A-Za-z0-9_-]{32,256}$/);
    const person = somebody('en');
    const update = {
      update_id: 5_000_000,
      message: {
        message_id: 1,
        date: 1,
        text: '/start',
        from: { id: person.id, is_bot: false, first_name: 'Anna' },
        chat: { id: person.id, type: 'private' },
      },
    };
    /** @param {string} secret */
    const bring = async (secret) =>
      (
        await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret },
          body: JSON.stringify(update),
        })
      ).status;
    assert.equal(await bring('nonsense'), 404);
    for (let n = 0; n < 3; n++) assert.equal(await bring(secret_token), 200);
    await person.hears(1);
    await sleep(2500);
    assert.equal(person.heard().length, 1);
  } finally {
    await hooked.remove();
    await pixora.serve();
  }
});

test('a wrong token is told once, without showing it, and the service goes on', { timeout: 120_000 }, async () => {
  const token = '111111111:an-invented-token-nobody-knows';
  const wrong = await installPixora({ PIXORA_TELEGRAM_TOKEN: token, PIXORA_TELEGRAM_API_URL: api.url });
  try {
    await wrong.serve();
    while (!wrong.log().includes('check PIXORA_TELEGRAM_TOKEN')) await sleep(50);
    await sleep(2000);
    assert.equal(wrong.log().match(/check PIXORA_TELEGRAM_TOKEN/g)?.length, 1);
    assert.ok(!wrong.log().includes(token.split(':')[1]), wrong.log());
    assert.equal((await fetch(`${wrong.base}/readyz`)).status, 200);
  } finally {
    await wrong.remove();
  }
});

test('no log line and no answer tells the token or what people sent', async () => {
  const log = pixora.log();
  assert.ok(log.includes('the Telegram bot listens'));
  for (const secret of [TOKEN, TOKEN.split(':')[1], 'photos/', 'anna1']) assert.ok(!log.includes(secret), log);
});
