import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCues, textAt } from '../src/player/captions.js';
import { costs, minutesFor } from '../src/player/cost.js';
import { forgetAll, recall, remember, unfinished } from '../src/player/memory.js';
import { lessonAfter } from '../src/player/next-lesson.js';
import { bufferedEnd, mayPlay, nextFetch } from '../src/player/plan.js';
import { afterFailure } from '../src/player/retry.js';
import { chooseRung, Throughput } from '../src/player/rungs.js';
import { bitrate, IndexError, readIndex, segmentAt } from '../src/player/segment-index.js';
import { clock, megabytes, translator } from '../src/player/strings.js';
import { isComplete, join, readPieces, seconds, Watch } from '../src/player/watched.js';

const INDEX = { v: 1, object: 'ab', mime: 'video/mp4', init: 100, length: 600, segments: [[300, 5000, 'x'], [200, 4200, 'y']] };

test('an index that contradicts itself is refused', () => {
  const spoilt = [
    null,
    [],
    { ...INDEX, v: 2 },
    { ...INDEX, length: 601 },
    { ...INDEX, segments: [] },
    { ...INDEX, segments: [[0, 5000]] },
    { ...INDEX, segments: [[300.5, 5000], [199.5, 1]] },
    { ...INDEX, segments: 'all' },
    { ...INDEX, init: -1 },
    { ...INDEX, mime: undefined },
  ];
  for (const document of spoilt) assert.throws(() => readIndex(document), IndexError);
});

test('an index says which bytes hold which seconds', () => {
  const index = readIndex(INDEX);
  assert.deepEqual(index.segments, [
    { start: 100, end: 400, from: 0, to: 5 },
    { start: 400, end: 600, from: 5, to: 9.2 },
  ]);
  assert.equal(index.duration, 9.2);
  assert.equal(Math.round(bitrate(index)), Math.round((600 * 8) / 9.2));
  assert.deepEqual([-1, 0, 4.99, 5, 9.19, 100].map((second) => segmentAt(index, second)), [0, 0, 0, 1, 1, 1]);
});

test('what was played is a union: order and repetition do not matter', () => {
  const once = join(join([], 0, 10), 20, 30);
  assert.deepEqual(once, [[0, 10], [20, 30]]);
  assert.deepEqual(join(join(once, 5, 22), 0, 3), [[0, 30]]);
  assert.deepEqual(join(join([], 20, 30), 0, 10), once);
  assert.deepEqual(join(once, 7, 7), once);
  assert.deepEqual(join(once, -1, 7), once);
  assert.deepEqual(join(once, 1, Infinity), once);
  assert.deepEqual(readPieces([[5, 1], 'x', [0, 10], [9, 12], [null, 'y']]), [[0, 12]]);
  assert.deepEqual(readPieces('nothing'), []);
});

test('a lesson is completed at nine tenths, not before', () => {
  assert.equal(isComplete([[0, 89.9]], 100), false);
  assert.equal(isComplete([[0, 45], [55, 100]], 100), true);
  assert.equal(isComplete([[0, 1]], 0), false);
});

test('a jump is not played, playing at double speed is', () => {
  const watch = new Watch();
  [[0, true], [0.25, true], [0.5, true]].forEach(([at, moving]) => watch.step(at, moving));
  watch.step(60, true);
  watch.step(60.5, true);
  watch.step(60.5, false);
  watch.step(70, true);
  assert.deepEqual(watch.pieces, [[0, 0.5], [60, 60.5]]);
  watch.step(74, true, 2);
  assert.equal(seconds(watch.pieces), 5);
});

test('sound is fetched first, then whoever has less, and nothing beyond the goal', () => {
  const state = (audio, video, finished = []) => [
    { kind: 'audio', ahead: audio, finished: finished.includes('audio') },
    { kind: 'video', ahead: video, finished: finished.includes('video') },
  ];
  assert.deepEqual(nextFetch(state(0, 0)), { kind: 'audio', run: 0 });
  assert.deepEqual(nextFetch(state(5.1, 0)), { kind: 'video', run: 0 });
  assert.deepEqual(nextFetch(state(12, 10)), { kind: 'audio', run: 15 });
  assert.deepEqual(nextFetch(state(30, 20)), { kind: 'video', run: 15 });
  assert.equal(nextFetch(state(60, 61)), null);
  assert.equal(nextFetch(state(3, 1, ['audio', 'video'])), null);
  assert.deepEqual(nextFetch(state(9, 9), 8), null);
});

test('playing starts with four seconds in hand, with more where the link is slower than the lesson', () => {
  const fast = { remaining: 600, rate: 100_000, throughput: 300_000 };
  assert.equal(mayPlay({ ...fast, ahead: 3.9 }), false);
  assert.equal(mayPlay({ ...fast, ahead: 4 }), true);
  assert.equal(mayPlay({ ...fast, ahead: 2, remaining: 2.1 }), true);
  assert.equal(mayPlay({ ...fast, ahead: 4, throughput: null }), true);
  const slow = { remaining: 600, rate: 100_000, throughput: 60_000 };
  assert.equal(mayPlay({ ...slow, ahead: 29 }), false);
  assert.equal(mayPlay({ ...slow, ahead: 30 }), true);
});

test('a gap of a few frames does not end what is buffered', () => {
  assert.equal(bufferedEnd([[0.05, 5], [5.1, 9]], 0), 9);
  assert.equal(bufferedEnd([[0, 5], [8, 9]], 1), 5);
  assert.equal(bufferedEnd([[0, 5]], 7), 7);
  assert.equal(bufferedEnd([], 7), 7);
});

const RUNGS = [{ name: '240', rate: 90_000 }, { name: '360', rate: 180_000 }];
const NOW = { soundRate: 20_000, throughput: null, ahead: 0, current: null, pinned: null };

test('the picture starts small, climbs only with a reserve and never for its own sake', () => {
  const choose = (change) => chooseRung(RUNGS, { ...NOW, ...change });
  assert.equal(choose({}), '240');
  assert.equal(choose({ throughput: 5_000_000 }), '240', 'the first picture is small whatever the network');
  assert.equal(choose({ current: '240', throughput: 5_000_000, ahead: 5 }), '240');
  assert.equal(choose({ current: '240', throughput: 5_000_000, ahead: 20 }), '360');
  assert.equal(choose({ current: '240', throughput: 300_000, ahead: 20 }), '240');
  assert.equal(choose({ current: '360', throughput: 250_000, ahead: 20 }), '360', 'what runs is kept while it fits');
  assert.equal(choose({ current: '360', throughput: 250_000, ahead: 3 }), '240');
  assert.equal(choose({ current: '360', throughput: 200_000, ahead: 50 }), '240');
  assert.equal(choose({ current: '240', throughput: 50_000, ahead: 1 }), '240', 'there is always one');
  assert.equal(choose({ current: '240', throughput: 50_000, ahead: 1, pinned: '360' }), '360', 'a person decides');
  assert.equal(choose({ pinned: 'gone' }), '240');
  assert.equal(choose({ current: '360', throughput: 300_000, ahead: 20, speed: 2 }), '240', 'twice the speed, twice the bits');
  assert.equal(choose({ current: '240', throughput: 5_000_000, ahead: 20, saving: true }), '240', 'who saves stays small');
});

test('throughput believes the slower of the recent and the steady', () => {
  const measured = new Throughput();
  assert.equal(measured.value, null);
  measured.add(1000, 1);
  assert.equal(measured.value, null, 'a tiny answer measures the round trip');
  measured.add(37_500, 1000);
  assert.equal(measured.value, 300_000);
  measured.add(375_000, 1000);
  assert.ok(measured.value < 1_000_000);
  measured.add(3_750, 1000);
  measured.add(7_500, 1000);
  assert.ok(measured.value < 700_000);
});

test('only what may pass is tried again, later each time', () => {
  for (const status of [null, 200, 206, 408, 429, 500, 503]) {
    assert.equal(afterFailure({ status, attempt: 1 }, 0.5).give_up, false, `${status}`);
  }
  for (const status of [301, 400, 403, 404, 410, 416]) assert.equal(afterFailure({ status, attempt: 1 }, 0.5).give_up, true);
  const delays = [1, 2, 3, 4, 5, 9].map((attempt) => afterFailure({ status: null, attempt }, 1).delay);
  assert.deepEqual(delays, [400, 800, 1600, 3200, 6400, 8000]);
});

test('subtitles are read whatever their line ends, and their markup is dropped', () => {
  const cues = readCues('\ufeffWEBVTT\r\n\r\nNOTE no\r\n\r\n1\r\n00:12.500 --> 00:14.000 align:start\r\n<v 老师>原子城</v>&amp;你\r\n第二行\r\n\r\nbroken --> x\r\n\r\n01:00:00,000 --> 01:00:01.000\nསྤྲིན་\n\n00:05.000 --> 00:04.000\nbackwards');
  assert.deepEqual(cues, [
    { from: 12.5, to: 14, text: '原子城&你\n第二行' },
    { from: 3600, to: 3601, text: 'སྤྲིན་' },
  ]);
  assert.equal(textAt(cues, 12.5), '原子城&你\n第二行');
  assert.equal(textAt(cues, 14), '');
  assert.deepEqual(readCues(''), []);
});

test('numbers are told as people say them', () => {
  assert.deepEqual([0, 59.9, 751.3, 3661, NaN].map(clock), ['0:00', '0:59', '12:31', '1:01:01', '0:00']);
  assert.deepEqual([10, 1_240_000, 12_600_000].map(megabytes), ['0.1 MB', '1.2 MB', '13 MB']);
});

test('a text without a translation stays Chinese, and a damaged list harms nothing', () => {
  const page = (...texts) => ({ querySelectorAll: () => texts.map((textContent) => ({ textContent })) });
  const t = translator(page('{"暂停":"X","{n} 分钟":"{n} Y"}', '{broken'));
  assert.equal(t('暂停'), 'X');
  assert.equal(t('播放'), '播放');
  assert.equal(t('{n} 分钟', { n: 3 }), '3 Y');
  assert.equal(t('{n} 秒', {}), '{n} 秒');
});

class Storage {
  getItem(key) {
    return Object.hasOwn(this, key) ? this[key] : null;
  }
  setItem(key, value) {
    this[key] = String(value);
  }
  removeItem(key) {
    delete this[key];
  }
}

test('a position is remembered for the same revision only, and signing out forgets all', () => {
  const storage = new Storage();
  storage['other'] = 'stays';
  const note = { revision: 'r1', position: 70, duration: 600, pieces: [[0, 70]], completed: false, title: '首课', url: '/x/' };
  remember(storage, 'm1', note);
  assert.deepEqual(recall(storage, 'm1', 'r1'), { position: 70, pieces: [[0, 70]], completed: false });
  assert.deepEqual(recall(storage, 'm1', 'r2'), { position: 0, pieces: [], completed: false });
  assert.equal(unfinished(storage).title, '首课');
  remember(storage, 'm1', { ...note, completed: true });
  assert.equal(unfinished(storage), null);
  for (let i = 0; i < 100; i += 1) remember(storage, `n${i}`, note);
  assert.ok(Object.keys(storage).length < 70, 'the oldest go');
  storage['gyxf:player:lesson:n99'] = '{broken';
  assert.equal(recall(storage, 'n99', 'r1').position, 0);
  forgetAll(storage);
  assert.deepEqual(Object.keys(storage), ['other']);
});

test('a full storage costs the memory, never the lesson', () => {
  const full = { getItem: () => null, setItem() { throw new Error('QuotaExceededError'); }, removeItem() {} };
  assert.doesNotThrow(() => remember(full, 'm', { revision: 'r' }));
});

test('the cost stands before the action: of the sound, the slides, and the picture that would be chosen now', () => {
  const ladder = [{ name: 'small', length: 8_000_000 }, { name: 'large', length: 20_000_000 }];
  const data = { deck: { length: 300_000 }, muxed: { length: 9 } };
  const cost = (throughput, more = {}) => costs(data, 1_200_000, ladder, { duration: 600, throughput, ...more });
  assert.deepEqual(cost(null), { sound: 1_200_000, slides: 1_500_000, picture: 9_200_000 });
  assert.equal(cost(300_000).picture, 21_200_000 - 12_000_000, 'the large one does not fit');
  assert.equal(cost(600_000).picture, 21_200_000);
  assert.equal(cost(600_000, { saving: true }).picture, 9_200_000);
  assert.equal(costs(data, 5, [], { duration: 600, throughput: null }).picture, 9, 'the muxed file where there is no other');
  assert.deepEqual(costs({}, 5, [], { duration: 0, throughput: null }), { sound: 5, slides: 0, picture: 0 });
});

test('minutes are whole, and at least one', () => {
  assert.equal(minutesFor(1, 64_000), 1);
  assert.equal(minutesFor(480_000, 64_000), 1);
  assert.equal(minutesFor(480_001, 64_000), 2);
});

test('after a lesson comes the next one of its unit, in either language; after the last one nothing', () => {
  const unit = [{ href: '/courses/a/u/one/', title: '一' }, { href: '/courses/a/u/%E4%BA%8C/', title: '二' }];
  assert.deepEqual(lessonAfter(unit, '/bo/courses/a/u/one/'), { url: '/courses/a/u/%E4%BA%8C/', title: '二' });
  assert.equal(lessonAfter(unit, '/courses/a/u/二/'), null);
  assert.equal(lessonAfter(unit, '/courses/elsewhere/'), null);
});
