import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { chooseItems, planLength, planObjects, preflight, readLessonManifest, readPackageManifest, SPACE_RESERVE } from '../../src/offline/manifest.js';
import { PackageDownload } from '../../src/offline/package-download.js';
import { pieceHolds, piecesOfDeck } from '../../src/offline/segments.js';
import { TrustError } from '../../src/offline/errors.js';
import { lessonData } from '../../src/packages/lesson-data.js';
import { addresses, parseRoute } from '../../src/packages/route.js';
import { MemoryObjects, Source, bytesOf, jsonBytes, mediaObject, sha256, slideDeck } from './support.mjs';

const PACKAGE = '5a9cfd7c-0f5e-4c52-9d7e-3f0b6d6a1e00';
const uuid = (number) => `5a9cfd7c-0f5e-4c52-9d7e-${String(number).padStart(12, '0')}`;
const at = (hash) => `/b/${hash.slice(0, 2)}/${hash}`;

/** A package of two lessons with sound and picture, and a quiz, with everything it is made of. */
function makePackage({ version = 1, seeds = ['a', 'b'], recalled = [], decks = false } = {}) {
  const files = {};
  const add = (bytes) => { const hash = sha256(bytes); files[at(hash)] = bytes; return { sha256: hash, length: bytes.length }; };
  const media = (kind, profile, seed, size) => {
    const made = mediaObject(`${seed}${profile}`, 4, size);
    const index = jsonBytes(made.index);
    add(made.bytes);
    return {
      kind, language: kind === 'audio' ? 'zh-hans' : null, label: profile, profile, mime: `${kind}/mp4`, sha256: made.sha256,
      length: made.length, index: add(index).sha256, index_length: index.length, placeholder: false, duration_ms: 16_000,
    };
  };
  const deck = (seed) => {
    const made = slideDeck(seed);
    const index = jsonBytes(made.index);
    const object = add(made.bytes);
    return { kind: 'deck', language: null, label: '幻灯片', profile: 'deck', mime: 'image/webp', ...object, index: add(index).sha256,
      index_length: index.length, placeholder: false, duration_ms: null };
  };
  const lessons = seeds.map((seed, number) => {
    const subtitle = bytesOf(`WEBVTT ${seed}`);
    const items = [
      media('video', 'h264-360', seed, 6000), media('video', 'h264-240', seed, 4000), media('audio', 'opus-16', seed, 900),
      media('audio', 'aac-24', seed, 1300),
      { kind: 'subtitle', language: 'zh-hans', label: '中文', profile: 'vtt', mime: 'text/vtt', ...add(subtitle), index: null, index_length: null, placeholder: false, duration_ms: null },
      ...(decks ? [deck(seed)] : []),
      { kind: 'hologram', language: null, label: '', profile: 'x', mime: 'x/y', sha256: 'a'.repeat(64), length: 5, index: null, index_length: null },
    ];
    return { v: 1, material: uuid(number + 1), revision: sha256(bytesOf(seed)), title: `课 ${seed}`, summary: '', minutes: 12, genre: 'lesson', teacher: '', items };
  });
  const quiz = { v: 1, quiz: uuid(99), title: '题', questions: [{ id: uuid(98), text: { 'zh-hans': '？' }, answers: [{ key: 'a', text: {} }], correct: 'a' }] };
  const manifest = {
    v: 1, package: PACKAGE, version, title: '包', campaign: '', organisation: 'q', published: '2026-01-02T03:04:05Z', minutes: 24,
    lessons: lessons.map((lesson) => ({ material: lesson.material, ...add(jsonBytes(lesson)) })),
    quizzes: [{ material: uuid(99), ...add(jsonBytes(quiz)) }], ...(recalled.length ? { recalled } : {}),
  };
  return { files, lessons, manifest };
}

/** The shelf's port in memory. */
class MemoryShelf {
  constructor(row) {
    this.downloads = new Map([[row.package_id, row]]);
    this.rows = new Map();
    this.installed = null;
    this.history = [];
    this.recalled = new Set();
  }

  async changeDownload(id, change) {
    const row = this.downloads.get(id);
    if (row) this.downloads.set(id, { ...row, ...change });
    return this.downloads.get(id);
  }

  async material(id, material) { return this.rows.get(material); }

  async putMaterial(row) { this.rows.set(row.material, row); this.history.push(`${row.material.slice(-2)}:${row.level}`); }

  async install(installed) { this.installed = installed; this.downloads.clear(); }

  async sawSignedDate(date) { this.date = date; }

  async recall(materials) {
    for (const one of materials) { this.recalled.add(one); this.rows.delete(one); }
    return this.recalled;
  }
}

function phone(made, { choice = 'small', objects = new MemoryObjects(), shelf, quota = 1e9, can = { opus: true, av1: false }, onWait = () => {} } = {}) {
  const row = { package_id: PACKAGE, target: 'pkg/q/x.json', title: '', choice, wanted: 'run', phase: 'checking', code: '', held: 0, total: 0, retry_at: 0, detail: {}, objects: [] };
  const source = new Source(made.files);
  const shelves = shelf ?? new MemoryShelf(row);
  shelves.downloads.set(PACKAGE, row);
  const waits = [];
  const phases = [];
  const stop = new AbortController();
  const authority = { refresh: async () => {}, download: async () => jsonBytes(made.manifest) };
  const download = new PackageDownload(row, {
    shelf: shelves, objects, authority: async () => authority, network: { fetch: source.fetch, stallMs: 100 }, now: () => 1000,
    chance: () => 1, online: () => true, can, estimate: async () => ({ quota, usage: 0 }), report: (now) => phases.push(now.phase),
    sleep: async (ms) => { waits.push(ms); onWait(); if (waits.length > 60) stop.abort(); },
  });
  return { download, source, objects, shelf: shelves, waits, phases, authority, stop, row, run: () => download.run(stop.signal) };
}

const sent = (source) => source.log.reduce((sum, entry) => sum + entry.sent, 0);

test('a package is installed with exactly what its choice needs, sound of all lessons before any picture', async () => {
  const made = makePackage();
  const { run, source, shelf, objects } = phone(made);
  assert.equal(await run(), 'done');
  assert.equal(shelf.installed.manifest.version, 1);
  assert.deepEqual(shelf.history, ['99:full', '01:sound', '02:sound', '01:full', '02:full']);
  const kinds = new Map(made.lessons.flatMap((lesson) => lesson.items.map((item) => [at(item.sha256), item])));
  const order = source.log.map(({ path }) => kinds.get(path)?.kind).filter(Boolean);
  assert.deepEqual(order, ['subtitle', 'audio', 'subtitle', 'audio', 'video', 'video']);
  for (const [hash, bytes] of objects.whole) assert.equal(sha256(bytes), hash);
  assert.equal(shelf.date, Date.parse('2026-01-02T03:04:05Z'));
});

test('slides come after all sound and before any picture, a slide at a time, whatever the choice', async () => {
  for (const [choice, after] of [['sound', []], ['small', ['video', 'video']]]) {
    const made = makePackage({ decks: true });
    const { run, source, shelf } = phone(made, { choice });
    const decks = made.lessons.map((lesson) => lesson.items.find((item) => item.kind === 'deck'));
    const second = JSON.parse(Buffer.from(made.files[at(decks[0].index)])).slides[0][0];
    source.faults.push((entry, server) => (entry.path === at(decks[0].sha256)
      ? server.answer(entry, made.files[entry.path].subarray(entry.start, entry.end),
        { status: 206, headers: { 'Content-Range': `bytes ${entry.start}-${entry.end - 1}/${decks[0].length}` } }, undefined, second + 1)
      : undefined));
    assert.equal(await run(), 'done');
    assert.ok(shelf.history.indexOf('01:sound') < shelf.history.indexOf('01:full'));
    const kinds = new Map(made.lessons.flatMap((lesson) => lesson.items.map((item) => [at(item.sha256), item.kind])));
    const order = source.log.map(({ path }) => kinds.get(path)).filter(Boolean);
    assert.deepEqual(order.filter((kind, place) => kind !== order[place - 1]), ['subtitle', 'audio', 'subtitle', 'audio', 'deck', ...after.slice(0, 1)]);
    const { lesson, objects } = shelf.rows.get(uuid(1));
    const data = lessonData({ package_id: PACKAGE, material: uuid(1), kind: 'lesson', level: 'full', as_of: '', lesson, objects });
    assert.deepEqual([data.deck.url, data.deck.length, data.video.length], [`${at(decks[0].sha256)}?type=image%2Fwebp`, decks[0].length, after.length / 2]);
    assert.equal(data.deck.index_url, `${at(decks[0].index)}?type=application%2Fjson`);
  }
});

test('a deck index that does not describe exactly the promised object is refused', () => {
  const { index } = slideDeck('a');
  const item = { sha256: index.object, length: index.length };
  const broken = [{ ...index, v: 2 }, { ...index, object: 'f'.repeat(64) }, { ...index, length: 3 }, { ...index, slides: index.slides.slice(1) },
    { ...index, slides: 'all' }, { ...index, slides: [[-1, 0, 'a'.repeat(64)]] }, {}, null];
  for (const one of broken) assert.throws(() => piecesOfDeck(one, item), { code: 'index-malformed' });
});

test('the shared vectors: the same items are taken here as on the server, and their deck is read alike', async () => {
  const { deck_index: deck, lesson, taken } = JSON.parse(readFileSync(new URL('../../../tests/conformance/vectors/package-items.json', import.meta.url)));
  const bytes = new Uint8Array(Buffer.from(deck.file_base64, 'base64'));
  const pieces = piecesOfDeck(deck.index, { sha256: deck.index.object, length: deck.index.length });
  for (const piece of pieces) assert.equal(await pieceHolds(bytes.subarray(piece.start, piece.end), piece), true);
  const read = readLessonManifest(jsonBytes(lesson), lesson.material);
  for (const [name, hashes] of Object.entries(taken)) {
    const [choice, av1] = name.split('-');
    const items = chooseItems(read, choice, { opus: true, av1: av1 === 'av1' });
    assert.deepEqual(items.map((item) => item.sha256).sort(), hashes, name);
  }
});

test('the same content costs nothing a second time', async () => {
  const made = makePackage();
  const first = phone(made);
  await first.run();
  const again = phone(made, { objects: first.objects, shelf: first.shelf });
  assert.equal(await again.run(), 'done');
  assert.equal(sent(again.source), 0);
});

test('an update shows the old lesson until the new one is whole', async () => {
  const first = phone(makePackage());
  await first.run();
  const next = phone(makePackage({ version: 2, seeds: ['a', 'c'] }), { objects: first.objects, shelf: first.shelf });
  first.shelf.history.length = 0;
  assert.equal(await next.run(), 'done');
  assert.deepEqual(first.shelf.history.filter((entry) => !entry.startsWith('99')), ['02:full']);
});

test('a recalled lesson disappears and is not fetched', async () => {
  const first = phone(makePackage());
  await first.run();
  const next = phone(makePackage({ version: 2, recalled: [uuid(2)] }), { objects: first.objects, shelf: first.shelf });
  await next.run();
  assert.deepEqual([...first.shelf.rows.keys()].sort(), [uuid(1), uuid(99)]);
});

test('the network may fail at every step: the download waits, goes on by itself and ends', async () => {
  const made = makePackage();
  const { run, source, waits, phases } = phone(made);
  let count = 0;
  source.faults.push(() => { count += 1; return count % 2 ? new TypeError('no route') : null; });
  assert.equal(await run(), 'done');
  assert.ok(waits.length > 5);
  assert.ok(phases.includes('waiting'));
});

test('one object that the source lacks does not hold up the others', async () => {
  const made = makePackage();
  const audio = made.lessons[0].items.find((item) => item.profile === 'opus-16');
  const kept = made.files[at(audio.sha256)];
  let shown;
  const { run, source, shelf, row } = phone(made, {
    onWait: () => {
      shown ??= { code: row.code, history: [...shelf.history] };
      source.files.set(at(audio.sha256), kept);
    },
  });
  source.files.delete(at(audio.sha256));
  assert.equal(await run(), 'done');
  assert.equal(shown.code, 'not-found');
  assert.deepEqual(shown.history, ['99:full', '02:sound', '02:full']);
});

test('too little space stops before anything large is fetched and says how much is missing', async () => {
  const made = makePackage();
  const { run, source, row, shelf } = phone(made, { quota: 1_000_000 });
  assert.equal(await run(), 'stopped');
  assert.equal(row.code, 'no-space');
  assert.ok(row.detail.need > SPACE_RESERVE && row.detail.free === 1_000_000);
  assert.equal(source.log.filter((entry) => entry.start || entry.end).length, 0);
  assert.equal(shelf.installed, null);
});

test('a disk that fills up in the middle leaves the old version as it was', async () => {
  const first = phone(makePackage());
  await first.run();
  const before = new Map(first.shelf.rows);
  first.objects.limit = 3_000;
  const next = phone(makePackage({ version: 2, seeds: ['x', 'y'] }), { objects: first.objects, shelf: first.shelf });
  assert.equal(await next.run(), 'stopped');
  assert.equal(next.row.code, 'disk-full');
  for (const material of [uuid(1), uuid(2)]) assert.equal(first.shelf.rows.get(material), before.get(material));
});

test('a doubt about the signature stops at once and waits for a person', async () => {
  const { run, authority, row, source, waits } = phone(makePackage());
  authority.refresh = async () => { throw new TrustError('rollback', 'timestamp'); };
  assert.equal(await run(), 'stopped');
  assert.equal(row.code, 'trust-rollback');
  assert.deepEqual([source.log.length, waits.length], [0, 0]);
});

test('a manifest of a later format asks for a newer application and keeps what is here', async () => {
  const first = phone(makePackage());
  await first.run();
  const newer = makePackage({ version: 2 });
  newer.manifest.v = 2;
  const next = phone(newer, { objects: first.objects, shelf: first.shelf });
  assert.equal(await next.run(), 'stopped');
  assert.equal(next.row.code, 'app-too-old');
  assert.equal(first.shelf.rows.size, 3);
});

test('a cancelled download ends without a report', async () => {
  const { run, stop, source, shelf } = phone(makePackage());
  source.faults.push((entry) => { if (entry.end) { shelf.downloads.clear(); stop.abort(); } return null; });
  assert.equal(await run(), 'stopped');
  assert.equal(shelf.installed, null);
});

test('manifests are read within limits and unknown kinds are passed over', () => {
  const { manifest, lessons } = makePackage();
  assert.equal(readLessonManifest(jsonBytes(lessons[0]), lessons[0].material).items.length, 5);
  const bad = [
    { ...manifest, package: 'x' }, { ...manifest, lessons: 'x' }, { ...manifest, lessons: [{ material: uuid(1), sha256: 'x', length: 1 }] },
    { ...manifest, lessons: [{ ...manifest.lessons[0], length: 10 ** 9 }] }, { ...manifest, v: 0 }, { ...manifest, recalled: ['x'] },
  ];
  for (const one of bad) assert.throws(() => readPackageManifest(jsonBytes(one)), { code: 'manifest-malformed' });
  assert.throws(() => readPackageManifest(bytesOf('{')), { code: 'manifest-malformed' });
  assert.throws(() => readPackageManifest(new Uint8Array(2_000_000)), { code: 'manifest-malformed' });
  assert.throws(() => readLessonManifest(jsonBytes(lessons[0]), uuid(7)), { code: 'manifest-malformed' });
  const item = { ...lessons[0].items[0], length: -1 };
  assert.throws(() => readLessonManifest(jsonBytes({ ...lessons[0], items: [item] }), lessons[0].material), { code: 'manifest-malformed' });
});

test('each choice takes its rung, and AAC where Opus cannot be played', () => {
  const lesson = readLessonManifest(jsonBytes(makePackage().lessons[0]), uuid(1));
  const profiles = (choice, opus) => chooseItems(lesson, choice, { opus, av1: false }).map((item) => item.profile).sort();
  assert.deepEqual(profiles('sound', true), ['opus-16', 'vtt']);
  assert.deepEqual(profiles('small', true), ['h264-240', 'opus-16', 'vtt']);
  assert.deepEqual(profiles('clear', false), ['aac-24', 'h264-360', 'vtt']);
});

test('an object that two lessons share is counted and fetched once', () => {
  const [lesson] = makePackage().lessons;
  const plan = planObjects([lesson, { ...lesson, material: uuid(2) }].map((one) => readLessonManifest(jsonBytes(one), one.material)), 'sound', { opus: true, av1: false });
  assert.equal(plan.length, 2);
  assert.ok(plan.every((wanted) => wanted.materials.length === 2));
  assert.equal(planLength(plan), plan.reduce((sum, wanted) => sum + wanted.length + wanted.index_length, 0));
});

test('the preflight counts missing bytes, the largest object once more, and a reserve', () => {
  const need = 100 + 60 + SPACE_RESERVE;
  assert.deepEqual(preflight({ missing: 100, largest: 60, quota: need, usage: 0 }), { fits: true, need, free: need });
  assert.equal(preflight({ missing: 100, largest: 60, quota: need + 9, usage: 10 }).fits, false);
  assert.equal(preflight({ missing: 0, largest: 0, quota: 0, usage: 0 }).fits, true);
  assert.equal(preflight({ missing: 100, largest: 60, quota: undefined, usage: undefined }).fits, true);
});

test('the player gets only what is here, in the shape that the server gives', () => {
  const lesson = readLessonManifest(jsonBytes(makePackage().lessons[0]), uuid(1));
  const sound = lesson.items.find((item) => item.profile === 'opus-16');
  const data = lessonData({ package_id: PACKAGE, material: uuid(1), kind: 'lesson', level: 'sound', as_of: '', lesson, objects: [sound.sha256, sound.index] });
  assert.deepEqual([data.video, data.subtitles, data.muxed], [[], [], null]);
  assert.equal(data.audio[0].sources[0].url, `${at(sound.sha256)}?type=audio%2Fmp4`);
  assert.equal(data.audio[0].sources[0].index_url, `${at(sound.index)}?type=application%2Fjson`);
});

test('addresses are read in both languages and nothing else is taken for a package page', () => {
  assert.deepEqual(parseRoute(`/packages/${PACKAGE}/lessons/${uuid(1)}/`), { page: 'lesson', prefix: '', packageId: PACKAGE, material: uuid(1) });
  assert.equal(parseRoute(`/bo/packages/${PACKAGE}/quiz/${uuid(9)}/`).page, 'quiz');
  assert.deepEqual(parseRoute('/bo/packages/'), { page: 'list', prefix: '/bo', packageId: '', material: '' });
  for (const other of ['/', '/courses/', '/packages/shell/', '/packages/x/', `/packages/${PACKAGE}`]) assert.equal(parseRoute(other).page, 'other');
  assert.equal(addresses('/bo').lesson(PACKAGE, uuid(1)), `/bo/packages/${PACKAGE}/lessons/${uuid(1)}/`);
});
