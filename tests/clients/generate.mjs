/**
 * Makes the clients of `clients/` out of the description of the interface: `node generate.mjs DOCUMENT INTO`. The one
 * way of `make clients` and of the test beside it.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';

const HERE = import.meta.dirname;
const ROOT = resolve(HERE, '../..');
const SOURCES = join(ROOT, 'clients');

export const PYTHON = process.env.PYTHON ?? 'python3';
/** With the packages of the tests, among which the generator for Python is. */
export const env = {
  ...process.env,
  PYTHONPATH: [join(ROOT, '.build/python-tests'), process.env.PYTHONPATH].filter(Boolean).join(delimiter),
  PYTHONDONTWRITEBYTECODE: '1',
};

/** Runs a program; what it says when it fails is what the failure says. @param {string} program @param {string[]} args @param {string} cwd */
export async function run(program, args, cwd) {
  try {
    return (await promisify(execFile)(program, args, { env, cwd, maxBuffer: 1 << 24 })).stdout;
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout: string, stderr: string }} */ (error);
    throw new Error(`${program} ${args.join(' ')}\n${stdout}\n${stderr}`);
  }
}

/** A project that `pip install` takes. @param {string} document @param {string} into */
export async function generatePython(document, into) {
  const config = join(SOURCES, 'python.yaml');
  const args = ['generate', '--path', document, '--meta', 'setup', '--config', config, '--output-path', into, '--overwrite'];
  const printed = await run(PYTHON, ['-m', 'openapi_python_client', ...args, '--fail-on-warning'], ROOT);
  // What it cannot do it leaves out with a warning.
  if (/warning/i.test(printed)) throw new Error(printed);
}

/** A package that `npm install` takes, compiled. @param {string} document @param {string} into */
export async function generateTypeScript(document, into) {
  await mkdir(into, { recursive: true });
  const blob = ts.factory.createTypeReferenceNode('Blob');
  const generated = await openapiTS(pathToFileURL(document), {
    transform: (schema) => (schema.format === 'binary' ? blob : undefined),
  });
  await writeFile(join(into, 'api.ts'), astToString(generated));
  for (const name of ['index.ts', 'package.json']) {
    const source = join(SOURCES, 'typescript', name);
    if (source !== join(into, name)) await copyFile(source, join(into, name));
  }
  const failures = compile(into);
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

/** Compiles what a folder has; packages are found among those of the tests. @param {string} folder @returns {string[]} what is wrong */
export function compile(folder, names = ['index.ts', 'api.ts']) {
  const options = {
    strict: true,
    declaration: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    skipLibCheck: true,
    paths: { 'openapi-fetch': [join(HERE, 'node_modules/openapi-fetch/dist/index.d.mts')] },
  };
  const program = ts.createProgram(
    names.map((name) => join(folder, name)),
    options,
  );
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(
    ({ file, messageText }) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
}

if (process.argv[1] === import.meta.filename) {
  const [document, into] = process.argv.slice(2).map((path) => resolve(path));
  if (!into) throw new Error('node generate.mjs DOCUMENT INTO');
  await generatePython(document, join(into, 'python'));
  await generateTypeScript(document, join(into, 'typescript'));
  console.log(`${join(into, 'python')}\n${join(into, 'typescript')}`);
}
