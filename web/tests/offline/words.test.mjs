import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { reason } from '../../src/packages/words.js';
import { Sender } from '../../src/records/sender.js';
import { FORK, IN_REVIEW, REFUSED, sentence, troubleOf } from '../../src/records/words.js';

const HAN = /[\u4e00-\u9fff]/;
const LATIN = /^[\x20-\x7e]+$/;
const fill = (text, values = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const blanks = (text) => (text.match(/\{\w+\}/g) ?? []).sort();

/** Codes that the offline code throws with, read from its source. */
function thrownCodes() {
  const folder = new URL('../../src/offline/', import.meta.url);
  const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  return new Set(sources.flatMap((text) => [...text.matchAll(/new (?:Offline|Trust)Error\(\s*'([\w-]+)'(, '(?:network|object|person)')?/g)]
    .map(([, code, kind]) => (kind ? code : `trust-${code}`))));
}

test('whatever stops a download has a sentence of its own in Chinese and English, with the same blanks', () => {
  const codes = [...thrownCodes()];
  assert.ok(codes.length > 10, String(codes));
  for (const code of [...codes, 'unexpected', 'storage', 'insecure', 'browser']) {
    const [chinese, english] = reason(code);
    if (code !== 'unexpected') assert.notEqual(chinese, reason('unexpected')[0], code);
    assert.match(chinese, HAN, code);
    assert.match(english, LATIN, code);
    assert.deepEqual(blanks(english), blanks(chinese), code);
  }
});

test('why records are not taken is a sentence in two languages, whatever the server answered', () => {
  const words = { message: '这部手机没有登记。', message_en: 'This phone is not registered.', message_bo: 'ཁ་པར་འདི་ཐོ་བཀོད་མེད།' };
  assert.deepEqual(sentence(troubleOf(403, { error: words }), fill, false),
    { text: words.message, language: 'zh-Hans', english: words.message_en });
  assert.deepEqual(sentence(troubleOf(403, { error: words }), fill, true),
    { text: words.message_bo, language: 'bo', english: words.message_en });
  for (const body of [null, {}, { error: {} }, { error: 'no' }, [], { error: { message: 7 } }]) {
    const { text, language, english } = sentence(troubleOf(418, body), fill, true);
    assert.match(text, /没有丢。请/);
    assert.match(text, /418/);
    assert.equal(language, 'zh-Hans');
    assert.match(english, /Nothing is lost.*\.$/);
  }
});

test('a sentence of the page is translated and filled', () => {
  const t = (text, values) => fill(text === IN_REVIEW[0] ? 'བོད་ {n}' : text, values);
  assert.deepEqual(sentence({ words: IN_REVIEW, values: { n: 2 } }, t, true).text, 'བོད་ 2');
  assert.equal(sentence({ words: IN_REVIEW, values: { n: 2 } }, t, true).language, 'bo');
  assert.match(sentence({ words: IN_REVIEW, values: { n: 2 } }, fill, false).english, /set 2 of them aside/);
});

const json = (body, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

/** A phone with one record to send and the server's answer to it. */
function senderTo(answer) {
  const identity = { member: 'm', device: 'd', epoch: 'e', key: null, confirmed: 0 };
  const log = {
    current: async () => identity, identities: async () => [identity], acknowledge: async () => 0,
    unsent: async () => ({ first: 1, previous: new Uint8Array(32), lines: [{ line: new Uint8Array([123, 125]) }] }),
  };
  const fetch = async (url) => (url.includes('challenge') ? json({}, 401) : answer());
  return new Sender(log, { fetch, csrf: () => '', changed: () => {} });
}

test('a refusal keeps both of the server’s sentences, and a chain that is not ours has its own', async (t) => {
  const key = await import('../../src/offline/ed25519.js').then(({ generateKey }) => generateKey());
  const cases = [
    [() => json({ error: { code: 'x', message: '请找书记。', message_en: 'Ask the secretary.' } }, 403), ['请找书记。', 'Ask the secretary.']],
    [() => json({}, 404), REFUSED],
    [() => json({ contiguous: 1, head: 'another' }), FORK],
  ];
  for (const [answer, words] of cases) {
    await t.test(words[1], async () => {
      const sender = senderTo(answer);
      const [identity] = await sender.log.identities();
      identity.key = key;
      assert.equal(await sender.attemptAll(), 'refused');
      assert.deepEqual(sender.trouble.words, words);
    });
  }
});
