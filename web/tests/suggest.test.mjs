import assert from 'node:assert/strict';
import { test } from 'node:test';

import { moved } from '../src/site/suggest.js';

test('the arrows go round through the list and the box', () => {
  const texts = ['a', 'b'];
  assert.equal(moved(texts, -1, 'ArrowDown'), 0);
  assert.equal(moved(texts, 0, 'ArrowDown'), 1);
  assert.equal(moved(texts, 1, 'ArrowDown'), -1);
  assert.equal(moved(texts, -1, 'ArrowUp'), 1);
  assert.equal(moved(texts, 0, 'ArrowUp'), -1);
  assert.equal(moved([], -1, 'ArrowDown'), -1);
});
