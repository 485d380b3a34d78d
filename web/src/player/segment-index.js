/**
 * The segment index object of a fragmented MP4: which bytes hold which seconds. Pure.
 *
 * Source: docs/spec/offline-package.md; {"v":1,"object","length","mime","init","segments":[[bytes, ms, sha256], …]}.
 */

/** The index is not one that this player understands, or it contradicts itself. */
export class IndexError extends Error {}

const isCount = (value) => Number.isInteger(value) && value >= 0;

/**
 * @param {any} document the parsed JSON
 * @returns {{mime: string, length: number, init: number, duration: number,
 *   segments: {start: number, end: number, from: number, to: number}[]}} bytes [start, end), seconds [from, to)
 * @throws {IndexError}
 */
export function readIndex(document) {
  if (document?.v !== 1) throw new IndexError('unknown version');
  const { mime, length, init, segments } = document;
  if (typeof mime !== 'string' || !isCount(length) || !isCount(init) || !Array.isArray(segments)) {
    throw new IndexError('missing member');
  }
  let offset = init;
  let milliseconds = 0;
  const rows = segments.map((segment) => {
    const [bytes, duration] = Array.isArray(segment) ? segment : [];
    if (!isCount(bytes) || !isCount(duration) || !bytes) throw new IndexError('bad segment');
    const row = { start: offset, end: offset + bytes, from: milliseconds / 1000, to: (milliseconds + duration) / 1000 };
    offset += bytes;
    milliseconds += duration;
    return row;
  });
  if (!rows.length || offset !== length) throw new IndexError('lengths do not add up');
  return { mime, length, init, segments: rows, duration: milliseconds / 1000 };
}

/** The number of the segment that holds the second; the nearest one outside of the recording. */
export function segmentAt(index, second) {
  let low = 0;
  let high = index.segments.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (index.segments[middle].to > second) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Mean bits a second, as the link has to carry them. */
export const bitrate = (index) => (index.duration ? (index.length * 8) / index.duration : 0);
