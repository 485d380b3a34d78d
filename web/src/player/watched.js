/** The union of what was played, in seconds of the recording. Pure; order and repetition do not matter. */

/** The share that makes a lesson completed. */
export const COMPLETE = 0.9;

/** Seconds that two neighbouring pieces may lie apart and still be one: players report positions, not frames. */
const SEAM = 0.35;

/**
 * @param {[number, number][]} pieces sorted and disjoint
 * @returns {[number, number][]} the same with [from, to] joined in
 */
export function join(pieces, from, to) {
  if (!(to > from) || from < 0 || !Number.isFinite(to)) return pieces;
  const joined = [];
  let piece = [from, to];
  for (const [start, end] of pieces) {
    if (end + SEAM < piece[0]) joined.push([start, end]);
    else if (start - SEAM > piece[1]) {
      joined.push(piece);
      piece = [start, end];
    } else piece = [Math.min(start, piece[0]), Math.max(end, piece[1])];
  }
  joined.push(piece);
  return joined;
}

/** Pieces from outside (storage, another tab): what is not a proper piece is dropped. */
export function readPieces(value) {
  if (!Array.isArray(value)) return [];
  return value.reduce((pieces, piece) => (Array.isArray(piece) ? join(pieces, +piece[0], +piece[1]) : pieces), []);
}

export const seconds = (pieces) => pieces.reduce((sum, [from, to]) => sum + to - from, 0);

export const isComplete = (pieces, duration) => duration > 0 && seconds(pieces) >= COMPLETE * duration;

/**
 * Follows a playing medium. A step counts as played only when the position moved forward as fast as playing can:
 * a jump is not played.
 */
export class Watch {
  constructor(pieces = []) {
    this.pieces = readPieces(pieces);
    this.last = null;
  }

  /** The medium stands at `position` now; `moving` says that it is playing and not seeking. */
  step(position, moving, speed = 1) {
    const before = this.last;
    this.last = moving ? position : null;
    if (!moving || before === null || position <= before || position - before > 2.5 * Math.max(1, speed)) return;
    this.pieces = join(this.pieces, before, position);
  }
}
