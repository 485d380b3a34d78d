/**
 * The record chain and the bundle that carries a piece of it (record-sync §2, §3). Pure: hashes are computed without
 * waiting, because a line is chained inside a database transaction.
 */
import { sha256 as digest } from '@noble/hashes/sha2.js';

import { sortedJson } from '../offline/canonical.js';
import { concat, fromHex, hex, utf8 } from '../offline/bytes.js';

const CHAIN_DOMAIN = 'gyxf-chain-v1\n';
const BUNDLE_DOMAIN = 'gyxf-bundle-v1\n';
const DEVICE_DOMAIN = 'gyxf-device-v1\n';
/** §3.4. The inflated limit is kept far away: it bounds a bundle before it is compressed. */
export const MAX_LINE_BYTES = 16 * 1024;
export const MAX_BUNDLE_BYTES = 256 * 1024;
export const MAX_BUNDLE_LINES = 500;

/**
 * h_0 (§2.2).
 * @param {string} device
 * @param {string} epoch
 * @returns {Uint8Array} 32 bytes
 */
export const chainStart = (device, epoch) => digest(utf8(`${CHAIN_DOMAIN}${device}\n${epoch}`));

/**
 * h_n = SHA-256(h_{n−1} ‖ line_n) (§2.3).
 * @param {Uint8Array} previous
 * @param {Uint8Array} line
 * @returns {Uint8Array}
 */
export const chainNext = (previous, line) => digest(concat(previous, line));

/**
 * What a device signs to register (§1.3).
 * @param {string} challenge
 */
export const proofMessage = (challenge) => utf8(DEVICE_DOMAIN + challenge);

/**
 * @param {object} statement
 * @returns {Uint8Array} the line, without a newline
 * @throws {RangeError} for a line that no server takes
 */
export function lineOf(statement) {
  const line = utf8(sortedJson(statement));
  if (line.length > MAX_LINE_BYTES) throw new RangeError('record too long');
  return line;
}

/**
 * @param {{device: string, epoch: string, first: number, previous: Uint8Array, lines: Uint8Array[]}} range
 * @returns {{header: Uint8Array, message: Uint8Array}} header bytes and what is to be signed (§3.2, §3.3)
 */
export function bundleHeader({ device, epoch, first, previous, lines }) {
  const head = lines.reduce(chainNext, previous);
  const header = utf8(sortedJson({
    v: 1, device, epoch, first, count: lines.length, prev: hex(previous), head: hex(head),
  }));
  return { header, message: concat(utf8(BUNDLE_DOMAIN), header) };
}

/**
 * @param {{device: string, epoch: string, first: number, previous: Uint8Array, lines: Uint8Array[]}} range
 * @param {(message: Uint8Array) => Promise<Uint8Array>} sign the device's key
 * @returns {Promise<Uint8Array>} the bundle before compression (§3.1)
 */
export async function packBundle(range, sign) {
  const { header, message } = bundleHeader(range);
  const newline = utf8('\n');
  const rows = [header, ...range.lines, utf8(hex(await sign(message)))];
  return concat(...rows.flatMap((row) => [row, newline]));
}

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<Uint8Array>}
 */
export async function gzip(bytes) {
  const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * What of the log may be forgotten after an acknowledgement (§4.7): only what the server has without a gap, and only
 * when its chain agrees with ours.
 * @param {{device: string, epoch: string, contiguous: number, head: string}} acknowledgement
 * @param {{device: string, epoch: string, headAt: (sequence: number) => string|undefined}} own
 * @returns {number} highest sequence that is confirmed, 0 for none
 */
export function confirmed(acknowledgement, own) {
  const { device, epoch, contiguous, head } = acknowledgement ?? {};
  if (device !== own.device || epoch !== own.epoch || !Number.isSafeInteger(contiguous) || contiguous < 1) return 0;
  return own.headAt(contiguous) === head ? contiguous : 0;
}

export { fromHex, hex };
