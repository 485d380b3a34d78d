/* SHA-256 (FIPS 180-4) of a file or a part of it, read in slices beside the page. The browser's own digest wants the
   whole file in memory at once, and only speaks on https.

   Asked with {id, file, start, end}; answers {id, done: bytes} on the way and {id, sha256: Uint8Array} or {id, error}. */
(() => {
  'use strict';

  const SLICE = 1 << 20;
  const K = new Int32Array([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ]);

  class Sha256 {
    constructor() {
      this.hash = new Int32Array([
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
      ]);
      this.schedule = new Int32Array(64);
      this.rest = new Uint8Array(64);
      this.held = 0;
      this.length = 0;
    }

    update(bytes) {
      this.length += bytes.length;
      let at = 0;
      if (this.held) {
        at = Math.min(64 - this.held, bytes.length);
        this.rest.set(bytes.subarray(0, at), this.held);
        this.held += at;
        if (this.held < 64) return this;
        this.block(this.rest, 0);
        this.held = 0;
      }
      for (; at + 64 <= bytes.length; at += 64) this.block(bytes, at);
      this.rest.set(bytes.subarray(at), 0);
      this.held = bytes.length - at;
      return this;
    }

    /* The padding of §5.1.1: a one, zeros, and the length in bits. */
    digest() {
      const bits = this.length * 8;
      const padding = new Uint8Array((this.held < 56 ? 64 : 128) - this.held);
      padding[0] = 0x80;
      const view = new DataView(padding.buffer);
      view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
      view.setUint32(padding.length - 4, bits >>> 0);
      this.update(padding);
      const made = new DataView(new ArrayBuffer(32));
      this.hash.forEach((word, index) => made.setInt32(index * 4, word));
      return new Uint8Array(made.buffer);
    }

    block(bytes, at) {
      const w = this.schedule;
      for (let t = 0; t < 16; t += 1) {
        const from = at + t * 4;
        w[t] = (bytes[from] << 24) | (bytes[from + 1] << 16) | (bytes[from + 2] << 8) | bytes[from + 3];
      }
      for (let t = 16; t < 64; t += 1) {
        const x = w[t - 15];
        const y = w[t - 2];
        const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        w[t] = (w[t - 16] + s0 + w[t - 7] + s1) | 0;
      }
      const { hash } = this;
      let a = hash[0]; let b = hash[1]; let c = hash[2]; let d = hash[3];
      let e = hash[4]; let f = hash[5]; let g = hash[6]; let h = hash[7];
      for (let t = 0; t < 64; t += 1) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[t] + w[t]) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
      }
      hash[0] += a; hash[1] += b; hash[2] += c; hash[3] += d;
      hash[4] += e; hash[5] += f; hash[6] += g; hash[7] += h;
    }
  }

  const digest = async ({ id, file, start, end }) => {
    const sha256 = new Sha256();
    for (let at = start; at < end; at += SLICE) {
      const slice = await file.slice(at, Math.min(end, at + SLICE)).arrayBuffer();
      sha256.update(new Uint8Array(slice));
      self.postMessage({ id, done: Math.min(end, at + SLICE) - start });
    }
    self.postMessage({ id, sha256: sha256.digest() });
  };

  self.Sha256 = Sha256;
  self.onmessage = ({ data }) => digest(data).catch((error) => self.postMessage({ id: data.id, error: String(error) }));
})();
