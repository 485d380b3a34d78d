/**
 * Media objects and their index: one list that serves as playlist, verification list and delta map
 * (offline-package, "segment index"). Pure: bytes in, decisions out.
 */
import { readDeck } from '../player/deck-index.js';
import { isSha256, sha256 } from './bytes.js';
import { OfflineError } from './errors.js';

/** Largest index and number of segments that this reader takes (10 h of 2-s segments fit). */
export const INDEX_LIMIT = 4 * 1024 * 1024;
const MAX_SEGMENTS = 20_000;
const MAX_OBJECT = 4 * 1024 ** 3;

/**
 * One verifiable stretch of an object.
 * @typedef {{start: number, end: number, sha256: string, media: boolean}} Piece `media`: hashed with the sequence
 *   number and the decode time zeroed; `end` is exclusive
 */

/**
 * @param {any} index parsed index object
 * @param {{sha256: string, length: number}} item the item of the lesson manifest that names this index
 * @returns {Piece[]} init first, then every segment, without gaps
 * @throws {OfflineError} `index-malformed` when the index does not describe exactly this object
 */
export function piecesOfIndex(index, item) {
  const bad = (/** @type {string} */ why) => new OfflineError('index-malformed', 'object', `${item.sha256}: ${why}`);
  if (index?.v !== 1) throw bad(`version ${index?.v}`);
  if (index.object !== item.sha256 || index.length !== item.length) throw bad('index of another object');
  if (!Number.isSafeInteger(index.init) || index.init < 1 || !isSha256(index.init_sha256)) throw bad('init');
  if (!Array.isArray(index.segments) || index.segments.length > MAX_SEGMENTS) throw bad('segments');
  /** @type {Piece[]} */
  const pieces = [{ start: 0, end: index.init, sha256: index.init_sha256, media: false }];
  let at = index.init;
  for (const segment of index.segments) {
    const [length, , hash] = Array.isArray(segment) ? segment : [];
    if (!Number.isSafeInteger(length) || length < 1 || !isSha256(hash)) throw bad('segment');
    pieces.push({ start: at, end: at + length, sha256: hash, media: true });
    at += length;
  }
  if (at !== item.length || at > MAX_OBJECT) throw bad('lengths do not add up');
  return pieces;
}

/**
 * @param {any} index parsed deck index (§2.6)
 * @param {{sha256: string, length: number}} item the item that names it
 * @returns {Piece[]} one piece a slide, without gaps
 * @throws {OfflineError} `index-malformed`
 */
export function piecesOfDeck(index, item) {
  const bad = (/** @type {string} */ why) => new OfflineError('index-malformed', 'object', `${item.sha256}: ${why}`);
  if (index?.object !== item.sha256 || index.length !== item.length) throw bad('index of another object');
  try {
    return readDeck(index).slides.map(({ start, end, sha256: hash }) => ({ start, end, sha256: hash, media: false }));
  } catch (error) {
    throw bad(String(error));
  }
}

/**
 * @param {{sha256: string, length: number}} item an object without an index
 * @returns {Piece[]} the whole as one piece
 */
export const wholeAsPiece = (item) => [{ start: 0, end: item.length, sha256: item.sha256, media: false }];

/**
 * @param {Uint8Array} bytes
 * @param {Piece} piece
 * @returns {Promise<boolean>} whether these are the piece's bytes; the bytes are left as they were
 */
export async function pieceHolds(bytes, piece) {
  if (bytes.length !== piece.end - piece.start) return false;
  return (await sha256(piece.media ? withoutTimes(bytes) : bytes)) === piece.sha256;
}

/**
 * A copy of a media segment with `mfhd.sequence_number` and `tfdt.baseMediaDecodeTime` zeroed, so that a segment
 * keeps its hash when an edit before it moves it in time.
 * @param {Uint8Array} segment
 * @returns {Uint8Array}
 */
export function withoutTimes(segment) {
  const copy = segment.slice();
  const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
  eachBox(view, 0, copy.length, (type, start, end) => {
    if (type === 'moof') zeroTimes(view, start, end);
  });
  return copy;
}

/**
 * @param {DataView} view
 * @param {number} from
 * @param {number} to
 */
function zeroTimes(view, from, to) {
  eachBox(view, from, to, (type, start, end) => {
    if (type === 'traf') zeroTimes(view, start, end);
    if (type === 'mfhd' && end - start >= 8) view.setUint32(start + 4, 0);
    if (type === 'tfdt' && end - start >= 8) {
      const wide = view.getUint8(start) === 1;
      for (let at = start + 4; at < Math.min(end, start + (wide ? 12 : 8)); at += 1) view.setUint8(at, 0);
    }
  });
}

/**
 * @param {DataView} view
 * @param {number} from
 * @param {number} to
 * @param {(type: string, start: number, end: number) => void} visit start and end of the payload
 */
function eachBox(view, from, to, visit) {
  let at = from;
  while (at + 8 <= to) {
    let size = view.getUint32(at);
    let header = 8;
    if (size === 1 && at + 16 <= to) {
      size = Number(view.getBigUint64(at + 8));
      header = 16;
    }
    if (size === 0) size = to - at;
    if (size < header || at + size > to) return;
    const type = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5), view.getUint8(at + 6), view.getUint8(at + 7));
    visit(type, at + header, at + size);
    at += size;
  }
}

/**
 * The byte ranges to ask for: neighbours that are missing become one request, what is held is never asked for again.
 * @param {Piece[]} pieces
 * @param {boolean[]} held
 * @returns {{first: number, last: number, start: number, end: number}[]} piece numbers (inclusive) and bytes
 */
export function planRuns(pieces, held) {
  const runs = [];
  for (let i = 0; i < pieces.length; i += 1) {
    if (held[i]) continue;
    const first = i;
    while (i + 1 < pieces.length && !held[i + 1]) i += 1;
    runs.push({ first, last: i, start: pieces[first].start, end: pieces[i].end });
  }
  return runs;
}
