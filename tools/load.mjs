/**
 * A wedding at its worst: guests come in while the photographer uploads. `make load` prints the numbers.
 *
 * Starts the built server on a directory of its own. One uploader sends photographs (the samples, each copy
 * with a comment of its own, so that no two files are the same) by the form, four at once. Each guest
 * validates the session, opens its page, says yes, searches with a selfie, looks through the gallery and its
 * thumbnails, and comes again until the ingest is over. Says what came back and how long it took; fails when
 * anything but 503 with `Retry-After` came from the server's side, or a photo is missing at the end.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const BINARY = process.env.PIXORA_BINARY ?? join(ROOT, 'target/release/pixora');
const SAMPLES = join(ROOT, '.build/samples');
const [GUESTS, PHOTOS] = [Number(process.argv[2] ?? 300), Number(process.argv[3] ?? 2000)];
const UPLOADS_AT_ONCE = 4;
/** Guests arrive over this time, and between two visits they look at the party. */
const ARRIVAL_MS = 60_000;
const PAUSE_MS = 60_000;
const PASSWORD = 'an invented password';

const sleep = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

/** @type {Map<string, {times: number[], statuses: Map<number, number>}>} */
const seen = new Map();
/** @type {string[]} */
const faults = [];

/** Sends a request, notes it, and comes again when the server asks for that. @param {string} what @param {string} url @param {RequestInit | (() => RequestInit)} [init] */
async function call(what, url, init = {}) {
  for (;;) {
    const begun = performance.now();
    const response = await fetch(url, typeof init === 'function' ? init() : init);
    const body = Buffer.from(await response.arrayBuffer());
    const entry = seen.get(what) ?? { times: [], statuses: new Map() };
    seen.set(what, entry);
    entry.statuses.set(response.status, (entry.statuses.get(response.status) ?? 0) + 1);
    if (response.status < 400) entry.times.push(performance.now() - begun);
    const wait = Number(response.headers.get('retry-after'));
    if (response.status === 503 && wait > 0) {
      await sleep(wait * 1000 * (1 + Math.random()));
      continue;
    }
    if (response.status >= 500) faults.push(`${what}: ${response.status} ${body.toString('utf8').slice(0, 200)}`);
    return { status: response.status, body, json: () => JSON.parse(body.toString('utf8')) };
  }
}

/** A JPEG with a comment behind its first marker: another file, the same picture. @param {Buffer} jpeg @param {number} n */
function copy(jpeg, n) {
  const text = Buffer.from(`copy ${n}`);
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, text.length + 2]), text]);
  return Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]);
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => done(port));
    });
  });
}

/** @param {number[]} times @param {number} share */
function at(times, share) {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.round((sorted[Math.round((sorted.length - 1) * share)] ?? 0) * 10) / 10;
}

async function main() {
  const dataDir = mkdtempSync(join(tmpdir(), 'pixora-load-'));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    PIXORA_BIND: `127.0.0.1:${port}`,
    PIXORA_DATA_DIR: dataDir,
    PIXORA_LOG: 'error',
    PIXORA_MODEL_DIR: process.env.PIXORA_MODEL_DIR ?? join(ROOT, '.build/nets'),
    ORT_DYLIB_PATH: process.env.ORT_DYLIB_PATH ?? join(ROOT, '.build/onnxruntime/libonnxruntime.so'),
  };
  execFileSync(BINARY, ['user', 'add', '--email', 'load@example.com', '--role', 'admin', '--password-stdin'], {
    env,
    input: `${PASSWORD}\n`,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const server = spawn(BINARY, ['serve'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    for (let tries = 0; ; tries += 1) {
      const ready = await fetch(`${base}/readyz`).catch(() => undefined);
      if (ready?.ok) break;
      if (tries > 300) throw new Error('the server does not become ready');
      await sleep(200);
    }
    await load(base, server.pid);
  } finally {
    server.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The most memory that the server has had, in MB; `null` where the system does not say. @param {number | undefined} pid */
function peakMemory(pid) {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes ? Math.round(Number(kilobytes) / 1024) : null;
  } catch {
    return null;
  }
}

/** @param {string} base @param {number | undefined} pid */
async function load(base, pid) {
  const json = (/** @type {object} */ body, headers = {}) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  /** @type {Record<string, string>} */
  let bearer = {};
  const signIn = async () => {
    const tokens = (await call('sign in', `${base}/api/auth/login`, json({ login: 'load@example.com', password: PASSWORD }))).json();
    bearer = { authorization: `Bearer ${tokens.access_token}` };
  };
  await signIn();
  const session = (await call('create', `${base}/api/photo-sessions`, json({ name: 'Load' }, bearer))).json().id;

  const originals = readdirSync(SAMPLES).flatMap((folder) =>
    readdirSync(join(SAMPLES, folder))
      .filter((name) => name.endsWith('.jpg'))
      .map((name) => readFileSync(join(SAMPLES, folder, name))),
  );
  const selfies = ['obama.jpg', 'obama2.jpg', 'biden.jpg'].map((name) => readFileSync(join(SAMPLES, 'officials', name)));

  let sent = 0;
  let over = false;
  const started = performance.now();
  const uploader = async () => {
    for (;;) {
      const n = sent;
      if (n >= PHOTOS) return;
      sent += 1;
      const upload = () => {
        const form = new FormData();
        const bytes = copy(originals[n % originals.length], n);
        form.append('photo', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), `IMG_${n}.jpg`);
        return { method: 'POST', headers: bearer, body: form };
      };
      let answer = await call('upload', `${base}/api/photo-sessions/${session}/photos`, upload);
      if (answer.status === 401) {
        await signIn();
        answer = await call('upload', `${base}/api/photo-sessions/${session}/photos`, upload);
      }
      if (answer.status !== 200 || answer.json().results[0].result !== 'stored') faults.push(`photo ${n}: ${answer.status} ${answer.body}`);
    }
  };

  let visits = 0;
  let empty = 0;
  let lastEmpty = 0;
  const guest = async (/** @type {number} */ n) => {
    await sleep((ARRIVAL_MS * n) / GUESTS);
    const consent = json({ version: '2026-11', language: 'en' });
    const { consent_id } = (await call('consent', `${base}/api/v1/sessions/${session}/consents`, consent)).json();
    while (!over) {
      visits += 1;
      await call('validate', `${base}/api/v1/sessions/validate/${session}`);
      await call('page', `${base}/session/${session}`);
      const found = await call('search', `${base}/api/v1/sessions/${session}/search`, () => {
        const form = new FormData();
        form.append('consent_id', consent_id);
        form.append('selfie', new Blob([new Uint8Array(selfies[n % selfies.length])], { type: 'image/jpeg' }), 'selfie.jpg');
        return { method: 'POST', body: form };
      });
      if (found.status === 200 && found.json().matches.length === 0) {
        empty += 1;
        lastEmpty = performance.now() - started;
      }
      const gallery = (await call('gallery', `${base}/api/v1/sessions/${session}/photos?limit=50`)).json();
      for (const photo of gallery.photos.slice(0, 10)) await call('thumb', base + photo.thumb_url);
      for (let waited = 0; waited < PAUSE_MS && !over; waited += 500) await sleep(500);
    }
  };

  const guests = Array.from({ length: GUESTS }, (_, n) => guest(n));
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, uploader));
  const uploaded = performance.now();
  let counts = { photos_indexed: 0, faces_indexed: 0, queued: 1 };
  for (;;) {
    counts = (await call('status', `${base}/api/v1/sessions/${session}/facepass-status`)).json();
    if (counts.queued === 0) break;
    await sleep(1000);
  }
  const seconds = (performance.now() - started) / 1000;
  over = true;
  await Promise.all(guests);

  if (counts.photos_indexed !== PHOTOS) faults.push(`${counts.photos_indexed} of ${PHOTOS} photos are indexed`);
  const calls = Object.fromEntries(
    [...seen].map(([what, { times, statuses }]) => [
      what,
      { statuses: Object.fromEntries(statuses), p50_ms: at(times, 0.5), p99_ms: at(times, 0.99) },
    ]),
  );
  const report = {
    guests: GUESTS,
    visits,
    // The first guests come before the first photo of theirs is indexed.
    empty_results: empty,
    last_empty_s: Math.round(lastEmpty / 100) / 10,
    photos: PHOTOS,
    faces: counts.faces_indexed,
    upload_s: Math.round((uploaded - started) / 1000),
    indexed_s: Math.round(seconds),
    peak_memory_mb: peakMemory(pid),
    calls,
    faults: faults.slice(0, 20),
  };
  console.log(JSON.stringify(report, null, 2));
  if (faults.length > 0) process.exitCode = 1;
}

await main();
