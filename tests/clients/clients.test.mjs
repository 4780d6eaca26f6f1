/** The description of the interface is valid, and clients that are generated from it do the main job. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { PHOTOS, installPixora, sample } from '../browser/support.mjs';

const HERE = import.meta.dirname;
const ROOT = resolve(HERE, '../..');
const PYTHON = process.env.PYTHON ?? 'python3';
const ACCOUNT = { email: 'client@example.com', password: 'an invented password' };

/** @type {Awaited<ReturnType<typeof installPixora>>} */
let pixora;
/** @type {string} */
let folder;
/** @type {string} */
let document;

const env = {
  ...process.env,
  PYTHONPATH: [join(ROOT, '.build/python-tests'), process.env.PYTHONPATH].filter(Boolean).join(delimiter),
  PYTHONDONTWRITEBYTECODE: '1',
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
};

/** Runs a program; what it says when it fails is what the test says. @param {string} program @param {string[]} args */
async function run(program, args) {
  const done = promisify(execFile)(program, args, { env, cwd: folder, maxBuffer: 1 << 24 });
  return (await done.catch((error) => assert.fail(`${program} ${args.join(' ')}\n${error.stdout}\n${error.stderr}`))).stdout;
}

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
  assert.deepEqual(JSON.parse(printed), { stored: 3, found: PHOTOS.one.length, gallery: 3 });
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
  await run(PYTHON, ['-m', 'openapi_spec_validator', document]);
  const config = join(HERE, 'redocly.yaml');
  const lint = ['lint', document, '--config', config, '--format', 'json', '--max-problems', '1000'];
  const { problems } = JSON.parse(await run(join(HERE, 'node_modules/.bin/redocly'), lint));
  assert.deepEqual(
    problems.map(({ message, location }) => `${location[0]?.pointer}: ${message}`),
    [],
  );
});

test('a client generated for Python does the main job', async () => {
  const config = join(HERE, 'python.yaml');
  const generate = ['generate', '--path', document, '--meta', 'none', '--config', config, '--output-path', join(folder, 'pixora_client')];
  const printed = await run(PYTHON, ['-m', 'openapi_python_client', ...generate, '--fail-on-warning']);
  assert.ok(!/warning/i.test(printed), printed);
  await copyFile(join(HERE, 'job.py'), join(folder, 'job.py'));
  assertDone(await run(PYTHON, ['job.py', ...job()]));
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

test('a client generated for TypeScript does the main job', async () => {
  const blob = ts.factory.createTypeReferenceNode('Blob');
  const generated = await openapiTS(new URL(`file://${document}`), {
    transform: (schema) => (schema.format === 'binary' ? blob : undefined),
  });
  await writeFile(join(folder, 'api.ts'), astToString(generated));
  await copyFile(join(HERE, 'job.ts'), join(folder, 'job.ts'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await symlink(join(HERE, 'node_modules'), join(folder, 'node_modules'));
  const compilerOptions = {
    strict: true,
    target: 'es2022',
    module: 'nodenext',
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: [],
    skipLibCheck: true,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['job.ts'] }));
  await run(join(HERE, 'node_modules/.bin/tsc'), ['-p', folder]);
  assertDone(await run(process.execPath, ['job.js', ...job()]));
});
