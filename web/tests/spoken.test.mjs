import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Speaker } from '../src/spoken/speaker.js';
import { languageOf, phrases, voiceFor } from '../src/spoken/voices.js';

const voice = (lang, localService = true) => ({ lang, localService });

test('a text is read in the language of its letters, whatever the markup says', () => {
  assert.equal(languageOf('金银滩'), 'zh');
  assert.equal(languageOf('སྒྲ་ཉན།'), 'bo');
  assert.equal(languageOf('𠮷'), 'zh');
  assert.equal(languageOf('7.2 MB'), null);
});

test('Mandarin of the mainland is taken first, Cantonese and voices from the network never', () => {
  const named = (...list) => voiceFor(list, 'zh')?.lang;
  assert.equal(named(voice('en-US'), voice('zh-TW'), voice('zh_CN')), 'zh_CN');
  assert.equal(named(voice('cmn')), 'cmn');
  assert.equal(named(voice('zh-HK'), voice('yue')), undefined);
  assert.equal(named(voice('zh-CN', false)), undefined);
  assert.equal(named(voice('zh-CN-special'), voice('zh-TW')), 'zh-TW');
});

test('Tibetan is read by a Tibetan voice or not at all', () => {
  assert.equal(voiceFor([voice('zh-CN'), voice('bos-BA'), voice('dz-BT')], 'bo'), null);
  assert.equal(voiceFor([voice('zh-CN'), voice('bo-CN')], 'bo').lang, 'bo-CN');
});

test('neighbouring pieces become one phrase a language, numbers go along, signs become words', () => {
  assert.deepEqual(phrases(['听声音', ' 12 分钟 · 7.2 MB ', '', '·'], 'zh'), [{ language: 'zh', text: '听声音，12 分钟，7.2兆' }]);
  assert.deepEqual(phrases(['8–21 MB', '按现在的网速约 2–5 分钟'], 'zh'), [{ language: 'zh', text: '8到21兆，按现在的网速约 2到5 分钟' }]);
  assert.deepEqual(phrases(['原子城里的首课', 'སྐར་མ་', '12'], 'bo'), [
    { language: 'zh', text: '原子城里的首课' }, { language: 'bo', text: 'སྐར་མ་ 12' },
  ]);
  assert.deepEqual(phrases(['12'], 'bo'), [{ language: 'bo', text: '12' }]);
  assert.deepEqual(phrases([' ', '·'], 'zh'), []);
});

/** The part of a device that speaks, as far as the rules of the speaker go. */
class Synthesis extends EventTarget {
  voices = [];
  getVoices() {
    return this.voices;
  }
}

test('there is no button for a text of which one phrase has no voice', () => {
  const device = new Synthesis();
  device.voices = [voice('zh-CN')];
  const speaker = new Speaker(device, 'bo');
  assert.equal(speaker.can(['原子城里的首课']), true);
  assert.equal(speaker.can(['原子城里的首课', 'སྒྲ་ཉན།']), false);
  assert.equal(speaker.can(['12']), false);
  assert.equal(speaker.can([]), false);
});

test('voices that a device names late are waited for', async () => {
  const device = new Synthesis();
  const speaker = new Speaker(device, 'zh');
  let ready = false;
  const waiting = speaker.ready().then(() => { ready = true; });
  device.voices = [voice('en-US')];
  device.dispatchEvent(new Event('voiceschanged'));
  await new Promise((done) => setTimeout(done));
  assert.equal(ready, false);
  device.voices = [voice('en-US'), voice('zh-CN')];
  device.dispatchEvent(new Event('voiceschanged'));
  await waiting;
});
