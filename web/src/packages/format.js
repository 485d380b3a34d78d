/** Numbers for people: megabytes, minutes, dates. Pure but for the language of dates. */
import { minutesFor, presentSpeed } from '../player/cost.js';
import { megabytes } from '../player/strings.js';

export { megabytes, minutesFor, presentSpeed };

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
