/**
 * Brings one object into its `.part` file. The file and the index are the whole state: after a restart what is
 * there is hashed again and the work goes on; a verified piece is never fetched a second time.
 */
import { concat, hasher } from './bytes.js';
import { OfflineError } from './errors.js';
import { pieceHolds, planRuns } from './segments.js';
import { readRange } from './transport.js';

/** A piece that arrived wrong this often is given up for now: the source doesn't have it. */
const MAX_STRIKES = 4;
/** Read size of the final hash; larger blocks are slower in Chromium. */
const HASH_BLOCK = 128 * 1024;

/**
 * @typedef {import('./segments.js').Piece} Piece
 * @typedef {{size: () => number, read: (at: number, length: number) => Uint8Array,
 *   write: (at: number, bytes: Uint8Array) => void, truncate: (length: number) => void, flush: () => void}} Part
 */

export class ObjectDownload {
  /**
   * @param {{url: string, pieces: Piece[], part: Part, network: import('./transport.js').Network,
   *   onPiece?: (bytes: number) => void, onReceived?: (bytes: number) => void}} parts `onPiece` tells of newly
   *   verified bytes, `onReceived` of every byte from the network
   */
  constructor({ url, pieces, part, network, onPiece = () => {}, onReceived = () => {} }) {
    this.url = url;
    this.pieces = pieces;
    this.part = part;
    this.network = network;
    this.onPiece = onPiece;
    this.onReceived = onReceived;
    this.held = pieces.map(() => false);
    this.strikes = pieces.map(() => 0);
    /** The beginning of a piece that a cut left behind, so that even a line that is cut in each piece gets on. */
    /** @type {{piece: number, bytes: Uint8Array}} */ this.rest = { piece: -1, bytes: new Uint8Array() };
    this.rangesIgnored = 0;
  }

  /** @returns {number} verified bytes */
  get heldBytes() {
    return this.pieces.reduce((sum, piece, i) => sum + (this.held[i] ? piece.end - piece.start : 0), 0);
  }

  get complete() {
    return this.held.every(Boolean);
  }

  /** Counts what an earlier run left in the part file. Calls `onPiece` with the sum. */
  async rehash() {
    const size = this.part.size();
    for (let i = 0; i < this.pieces.length; i += 1) {
      const piece = this.pieces[i];
      if (this.held[i] || piece.end > size) continue;
      this.held[i] = await pieceHolds(this.part.read(piece.start, piece.end - piece.start), piece);
      if (this.held[i]) this.onPiece(piece.end - piece.start);
    }
  }

  /**
   * Fetches what is missing. Returns when every piece is held; what was held stays so when it throws.
   * @param {AbortSignal} [signal]
   * @throws {OfflineError}
   */
  async run(signal) {
    while (!this.complete) {
      for (const run of planRuns(this.pieces, this.held)) await this.#fetchRun(run, signal);
    }
  }

  /**
   * @param {{first: number, last: number, end: number}} run
   * @param {AbortSignal} [signal]
   */
  async #fetchRun(run, signal) {
    const carried = this.rest.piece === run.first ? this.rest.bytes : new Uint8Array();
    this.rest = { piece: -1, bytes: new Uint8Array() };
    const start = this.pieces[run.first].start + carried.length;
    const gather = new Gathering(this.pieces, run, carried);
    try {
      const request = { url: this.url, start, end: run.end, signal, acceptWhole: this.rangesIgnored > 0 };
      for await (const { at, bytes } of readRange(this.network, request)) {
        this.onReceived(bytes.length);
        for (const done of gather.take(at, bytes)) await this.#keep(done);
      }
    } catch (error) {
      this.rest = gather.rest();
      // Some proxies always send the whole: after a second try it is taken as it comes.
      if (error instanceof OfflineError && error.code === 'range-ignored') this.rangesIgnored += 1;
      throw error;
    } finally {
      this.part.flush();
    }
  }

  /** @param {{piece: number, bytes: Uint8Array}} arrived */
  async #keep({ piece, bytes }) {
    if (this.held[piece]) return;
    const wanted = this.pieces[piece];
    if (await pieceHolds(bytes, wanted)) {
      this.part.write(wanted.start, bytes);
      this.held[piece] = true;
      this.onPiece(bytes.length);
      return;
    }
    this.strikes[piece] += 1;
    if (this.strikes[piece] >= MAX_STRIKES) throw new OfflineError('wrong-bytes', 'object', `${this.url} piece ${piece}`);
    // Two wrong neighbours are no bit flip but another file: don't read on.
    if (piece > 0 && !this.held[piece - 1] && this.strikes[piece - 1] > 0) {
      throw new OfflineError('wrong-bytes', 'network', `${this.url} pieces ${piece - 1}, ${piece}`);
    }
  }

  /**
   * The last check, over the whole file: also what the index's zeroed fields leave open.
   * @param {string} wanted SHA-256 of the object
   * @throws {OfflineError} `wrong-bytes`; the part is emptied then, nothing of it can be told good from bad
   */
  finish(wanted) {
    const length = this.pieces[this.pieces.length - 1].end;
    this.part.truncate(length);
    this.part.flush();
    const hash = hasher();
    for (let at = 0; at < length; at += HASH_BLOCK) hash.update(this.part.read(at, Math.min(HASH_BLOCK, length - at)));
    if (hash.hex() === wanted) return;
    this.part.truncate(0);
    this.held.fill(false);
    throw new OfflineError('wrong-bytes', 'object', `${this.url} as a whole`);
  }
}

/** Cuts a stream into pieces. */
class Gathering {
  /**
   * @param {Piece[]} pieces
   * @param {{first: number, last: number}} run
   * @param {Uint8Array} carried the beginning of the first piece, from an earlier attempt
   */
  constructor(pieces, run, carried) {
    this.pieces = pieces;
    this.piece = run.first;
    this.last = run.last;
    this.parts = carried.length ? [carried] : [];
    this.length = carried.length;
  }

  /**
   * @param {number} at
   * @param {Uint8Array} bytes
   * @returns {{piece: number, bytes: Uint8Array}[]} the pieces that these bytes complete
   */
  take(at, bytes) {
    const complete = [];
    let place = at;
    let left = bytes;
    while (left.length && this.piece <= this.last) {
      const { start, end } = this.pieces[this.piece];
      const next = start + this.length;
      // A whole file sent for a range begins before what is wanted.
      if (place < next) {
        const skip = Math.min(left.length, next - place);
        left = left.subarray(skip);
        place += skip;
        continue;
      }
      const some = left.subarray(0, end - next);
      this.parts.push(some.slice());
      this.length += some.length;
      place += some.length;
      left = left.subarray(some.length);
      if (this.length === end - start) {
        complete.push({ piece: this.piece, bytes: concat(...this.parts) });
        this.piece += 1;
        this.parts = [];
        this.length = 0;
      }
    }
    return complete;
  }

  /** @returns {{piece: number, bytes: Uint8Array}} */
  rest() {
    return this.length ? { piece: this.piece, bytes: concat(...this.parts) } : { piece: -1, bytes: new Uint8Array() };
  }
}
