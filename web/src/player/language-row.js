/** One language to choose from: its letters as a picture, its name, and whether the sound is only a stand-in. */
import { h } from './view.js';

/** A word in the letters of the language, which is known by its shape before it is read. */
const LETTERS = { 'zh-hans': '\u6c49', bo: 'བོད', adx: 'ཨ་མདོ', khg: 'ཁམས', mn: 'Мо', 'mn-Mong': 'ᠮᠣ' };

/**
 * @param {{language: string, label: string, placeholder?: boolean}} track
 * @param {Element} input its radio button
 * @param {(text: string) => string} t
 * @returns {Element} a row as wide as the panel; its name can be heard where the device has a voice
 */
export function languageRow({ language, label, placeholder }, input, t) {
  const lang = language === 'adx' || language === 'khg' ? 'bo' : language;
  return h(
    'label',
    { class: 'choice', 'data-spoken': true },
    input,
    h('span', { class: 'player__letters', 'aria-hidden': 'true', lang }, LETTERS[language] ?? '…'),
    h('span', {}, label, placeholder ? h('small', { class: 'player__remark' }, t('占位音轨，待真人配音')) : ''),
  );
}
