import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDeck, slideAt, slideToFetch } from '../src/player/deck-index.js';
import { actionOf, KEYS, nextSpeed } from '../src/player/keys.js';
import { IndexError } from '../src/player/segment-index.js';

const HASH = 'ab'.repeat(32);
const DECK = {
  v: 1, object: HASH, length: 600, mime: 'image/webp', width: 1280, height: 720,
  slides: [[300, 0, HASH], [200, 5000, HASH], [100, 9200, HASH]],
};

test('a deck whose index contradicts itself is refused', () => {
  const spoilt = [
    null,
    { ...DECK, v: 2 },
    { ...DECK, length: 601 },
    { ...DECK, slides: [] },
    { ...DECK, slides: 'all' },
    { ...DECK, slides: [[600, 0, 'short']] },
    { ...DECK, slides: [[0, 0, HASH]] },
    { ...DECK, slides: [[300, 5000, HASH], [300, 5000, HASH]] },
    { ...DECK, mime: 'image/svg+xml' },
    { ...DECK, mime: 'text/html' },
    { ...DECK, width: 0 },
  ];
  for (const document of spoilt) assert.throws(() => readDeck(document), IndexError);
});

test('a deck says which bytes are shown from which second on', () => {
  const deck = readDeck(DECK);
  assert.deepEqual(deck.slides.map(({ start, end, from }) => [start, end, from]), [[0, 300, 0], [300, 500, 5], [500, 600, 9.2]]);
  assert.deepEqual([-1, 0, 4.99, 5, 9.19, 9.2, 1000].map((second) => slideAt(deck, second)), [0, 0, 0, 1, 1, 2, 2]);
});

test('the slide of this moment comes first, then the next ones, and none further ahead', () => {
  assert.equal(slideToFetch(3, new Set(), 20), 3);
  assert.equal(slideToFetch(3, new Set([3]), 20), 4);
  assert.equal(slideToFetch(3, new Set([3, 4]), 20), 5);
  assert.equal(slideToFetch(3, new Set([3, 4, 5]), 20), null);
  assert.equal(slideToFetch(19, new Set([19]), 20), null);
});

test('keys do one thing each, and leave to sliders, choices and buttons what is theirs', () => {
  const cases = [
    ['k', 'DIV', ['toggle']], ['K', 'DIV', ['toggle']], [' ', 'DIV', ['toggle']], [' ', 'BUTTON', null], [' ', 'INPUT', null],
    ['j', 'BUTTON', ['step', -10]], ['ArrowRight', 'BUTTON', ['step', 10]], ['ArrowRight', 'INPUT', null],
    ['ArrowUp', 'BUTTON', ['volume', 0.1]], ['m', 'INPUT', ['mute']], ['c', 'BUTTON', ['captions']], ['f', 'BUTTON', ['fullscreen']],
    ['<', 'BUTTON', ['speed', -1]], ['>', 'BUTTON', ['speed', 1]], ['7', 'BUTTON', ['tenth', 7]], ['?', 'BUTTON', ['help']],
    ['n', 'BUTTON', ['slide', 1]], ['Escape', 'INPUT', ['close']], ['x', 'BUTTON', null], ['Tab', 'BUTTON', null], ['Enter', 'BUTTON', null],
  ];
  for (const [key, target, expected] of cases) assert.deepEqual(actionOf(key, target), expected, `${key} on ${target}`);
  assert.equal(actionOf('ArrowDown', 'BUTTON', { menu: true }), null, 'a list scrolls');
  assert.ok(KEYS.every(([keys, words]) => keys.length && words));
});

test('speed goes from step to step and stays at its ends', () => {
  const speeds = [0.75, 1, 1.25, 1.5, 2];
  assert.equal(nextSpeed(speeds, 1, 1), 1.25);
  assert.equal(nextSpeed(speeds, 2, 1), 2);
  assert.equal(nextSpeed(speeds, 0.75, -1), 0.75);
  assert.equal(nextSpeed(speeds, 1.1, 1), 1.25);
});
