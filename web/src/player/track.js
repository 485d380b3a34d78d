/** One SourceBuffer and what is appended to it: the sound, or the picture. */
import { mayMixCodecs } from './ability.js';
import { bufferedEnd } from './plan.js';
import { readIndex, segmentAt } from './segment-index.js';
import { loadJson } from './load-whole.js';
import { loadRange } from './range-loader.js';

/** Bytes gathered before an append: small enough for a quick first frame, large enough not to keep the phone busy. */
const PIECE = 16_384;
/** Seconds of the past that stay when room is made. */
const KEEP_BEHIND = 10;
/** Requests in a row of which nothing could be played; a further one is one too many. */
const MOST_BARREN = 2;

const once = (target, name) => new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));

/** The pieces of a TimeRanges as [from, to]. */
export function pieces(ranges) {
  return Array.from({ length: ranges.length }, (_, i) => [ranges.start(i), ranges.end(i)]);
}

function concatenate(parts, length) {
  const all = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

export class Track {
  /** @param {'audio'|'video'} kind @param {MediaSource} source @param {HTMLMediaElement} media */
  constructor(kind, source, media) {
    this.kind = kind;
    this.source = source;
    this.media = media;
    this.buffer = null;
    this.indexes = new Map();
    this.initialised = null;
    this.appended = -1;
    this.goal = Infinity;
    this.barren = 0;
  }

  /** Makes `item` ({url, index_url, mime}) the one to fetch from; what is buffered stays. */
  async select(item, hooks) {
    if (!this.indexes.has(item.url)) this.indexes.set(item.url, readIndex(await loadJson(item.index_url, hooks)));
    if (!this.buffer) {
      this.buffer = this.source.addSourceBuffer(item.mime);
    } else if (this.item && this.item.mime !== item.mime && mayMixCodecs()) {
      await this.idle();
      this.buffer.changeType(item.mime);
    }
    this.item = item;
  }

  get index() {
    return this.indexes.get(this.item.url);
  }

  /** Seconds buffered after `position`. */
  ahead(position) {
    return this.buffer ? bufferedEnd(pieces(this.buffer.buffered), position) - position : 0;
  }

  /** Where the buffered piece begins that lies just after `position`; null when `position` itself is buffered. */
  justAfter(position) {
    const held = this.buffer ? pieces(this.buffer.buffered) : [];
    if (held.some(([from, to]) => from <= position && position < to)) return null;
    return held.find(([from]) => from > position && from - position < 0.3)?.[0] ?? null;
  }

  /** Is everything from `position` to the end there? */
  finished(position) {
    return this.buffer !== null && position + this.ahead(position) >= this.index.duration - 0.4;
  }

  /** Which segments to fetch now: `run` seconds from the end of what is there. */
  next(position, run) {
    const { segments } = this.index;
    const end = position + this.ahead(position);
    // What is buffered ends a little before its segment does; where nothing is, the position itself counts.
    let first = segmentAt(this.index, end > position ? end + 0.25 : position);
    if (first === this.appended && end > position && first < segments.length - 1) first += 1;
    let last = first;
    while (last < segments.length - 1 && segments[last + 1].to - segments[first].from <= run) last += 1;
    return [first, last];
  }

  /** Fetches and appends segments `first` to `last`, the initialisation first where it is missing. */
  async fetch([first, last], hooks) {
    if (this.initialised !== this.item.url) {
      await this.transfer(0, this.index.init, hooks);
      this.initialised = this.item.url;
    }
    const { segments } = this.index;
    await this.transfer(segments[first].start, segments[last].end, hooks);
    this.appended = last;
    this.checkHarvest(segments[last]);
  }

  /** Bytes of which nothing can be played must not be fetched over and over. */
  checkHarvest({ from, to }) {
    const middle = (from + to) / 2;
    const there = pieces(this.buffer.buffered).some(([start, end]) => start <= middle && middle < end);
    this.barren = there ? 0 : this.barren + 1;
    if (this.barren > MOST_BARREN) throw new Error('nothing came of the bytes');
  }

  async transfer(start, end, hooks) {
    let parts = [];
    let held = 0;
    let position = start;
    const onPiece = async (bytes) => {
      parts.push(bytes);
      held += bytes.length;
      position += bytes.length;
      if (held < PIECE && position < end) return;
      const all = concatenate(parts, held);
      parts = [];
      held = 0;
      await this.append(all, hooks.signal);
    };
    await loadRange(this.item.url, start, end, { ...hooks, onPiece });
  }

  async append(bytes, signal) {
    for (;;) {
      await this.idle();
      if (signal.aborted) throw new DOMException('aborted', 'AbortError');
      try {
        this.buffer.appendBuffer(bytes);
        await this.idle();
        return;
      } catch (error) {
        if (error.name !== 'QuotaExceededError') throw error;
        await this.makeRoom();
      }
    }
  }

  /** The device's memory for this is full: let the past go, hold less ahead from now on. */
  async makeRoom() {
    const position = this.media.currentTime;
    this.goal = Math.max(10, Math.min(this.goal, this.ahead(position)) / 2);
    const behind = position - KEEP_BEHIND;
    const held = pieces(this.buffer.buffered);
    if (held.length && held[0][0] < behind) await this.remove(0, behind);
    else if (held.length && held[held.length - 1][1] > position + this.goal + 5) {
      await this.remove(position + this.goal + 5, Infinity);
    } else await Promise.race([once(this.media, 'timeupdate'), new Promise((done) => setTimeout(done, 1000))]);
  }

  async remove(from, to) {
    await this.idle();
    this.buffer.remove(from, to);
    await this.idle();
  }

  /** Forget what is buffered, for another language. */
  async clear() {
    if (!this.buffer) return;
    await this.remove(0, Infinity);
    this.appended = -1;
  }

  /** After an aborted fetch: the parser forgets the half segment. */
  reset() {
    this.appended = -1;
    if (this.buffer && this.source.readyState === 'open') this.buffer.abort();
  }

  async idle() {
    while (this.buffer.updating) await once(this.buffer, 'updateend');
  }
}
