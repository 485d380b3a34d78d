/**
 * The index of a slide deck: which bytes hold which slide, and from when it is shown. Pure; times in seconds.
 *
 * {"v":1,"object","length","mime","width","height","slides":[[bytes, start_ms, sha256], …]}; offsets are running sums.
 */
import { IndexError } from './segment-index.js';

const MIMES = new Set(['image/webp', 'image/png', 'image/jpeg', 'image/avif']);
const isCount = (value) => Number.isInteger(value) && value >= 0;
const isHash = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/**
 * @param {any} document the parsed JSON
 * @returns {{mime: string, width: number, height: number,
 *   slides: {start: number, end: number, from: number, sha256: string}[]}} bytes [start, end), shown from `from` on
 * @throws {IndexError}
 */
export function readDeck(document) {
  if (document?.v !== 1) throw new IndexError('unknown version');
  const { mime, width, height, length, slides } = document;
  if (!MIMES.has(mime) || !isCount(length) || !width || !isCount(width) || !height || !isCount(height)) {
    throw new IndexError('missing member');
  }
  let offset = 0;
  let before = -1;
  const rows = (Array.isArray(slides) ? slides : []).map((slide) => {
    const [bytes, milliseconds, sha256] = Array.isArray(slide) ? slide : [];
    const proper = isCount(bytes) && bytes > 0 && isCount(milliseconds) && milliseconds > before && isHash(sha256);
    if (!proper) throw new IndexError('bad slide');
    const row = { start: offset, end: offset + bytes, from: milliseconds / 1000, sha256 };
    offset += bytes;
    before = milliseconds;
    return row;
  });
  if (!rows.length || offset !== length) throw new IndexError('lengths do not add up');
  return { mime, width, height, slides: rows };
}

/** The number of the slide that is shown at a second; the first one before its time. */
export function slideAt({ slides }, second) {
  let place = 0;
  while (place < slides.length - 1 && slides[place + 1].from <= second) place += 1;
  return place;
}

/** Slides that are fetched before their time. */
export const LEAD = 2;

/**
 * @param {number} wanted the slide to show now
 * @param {{has: (place: number) => boolean}} settled slides that are here, or that are not to be had
 * @param {number} count
 * @returns {number|null} the slide to fetch now; null when there is nothing to fetch
 */
export function slideToFetch(wanted, settled, count) {
  for (let place = wanted; place <= Math.min(count - 1, wanted + LEAD); place += 1) {
    if (!settled.has(place)) return place;
  }
  return null;
}
