/** The front end's JSDoc types hold, and what only one module may do. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

test('the front end passes the type checker', { timeout: 120_000 }, async () => {
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const output = await new Promise((done) => {
    execFile(process.execPath, [compiler, '-p', join(import.meta.dirname, 'tsconfig.json')], (_, stdout, stderr) => done(stdout + stderr));
  });
  // Vendored libraries are checked by their own projects.
  const ours = String(output)
    .split('\n')
    .filter((line) => line && !line.startsWith(' ') && !line.includes('static/vendor/'));
  assert.deepEqual(ours, []);
});

test('one module writes every date and number, with formatters that it keeps', async () => {
  const root = join(import.meta.dirname, '../../static/js');
  const writers = [];
  const makers = [];
  for (const file of await readdir(root, { recursive: true })) {
    if (!file.endsWith('.js')) continue;
    const text = await readFile(join(root, file), 'utf8');
    if (/Intl\.DateTimeFormat\b(?!O)|toLocale(Date|Time)?String/.test(text)) writers.push(file);
    if (/new Intl\./.test(text)) makers.push(file);
  }
  assert.deepEqual(writers, ['common/i18n.js']);
  assert.deepEqual(makers, []);
});
