/**
 * Study records of lessons outside packages: listens to the page's player and says below it what was sent. On 我的 what
 * the server has just taken is shown without a reload.
 */
import { translator } from '../player/strings.js';
import { Recorder } from './recorder.js';
import { IN_REVIEW, sentence } from './words.js';

/** The parts of this page that records change, as the server shows them now; without an answer they stay. */
async function renew(page = document) {
  const parts = [...page.querySelectorAll('[data-fresh]')];
  if (!parts.length) return;
  const response = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store' });
  if (!response.ok || response.redirected) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  for (const part of parts) {
    const now = fresh.getElementById(part.id);
    if (now) part.replaceChildren(...page.adoptNode(now).childNodes);
  }
}

/**
 * Adds a sentence in the page's language and its English one to the line.
 * @param {Element} place
 * @param {{text: string, language: string, english: string}} said
 */
function say(place, { text, language, english }) {
  const span = (/** @type {string} */ lang, /** @type {string} */ textContent) => Object.assign(document.createElement('span'), { lang, textContent });
  place.append(' ', span(language, text), ' ', span('en', english));
}

/** @returns {Promise<void>} */
async function start() {
  if (!('indexedDB' in globalThis) || !('locks' in navigator)) return;
  const recorder = await Recorder.open();
  recorder.follow(document);
  const place = document.querySelector('[data-records-line]');
  if (!place) return;
  const t = translator();
  const isTibetan = document.documentElement.lang === 'bo';
  let renewed = 0;
  const show = async () => {
    const { waiting, aside, inReview } = await recorder.log.state();
    const { delivered, trouble } = recorder.sender;
    place.textContent = aside ? t('有 {n} 条学习记录存在这台手机上。还没有人登录，登录以后才能计入学时。', { n: aside })
      : waiting ? t('等待发送 {n} 条，有网络时自动发送', { n: waiting })
        : delivered ? t('刚送到 {n} 条，服务器已确认', { n: delivered }) : '';
    if (waiting && trouble) say(place, sentence(trouble, t, isTibetan));
    if (!waiting && delivered && inReview) say(place, sentence({ words: IN_REVIEW, values: { n: inReview } }, t, isTibetan));
    if (delivered === renewed || waiting) return;
    renewed = delivered;
    await renew().catch(() => {});
  };
  recorder.addEventListener('change', show);
  await show();
}

start();
