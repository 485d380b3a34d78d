/** Numbers for people: megabytes, minutes, dates. Pure but for the language of dates. */
import { megabytes } from '../player/strings.js';

export { megabytes };

/** What a phone on a mountain gets, when the browser doesn't know better (bits a second). */
const USUAL_SPEED = 300_000;

/**
 * @param {number} bytes
 * @param {number} [bitsPerSecond]
 * @returns {number} whole minutes, at least 1
 */
export const minutesFor = (bytes, bitsPerSecond) => Math.max(1, Math.ceil((bytes * 8) / (bitsPerSecond || USUAL_SPEED) / 60));

/** @returns {number|undefined} bits a second as the browser estimates them; coarse, and unknown in most browsers */
export const presentSpeed = () => {
  const downlink = /** @type {any} */ (navigator).connection?.downlink;
  return downlink > 0 ? downlink * 1_000_000 : undefined;
};

/**
 * @param {string|number} date
 * @returns {string} day, in the reader's calendar order; empty when unreadable
 */
export function day(date) {
  const value = new Date(date);
  if (Number.isNaN(value.getTime())) return '';
  const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
  return `${value.getFullYear()}-${two(value.getMonth() + 1)}-${two(value.getDate())}`;
}

/**
 * @param {number} bytesPerSecond
 * @returns {string}
 */
export const rate = (bytesPerSecond) =>
  (bytesPerSecond >= 1_000_000 ? `${(bytesPerSecond / 1_000_000).toFixed(1)} MB/s` : `${Math.max(1, Math.round(bytesPerSecond / 1000))} KB/s`);
