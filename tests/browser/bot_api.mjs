/**
 * A Bot API on this machine. The emulator `telegram-test-api` keeps chats, texts and buttons. It has no pictures
 * in either direction, forgets an update once it was read (whatever `offset` says), and holds no question open:
 * for these stands, in front of it, a stand-in server of ours, which also refuses and stumbles when told to.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import TelegramServer from 'telegram-test-api';

/** Of an invented bot. */
export const TOKEN = '123456789:an-invented-token-of-usual-length';

/** As the real one: so many updates at once at most. */
const BATCH = 100;

/**
 * What the bot said in a chat.
 * @typedef {{ chat: number, kind: 'text' | 'photo' | 'album' | 'document', text: string, buttons: { text: string, callback_data: string }[], pictures: Buffer[], at: number }} Heard
 */

/** A free port below those that the system hands out by itself. */
const port = () => 20_000 + Math.floor(Math.random() * 10_000);

export async function startBotApi() {
  const emulator = new TelegramServer({ port: port(), host: '127.0.0.1', storeTimeout: 3600 });
  await emulator.start();
  /** @type {{ update_id: number }[]} not acknowledged yet */
  let waiting = [];
  /** @type {Map<string, Buffer>} */
  const files = new Map();
  /** @type {Heard[]} */
  const heard = [];
  /** @type {{ method: string, at: number, query: any }[]} */
  const calls = [];
  /** What is answered instead, by method, each once. @type {Map<string, ((proceed: () => Promise<any>) => Promise<any>)[]>} */
  const stumbles = new Map();
  let reachable = true;

  /** @param {any} answer */
  const fine = (answer) => ({ status: 200, body: { ok: true, result: answer } });
  /** @param {number} code @param {string} description @param {any} [parameters] */
  const refusal = (code, description, parameters) => ({ status: code, body: { ok: false, error_code: code, description, parameters } });

  /** @param {Omit<Heard, 'at'>} message */
  function hear(message) {
    heard.push({ ...message, at: Date.now() });
    return fine({
      message_id: heard.length,
      date: Math.floor(Date.now() / 1000),
      chat: { id: message.chat, type: 'private', first_name: 'Anna' },
    });
  }

  /** @type {Record<string, (query: any, form?: FormData) => Promise<{ status: number, body: any }>>} */
  const methods = {
    getme: async () => fine({ id: 123456789, is_bot: true, first_name: 'Pixora', username: 'pixora_test_bot' }),
    async getupdates({ offset, timeout = 0 }) {
      if (offset !== undefined) waiting = waiting.filter((update) => update.update_id >= offset);
      const until = Date.now() + timeout * 1000;
      for (;;) {
        waiting.push(...emulator.getUpdates(TOKEN));
        if (waiting.length || Date.now() >= until || !reachable) return fine(waiting.slice(0, BATCH));
        await sleep(20);
      }
    },
    async getfile({ file_id }) {
      const file = files.get(file_id);
      if (!file) return refusal(400, 'Bad Request: invalid file_id');
      if (file.length > 20 << 20) return refusal(400, 'Bad Request: file is too big');
      return fine({ file_id, file_unique_id: `u${file_id}`, file_size: file.length, file_path: `photos/${file_id}.jpg` });
    },
    async sendphoto(query, form) {
      return hear({
        chat: Number(query.chat_id),
        kind: 'photo',
        text: query.caption ?? '',
        buttons: [],
        pictures: [await part(form, query.photo)],
      });
    },
    async senddocument(query, form) {
      return hear({
        chat: Number(query.chat_id),
        kind: 'document',
        text: query.caption ?? '',
        buttons: [],
        pictures: [await part(form, query.document)],
      });
    },
    async sendmediagroup(query, form) {
      const media = JSON.parse(query.media);
      if (media.length < 2 || media.length > 10) return refusal(400, 'Bad Request: wrong number of pictures in an album');
      const pictures = await Promise.all(media.map((/** @type {any} */ one) => part(form, one.media)));
      const { body } = hear({ chat: Number(query.chat_id), kind: 'album', text: '', buttons: [], pictures });
      return fine(pictures.map(() => body.result));
    },
    answercallbackquery: async () => fine(true),
    setwebhook: (query) => relay('setWebhook', query),
    deletewebhook: (query) => relay('deleteWebhook', query),
    async sendmessage(query) {
      const answer = await relay('sendMessage', query);
      const { chat, text, reply_markup } = answer.body.result;
      heard.push({
        chat: chat.id,
        kind: 'text',
        text,
        buttons: (reply_markup?.inline_keyboard ?? []).flat(),
        pictures: [],
        at: Date.now(),
      });
      return answer;
    },
  };

  /** Asks the emulator. @param {string} method @param {any} query */
  async function relay(method, query) {
    const response = await fetch(`${emulator.config.apiURL}/bot${TOKEN}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(query),
    });
    return { status: response.status, body: await response.json() };
  }

  const server = createServer(async (request, response) => {
    /** @param {{ status: number, body: any }} answer */
    const send = ({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    try {
      if (!reachable) return request.socket.destroy();
      const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname)
        .split('/')
        .slice(1);
      if (path[0] === 'file') {
        if (path[1] !== `bot${TOKEN}`) return send(refusal(404, 'Not Found'));
        await stumbles.get('download')?.shift()?.(async () => undefined);
        const file = files.get(path[3]?.replace(/\.jpg$/, ''));
        return file ? response.writeHead(200).end(file) : send(refusal(404, 'Not Found'));
      }
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { query, form } = await read(request.headers['content-type'] ?? '', Buffer.concat(chunks));
      if (path[0] !== `bot${TOKEN}`) return send(refusal(401, 'Unauthorized'));
      const method = path[1].toLowerCase();
      calls.push({ method, at: Date.now(), query });
      const proceed = () => methods[method]?.(query, form) ?? Promise.resolve(refusal(404, 'Not Found'));
      const stumble = stumbles.get(method)?.shift();
      send(await (stumble ? stumble(proceed) : proceed()));
    } catch (error) {
      if (!response.headersSent) send(refusal(500, `Internal Server Error: ${error}`));
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;

  /** @param {Buffer} picture @returns {string} its file id */
  function upload(picture) {
    const id = randomUUID();
    files.set(id, picture);
    return id;
  }

  /** @param {string} id @param {number} width */
  const size = (id, width) => ({ file_id: id, file_unique_id: `u${id}`, width, height: width, file_size: files.get(id)?.length });

  return {
    url,
    /** The emulator alone, with what it lacks. */
    bare: emulator.config.apiURL,
    heard,
    calls,
    refusal,
    waiting: () => waiting.length,

    /** The next request of this kind gets this answer; `proceed` gives the usual one. @param {string} method @param {(proceed: () => Promise<any>) => Promise<any>} answer */
    stumble(method, answer) {
      stumbles.set(method, [...(stumbles.get(method) ?? []), answer]);
    },

    /** @param {boolean} is */
    setReachable(is) {
      reachable = is;
    },

    /** Somebody of another bot, whom only the emulator knows. @param {string} token */
    stranger: (token) => emulator.getClient(token, { userId: 77, chatId: 77, timeout: 30_000 }),

    /** Somebody with Telegram. @param {number} id @param {string} language @param {string} [type] of the chat */
    user(id, language, type = 'private') {
      const client = emulator.getClient(TOKEN, { userId: id, chatId: id, firstName: 'Anna', userName: `anna${id}`, type });
      const from = { from: { language_code: language } };
      /** @param {any} content */
      const send = async (content) => {
        const { text, ...message } = client.makeMessage('', { ...from, ...content });
        await client.sendMessage(text ? { ...message, text } : message);
      };
      return {
        id,
        /** @param {string} text */
        say: (text) => client.sendCommand(client.makeCommand(text, from)),
        /** Presses a button that the bot has shown. @param {string} label */
        async press(label) {
          const button = heard
            .filter((one) => one.chat === id)
            .flatMap((one) => one.buttons)
            .findLast((one) => one.text === label);
          if (!button) throw new Error(`there is no button ${label}`);
          await client.sendCallback(client.makeCallbackQuery(button.callback_data, from));
        },
        /** @param {Buffer} picture @param {string} [album] @returns {Promise<string>} its file id */
        async photo(picture, album) {
          const id = upload(picture);
          await send({
            photo: [size('a-thumbnail', 90), size(id, 1280), size('a-preview', 320)],
            ...(album ? { media_group_id: album } : {}),
          });
          return id;
        },
        /** @param {Buffer} file @param {string} mime_type */
        async document(file, mime_type) {
          const id = upload(file);
          await send({ document: { file_id: id, file_unique_id: `u${id}`, file_size: file.length, mime_type } });
          return id;
        },
        /** What the bot has said here. */
        heard: () => heard.filter((one) => one.chat === id),
        /** The same, once it is so much. @param {number} count @param {number} [ms] */
        async hears(count, ms = 30_000) {
          const until = Date.now() + ms;
          const said = () => heard.filter((one) => one.chat === id);
          while (said().length < count) {
            if (Date.now() > until) throw new Error(`heard only ${JSON.stringify(said().map((one) => one.text || one.kind))}`);
            await sleep(50);
          }
          return said();
        },
      };
    },

    async stop() {
      reachable = false;
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await emulator.stop();
    },
  };
}

/** @param {string} type @param {Buffer} body @returns {Promise<{ query: any, form?: FormData }>} */
async function read(type, body) {
  if (type.startsWith('multipart/')) {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    const texts = [...form.entries()].filter(([, value]) => typeof value === 'string');
    return { query: Object.fromEntries(texts), form };
  }
  return { query: body.length ? JSON.parse(body.toString()) : {} };
}

/** A file of a form, named as `attach://name`, or lying under the name of the parameter. @param {FormData | undefined} form @param {string | undefined} name */
async function part(form, name) {
  const file = form?.get(name?.replace('attach://', '') ?? '') ?? form?.get('photo') ?? form?.get('document');
  if (!(file instanceof Blob)) throw new Error(`no file ${name}`);
  return Buffer.from(await file.arrayBuffer());
}
