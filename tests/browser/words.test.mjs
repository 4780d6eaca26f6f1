/** The catalogues of the pages: every key that a script asks for is there, none is left over, and a page loads its words at once. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const STATIC = join(ROOT, 'static');
const PAGES = join(ROOT, 'locales/en/pages');

/** The scripts by path, without comments. */
const scripts = new Map(
  readdirSync(join(STATIC, 'js'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.js'))
    .map((name) => [join(STATIC, 'js', name), readFileSync(join(STATIC, 'js', name), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')]),
);
/** Keys by area. */
const areas = new Map(
  readdirSync(PAGES).map((name) => [name.replace('.json', ''), Object.keys(JSON.parse(readFileSync(join(PAGES, name), 'utf8')))]),
);
const known = new Set([...areas.values()].flat());

/** String literals, and templates with `*` for what is put in. @param {string} text */
function literals(text) {
  const code = text.replace(/^\s*\/\/.*$/gm, '');
  const whole = [...code.matchAll(/'([^'\n]*)'/g)].map(([, words]) => words);
  const parts = [...code.matchAll(/`((?:[^`$]|\$\{[^}]*\})*)`/g)].map(([, words]) => words.replace(/\$\{[^}]*\}/g, '*'));
  return { whole, parts };
}

/** What is certainly a key: the first of an array that is a text, or an argument of `t`. @param {string} text */
function asked(text) {
  const begins = /(?:\bt\(|\b(?:text|label|title|placeholder|alt|hint|action|note): \[|\btoast\(\[|\bsetTitle\(\[)\s*'([^']+)'/g;
  return [...text.matchAll(begins)].map(([, key]) => key);
}

test('every text that a script asks for is in a catalogue', () => {
  const missing = [...scripts].flatMap(([file, text]) =>
    asked(text)
      .filter((key) => !known.has(key))
      .map((key) => `${relative(STATIC, file)}: ${key}`),
  );
  assert.deepEqual(missing, []);
});

test('no text of a page is left over', () => {
  const whole = new Set();
  /** @type {RegExp[]} */
  const patterns = [];
  for (const text of scripts.values()) {
    const found = literals(text);
    for (const words of found.whole) whole.add(words);
    for (const words of found.parts.filter((each) => each.includes('.') && each.includes('*') && /^[\w.*]+$/.test(each)))
      patterns.push(new RegExp(`^${words.replaceAll('.', '\\.').replaceAll('*', '[\\w.:]+')}$`));
  }
  const left = [...known].filter((key) => !whole.has(key) && !patterns.some((pattern) => pattern.test(key)));
  assert.deepEqual(left, []);
});

/** The modules that a module needs before it begins. @param {string} file @param {Set<string>} found */
function graph(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  const text = scripts.get(file);
  for (const [, path] of (text ?? '').matchAll(/^(?:import|export)\s[^'";]*?(?:from\s+)?'(\.[^']+)'/gm))
    graph(join(dirname(file), path), found);
  return found;
}

/** @param {Iterable<string>} files */
const areasOf = (files) =>
  [...files].flatMap((file) => [...(scripts.get(file) ?? '').matchAll(/await catalogue\('([^']+)'\)/g)].map(([, area]) => area));

/** The modules of a folder of `static` that no module of it loads. @param {string} folder */
function roots(folder) {
  const files = [...scripts.keys()].filter((file) => dirname(file) === join(STATIC, folder));
  return files.filter((file) => !files.some((other) => other !== file && graph(other).has(file)));
}

test('each catalogue is loaded by one module', () => {
  assert.deepEqual(areasOf(scripts.keys()).sort(), [...areas.keys()].sort());
});

test('a page has its first words fetched beside its scripts', () => {
  for (const name of readdirSync(STATIC).filter((each) => each.endsWith('.html'))) {
    const html = readFileSync(join(STATIC, name), 'utf8');
    const entry = html.match(/<script type="module" src="\{\{static\}\}\/([^"]+)">/)?.[1];
    assert.ok(entry, name);
    const preloaded = html.match(/\{\{words ([^}]+)\}\}/)?.[1].split(' ') ?? [];
    // A page that several scripts share has the words that all of them need.
    const entries = entry.includes('{{script}}') ? roots(dirname(entry)) : [join(STATIC, entry)];
    const needed = entries.map((each) => areasOf(graph(each)));
    const byAll = needed[0].filter((area) => needed.every((areas) => areas.includes(area)));
    assert.deepEqual(preloaded.sort(), byAll.sort(), name);
  }
});
