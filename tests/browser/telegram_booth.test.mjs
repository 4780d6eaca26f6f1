/** The Telegram bot between a guest and a photo booth: a real Pixora, an emulated Bot API. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TOKEN, startBotApi } from './bot_api.mjs';
import { installPixora, sample } from './support.mjs';

/** @type {Awaited<ReturnType<typeof startBotApi>>} */
let api;
/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {Buffer} */
let picture;
let people = 2000;

before(
  async () => {
    api = await startBotApi();
    pixora = await installPixora({ PIXORA_TELEGRAM_TOKEN: TOKEN, PIXORA_TELEGRAM_API_URL: api.url });
    picture = await readFile(sample('officials/biden.jpg'));
    await pixora.serve();
  },
  { timeout: 120_000 },
);

after(async () => {
  await pixora?.remove();
  await api?.stop();
});

/** @param {string} path @param {string} [method] @param {any} [body] */
async function call(path, method = 'GET', body = undefined) {
  const response = await fetch(`${pixora.base}/api/session/${path}`, {
    method,
    headers: body ? { 'content-type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** @param {'upload' | 'download'} type @returns {Promise<string>} its id */
const begin = async (type) => (await call('create', 'POST', { type })).id;

/** @param {string} id */
const leave = (id) => call(`${id}/result`, 'POST', { photo_data: picture.toString('base64') });

/** @param {string} id @returns {Promise<string[]>} the file ids, in order */
async function received(id) {
  const { photos } = await call(`${id}/photos`);
  return photos
    .filter((/** @type {any} */ photo) => photo.photo_type === 'uploaded')
    .map((/** @type {any} */ photo) => photo.telegram_file_id);
}

test('pictures go to the booth in order, albums too, and what it makes comes back', { timeout: 120_000 }, async () => {
  const [id, guest] = [await begin('upload'), api.user(people++, 'ru')];
  assert.equal((await call(id)).telegram_url, `https://t.me/pixora_test_bot?start=${id}`);
  await guest.say(`/start ${id}`);
  assert.match((await guest.hears(1))[0].text, /^Фотобудка на связи/);
  const tied = await call(id);
  assert.deepEqual([tied.telegram_user_id, tied.telegram_username], [guest.id, `anna${guest.id}`]);

  const files = [await guest.photo(picture)];
  assert.match((await guest.hears(2))[1].text, /Снимок 1 из 5/);
  for (let n = 0; n < 3; n++) files.push(await guest.photo(picture, 'an-album'));
  assert.match((await guest.hears(3)).at(-1)?.text ?? '', /Снимок [234] из 5/);
  while ((await received(id)).length < 4) await sleep(100);
  files.push(await guest.document(picture, 'image/jpeg'));
  while (!guest.heard().some((one) => /Снимок 5 из 5/.test(one.text))) await sleep(100);
  assert.deepEqual(await received(id), files);
  assert.equal((await call(id)).status, 'ready');

  const before = guest.heard().length;
  await guest.photo(picture);
  assert.match((await guest.hears(before + 1)).at(-1)?.text ?? '', /уже 5 снимков/);
  await leave(id);
  const result = (await guest.hears(before + 2)).at(-1);
  assert.deepEqual([result?.kind, result?.text], ['photo', 'Ваша фотография из фотобудки.']);
  assert.equal(result?.pictures[0].readUInt16BE(0), 0xffd8);
});

test('who comes to fetch gets what is there already and what comes later, each once', { timeout: 120_000 }, async () => {
  const [id, guest] = [await begin('download'), api.user(people++, 'en')];
  await leave(id);
  await guest.say(`/start ${id}`);
  const [welcome, first] = await guest.hears(2);
  assert.match(welcome.text, /^All set/);
  assert.equal(first.kind, 'photo');
  await guest.photo(picture);
  await guest.hears(3);
  await leave(id);
  assert.equal((await guest.hears(4))[3].kind, 'photo');
  await guest.say(`/start ${id}`);
  await guest.hears(5);
  await sleep(3000);
  assert.equal(guest.heard().length, 5);
});

test('no picture, another guest, the end: each has its answer', { timeout: 120_000 }, async () => {
  const [id, guest] = [await begin('upload'), api.user(people++, 'en')];
  await guest.say(`/start ${id}`);
  await guest.hears(1);
  await guest.document(Buffer.from('no picture at all'), 'image/png');
  assert.match((await guest.hears(2))[1].text, /does not open as a picture/);
  await guest.say('how are you');
  assert.match((await guest.hears(3))[2].text, /pictures only/);

  // Who scans the code last has the booth.
  const other = api.user(people++, 'en');
  await other.say(`/start ${id}`);
  await other.hears(1);
  await leave(id);
  assert.equal((await other.hears(2))[1].kind, 'photo');
  await sleep(2000);
  assert.equal(guest.heard().length, 3);

  await call(id, 'PUT', { status: 'completed' });
  await other.photo(picture);
  assert.match((await other.hears(3))[2].text, /has finished with these pictures/);
  await call(id, 'PUT', { status: 'expired' });
  await other.photo(picture);
  assert.match((await other.hears(4))[3].text, /Time is over/);
  await other.say(`/start ${id}`);
  assert.match((await other.hears(5))[4].text, /Time is over/);
});

test('who says stop is not tied any more', { timeout: 60_000 }, async () => {
  const [id, guest] = [await begin('upload'), api.user(people++, 'en')];
  await guest.say(`/start ${id}`);
  await guest.hears(1);
  await guest.say('/stop');
  await guest.hears(2);
  assert.equal((await call(id)).telegram_user_id, null);
  await leave(id);
  await sleep(3000);
  assert.equal(guest.heard().length, 2);
});

test('a result that comes while the bot is down, or Telegram is, is sent afterwards', { timeout: 180_000 }, async () => {
  const [id, guest] = [await begin('upload'), api.user(people++, 'en')];
  await guest.say(`/start ${id}`);
  await guest.hears(1);
  // Telegram does not take it before the process is killed.
  let tried = 0;
  api.stumble('sendphoto', async () => {
    tried++;
    await sleep(60_000, undefined, { ref: false });
  });
  await leave(id);
  while (!tried) await sleep(20);
  await pixora.kill();
  await pixora.serve();
  assert.equal((await guest.hears(2, 60_000))[1].kind, 'photo');
  await sleep(3000);
  assert.equal(guest.heard().length, 2);
});

test('killed again and again while pictures come, the bot loses none and takes none twice', { timeout: 300_000 }, async () => {
  const guests = await Promise.all(
    [1, 2, 3].map(async () => ({ id: await begin('upload'), guest: api.user(people++, 'en'), files: /** @type {string[]} */ ([]) })),
  );
  for (const { id, guest } of guests) await guest.say(`/start ${id}`);
  for (const { guest } of guests) await guest.hears(1);
  for (let n = 0; n < 5; n++) {
    for (const each of guests) each.files.push(await each.guest.photo(picture));
    // Anywhere between the question for updates and the answers.
    await sleep(Math.random() * 700);
    await pixora.kill();
    await pixora.serve();
  }
  for (const { id, guest, files } of guests) {
    const until = Date.now() + 60_000;
    while ((await received(id)).length < 5 && Date.now() < until) await sleep(200);
    assert.deepEqual(await received(id), files);
    while (!guest.heard().some((one) => one.text.startsWith('Picture 5 of 5')) && Date.now() < until) await sleep(200);
    for (let n = 1; n <= 5; n++)
      assert.ok(
        guest.heard().some((one) => one.text.startsWith(`Picture ${n} of 5`)),
        `${n}`,
      );
  }
  assert.equal(api.waiting(), 0);
});
