/**
 * Shows a lecture's slides to the sound that plays (`web/dist/slides.js`, a part of its own: who only listens never
 * fetches it). The sound is the clock; a slide is shown only when its bytes have the hash that the index names.
 */
import { sha256 as digest } from '@noble/hashes/sha2.js';
import { readDeck, slideAt, slideToFetch } from './deck-index.js';
import { GoneError, loadJson } from './load-whole.js';
import { bufferedEnd } from './plan.js';
import { loadRange } from './range-loader.js';
import { IndexError } from './segment-index.js';

/** Seconds of sound that must lie ahead before the link is used for a slide. */
const SOUND_FIRST = 4;
/** Sound that has not come within so many milliseconds holds the slides up no longer. */
const PATIENCE = 8000;

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export class Slides {
  /**
   * @param {HTMLImageElement} image
   * @param {{url: string, index_url: string, length: number}} deck
   * @param {HTMLMediaElement} media the sound
   * @param {{onChange: () => void, onGone: () => void, onMeasure: (bytes: number, milliseconds: number) => void}} hooks
   *   `onGone`: there will be no slides
   */
  constructor(image, deck, media, hooks) {
    this.image = image;
    this.deck = deck;
    this.media = media;
    this.hooks = hooks;
    this.held = new Map();
    this.spoilt = new Set();
    this.settled = { has: (place) => this.held.has(place) || this.spoilt.has(place) };
    this.shown = null;
    this.closing = new AbortController();
    this.wake = () => {};
    const { signal } = this.closing;
    for (const name of ['timeupdate', 'seeking', 'progress']) media.addEventListener(name, () => this.follow(), { signal });
    this.done = this.run();
  }

  get count() {
    return this.index?.slides.length ?? 0;
  }

  /** The slide that belongs to this moment, or null before the index is there. */
  get wanted() {
    return this.index ? slideAt(this.index, this.media.currentTime) : null;
  }

  /** The slide of this moment, where it is still on its way. */
  get missing() {
    return this.index && !this.settled.has(this.wanted) ? this.wanted : null;
  }

  /** Is the slide of this moment one whose bytes are not those that the index names? */
  get refused() {
    return this.index ? this.spoilt.has(this.wanted) : false;
  }

  /** The second at which a slide so many places on begins. */
  startOf(place) {
    return this.index.slides[Math.max(0, Math.min(this.count - 1, place))].from;
  }

  async run() {
    try {
      await this.afterSound();
      const index = readDeck(await loadJson(this.deck.index_url, { signal: this.closing.signal }));
      if (index.slides.at(-1).end !== this.deck.length) throw new IndexError('another object');
      this.index = index;
      this.image.width = index.width;
      this.image.height = index.height;
      while (!this.closing.signal.aborted) {
        this.show();
        const place = slideToFetch(this.wanted, this.settled, this.count);
        if (place === null) await this.sleep();
        else await this.fetch(place);
      }
    } catch (error) {
      if (this.closing.signal.aborted) return;
      if (!(error instanceof GoneError || error instanceof IndexError)) console.error(error);
      this.hooks.onGone();
    }
  }

  /** The sound goes first: nobody waits for a word because of a picture. */
  async afterSound() {
    const { media } = this;
    const until = performance.now() + PATIENCE;
    const reserve = () => {
      const held = Array.from({ length: media.buffered.length }, (_, i) => [media.buffered.start(i), media.buffered.end(i)]);
      const end = bufferedEnd(held, media.currentTime);
      return media.duration && end >= media.duration - 1 ? SOUND_FIRST : end - media.currentTime;
    };
    while (reserve() < SOUND_FIRST && performance.now() < until && !this.closing.signal.aborted) await this.sleep(300);
  }

  async fetch(place) {
    await this.afterSound();
    if (slideToFetch(this.wanted, this.settled, this.count) !== place) return;
    this.fetching = { place, controller: new AbortController() };
    const stop = () => this.fetching?.controller.abort();
    this.closing.signal.addEventListener('abort', stop, { once: true });
    try {
      const bytes = (await this.load(place, 'default')) ?? (await this.load(place, 'reload'));
      if (bytes) this.held.set(place, URL.createObjectURL(new Blob([bytes], { type: this.index.mime })));
      else this.spoilt.add(place);
    } catch (error) {
      if (error.name !== 'AbortError' || this.closing.signal.aborted) throw error;
    } finally {
      this.closing.signal.removeEventListener('abort', stop);
      this.fetching = null;
    }
  }

  /** @returns {Promise<Uint8Array|null>} the slide's bytes; null when they are not those that the index names */
  async load(place, cache) {
    const { start, end, sha256 } = this.index.slides[place];
    const bytes = new Uint8Array(end - start);
    let filled = 0;
    const onPiece = (piece) => {
      bytes.set(piece, filled);
      filled += piece.length;
    };
    const onState = (state) => {
      this.retrying = state === 'retrying';
      this.hooks.onChange();
    };
    const { signal } = this.fetching.controller;
    await loadRange(this.deck.url, start, end, { signal, cache, onPiece, onState, onMeasure: this.hooks.onMeasure });
    return hex(digest(bytes)) === sha256 ? bytes : null;
  }

  /** The position changed: show what belongs to it; a slide under way that is of no use here is dropped. */
  follow() {
    if (!this.index) return;
    this.show();
    const { fetching, wanted } = this;
    const useful = !fetching || (fetching.place >= wanted && slideToFetch(wanted, this.settled, this.count) === fetching.place);
    if (!useful) fetching.controller.abort();
    this.wake();
  }

  show() {
    const place = this.wanted;
    if (place === this.shown || !this.settled.has(place)) return;
    this.shown = place;
    const address = this.held.get(place);
    if (address) this.image.src = address;
    else this.image.removeAttribute('src');
    this.hooks.onChange();
  }

  async sleep(milliseconds = 1000) {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close() {
    this.closing.abort();
    this.wake();
    this.image.removeAttribute('src');
    this.held.forEach((address) => URL.revokeObjectURL(address));
  }
}

