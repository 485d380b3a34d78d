import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as noble from '@noble/ed25519';

import { fromHex, fromUtf8, hex, utf8 } from '../../src/offline/bytes.js';
import { generateKey, sign, verify } from '../../src/offline/ed25519.js';
import { chainNext, chainStart, confirmed, gzip, lineOf, packBundle, proofMessage } from '../../src/records/chain.js';
import { note, statement, uuid7 } from '../../src/records/statements.js';

const vectors = JSON.parse(readFileSync(new URL('../../../tests/conformance/vectors/record-chain.json', import.meta.url)));
const { device } = vectors;
const signer = { publicKey: fromHex(device.public_key_hex), privateKey: fromHex(device.seed_hex) };

test('lines, chain and heads are those of the shared vectors', () => {
  const lines = vectors.statements.map(lineOf);
  assert.deepEqual(lines.map(fromUtf8), vectors.lines);
  assert.deepEqual(lines.map((line) => createHash('sha256').update(line).digest('hex')), vectors.line_sha256);
  let head = chainStart(device.device_id, device.epoch);
  assert.equal(hex(head), vectors.chain_start);
  assert.deepEqual(lines.map((line) => { head = chainNext(head, line); return hex(head); }), vectors.chain_heads);
});

test('the proof of possession is the one of the shared vectors', async () => {
  assert.equal(hex(await sign(signer, proofMessage(device.challenge))), device.proof_hex);
});

test('bundles are, before compression, byte for byte those of the shared vectors', async () => {
  const heads = [vectors.chain_start, ...vectors.chain_heads];
  for (const bundle of vectors.bundles) {
    const { first, count } = JSON.parse(bundle.header);
    const lines = vectors.lines.slice(first - 1, first - 1 + count).map(utf8);
    const range = { device: device.device_id, epoch: device.epoch, first, previous: fromHex(heads[first - 1]), lines };
    const plain = await packBundle(range, (message) => sign(signer, message));
    assert.equal(createHash('sha256').update(plain).digest('hex'), bundle.inflated_sha256);
    assert.deepEqual(new Uint8Array(gunzipSync(await gzip(plain))), plain);
  }
});

test('five hundred plain records of a season take at most 40 bytes each', async () => {
  const lines = Array.from({ length: 500 }, (_, i) => lineOf(statement(
    note({ verb: i % 2 ? 'completed' : 'initialized', material: '5a9cfd7c-0f5e-4c52-9d7e-3f0b6d6a1e01' }, 1.7e12 + i * 6e5, crypto.getRandomValues(new Uint8Array(10))),
    { member: '7d1f6a52-90c3-4d57-8f0b-52f4b2a9f0ce', sequence: i + 1, monotonic: i * 600_000 },
  )));
  const previous = chainStart(device.device_id, device.epoch);
  const plain = await packBundle({ device: device.device_id, epoch: device.epoch, first: 1, previous, lines }, (m) => sign(signer, m));
  const each = (await gzip(plain)).length / 500;
  assert.ok(each <= 40, `${each} bytes`);
});

test('an acknowledgement counts only when its chain is ours', () => {
  const own = { device: 'd', epoch: 'e', headAt: (n) => (n === 4 ? 'h4' : undefined) };
  const good = { device: 'd', epoch: 'e', contiguous: 4, head: 'h4' };
  assert.equal(confirmed(good, own), 4);
  for (const bad of [{ ...good, head: 'x' }, { ...good, device: 'x' }, { ...good, epoch: 'x' }, { ...good, contiguous: 9 },
    { ...good, contiguous: 0 }, { ...good, contiguous: '4' }, {}, null]) {
    assert.equal(confirmed(bad, own), 0);
  }
});

test('a line longer than a server takes is refused when it is made', () => {
  assert.throws(() => lineOf({ text: 'x'.repeat(17_000) }), RangeError);
});

test('record ids are UUIDs of version 7 in the order of the clock', () => {
  const chance = new Uint8Array(10).fill(0xff);
  const ids = [0, 1, 1.7e12, 2 ** 47].map((time) => uuid7(time, chance));
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual([...ids].sort(), ids);
  assert.match(uuid7(-5, chance), /^00000000-0000-7/);
});

test('both implementations of Ed25519 make and refuse the same signatures', async () => {
  const message = utf8('study record');
  const native = await generateKey();
  const fallback = { publicKey: await noble.getPublicKeyAsync(fromHex(device.seed_hex)), privateKey: fromHex(device.seed_hex) };
  for (const key of [native, fallback]) {
    const signature = await sign(key, message);
    assert.equal(await verify(key.publicKey, message, signature), true);
    assert.equal(await noble.verifyAsync(signature, message, key.publicKey, { zip215: false }), true);
    assert.equal(await verify(key.publicKey, utf8('other'), signature), false);
    assert.equal(await verify(key.publicKey.slice(1), message, signature), false);
    assert.equal(await verify(key.publicKey, message, signature.slice(1)), false);
  }
});
