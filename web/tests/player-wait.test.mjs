import assert from 'node:assert/strict';
import { test } from 'node:test';

import { onlyHeld } from '../src/player/on-phone.js';
import { priceWords, waitWords } from '../src/player/wait.js';

const t = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

test('how long bytes take is said in whole minutes, and below one minute as less than one', () => {
  assert.equal(waitWords(t, 120_000, 1_000_000), '按现在的网速不到 1 分钟');
  assert.equal(waitWords(t, 2_400_000, 64_000), '按现在的网速约 5 分钟');
  assert.equal(waitWords(t, 480_000, 64_000), '按现在的网速约 1 分钟');
  assert.equal(waitWords(t, 480_001, 64_000, { usual: true }), '信号一般时约 2 分钟');
  assert.equal(waitWords(t, 1, 64_000, { usual: true }), '信号一般时不到 1 分钟');
});

test('what lies on the phone costs no bytes of the network', () => {
  assert.equal(priceWords({ t, data: { here: true } }, '0.1 MB'), '在手机上，不用流量');
  assert.equal(priceWords({ t, data: {} }, '0.1 MB'), '0.1 MB');
});

const object = (letter) => `/b/${letter.repeat(2)}/${letter.repeat(64)}?type=x`;
const LESSON = {
  audio: [{ language: 'zh-hans', sources: [{ url: object('a'), index_url: object('b') }, { url: object('c'), index_url: null }] }],
  video: [{ name: 'small', url: object('d'), index_url: null }, { name: 'clear', url: object('e'), index_url: null }],
  deck: { url: object('f'), index_url: object('0') },
  muxed: { url: object('9') },
};
const having = (letters) => (hash) => [...letters].some((letter) => hash === letter.repeat(64));

test('a page of the site plays what a package brought, and only that where there is no network', () => {
  assert.equal(onlyHeld(LESSON, having(''), true), null);
  assert.equal(onlyHeld(LESSON, having('adf0'), true), null, 'a sound without its index cannot be played');
  const sound = onlyHeld(LESSON, having('ab'), true);
  assert.deepEqual([sound.here, sound.audio[0].sources.length, sound.video, sound.deck, sound.muxed], [true, 1, [], null, null]);
  assert.equal(onlyHeld(LESSON, having('ab'), false), null, 'with a network the pictures can be had, too');
  const whole = onlyHeld(LESSON, having('abdf0'), false);
  assert.deepEqual([whole.here, whole.video.map(({ name }) => name), whole.deck.url], [true, ['small'], object('f')]);
});
