/** Which voice of the device may read a text. Pure. */

/** @typedef {'zh'|'bo'} Spoken the languages of which texts are read aloud */

/** Han of any plane, and the ideographic marks that stand among it. */
const HAN = /\p{Script=Han}/u;
const TIBETAN = /\p{Script=Tibetan}/u;
const LETTERS = /\p{L}/u;

/** Chinese that a hearer of Mandarin does not understand. */
const OTHER_CHINESE = /^(zh-(hk|mo|hant-hk|hant-mo|yue)|yue)/;
const MANDARIN = ['zh-cn', 'cmn-hans-cn', 'cmn-cn', 'zh-hans-cn', 'zh-hans', 'cmn', 'zh', 'zh-sg', 'zh-tw'];

/**
 * The language by its letters: markup may be wrong about a lesson's title, letters are not.
 * @param {string} text
 * @returns {Spoken|null} null for numbers, signs and Latin abbreviations, which any voice may read
 */
export function languageOf(text) {
  if (TIBETAN.test(text)) return 'bo';
  return HAN.test(text) ? 'zh' : null;
}

/**
 * A voice of the device itself: one that needs a network would be silent in the mountains. Never a voice of
 * another language: a Mandarin voice makes noise of Tibetan.
 * @param {{lang: string, localService: boolean}[]} voices
 * @param {Spoken} language
 * @returns {any} null when the device has none
 */
export function voiceFor(voices, language) {
  const own = voices.filter((voice) => voice.localService);
  const tag = (voice) => voice.lang.toLowerCase().replace(/_/g, '-');
  if (language === 'bo') return own.find((voice) => tag(voice).split('-')[0] === 'bo') ?? null;
  const mandarin = own.filter((voice) => /^(zh|cmn)(-|$)/.test(tag(voice)) && !OTHER_CHINESE.test(tag(voice)));
  const rank = (voice) => (MANDARIN.indexOf(tag(voice)) + MANDARIN.length + 1) % (MANDARIN.length + 1);
  return mandarin.sort((a, b) => rank(a) - rank(b))[0] ?? null;
}

/**
 * @param {string[]} texts pieces as they stand on the page
 * @param {Spoken} page the language for pieces without letters of their own
 * @returns {{language: Spoken, text: string}[]} neighbours of one language joined, ready to be read
 */
export function phrases(texts, page) {
  const list = [];
  for (const raw of texts) {
    const text = raw.replace(/\s+/g, ' ').trim();
    if (!text || (!LETTERS.test(text) && !/\p{N}/u.test(text))) continue;
    const last = list[list.length - 1];
    const language = languageOf(text) ?? last?.language ?? page;
    if (last?.language === language) last.text += `${language === 'bo' ? ' ' : '，'}${text}`;
    else list.push({ language, text });
  }
  return list.map(({ language, text }) => ({ language, text: language === 'zh' ? readable(text) : text }));
}

/** Signs that a Chinese voice spells out or swallows, as words. */
const WORDS = [
  [/(\d) ?KB\/s/g, '$1千字节每秒'], [/(\d) ?MB\/s/g, '$1兆每秒'], [/(\d) ?GB/g, '$1吉'], [/(\d) ?MB/g, '$1兆'], [/(\d) ?KB/g, '$1千字节'],
  [/(\d)–(\d)/g, '$1到$2'], [/ ?· ?/g, '，'], [/，{2,}/g, '，'],
];

/** @param {string} text Chinese @returns {string} */
const readable = (text) => WORDS.reduce((said, [sign, word]) => said.replace(sign, word), text);
