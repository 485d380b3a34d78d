/**
 * Study records as xAPI 2.0 statements (record-sync §2.1). Pure: time and chance are handed in.
 */
import { hex } from '../offline/bytes.js';

const VERBS = 'http://adlnet.gov/expapi/verbs/';

/**
 * @typedef {{verb: 'initialized'|'completed'|'answered', material: string, revision?: string,
 *   result?: Record<string, unknown>}} Deed what the person did
 * @typedef {{id: string, timestamp: string, deed: Deed}} Noted a deed with its raw clock, before it is chained
 */

/**
 * UUID version 7 (RFC 9562): sorts by the time of this clock, whatever it says.
 * @param {number} milliseconds since 1970
 * @param {Uint8Array} chance 10 random bytes
 * @returns {string}
 */
export function uuid7(milliseconds, chance) {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  const time = Math.max(0, Math.min(milliseconds, 2 ** 48 - 1));
  view.setUint16(0, Math.floor(time / 2 ** 32));
  view.setUint32(2, time % 2 ** 32);
  bytes.set(chance.subarray(0, 10), 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const text = hex(bytes);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}

/**
 * @param {Deed} deed
 * @param {number} now
 * @param {Uint8Array} chance
 * @returns {Noted}
 */
export const note = (deed, now, chance) => ({ id: uuid7(now, chance), timestamp: new Date(now).toISOString(), deed });

/**
 * @param {Noted} noted
 * @param {{member: string, sequence: number, monotonic: number}} place `monotonic` in milliseconds, see log.js
 * @returns {object} the statement
 */
export function statement({ id, timestamp, deed }, { member, sequence, monotonic }) {
  /** @type {Record<string, unknown>} */
  const extensions = { 'urn:gyxf:seq': sequence, 'urn:gyxf:mono_ms': monotonic };
  if (deed.revision) extensions['urn:gyxf:revision'] = deed.revision;
  return {
    id,
    actor: { account: { homePage: 'urn:gyxf', name: member } },
    verb: { id: VERBS + deed.verb },
    object: { id: `urn:uuid:${deed.material}` },
    result: deed.result ?? {},
    timestamp,
    context: { extensions },
  };
}
