import assert from 'node:assert/strict';
import { test } from 'node:test';

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
