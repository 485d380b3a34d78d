import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ObjectDownload } from '../../src/offline/object-download.js';
import { piecesOfIndex, planRuns, pieceHolds, withoutTimes } from '../../src/offline/segments.js';
import { decide, POLICY } from '../../src/offline/retry.js';
import { parseContentRange } from '../../src/offline/transport.js';
import { MemoryPart, Source, mediaObject, segment, sha256 } from './support.mjs';

const vectors = JSON.parse(readFileSync(new URL('../../../tests/conformance/vectors/record-chain.json', import.meta.url)));
const address = '/b/aa/object';

function downloading(media, part = new MemoryPart()) {
  const source = new Source({ [address]: media.bytes });
  const counted = [];
  const download = new ObjectDownload({
    url: address, pieces: piecesOfIndex(media.index, media), part, network: { fetch: source.fetch, stallMs: 50 },
    onPiece: (bytes) => counted.push(bytes),
  });
  return { source, download, part, counted };
}

/** Runs until complete, as the caller does after each failure; returns the codes of the failures. */
async function persist(download, most = 200) {
  const failures = [];
  while (!download.complete && failures.length < most) {
    await download.run().catch((error) => failures.push(error.code));
  }
  return failures;
}

test('the index of the shared vectors describes the shared file, piece by piece', async () => {
  const { file_base64: file, index } = vectors.segment_index;
  const bytes = new Uint8Array(Buffer.from(file, 'base64'));
  const pieces = piecesOfIndex(index, { sha256: index.object, length: index.length });
  assert.equal(pieces.length, index.segments.length + 1);
  for (const piece of pieces) assert.equal(await pieceHolds(bytes.subarray(piece.start, piece.end), piece), true);
});

test('a segment keeps its hash when an edit before it moves it in time', () => {
  const payload = Buffer.from('picture');
  assert.equal(sha256(withoutTimes(new Uint8Array(segment(3, 9000, payload)))), sha256(withoutTimes(new Uint8Array(segment(7, 123, payload)))));
  assert.notEqual(sha256(withoutTimes(new Uint8Array(segment(3, 9000, payload)))), sha256(withoutTimes(new Uint8Array(segment(3, 9000, Buffer.from('other'))))));
});

test('an index that does not describe exactly the promised object is refused', () => {
  const media = mediaObject('a');
  const broken = [
    { ...media.index, v: 2 }, { ...media.index, object: 'f'.repeat(64) }, { ...media.index, length: media.length - 1 },
    { ...media.index, init: 0 }, { ...media.index, segments: media.index.segments.slice(1) },
    { ...media.index, segments: [[-5, 1, 'a'.repeat(64)]] }, { ...media.index, segments: 'all' }, null,
  ];
  for (const index of broken) assert.throws(() => piecesOfIndex(index, media), { code: 'index-malformed' });
});

test('missing neighbours become one range and held pieces are never asked for', () => {
  const pieces = Array.from({ length: 6 }, (_, i) => ({ start: i * 10, end: i * 10 + 10, sha256: '', media: true }));
  assert.deepEqual(planRuns(pieces, [true, false, false, true, false, true]), [
    { first: 1, last: 2, start: 10, end: 30 }, { first: 4, last: 4, start: 40, end: 50 },
  ]);
  assert.deepEqual(planRuns(pieces, pieces.map(() => true)), []);
});

test('an undisturbed download asks once and ends with the same file', async () => {
  const media = mediaObject('plain');
  const { source, download, part } = downloading(media);
  await download.run();
  download.finish(media.sha256);
  assert.deepEqual(part.bytes, media.bytes);
  assert.equal(source.log.length, 1);
});

for (const cut of [1, 999, 1500, 5000]) {
  test(`a line that breaks after every ${cut} bytes gets on and fetches no verified piece again`, async () => {
    const media = mediaObject('cut', 4, 2500);
    const { source, download, part } = downloading(media);
    source.chunk = 700;
    source.faults.push((entry, server) => server.answer(entry, media.bytes.subarray(entry.start, entry.end),
      { status: 206, headers: { 'Content-Range': `bytes ${entry.start}-${entry.end - 1}/${media.length}` } }, undefined, cut));
    const failures = await persist(download, 20_000);
    download.finish(media.sha256);
    assert.deepEqual(part.bytes, media.bytes);
    assert.ok(failures.every((code) => code === 'cut'));
    assert.equal(source.log.reduce((sum, { sent }) => sum + sent, 0), media.length);
  });
}

test('after a restart what lies in the part file is hashed and only the rest is fetched', async () => {
  const media = mediaObject('restart');
  const part = new MemoryPart(media.bytes.slice(0, 13_000));
  const { source, download, counted } = downloading(media, part);
  await download.rehash();
  const held = counted.reduce((a, b) => a + b, 0);
  assert.ok(held > 8_000 && held <= 13_000);
  await download.run();
  download.finish(media.sha256);
  assert.equal(source.log.reduce((sum, { sent }) => sum + sent, 0), media.length - held);
});

test('a bit that flipped at rest is found at the restart and repaired', async () => {
  const media = mediaObject('rest');
  const part = new MemoryPart(media.bytes.slice());
  part.bytes[9_000] ^= 1;
  const { source, download } = downloading(media, part);
  await download.rehash();
  await download.run();
  download.finish(media.sha256);
  assert.deepEqual(part.bytes, media.bytes);
  assert.equal(source.log.length, 1);
  assert.ok(source.log[0].sent < 5_000);
});

test('a bit that flips on the way costs one segment', async () => {
  const media = mediaObject('flip');
  const { source, download, part } = downloading(media);
  let first = true;
  source.faults.push((entry, server) => {
    if (!first) return null;
    first = false;
    const wrong = media.bytes.slice(entry.start, entry.end);
    wrong[10_000] ^= 4;
    return server.answer(entry, wrong, { status: 206, headers: { 'Content-Range': `bytes ${entry.start}-${entry.end - 1}/${media.length}` } });
  });
  assert.deepEqual(await persist(download), []);
  download.finish(media.sha256);
  assert.deepEqual(part.bytes, media.bytes);
  assert.equal(source.log.length, 2);
  assert.ok(source.log[1].sent < 4_200);
});

test('another file under the hash is given up after a few tries and nothing of it is kept', async () => {
  const media = mediaObject('right');
  const { source, download, part } = downloading(media);
  source.files.set(address, mediaObject('wrong').bytes);
  const failures = await persist(download, 12);
  assert.ok(failures.includes('wrong-bytes'));
  assert.equal(download.heldBytes, 0);
  assert.equal(part.bytes.length, 0);
});

test("a captive portal's page is recognised and never stored", async () => {
  const media = mediaObject('portal');
  const { source, download, part } = downloading(media);
  source.faults.push(() => new Response('<html>log in</html>', { status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' } }));
  await assert.rejects(download.run(), { code: 'portal', kind: 'network' });
  assert.equal(part.bytes.length, 0);
});

test('a 200 instead of a 206 is asked again once, then taken as it comes without losing what is held', async () => {
  const media = mediaObject('whole');
  const part = new MemoryPart(media.bytes.slice(0, 13_000));
  const { source, download } = downloading(media, part);
  await download.rehash();
  source.faults.push((entry, server) => server.answer(entry, media.bytes, { status: 200 }));
  assert.deepEqual(await persist(download), ['range-ignored']);
  download.finish(media.sha256);
  assert.deepEqual(part.bytes, media.bytes);
});

test('a source that goes silent counts as cut', async () => {
  const media = mediaObject('silent');
  const { source, download } = downloading(media);
  source.faults.push(() => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }), {
    status: 206, headers: { 'Content-Range': `bytes 0-${media.length - 1}/${media.length}` },
  }));
  await assert.rejects(download.run(), { code: 'stalled', kind: 'network' });
});

test('what the source does not have is a failure of the object, not of the network', async () => {
  const { source, download } = downloading(mediaObject('gone'));
  source.files.clear();
  await assert.rejects(download.run(), { code: 'not-found', kind: 'object' });
});

test('a full disk is reported as such and keeps what was written', async () => {
  const media = mediaObject('full');
  const { download } = downloading(media, new MemoryPart(undefined, 9_000));
  await assert.rejects(download.run(), (error) => error.name === 'QuotaExceededError' || error.code === 'disk-full');
  assert.ok(download.heldBytes > 0);
});

test('when the whole fails its hash although every piece held, nothing of it is believed', async () => {
  const media = mediaObject('times');
  const { source, download, part } = downloading(media);
  // Only a decode time differs: the one thing that the piece hashes leave open.
  const wrong = media.bytes.slice();
  const tfdt = Buffer.from(wrong).indexOf('tfdt');
  wrong[tfdt + 11] ^= 1;
  source.files.set(address, wrong);
  await download.run();
  assert.throws(() => download.finish(media.sha256), { code: 'wrong-bytes' });
  assert.equal(part.bytes.length, 0);
});

test('the wait grows to its limit, the person decides what the machine cannot', () => {
  const table = [
    [{ kind: 'network', attempt: 1, online: true }, { action: 'wait', delay: POLICY.first }],
    [{ kind: 'network', attempt: 3, online: true }, { action: 'wait', delay: POLICY.first * 4 }],
    [{ kind: 'network', attempt: 400, online: true }, { action: 'wait', delay: POLICY.longest }],
    [{ kind: 'network', attempt: 1, online: false }, { action: 'wait', delay: POLICY.longest }],
    [{ kind: 'object', attempt: 1, online: true }, { action: 'skip' }],
    [{ kind: 'person', attempt: 1, online: true }, { action: 'stop' }],
  ];
  for (const [failure, decision] of table) assert.deepEqual(decide(failure, 1), decision);
});

test('Content-Range is read strictly', () => {
  assert.deepEqual(parseContentRange('bytes 5-9/20'), { start: 5, end: 10, total: 20 });
  assert.deepEqual(parseContentRange('bytes 5-9/*'), { start: 5, end: 10, total: null });
  for (const bad of [null, '', 'bytes 5-', 'bytes */20', 'items 1-2/3']) assert.equal(parseContentRange(bad), null);
});
