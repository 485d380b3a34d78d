/**
 * What went wrong on this phone, in words that say what to do: Chinese (the key of its translation) and English. Keys
 * are the codes of `offline/errors.js`, and what the pages themselves find missing.
 */

/** @typedef {readonly [chinese: string, english: string]} Words */

const NO_SIGNAL = /** @type {Words} */ (['信号断了。有信号时自动接着下载，已经收到的不会再收一遍。',
  'No signal. The download goes on by itself when it returns; nothing is fetched twice.']);
const LATER = /** @type {Words} */ (['服务器上暂时拿不到其中一个文件，过几分钟自动再试。其他内容不受影响。',
  'One file cannot be fetched now. It is tried again in a few minutes; the rest goes on.']);
const DOUBT = /** @type {Words} */ (['收到的内容与签名对不上，没有存下。过一会儿再试；还不行，请告诉乡镇的管理员。',
  'What came does not fit its signature and was not kept. Try again later, or tell the township administrator.']);

/** @type {Record<string, Words>} */
const REASONS = {
  unreachable: NO_SIGNAL, cut: NO_SIGNAL, stalled: NO_SIGNAL, stopped: NO_SIGNAL, 'range-wrong': NO_SIGNAL,
  'range-ignored': NO_SIGNAL,
  server: ['服务器现在太忙，过一会儿自动再试。', 'The server is busy. It is tried again soon.'],
  portal: ['这个网络要先登录，打开的是别人的网页。登录网络以后会自动接着下载。',
    'This network wants a log-in first. The download goes on by itself after that.'],
  'not-found': LATER, refused: LATER, 'wrong-bytes': LATER, 'too-long': LATER, 'index-malformed': LATER,
  'manifest-malformed': LATER,
  'no-space': ['手机空间不够：要 {need}，只剩 {free}。请删掉一些照片或旧资源包，再按“再试一次”。已有的内容没有动。',
    'Too little room: {need} needed, {free} free. Delete photos or old packages, then try again. Nothing was touched.'],
  'disk-full': ['手机存满了。请删掉一些照片或旧资源包，再按“再试一次”。已有的内容没有动。',
    'The phone is full. Delete photos or old packages, then try again. Nothing was touched.'],
  'app-too-old': ['这个资源包要用新版应用。有网络时重新打开这一页就会更新，然后再按“再试一次”。',
    'This package needs a newer application. Open this page again with a network, then try again.'],
  'trust-expired': ['服务器的签名已经过期，暂时不能下载新的。手机上已有的照常能看。请告诉管理员。',
    'The signature of the server has expired: nothing new for now, what is here still plays. Tell the administrator.'],
  'trust-unsigned': DOUBT, 'trust-rollback': DOUBT, 'trust-hash': DOUBT, 'trust-length': DOUBT, 'trust-format': DOUBT,
  'trust-version': DOUBT, 'trust-missing': DOUBT,
  storage: ['手机的存储打不开。请关掉其他网页，重新打开这一页。',
    'The storage of this phone does not open. Close other pages and open this one again.'],
  insecure: ['这个地址不是加密的（https），浏览器不让存资源包。可以在线看，或请管理员给出 https 地址。',
    'This address is not encrypted (https), so packages cannot be kept. Watch online, or ask for the https address.'],
  browser: ['这个浏览器不能把资源包存到手机上。可以在线看；要离线看，请用新版的 Chrome 打开。',
    'This browser cannot keep packages. Watch online, or open the page in a recent Chrome.'],
  unexpected: ['下载出了意外，已经收到的都还在。请按“再试一次”；还不行，请告诉管理员。',
    'Something unforeseen happened; what came is kept. Try again, or tell the administrator.'],
};

/**
 * @param {string} code
 * @returns {Words}
 */
export const reason = (code) => REASONS[code] ?? REASONS.unexpected;

/** Whether a person may decide to forget the old trust (a test server that was made anew, for instance). */
export const isTrust = (/** @type {string} */ code) => code.startsWith('trust-') && code !== 'trust-expired';
