/** Why study records stay on the phone: the server's own words, or ours where it has none. */

/**
 * @typedef {readonly [chinese: string, english: string]} Words the Chinese text is the key of its translation
 * @typedef {{words: Words, values?: Record<string, string|number>, tibetan?: string}} Trouble `tibetan`: the server's
 *   draft, which the page's list of translations cannot hold
 */

/** The server has the records but proves it with another chain than this phone's. */
export const FORK = /** @type {Words} */ (['服务器上的学习记录与手机上的对不上。记录还在手机上，没有丢。请把手机给支部书记看，由管理员核对。',
  'The records on the server do not fit those on this phone. Nothing is lost: they stay here. Show the phone to your branch secretary.']);
export const REFUSED = /** @type {Words} */ (['服务器没有收下学习记录，也没有说原因（{status}）。记录还在手机上，没有丢。请明天再试；还不行，请告诉支部书记。',
  'The server did not take the records and gave no reason ({status}). Nothing is lost: they stay here. Try again tomorrow, or tell your branch secretary.']);
export const IN_REVIEW = /** @type {Words} */ (['其中 {n} 条服务器先放在一边，等管理员核对，没有丢，您不用做什么。',
  'The server set {n} of them aside for an administrator to check. Nothing is lost; you need not do anything.']);

/**
 * @param {number} status of an answer that was no good
 * @param {any} body its JSON, if it was that
 * @returns {Trouble}
 */
export function troubleOf(status, body) {
  const { message, message_en: english, message_bo: tibetan } = body?.error ?? {};
  if (typeof message !== 'string' || !message) return { words: REFUSED, values: { status } };
  return { words: [message, english ?? ''], tibetan };
}

/**
 * @param {Trouble} trouble
 * @param {(text: string, values?: Record<string, string|number>) => string} t
 * @param {boolean} isTibetan whether the page is
 * @returns {{text: string, language: string, english: string}} `language` of the text, as HTML's `lang` says it
 */
export function sentence({ words: [chinese, english], values, tibetan }, t, isTibetan) {
  const isDraft = isTibetan && (Boolean(tibetan) || t(chinese) !== chinese);
  return {
    text: isDraft && tibetan ? tibetan : t(chinese, values), language: isDraft ? 'bo' : 'zh-Hans', english: t(english, values),
  };
}
