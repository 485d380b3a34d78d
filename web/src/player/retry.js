/** What to do after a failed request, as a value. Pure; times in milliseconds. */

const FIRST = 400;
const LONGEST = 8000;

/**
 * @param {{status: number|null, attempt: number}} failure `status` of the answer, null when there was none;
 *   `attempt` counts failures since the last byte that arrived, from 1
 * @param {number} chance 0–1, so that a village's phones do not all come back in the same moment
 * @returns {{give_up: true}|{give_up: false, delay: number}}
 */
export function afterFailure({ status, attempt }, chance) {
  const temporary = status === null || status >= 500 || status === 408 || status === 429 || (status >= 200 && status < 300);
  if (!temporary) return { give_up: true };
  return { give_up: false, delay: Math.min(LONGEST, FIRST * 2 ** Math.min(attempt - 1, 6)) * (0.6 + 0.4 * chance) };
}
