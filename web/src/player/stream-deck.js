/**
 * Plays silent video objects together with a sound object through Media Source Extensions. A part of its own
 * (`web/dist/stream.js`): who only listens never fetches it.
 *
 * A deck has: media, wantsToPlay, play(), pause(), seek(s), duration, close(); it tells
 * `hooks.onChange()` when something a person can see has changed and `hooks.onError(code)` when it cannot go on.
 */
import { mayMixCodecs } from './ability.js';
import { isSaving } from './cost.js';
import { GOAL, mayPlay, nextFetch } from './plan.js';
import { chooseRung, codecOf, stumbles, Throughput } from './rungs.js';
import { GoneError } from './load-whole.js';
import { bitrate, IndexError } from './segment-index.js';
import { Track } from './track.js';

/** Milliseconds that a picture may stand still with sound and picture in hand: then the decoder has given up. */
const STANDSTILL = 8000;
/** A phone that slept wakes with a large step of the clock: it counts for no more than this. */
const LONGEST_STEP = 1500;

export class StreamDeck {
  /**
   * @param {HTMLVideoElement} media
   * @param {{device: import('./ability.js').Device, sound: object, startAt: number, pinned: string|null}} lesson
   *   `device` knows the pictures; `sound` the source to start with
   */
  constructor(media, lesson, hooks) {
    this.media = media;
    this.lesson = lesson;
    this.hooks = hooks;
    this.pinned = lesson.pinned;
    this.throughput = new Throughput();
    /** Codecs of pictures that were fetched: what a decoder's failure may be due to. */
    this.used = new Set();
    this.frames = { total: 0, dropped: 0 };
    this.still = { at: 0, since: 0, looked: 0 };
    this.wantsToPlay = false;
    this.retrying = false;
    this.closed = false;
    this.fetching = null;
    this.wake = () => {};
    this.listeners = [
      ['seeking', () => this.jump()],
      ['timeupdate', () => this.tick()],
      ['waiting', () => this.hold()],
      ['ended', () => this.pause()],
      ['error', () => this.fail('decode')],
    ];
    this.listeners.forEach(([name, listener]) => media.addEventListener(name, listener));
    this.open();
  }

  get duration() {
    return this.audio?.item ? this.audio.index.duration : 0;
  }

  get position() {
    return this.media.currentTime;
  }

  get ahead() {
    return this.ready ? Math.min(...this.tracks.map((track) => this.reach(track))) : 0;
  }

  /** Seconds ahead of a track; one that is complete does not hold the other up. */
  reach(track) {
    const ahead = track.ahead(this.position);
    return track.finished(this.position) ? Math.max(ahead, this.duration - this.position) : ahead;
  }

  async open() {
    try {
      this.source = new MediaSource();
      const opened = new Promise((resolve) => this.source.addEventListener('sourceopen', resolve, { once: true }));
      this.address = URL.createObjectURL(this.source);
      this.media.src = this.address;
      await opened;
      this.audio = new Track('audio', this.source, this.media);
      this.video = new Track('video', this.source, this.media);
      this.tracks = [this.audio, this.video];
      await this.lesson.device.asked;
      await this.audio.select(this.lesson.sound, this.requestHooks());
      await this.pickRung();
      this.source.duration = Math.max(this.audio.index.duration, this.video.index.duration);
      this.ready = true;
      if (this.lesson.startAt > 0) this.media.currentTime = Math.min(this.lesson.startAt, this.duration - 1);
      this.hooks.onChange();
      await this.run();
    } catch (error) {
      this.report(error);
    }
  }

  requestHooks() {
    this.fetching = this.fetching?.signal.aborted === false ? this.fetching : new AbortController();
    return {
      signal: this.fetching.signal,
      onMeasure: (bytes, milliseconds) => this.throughput.add(bytes, milliseconds),
      onState: (state) => this.network(state),
    };
  }

  network(state) {
    const retrying = state === 'retrying';
    this.tick();
    if (retrying === this.retrying) return;
    this.retrying = retrying;
    this.hooks.onChange();
  }

  /** Fetch, append, decide again, until closed. */
  async run() {
    while (!this.closed) {
      this.tick();
      const position = this.position;
      const states = this.tracks.map((track) => ({
        kind: track.kind,
        ahead: track.ahead(position),
        finished: track.finished(position),
      }));
      const goal = Math.min(GOAL, ...this.tracks.map((track) => track.goal));
      const todo = nextFetch(states, goal);
      if (!todo && !this.soundChange) {
        if (states.every((state) => state.finished)) this.endStream();
        await this.sleep();
        continue;
      }
      try {
        if (this.soundChange) await this.changeSound();
        else await this.fetchFor(todo);
      } catch (error) {
        if (error.name !== 'AbortError') throw error;
        this.tracks.forEach((track) => track.reset());
      }
    }
  }

  async fetchFor({ kind, run }) {
    const track = kind === 'audio' ? this.audio : this.video;
    if (kind === 'video') await this.pickRung();
    await track.fetch(track.next(this.position, run), this.requestHooks());
  }

  /** Within one codec where this browser cannot change it in mid-stream. */
  choices(items) {
    if (mayMixCodecs() || !this.used.size) return items;
    return items.filter((item) => this.used.has(codecOf(item.mime)));
  }

  async pickRung() {
    const { device } = this.lesson;
    const soundRate = bitrate(this.audio.index);
    const duration = this.audio.index.duration;
    const ladder = this.choices(device.ladder);
    const rungs = ladder.map((item) => ({ name: item.name, rate: (item.length * 8) / duration }));
    const pinned = this.choices(device.playable).find(({ name }) => name === this.pinned);
    const name = pinned?.name ?? chooseRung(rungs, {
      soundRate,
      throughput: this.throughput.value,
      ahead: this.video.item ? this.video.ahead(this.position) : 0,
      current: this.video.item?.name ?? null,
      pinned: null,
      speed: this.media.playbackRate,
      saving: isSaving(),
    });
    if (name === this.video.item?.name) return;
    const item = pinned ?? ladder.find((rung) => rung.name === name);
    await this.video.select(item, this.requestHooks());
    this.used.add(codecOf(item.mime));
    this.hooks.onChange();
  }

  /** Another language: its sound replaces what is buffered, the picture stays. */
  setSound(sound) {
    this.soundChange = sound;
    if (this.ready) this.fetching?.abort();
    this.wake();
  }

  async changeSound() {
    const sound = this.soundChange;
    await this.audio.clear();
    await this.audio.select(sound, this.requestHooks());
    if (this.soundChange === sound) this.soundChange = null;
    this.hold();
  }

  /** null: choose by the network. */
  pin(name) {
    this.pinned = name;
    this.wake();
  }

  sleep() {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 1000);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  endStream() {
    const busy = this.tracks.some((track) => track.buffer.updating);
    if (this.source.readyState === 'open' && !busy) this.source.endOfStream();
  }

  play() {
    this.wantsToPlay = true;
    if (this.media.ended) this.media.currentTime = 0;
    this.tick();
    this.hooks.onChange();
  }

  pause() {
    this.wantsToPlay = false;
    this.media.pause();
    this.hooks.onChange();
  }

  seek(second) {
    if (!this.ready) this.lesson.startAt = second;
    else this.media.currentTime = Math.max(0, Math.min(second, this.duration - 0.2));
  }

  /** A new position: what is under way for the old one is dropped if it is of no use here. */
  jump() {
    if (this.tracks?.some((track) => track.buffer && track.ahead(this.position) < 0.5)) this.fetching?.abort();
    this.wake();
    this.hooks.onChange();
  }

  /** Nothing left to play: stop until there is a reserve again, so that it does not stutter. */
  hold() {
    if (this.wantsToPlay && this.ready && this.ahead < 0.5) {
      this.media.pause();
      this.hooks.onChange();
    }
  }

  /** A position in the crack between two frames would wait for ever: step over it. */
  stepOverGap() {
    if (this.media.readyState > 2 || !this.tracks) return;
    const starts = this.tracks.map((track) => track.justAfter(this.position)).filter((start) => start !== null);
    if (starts.length) this.media.currentTime = Math.max(...starts) + 0.01;
  }

  /** A device that promised more than it can do: another codec shows the same second. */
  countFrames() {
    const quality = this.media.getVideoPlaybackQuality?.();
    if (!quality || document.hidden || !this.used.has('av01')) return;
    const [total, dropped] = [quality.totalVideoFrames, quality.droppedVideoFrames];
    const since = { total: total - this.frames.total, dropped: dropped - this.frames.dropped };
    const others = this.lesson.device.playable.some((item) => codecOf(item.mime) !== 'av01');
    if (stumbles(since) && others) this.fail('decode');
    else if (since.total > 500) this.frames = { total, dropped };
  }

  /** Some decoders neither show a spoilt picture nor complain. */
  watchStandstill() {
    const { still, media } = this;
    const now = performance.now();
    const stands = !media.paused && !media.ended && media.currentTime === still.at && this.ahead > 2;
    still.since = stands ? still.since + Math.min(LONGEST_STEP, now - still.looked) : 0;
    still.at = media.currentTime;
    still.looked = now;
    if (still.since > STANDSTILL) this.fail('decode');
  }

  /** Starts playing when it is wanted and there is enough. */
  tick() {
    this.stepOverGap();
    this.countFrames();
    this.watchStandstill();
    if (this.closed) return;
    if (!this.wantsToPlay || !this.ready || !this.media.paused || this.media.ended) return;
    const enough = mayPlay({
      ahead: this.ahead,
      remaining: this.duration - this.position,
      rate: (((this.audio.item.length + this.video.item.length) * 8) / this.duration) * this.media.playbackRate,
      throughput: this.throughput.value,
    });
    if (!enough || this.starting) return;
    this.starting = true;
    this.media
      .play()
      .then(() => this.hooks.onChange())
      .catch((error) => error.name === 'NotAllowedError' && this.pause())
      .finally(() => {
        this.starting = false;
      });
  }

  report(error) {
    if (this.closed || error.name === 'AbortError') return;
    if (error instanceof GoneError) this.fail('gone');
    else if (error instanceof IndexError) this.fail('format');
    else this.fail('decode', error);
  }

  fail(code, cause) {
    if (this.closed) return;
    if (cause) console.error(cause);
    const at = this.position;
    this.close();
    this.hooks.onError(code, at);
  }

  close() {
    this.closed = true;
    this.wantsToPlay = false;
    this.listeners.forEach(([name, listener]) => this.media.removeEventListener(name, listener));
    this.fetching?.abort();
    this.wake();
    this.media.pause();
    this.media.removeAttribute('src');
    this.media.load();
    if (this.address) URL.revokeObjectURL(this.address);
  }
}
