/** Numbers for people: megabytes, minutes, dates. Pure but for the language of dates. */
import { minutesFor, presentSpeed } from '../player/cost.js';
import { megabytes } from '../player/strings.js';
import { waitWords } from '../player/wait.js';

export { megabytes, minutesFor };

/** What a phone on a mountain gets (bits a second): said to be the usual, where the browser does not know the present. */
const USUAL_SPEED = 300_000;

/**
 * @param {(text: string, values?: Record<string, string | number>) => string} t
 * @param {number} bytes
 * @returns {string} how long they take to come
 */
export function waiting(t, bytes) {
  const speed = presentSpeed();
  return waitWords(t, bytes, speed ?? USUAL_SPEED, { usual: !speed });
}

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
