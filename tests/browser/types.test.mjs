/** The front end's JSDoc types hold. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
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
