import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseRung, codecOf, ladderOf, plannedRung, rankOf, stumbles } from '../src/player/rungs.js';

const MIMES = { h264: 'video/mp4; codecs="avc1.4d401e"', av1: 'video/mp4; codecs="av01.0.01M.08"' };
const rung = (name, length) => ({ name, length, mime: MIMES[name.split('-')[0]], height: Number(name.split('-')[1]) });
const WELL = { smooth: true, efficient: true };
const WARM = { smooth: true, efficient: false };
const BADLY = { smooth: false, efficient: false };

/** What a presenter's lecture takes at each rung. */
const PRESENTER = [rung('h264-240', 90), rung('h264-360', 190), rung('av1-360', 107), rung('av1-480', 180)];
/** Slides: AV1 at 360 lines takes less than H.264 at 240. */
const SLIDES = [rung('h264-240', 33), rung('h264-360', 60), rung('av1-360', 30), rung('av1-480', 45)];

const CASES = [
  ['a capable phone leaves H.264 at the same height', PRESENTER, { h264: WELL, av1: WELL }, true, ['h264-240', 'av1-360', 'av1-480']],
  ['AV1 is preferred where it only warms the phone, too: it takes fewer bytes', PRESENTER, { h264: WELL, av1: WARM }, true, ['h264-240', 'av1-360', 'av1-480']],
  ['a phone without AV1', PRESENTER, { h264: WELL, av1: null }, true, ['h264-240', 'h264-360']],
  ['a phone on which AV1 stumbles', PRESENTER, { h264: WELL, av1: BADLY }, true, ['h264-240', 'h264-360']],
  ['a browser without H.264', PRESENTER, { h264: null, av1: WELL }, true, ['av1-360', 'av1-480']],
  ['where all stumbles the smallest is left', PRESENTER, { h264: BADLY, av1: BADLY }, true, ['h264-240']],
  ['where nothing can be decoded nothing is left', PRESENTER, { h264: null, av1: null }, true, []],
  ['what looks better and takes no more beats what is smaller', SLIDES, { h264: WELL, av1: WELL }, true, ['av1-360', 'av1-480']],
  ['without a change of codec all stay with that of the cheapest', PRESENTER, { h264: WELL, av1: WELL }, false, ['h264-240', 'h264-360']],
  ['without a change of codec, slides', SLIDES, { h264: WELL, av1: WELL }, false, ['av1-360', 'av1-480']],
  ['at like bytes the battery decides', [rung('h264-360', 100), rung('av1-360', 98)], { h264: WELL, av1: WARM }, true, ['h264-360']],
  ['at like bytes and like battery the bytes decide', [rung('h264-360', 100), rung('av1-360', 98)], { h264: WELL, av1: WELL }, true, ['av1-360']],
  ['two that are the same leave one', [rung('h264-240', 90), rung('h264-240', 90)], { h264: WELL, av1: WELL }, true, ['h264-240']],
  ['the order of the data is no matter', [...PRESENTER].reverse(), { h264: WELL, av1: WELL }, true, ['h264-240', 'av1-360', 'av1-480']],
];

for (const [words, items, able, mixed, expected] of CASES) {
  test(`the ladder: ${words}`, () => {
    const ladder = ladderOf(items, (item) => able[item.name.split('-')[0]], { mixed });
    assert.deepEqual(ladder.map(({ name }) => name), expected);
  });
}

test('every rung has a declared rank, and one that is unknown counts by its height', () => {
  const ranks = ['h264-240', 'av1-360', 'h264-360', 'av1-480'].map((name) => rankOf({ name }));
  assert.deepEqual(ranks, [...ranks].sort((a, b) => a - b));
  assert.equal(ranks[1], ranks[2]);
  assert.equal(rankOf({ name: 'vp9-720', height: 720 }), 720);
});

test('the codec is read out of the type', () => {
  assert.equal(codecOf(MIMES.av1), 'av01');
  assert.equal(codecOf('video/mp4; codecs=avc1.4d401e'), 'avc1');
  assert.equal(codecOf('video/mp4'), '');
});

test('the rung that a lesson begun now would run at', () => {
  const ladder = [{ name: '240', rate: 90_000 }, { name: '360', rate: 180_000 }];
  const planned = (more) => plannedRung(ladder, { soundRate: 20_000, throughput: null, ...more });
  assert.equal(planned({}), '240', 'nobody knows: the small one');
  assert.equal(planned({ throughput: 2_000_000 }), '360');
  assert.equal(planned({ throughput: 300_000 }), '240');
  assert.equal(planned({ throughput: 10_000 }), '240', 'there is always one');
  assert.equal(planned({ throughput: 2_000_000, saving: true }), '240');
  assert.equal(plannedRung([], { soundRate: 1, throughput: 1 }), undefined);
});

test('a lesson begins with the picture that looks best for hardly more bytes than the smallest', () => {
  const slides = [{ name: 'h264-240', rate: 14_000 }, { name: 'av1-360', rate: 15_000 }, { name: 'av1-480', rate: 24_000 }];
  const talk = [{ name: 'h264-240', rate: 60_000 }, { name: 'av1-360', rate: 90_000 }, { name: 'av1-480', rate: 180_000 }];
  const now = { soundRate: 20_000, throughput: null, ahead: 0, current: null, pinned: null };
  assert.equal(chooseRung(slides, now), 'av1-360');
  assert.equal(chooseRung(talk, now), 'h264-240', 'half as much again is not hardly more');
  assert.equal(chooseRung(talk, { ...now, throughput: 5_000_000, ahead: 30, current: 'h264-240' }), 'av1-480');
  assert.equal(chooseRung(slides, { ...now, saving: true }), 'h264-240');
  assert.equal(plannedRung(slides, { soundRate: 20_000, throughput: null }), 'av1-360');
  assert.equal(plannedRung([], { soundRate: 20_000, throughput: null }), undefined);
});

test('a few lost frames are no stumble, half of them are', () => {
  assert.equal(stumbles({ total: 100, dropped: 100 }), false, 'too early to tell');
  assert.equal(stumbles({ total: 400, dropped: 100 }), false);
  assert.equal(stumbles({ total: 400, dropped: 220 }), true);
});
