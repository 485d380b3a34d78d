/**
 * Bytes, hex and hashes: the few helpers every module of the offline part shares.
 */
import { sha256 as incrementalSha256 } from '@noble/hashes/sha2.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * @param {string} text
 * @returns {Uint8Array}
 */
export const utf8 = (text) => encoder.encode(text);

/**
 * Strict decoding: bytes that are not UTF-8 raise a TypeError instead of turning into replacement characters.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export const fromUtf8 = (bytes) => decoder.decode(bytes);

/**
 * @param {Uint8Array} bytes
 * @returns {string} lowercase hex
 */
export function hex(bytes) {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/**
 * @param {string} text
 * @returns {Uint8Array}
 * @throws {TypeError} when the text is not an even number of hex digits
 */
export function fromHex(text) {
  if (typeof text !== 'string' || text.length % 2 || /[^0-9a-f]/i.test(text)) throw new TypeError('not hex');
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/**
 * @param {...Uint8Array} parts
 * @returns {Uint8Array}
 */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * SHA-256 of bytes that lie in memory, by the browser's own code.
 * @param {Uint8Array} bytes
 * @returns {Promise<string>} lowercase hex
 */
export async function sha256(bytes) {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', /** @type {BufferSource} */ (bytes))));
}

/**
 * SHA-256 of what is too large for memory: WebCrypto has no incremental form, so the audited library does it.
 * @returns {{update: (bytes: Uint8Array) => unknown, hex: () => string}}
 */
export function hasher() {
  const state = incrementalSha256.create();
  return { update: (bytes) => state.update(bytes), hex: () => hex(state.digest()) };
}

/** @param {unknown} value */
export const isSha256 = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** @param {unknown} value */
export const isUuid = (value) =>
  typeof value === 'string' && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(value);
