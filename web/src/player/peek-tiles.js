/** The tiles of the small pictures over the seek bar, and which of them is meant. Pure. */
import { readCues } from './captions.js';

const PLACE = /#xywh=(\d+),(\d+),(\d+),(\d+)$/;

/**
 * The tiles that a WebVTT of thumbnails tells of, in order of their time. 
 * @returns {{from: number, x: number, y: number, width: number, height: number}[]}
 */
export function readTiles(vtt) {
  return readCues(vtt).flatMap(({ from, text }) => {
    const found = PLACE.exec(text);
    if (!found) return [];
    const [x, y, width, height] = found.slice(1).map(Number);
    return width && height ? [{ from, x, y, width, height }] : [];
  });
}

/** The tile of a second: the last one that has begun; undefined without any. */
export const tileAt = (tiles, second) => tiles.filter(({ from }) => from <= second).pop() ?? tiles[0];

/** The second under a pointer; `box` is the slider's. Its thumb never leaves it, so both ends keep half of one. */
export function secondAt(x, box, length, thumb = 30) {
  const share = (x - box.left - thumb / 2) / Math.max(1, box.width - thumb);
  return Math.max(0, Math.min(1, share)) * length;
}
