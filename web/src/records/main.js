/**
 * Study records of lessons outside packages: listens to the page's player and says below it what was sent.
 */
import { translator } from '../player/strings.js';
import { Recorder } from './recorder.js';

/** @returns {Promise<void>} */
async function start() {
  if (!('indexedDB' in globalThis) || !('locks' in navigator)) return;
  const recorder = await Recorder.open();
  recorder.follow(document);
  const place = document.querySelector('[data-records-line]');
  if (!place) return;
  const t = translator();
  const show = async () => {
    const { waiting, aside } = await recorder.log.state();
    place.textContent = aside ? t('有 {n} 条学习记录存在这台手机上。还没有人登录，登录以后才能计入学时。', { n: aside })
      : waiting ? t('等待发送 {n} 条，有网络时自动发送', { n: waiting }) : '';
  };
  recorder.addEventListener('change', show);
  await show();
}

start();
