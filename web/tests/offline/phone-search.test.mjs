import assert from 'node:assert/strict';
import { test } from 'node:test';

import { matching, normalised } from '../../src/packages/phone-search.js';

const entry = (title, text = '') => ({ title, text, url: '/', kept: '', kind: 'page' });

test('width, case, spaces and signs make no difference to a search on the phone', () => {
  assert.equal(normalised('“三个最大”： ＡＢＣ 12'), '三个最大abc12');
  assert.equal(normalised('བོད་ཡིག'), 'བོདཡིག');
});

test('every part must be there, and a title counts more than a text', () => {
  const list = [entry('接羔', '草原上的火'), entry('草原防火'), entry('中华水塔', '草原 和水')];
  assert.deepEqual(matching(list, '草原').map(({ title }) => title), ['草原防火', '接羔', '中华水塔']);
  assert.deepEqual(matching(list, '草原 水').map(({ title }) => title), ['中华水塔']);
  assert.deepEqual(matching(list, '不存在'), []);
  assert.equal(matching(list, '  ').length, 3);
});
