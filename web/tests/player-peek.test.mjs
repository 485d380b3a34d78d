import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTiles, secondAt, tileAt } from '../src/player/peek-tiles.js';

const VTT = `WEBVTT

00:00:00.000 --> 00:00:10.000
../ab/abab?type=image%2Fwebp#xywh=0,0,160,90

00:00:10.000 --> 00:00:20.000
../ab/abab?type=image%2Fwebp#xywh=160,0,160,90
`;

test('tiles are read with their times and places', () => {
  const tiles = readTiles(VTT);
  assert.deepEqual(tiles, [
    { from: 0, x: 0, y: 0, width: 160, height: 90 },
    { from: 10, x: 160, y: 0, width: 160, height: 90 },
  ]);
  assert.equal(tileAt(tiles, 9.9).x, 0);
  assert.equal(tileAt(tiles, 10).x, 160);
  assert.equal(tileAt(tiles, 4000).x, 160);
});

test('what is no thumbnail is left out, and nothing shows nothing', () => {
  assert.deepEqual(readTiles('WEBVTT\n\n00:00.000 --> 00:01.000\nwords\n\n00:01.000 --> 00:02.000\nx#xywh=0,0,0,90\n'), []);
  assert.deepEqual(readTiles('<html>'), []);
  assert.equal(tileAt([], 3), undefined);
});

test('a pointer at the ends of the bar means the ends of the lesson', () => {
  const box = { left: 100, width: 430 };
  assert.equal(secondAt(100, box, 600), 0);
  assert.equal(secondAt(115, box, 600), 0);
  assert.equal(secondAt(315, box, 600), 300);
  assert.equal(secondAt(530, box, 600), 600);
  assert.equal(secondAt(900, box, 600), 600);
});
