/** Why a download stands still, in words that say what to do. Keys are the codes of `offline/errors.js`. */

const NO_SIGNAL = '信号断了。有信号时自动接着下载，已经收到的不会再收一遍。';
const LATER = '服务器上暂时拿不到其中一个文件，过几分钟自动再试。其他内容不受影响。';
const DOUBT = '收到的内容与签名对不上，没有存下。过一会儿再试；还不行，请告诉乡镇的管理员。';

/** @type {Record<string, string>} */
const REASONS = {
  unreachable: NO_SIGNAL, cut: NO_SIGNAL, stalled: NO_SIGNAL, stopped: NO_SIGNAL, 'range-wrong': NO_SIGNAL,
  'range-ignored': NO_SIGNAL,
  server: '服务器现在太忙，过一会儿自动再试。',
  portal: '这个网络要先登录，打开的是别人的网页。登录网络以后会自动接着下载。',
  'not-found': LATER, refused: LATER, 'wrong-bytes': LATER, 'too-long': LATER, 'index-malformed': LATER,
  'manifest-malformed': LATER,
  'no-space': '手机空间不够：要 {need}，只剩 {free}。请删掉一些照片或旧资源包，再按“再试一次”。已有的内容没有动。',
  'disk-full': '手机存满了。请删掉一些照片或旧资源包，再按“再试一次”。已有的内容没有动。',
  'app-too-old': '这个资源包要用新版应用。有网络时重新打开这一页就会更新，然后再按“再试一次”。',
  'trust-expired': '服务器的签名已经过期，暂时不能下载新的。手机上已有的照常能看。请告诉管理员。',
  'trust-unsigned': DOUBT, 'trust-rollback': DOUBT, 'trust-hash': DOUBT, 'trust-length': DOUBT, 'trust-format': DOUBT,
  'trust-version': DOUBT, 'trust-missing': DOUBT,
  unexpected: '下载出了意外，已经收到的都还在。请按“再试一次”；还不行，请告诉管理员。',
};

/**
 * @param {string} code
 * @returns {string} Chinese text, the key of its translation
 */
export const reason = (code) => REASONS[code] ?? REASONS.unexpected;

/** Whether a person may decide to forget the old trust (a test server that was made anew, for instance). */
export const isTrust = (/** @type {string} */ code) => code.startsWith('trust-') && code !== 'trust-expired';
