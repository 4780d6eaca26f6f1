/** The description of the interface is valid, and the clients that are generated from it do the main job. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import openapiTS, { astToString } from 'openapi-typescript';
import { PHOTOS, installPixora, sample } from '../browser/support.mjs';
import { PYTHON, compile, env, generatePython, generateTypeScript, run } from './generate.mjs';

const HERE = import.meta.dirname;
const ROOT = resolve(HERE, '../..');
const ACCOUNT = { email: 'client@example.com', password: 'an invented password' };
/** Where the lines of a program of twenty lines end. */
const QUICK = 20;

Object.assign(env, { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' });

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {string} */
let folder;
/** @type {string} */
let document;

/** What both clients are told. */
const job = () => [
  pixora.base,
  ACCOUNT.email,
  ACCOUNT.password,
  sample(PHOTOS.selfieOfOne),
  ...[...PHOTOS.one, ...PHOTOS.other].map(sample),
];

/** @param {string} printed */
function assertDone(printed) {
  assert.deepEqual(JSON.parse(printed), {
    stored: 3,
    found: PHOTOS.one.length,
    gallery: 3,
    indexed: 3,
    named: PHOTOS.one.map((photo) => basename(photo)).sort(),
    forgotten: 3,
  });
}

/** A session and a key of the scope `faces`, as the quick starts need them. */
async function keyAndSession() {
  const ask = async (/** @type {string} */ path, /** @type {unknown} */ body, /** @type {string} */ token) => {
    const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
    const answer = await fetch(`${pixora.base}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.ok(answer.ok, path);
    return answer.json();
  };
  const { access_token } = await ask('/api/auth/login', { login: ACCOUNT.email, password: ACCOUNT.password }, '');
  const { key } = await ask('/api/keys', { name: 'quick start', scopes: ['faces'] }, access_token);
  const { id } = await ask('/api/photo-sessions', { name: 'Quick start', facepass_enabled: true }, access_token);
  return { PIXORA_URL: pixora.base, PIXORA_API_KEY: key, PIXORA_SESSION: id };
}

/** The program of a language in the README of the clients. @param {string} language */
async function quickStart(language) {
  const text = await readFile(join(ROOT, 'clients/README.md'), 'utf8');
  const code = text.split(`\`\`\`${language}\n`)[1]?.split('```')[0] ?? '';
  const lines = code.split('\n').filter((line) => line.trim());
  assert.ok(lines.length > 5 && lines.length <= QUICK, `${language}: ${lines.length} lines`);
  return code;
}

/** A folder as the quick starts expect it. @param {string} name */
async function album(name) {
  const at = join(folder, name);
  await mkdir(join(at, 'photos'), { recursive: true });
  for (const photo of [...PHOTOS.one, ...PHOTOS.other]) await copyFile(sample(photo), join(at, 'photos', basename(photo)));
  await copyFile(sample(PHOTOS.selfieOfOne), join(at, 'selfie.jpg'));
  return at;
}

/** @param {string} printed */
function assertFound(printed) {
  assert.match(printed, /^3 photos can be found$/m);
  const found = [...printed.matchAll(/^found (\S+) (0\.\d+|1(\.0+)?)$/gm)].map(([, name]) => name);
  assert.deepEqual(found.sort(), PHOTOS.one.map((photo) => basename(photo)).sort(), printed);
}

before(async () => {
  pixora = await installPixora();
  await pixora.addUser(ACCOUNT.email, 'super_admin', ACCOUNT.password);
  await pixora.serve();
  folder = await mkdtemp(join(tmpdir(), 'pixora-clients-'));
  document = join(folder, 'openapi.json');
  await writeFile(document, await (await fetch(`${pixora.base}/api/openapi.json`)).text());
});

after(async () => {
  await pixora.remove();
  await rm(folder, { recursive: true, force: true });
});

test('the document is valid', async () => {
  await run(PYTHON, ['-m', 'openapi_spec_validator', document], folder);
  const config = join(HERE, 'redocly.yaml');
  const lint = ['lint', document, '--config', config, '--format', 'json', '--max-problems', '1000'];
  const { problems } = JSON.parse(await run(join(HERE, 'node_modules/.bin/redocly'), lint, folder));
  assert.deepEqual(
    problems.map((/** @type {any} */ { message, location }) => `${location[0]?.pointer}: ${message}`),
    [],
  );
});

test('the command prints the document that the server answers', async () => {
  const [printed, served] = [await pixora.openapi(), JSON.parse(await readFile(document, 'utf8'))];
  assert.deepEqual({ ...printed, servers: [] }, { ...served, servers: [] });
});

test('the client for Python does the main job, and its quick start runs', async () => {
  const project = join(folder, 'python');
  await generatePython(document, project);
  await readFile(join(project, 'setup.py'));
  env.PYTHONPATH = [project, env.PYTHONPATH].join(delimiter);
  assertDone(await run(PYTHON, [join(HERE, 'job.py'), ...job()], folder));
  const at = await album('quick-python');
  await writeFile(join(at, 'start.py'), await quickStart('python'));
  Object.assign(env, await keyAndSession());
  assertFound(await run(PYTHON, ['start.py'], at));
});

test('the front end knows the shapes of the description', async () => {
  // Without the words that explain them: those change more often than the shapes.
  const description = JSON.parse(await readFile(document, 'utf8'), (key, value) =>
    key === 'description' && typeof value === 'string' ? undefined : value,
  );
  const { openapi, info, components } = description;
  const shapes = astToString(await openapiTS({ openapi, info, paths: {}, components: { schemas: components.schemas } }));
  const kept = join(HERE, 'api.d.ts');
  if (process.env.PIXORA_RENEW_SHAPES) await writeFile(kept, shapes);
  assert.equal(await readFile(kept, 'utf8'), shapes, 'npm --prefix tests/clients run shapes renews tests/clients/api.d.ts');
});

test('the client for TypeScript does the main job, and its quick start runs', async () => {
  const packages = join(folder, 'node_modules');
  await mkdir(packages);
  await symlink(join(HERE, 'node_modules/openapi-fetch'), join(packages, 'openapi-fetch'));
  const node =
    "declare module 'node:fs' { function openAsBlob(path: string): Promise<Blob>; function readdirSync(path: string): string[]; }\n";
  const client = join(packages, 'pixora-client');
  await generateTypeScript(document, client);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(
    join(folder, 'node.d.ts'),
    `${node}declare const process: { argv: string[]; env: Record<string, string | undefined> };\n`,
  );
  await copyFile(join(HERE, 'job.ts'), join(folder, 'job.ts'));
  assert.deepEqual(compile(folder, ['job.ts', 'node.d.ts']), []);
  assertDone(await run(process.execPath, [join(folder, 'job.js'), ...job()], folder));
  const at = await album('quick-typescript');
  await writeFile(join(folder, 'start.ts'), await quickStart('ts'));
  assert.deepEqual(compile(folder, ['start.ts', 'node.d.ts']), []);
  Object.assign(env, await keyAndSession());
  assertFound(await run(process.execPath, [join(folder, 'start.js')], at));
});
