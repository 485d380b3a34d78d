/** Small real parts for the tests: media objects with true boxes, a source that fails on demand, stores in memory. */
import { createHash } from 'node:crypto';

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
export const bytesOf = (text) => new TextEncoder().encode(text);
export const jsonBytes = (value) => bytesOf(JSON.stringify(value));

function box(type, ...parts) {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

const number = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value); return bytes; };

/** One moof + mdat; `zeroed` gives the form that is hashed. */
export function segment(sequence, time, payload, { zeroed = false } = {}) {
  const flags = Buffer.alloc(4);
  return Buffer.concat([
    box('moof', box('mfhd', flags, number(zeroed ? 0 : sequence)), box('traf', box('tfdt', flags, number(zeroed ? 0 : time)))),
    box('mdat', payload),
  ]);
}

/** A media object of `count` segments and its index. */
export function mediaObject(seed, count = 8, size = 4000) {
  const init = box('ftyp', bytesOf(`seed ${seed}`));
  const payloads = Array.from({ length: count }, (_, i) => createHash('shake256', { outputLength: size + i }).update(`${seed}/${i}`).digest());
  const segments = payloads.map((payload, i) => segment(i + 1, i * 4000, payload));
  const bytes = new Uint8Array(Buffer.concat([init, ...segments]));
  const index = {
    v: 1, object: sha256(bytes), length: bytes.length, mime: 'video/mp4', init: init.length, init_sha256: sha256(init),
    segments: segments.map((one, i) => [one.length, 4000, sha256(segment(i + 1, i * 4000, payloads[i], { zeroed: true }))]),
  };
  return { bytes, index, sha256: index.object, length: bytes.length };
}

/** A deck of three slides and its index. */
export function slideDeck(seed) {
  const slides = [0, 1, 2].map((i) => createHash('shake256', { outputLength: 700 + i }).update(`${seed} slide ${i}`).digest());
  const bytes = new Uint8Array(Buffer.concat(slides));
  const index = {
    v: 1, object: sha256(bytes), length: bytes.length, mime: 'image/webp', width: 640, height: 360,
    slides: slides.map((slide, i) => [slide.length, i * 8000, sha256(slide)]),
  };
  return { bytes, index };
}

/** A part file in memory. */
export class MemoryPart {
  constructor(bytes = new Uint8Array(), limit = Infinity) {
    this.bytes = bytes;
    this.limit = limit;
  }

  size() { return this.bytes.length; }

  read(at, length) { return this.bytes.slice(at, at + length); }

  write(at, bytes) {
    if (at + bytes.length > this.limit) throw new DOMException('full', 'QuotaExceededError');
    if (at + bytes.length > this.bytes.length) {
      const longer = new Uint8Array(at + bytes.length);
      longer.set(this.bytes);
      this.bytes = longer;
    }
    this.bytes.set(bytes, at);
  }

  truncate(length) { this.bytes = this.bytes.slice(0, length); }

  flush() {}

  close() {}
}

/** Objects in memory, with the port of `objects.js`. */
export class MemoryObjects {
  constructor({ limit = Infinity } = {}) {
    this.whole = new Map();
    this.parts = new Map();
    this.limit = limit;
  }

  async size(hash) { return this.whole.get(hash)?.length ?? -1; }

  async bytes(hash) { return this.whole.get(hash) ?? null; }

  async openPart(hash) {
    if (!this.parts.has(hash)) this.parts.set(hash, new MemoryPart(undefined, this.limit));
    return this.parts.get(hash);
  }

  async finish(hash) {
    this.whole.set(hash, this.parts.get(hash).bytes);
    this.parts.delete(hash);
  }

  async put(hash, bytes) { this.whole.set(hash, bytes); }
}

/**
 * A source of bytes over `fetch`. `faults` is a list of functions (request) → Response | null, each asked once per
 * request; `log` holds {path, start, end, sent}.
 */
export class Source {
  constructor(files = {}) {
    this.files = new Map(Object.entries(files));
    this.faults = [];
    this.log = [];
    this.chunk = 1500;
  }

  fetch = async (url, { headers = {}, signal } = {}) => {
    const path = url.split('?')[0];
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers.Range ?? '');
    const entry = { path, start: range ? Number(range[1]) : 0, end: range ? Number(range[2]) + 1 : null, sent: 0 };
    this.log.push(entry);
    for (const fault of this.faults) {
      const answer = await fault(entry, this);
      if (answer instanceof Response) return answer;
      if (answer instanceof Error) throw answer;
    }
    const file = this.files.get(path);
    if (!file) return new Response('', { status: 404 });
    if (!range) return this.answer(entry, file, { status: 200 }, signal);
    const end = Math.min(entry.end, file.length);
    const header = { 'Content-Range': `bytes ${entry.start}-${end - 1}/${file.length}` };
    return this.answer(entry, file.subarray(entry.start, end), { status: 206, headers: header }, signal);
  };

  /** `cut`: bytes after which the connection breaks. */
  answer(entry, bytes, init, signal, cut = Infinity) {
    const { chunk } = this;
    let at = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (signal?.aborted) { controller.error(new DOMException('aborted', 'AbortError')); return; }
        if (at >= cut) { controller.error(new TypeError('network error')); return; }
        if (at >= bytes.length) { controller.close(); return; }
        const some = bytes.slice(at, Math.min(at + chunk, cut));
        at += some.length;
        entry.sent += some.length;
        controller.enqueue(some);
      },
    }, { highWaterMark: 0 });
    return new Response(body, init);
  }
}
