import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const source = (path) => readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8');
const template = readFileSync(new URL('../../templates/packages/_strings.html', import.meta.url), 'utf8');

const chinese = (path) => [...source(path).matchAll(/'([^'\n]*[\u4e00-\u9fff][^'\n]*)'/g)].map((match) => match[1]);

test('every word that a package page shows can be translated', () => {
  const files = [...readdirSync(new URL('../../src/packages/', import.meta.url)).map((name) => `packages/${name}`),
    'quiz/picture-quiz.js'];
  const words = files.flatMap((file) => [...source(file).matchAll(/\bt\(\s*'((?:[^'\\]|\\.)*)'/g)].map((match) => match[1]));
  const reasons = [...chinese('packages/words.js'), ...chinese('records/words.js')];
  const missing = [...words, ...reasons].filter((word) => !template.includes(`{% translate "${word}" as s %}"${word}":`));
  assert.deepEqual(missing, []);
});

test('every word about study records on a page can be translated', () => {
  const brought = readFileSync(new URL('../../templates/partials/records_strings.html', import.meta.url), 'utf8');
  const words = [...source('records/main.js').matchAll(/\bt\(\s*'((?:[^'\\]|\\.)*)'/g)].map((match) => match[1]);
  assert.ok(words.length);
  assert.deepEqual([...words, ...chinese('records/words.js')].filter((word) => !brought.includes(`{% translate "${word}" as s %}"${word}":`)), []);
});
