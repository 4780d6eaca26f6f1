/** News of new photos by the bot: begun on the guest's page, ended by a button, by /stop and by blocking the bot. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { TOKEN, startBotApi } from './bot_api.mjs';
import { PHOTOS, installPixora, sample } from './support.mjs';

const SLOW = 240_000;

/** @type {Awaited<ReturnType<typeof startBotApi>>} */
let api;
/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;

before(
  async () => {
    api = await startBotApi();
    pixora = await installPixora({ PIXORA_TELEGRAM_TOKEN: TOKEN, PIXORA_TELEGRAM_API_URL: api.url });
    await pixora.serve();
  },
  { timeout: 200_000 },
);

after(async () => {
  await pixora?.remove();
  await api?.stop();
});

/** @param {string} path @param {RequestInit} [options] @returns {Promise<any>} */
async function ask(path, options) {
  const response = await fetch(`${pixora.base}${path}`, options);
  assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
  return response.json();
}

/** @param {unknown} body @param {string} [cookie] */
const json = (body, cookie = '') => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', cookie },
  body: JSON.stringify(body),
});

/** Somebody who found themselves on the guest's page and wants news by the bot. @param {string} session */
async function wants(session) {
  const base = `/api/v1/sessions/${session}`;
  const { texts } = await ask(`${base}/consent-texts`);
  const version = (/** @type {string} */ purpose) => texts.find((/** @type {any} */ text) => text.purpose === purpose).version;
  const { consent_id } = await ask(`${base}/consents`, json({ version: version('match'), language: 'en' }));
  const form = new FormData();
  form.append('selfie', new Blob([await readFile(sample(PHOTOS.selfieOfOne))], { type: 'image/jpeg' }), 'me.jpg');
  form.append('consent_id', consent_id);
  const found = await fetch(`${pixora.base}${base}/search`, { method: 'POST', body: form });
  assert.equal(found.status, 200);
  const cookie = found.headers.getSetCookie()[0].split(';')[0];
  const until = Date.now() + 30_000;
  // The bot's name is asked for at the start.
  while (!(await ask(`${base}/news`)).channels.includes('telegram')) assert.ok(Date.now() < until, 'the bot is known');
  return ask(`${base}/news`, json({ channel: 'telegram', version: version('news'), language: 'en' }, cookie));
}

/** @param {{ news_id: string, key: string }} news */
const standing = async ({ news_id, key }) => (await ask(`/api/news/${news_id}?key=${key}`)).state;

test('a guest hears of a new photo in the bot, and the button under it erases everything', { timeout: 600_000 }, async () => {
  const session = await pixora.createSession('Anna & Ivan');
  await pixora.ingest(session, [PHOTOS.one[0]]);
  const news = await wants(session);
  assert.equal(news.state, 'asked');
  const [, start] = news.telegram_url.match(/^https:\/\/t\.me\/pixora_test_bot\?start=(\S+)$/) ?? [];
  assert.ok(start, news.telegram_url);
  const guest = api.user(4001, 'en');
  await guest.say(`/start ${start}`);
  assert.match((await guest.hears(1))[0].text, /I will send new photos of you here/);
  assert.equal(await standing(news), 'on');
  // Another chat cannot take them over.
  const thief = api.user(4002, 'en');
  await thief.say(`/start ${start}`);
  assert.match((await thief.hears(1))[0].text, /does not work|not found/i);

  await pixora.ingest(session, [PHOTOS.one[1], ...PHOTOS.other]);
  const [photo, text] = (await guest.hears(3, SLOW)).slice(1);
  assert.equal(photo.kind, 'photo', 'one photo, and only that of the guest');
  assert.equal(photo.pictures[0].readUInt16BE(0), 0xffd8);
  assert.match(text.text, /New photos of you: 1/);
  assert.ok(text.text.includes('Anna & Ivan') && text.text.includes(`/session/${session}`), text.text);
  await guest.press('Stop');
  assert.match((await guest.hears(4))[3].text, /I will send no more/);
  assert.equal(await standing(news), 'stopped');
});

test('/stop ends the news of a chat', { timeout: 600_000 }, async () => {
  const session = await pixora.createSession('Olga & Peter');
  await pixora.ingest(session, [PHOTOS.one[0]]);
  const news = await wants(session);
  const guest = api.user(4003, 'en');
  await guest.say(`/start ${news.news_id}`);
  await guest.hears(1);
  await guest.say('/stop');
  await guest.hears(2);
  assert.equal(await standing(news), 'stopped');
});

test('a guest who has blocked the bot is forgotten when there is something to tell', { timeout: 600_000 }, async () => {
  const session = await pixora.createSession('Vera & Pavel');
  await pixora.ingest(session, [PHOTOS.one[0]]);
  const news = await wants(session);
  const guest = api.user(4004, 'en');
  await guest.say(`/start ${news.news_id}`);
  await guest.hears(1);
  api.stumble('sendphoto', async () => api.refusal(403, 'Forbidden: bot was blocked by the user'));
  await pixora.ingest(session, [PHOTOS.one[1]]);
  for (const end = Date.now() + SLOW; (await standing(news)) !== 'stopped' && Date.now() < end;)
    await new Promise((go) => setTimeout(go, 500));
  assert.equal(await standing(news), 'stopped');
});
