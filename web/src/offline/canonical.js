/**
 * Canonical JSON as TUF signs it (OLPC form, the one of securesystemslib): sorted keys, no white space, only `"` and
 * `\` escaped, integers only.
 */
import { utf8 } from './bytes.js';

/**
 * Order of code points (Python's order), not of UTF-16 units (JavaScript's).
 * @param {string} a
 * @param {string} b
 */
function byCodePoint(a, b) {
  const left = Array.from(a, (c) => /** @type {number} */ (c.codePointAt(0)));
  const right = Array.from(b, (c) => /** @type {number} */ (c.codePointAt(0)));
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    if (left[i] !== right[i]) return left[i] - right[i];
  }
  return left.length - right.length;
}

/**
 * @param {unknown} value
 * @returns {string}
 * @throws {TypeError} for what has no canonical form (fractions, undefined …)
 */
function encode(value) {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `"${value.replace(/[\\"]/g, '\\$&')}"`;
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError('canonical JSON has integers only');
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(encode).join(',')}]`;
  if (typeof value === 'object') {
    const object = /** @type {Record<string, unknown>} */ (value);
    const pairs = Object.keys(object).sort(byCodePoint).map((key) => `${encode(key)}:${encode(object[key])}`);
    return `{${pairs.join(',')}}`;
  }
  throw new TypeError(`no canonical form for ${typeof value}`);
}

/**
 * @param {unknown} value parsed JSON
 * @returns {Uint8Array} the bytes that a signature covers
 */
export const canonicalBytes = (value) => utf8(encode(value));

/**
 * One line of plain JSON with sorted keys and no white space: the form of study records and bundle headers
 * (record-sync, "line"). Unlike {@link canonicalBytes} it escapes as JSON does and carries fractions.
 * @param {unknown} value
 * @returns {string}
 */
export function sortedJson(value) {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (value && typeof value === 'object') {
    const object = /** @type {Record<string, unknown>} */ (value);
    const pairs = Object.keys(object)
      .filter((key) => object[key] !== undefined)
      .sort(byCodePoint)
      .map((key) => `${JSON.stringify(key)}:${sortedJson(object[key])}`);
    return `{${pairs.join(',')}}`;
  }
  return JSON.stringify(value);
}
