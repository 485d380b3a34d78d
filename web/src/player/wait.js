/** How long bytes take to come, and what they cost, in words. Pure. */
import { minutesFor } from './cost.js';

/**
 * @param {(text: string, values?: object) => string} t
 * @param {number} bytes
 * @param {number} speed bits a second
 * @param {{usual?: boolean}} [options] `usual`: the speed is what such places mostly have, nobody has measured it
 * @returns {string} "按现在的网速约 2 分钟"; what takes less than a minute says so
 */
export function waitWords(t, bytes, speed, { usual = false } = {}) {
  if (bytes * 8 < speed * 60) return t(usual ? '信号一般时不到 1 分钟' : '按现在的网速不到 1 分钟');
  const minutes = minutesFor(bytes, speed);
  return usual ? t('信号一般时约 {minutes} 分钟', { minutes }) : t('按现在的网速约 {minutes} 分钟', { minutes });
}

/** The amount that an action fetches; for a lesson that lies on this phone, that it fetches nothing. */
export const priceWords = ({ data, t }, amount) => (data.here ? t('在手机上，不用流量') : amount);
