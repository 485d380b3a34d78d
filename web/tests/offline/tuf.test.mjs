import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { canonicalBytes, sortedJson } from '../../src/offline/canonical.js';
import { fromUtf8, utf8 } from '../../src/offline/bytes.js';
import { OfflineError } from '../../src/offline/errors.js';
import { matches } from '../../src/offline/tuf-rules.js';
import { Updater, judgedNow } from '../../src/offline/tuf.js';

const scenarios = JSON.parse(readFileSync(new URL('tuf-scenarios.json', import.meta.url)));

function memoryStore(entries = []) {
  const kept = new Map(entries);
  return { kept, get: async (name) => kept.get(name) ?? null, put: async (name, bytes) => void kept.set(name, bytes) };
}

function visit({ files, root, now }, store) {
  const asked = [];
  const fetcher = async (url, cap) => {
    asked.push(url);
    const bytes = url in files ? utf8(files[url]) : null;
    if (!bytes) throw new OfflineError('not-found', 'object', url);
    if (bytes.length > cap) throw new OfflineError('too-long', 'object', url);
    return bytes;
  };
  const updater = new Updater({
    store, fetcher, metadataUrl: 'tuf', targetUrl: '', trustedRoot: utf8(root), now: () => Date.parse(now),
  });
  updater.targetUrl = '';
  return { updater, asked };
}

async function fetchTarget(scenario, store) {
  const { updater, asked } = visit(scenario, store);
  await updater.refresh();
  return { body: fromUtf8(await updater.download(scenario.target)), asked };
}

for (const [name, scenario] of Object.entries(scenarios)) {
  test(`${name}: ${scenario.wants}`, async () => {
    const store = memoryStore();
    if (scenario.before) {
      const { updater } = visit({ ...scenario, files: scenario.before }, store);
      await updater.refresh();
      await updater.find(scenario.target);
    }
    const trusted = new Map(store.kept);
    if (scenario.wants === 'ok') {
      assert.equal((await fetchTarget(scenario, store)).body, scenario.body);
      return;
    }
    await assert.rejects(fetchTarget(scenario, store), (error) => error.code === scenario.wants);
    // What was trusted of targets stays byte for byte; only a root that was good may have moved on.
    for (const file of ['targets.json', 'org-qumalai.json']) {
      if (trusted.has(file) && scenario.wants !== 'trust-expired') assert.deepEqual(store.kept.get(file), trusted.get(file));
    }
  });
}

const named = (part) => Object.entries(scenarios).find(([name]) => name.includes(part))[1];

test('"nothing new" costs the absence of the next root and one timestamp', async () => {
  const scenario = named('unchanged');
  const store = memoryStore();
  await fetchTarget(scenario, store);
  const { updater, asked } = visit(scenario, store);
  await updater.refresh();
  assert.deepEqual(asked, ['tuf/2.root.json', 'tuf/timestamp.json']);
  assert.ok(scenario.files['tuf/timestamp.json'].length < 1024);
});

test('trusted metadata are stored byte for byte', async () => {
  const scenario = named('fresh client');
  const store = memoryStore();
  await fetchTarget(scenario, store);
  assert.equal(fromUtf8(store.kept.get('timestamp.json')), scenario.files['tuf/timestamp.json']);
  assert.equal(fromUtf8(store.kept.get('snapshot.json')), scenario.files['tuf/1.snapshot.json']);
  assert.equal(fromUtf8(store.kept.get('org-qumalai.json')), scenario.files['tuf/1.org-qumalai.json']);
});

test('a clock that was set back cannot revive what has expired', async () => {
  const scenario = named('older than its week');
  const past = Date.parse('2016-01-01T00:00:00Z');
  const seen = Date.parse(scenario.now);
  assert.equal(judgedNow(past, seen), seen);
  assert.equal(judgedNow(seen, 0), seen);
  const store = memoryStore();
  await assert.rejects(fetchTarget({ ...scenario, now: new Date(judgedNow(past, seen)).toISOString() }, store), { code: 'trust-expired' });
});

test('canonical JSON escapes two characters, sorts by code point and knows no fractions', () => {
  assert.equal(fromUtf8(canonicalBytes({ b: [true, null, -3], a: 'x"\\\n藏' })), '{"a":"x\\"\\\\\n藏","b":[true,null,-3]}');
  assert.equal(fromUtf8(canonicalBytes({ '\u{1F411}': 1, '\uFF5E': 2 })), '{"\uFF5E":2,"\u{1F411}":1}');
  for (const bad of [1.5, Number.NaN, 2 ** 60, undefined, () => 1]) assert.throws(() => canonicalBytes({ bad }), TypeError);
  assert.equal(sortedJson({ b: 1.5, a: '\n', c: undefined }), '{"a":"\\n","b":1.5}');
});

test("a pattern's star never crosses a slash", () => {
  assert.equal(matches('pkg/qumalai/*', 'pkg/qumalai/x.json'), true);
  assert.equal(matches('pkg/qumalai/*', 'pkg/qumalai/sub/x.json'), false);
  assert.equal(matches('pkg/*', 'pkg/qumalai/x.json'), false);
  assert.equal(matches('pkg/?.json', 'pkg/a.json'), true);
  assert.equal(matches('pkg/a.json', 'pkg/aXjson'), false);
  assert.equal(matches('pkg/[', 'pkg/['), false);
});
