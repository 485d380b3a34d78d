/* The admin's own SHA-256 against Node's, over every way a file can fall into slices. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';

const script = readFileSync(new URL('../../cms/lessons/static/lessons/upload-digest.js', import.meta.url), 'utf8');

const helper = () => {
  const answers = [];
  const self = { postMessage: (answer) => answers.push(answer) };
  vm.runInNewContext(script, { self, Uint8Array, Int32Array, DataView, ArrayBuffer });
  return { self, answers };
};

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const expected = (bytes) => createHash('sha256').update(bytes).digest('hex');

test('every length around a block gives the digest of the standard', () => {
  const { Sha256 } = helper().self;
  for (let length = 0; length <= 200; length += 1) {
    const bytes = randomBytes(length);
    assert.equal(hex(new Sha256().update(bytes).digest()), expected(bytes), `${length} bytes`);
  }
});

test('the cuts between updates change nothing', () => {
  const { Sha256 } = helper().self;
  const bytes = randomBytes(5000);
  for (let round = 0; round < 50; round += 1) {
    const sha256 = new Sha256();
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + 1 + Math.floor(Math.random() * 300));
      sha256.update(bytes.subarray(at, end));
      at = end;
    }
    assert.equal(hex(sha256.digest()), expected(bytes));
  }
});

test('a length of more than 2^32 bits is written whole', () => {
  const sha256 = new (helper().self.Sha256)();
  sha256.length = 3 * 2 ** 30;
  let padding;
  sha256.update = (bytes) => { padding = bytes; };
  sha256.digest();
  const written = new DataView(padding.buffer);
  assert.equal(written.getBigUint64(padding.length - 8), 8n * 3n * 2n ** 30n);
});

test('a part of a file is read in slices, with its progress, and a file that is gone is an error', async () => {
  const { self, answers } = helper();
  const bytes = randomBytes((2 << 20) + 77);
  self.onmessage({ data: { id: 1, file: new Blob([bytes]), start: 5, end: bytes.length } });
  self.onmessage({ data: { id: 2, file: { slice() { throw new Error('gone'); } }, start: 0, end: 9 } });
  while (!answers.some((answer) => answer.sha256)) await new Promise((done) => { setTimeout(done, 5); });
  assert.equal(hex(answers.find((answer) => answer.sha256).sha256), expected(bytes.subarray(5)));
  assert.deepEqual(answers.filter((a) => a.id === 1 && a.done).map((a) => a.done), [1 << 20, 2 << 20, bytes.length - 5]);
  assert.match(answers.find((answer) => answer.id === 2).error, /gone/);
});
