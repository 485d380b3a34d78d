/** Plays one file by the browser's own means: the sound alone, or the muxed copy where streaming is not possible. */
import { afterFailure } from './retry.js';

/** No progress for so many milliseconds while waiting for data: ask again. */
const SILENCE = 15_000;

const canPlay = (media, { mime }) => !mime || media.canPlayType(mime) !== '';

export class FileDeck {
  /** @param {HTMLMediaElement} media @param {{sources: {url: string, mime?: string}[], startAt: number}} lesson */
  constructor(media, lesson, hooks) {
    this.media = media;
    this.hooks = hooks;
    this.wantsToPlay = false;
    this.retrying = false;
    this.closed = false;
    this.attempt = 0;
    this.goTo = lesson.startAt || 0;
    const change = () => hooks.onChange();
    this.listeners = [
      ['error', () => this.again()],
      ['playing', () => this.arrived()],
      ['progress', () => this.watch()],
      ['timeupdate', () => this.watch()],
      ['waiting', () => this.watch()],
      ['stalled', () => this.watch()],
      ['loadedmetadata', () => this.place()],
      ['pause', change],
      ['seeking', change],
      ['durationchange', change],
      ['ended', () => this.pause()],
    ];
    this.listeners.forEach(([name, listener]) => media.addEventListener(name, listener));
    this.setSources(lesson.sources);
  }

  /** Another language: the position stays. */
  setSources(sources) {
    const chosen = sources.find((source) => canPlay(this.media, source)) ?? sources[0];
    if (this.media.currentTime > 0) this.goTo = this.media.currentTime;
    const rate = this.media.playbackRate;
    this.url = chosen.url;
    this.media.src = chosen.url;
    this.media.playbackRate = rate;
    if (this.wantsToPlay) this.start();
  }

  get duration() {
    return Number.isFinite(this.media.duration) ? this.media.duration : 0;
  }

  get position() {
    return this.media.readyState ? this.media.currentTime : this.goTo;
  }

  get ahead() {
    const { buffered, currentTime } = this.media;
    for (let i = 0; i < buffered.length; i += 1) {
      if (buffered.start(i) <= currentTime + 0.3 && buffered.end(i) > currentTime) return buffered.end(i) - currentTime;
    }
    return 0;
  }

  place() {
    if (this.goTo > 0) this.media.currentTime = Math.min(this.goTo, this.duration - 1);
    this.goTo = 0;
    this.hooks.onChange();
  }

  play() {
    this.wantsToPlay = true;
    if (this.media.ended) this.media.currentTime = 0;
    this.start();
    this.hooks.onChange();
  }

  start() {
    this.watch();
    this.media.play().catch((error) => {
      if (error.name === 'NotAllowedError') this.pause();
    });
  }

  pause() {
    this.wantsToPlay = false;
    clearTimeout(this.timer);
    this.media.pause();
    this.hooks.onChange();
  }

  seek(second) {
    if (this.media.readyState) this.media.currentTime = Math.max(0, Math.min(second, this.duration - 0.2));
    else this.goTo = second;
    this.hooks.onChange();
  }

  arrived() {
    this.attempt = 0;
    this.retrying = false;
    this.watch();
    this.hooks.onChange();
  }

  /** While something should play, silence from the network is answered by asking again. */
  watch() {
    clearTimeout(this.timer);
    if (this.wantsToPlay && !this.closed) this.timer = setTimeout(() => this.ahead < 1 && this.again(), SILENCE);
  }

  async again() {
    if (this.closed || !this.media.getAttribute('src')) return;
    this.attempt += 1;
    const at = this.position;
    const status = await this.probe();
    const decision = afterFailure({ status, attempt: this.attempt }, Math.random());
    if (decision.give_up) return this.fail('gone', at);
    // The bytes come and still nothing plays: this browser cannot decode them.
    if (status !== null && status < 300 && this.attempt > 4) return this.fail('decode', at);
    this.retrying = true;
    this.hooks.onChange();
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => {
      if (this.closed) return;
      this.goTo = at;
      this.media.src = this.url;
      if (this.wantsToPlay) this.start();
      else this.retrying = false;
    }, decision.delay);
    return undefined;
  }

  /** Is it the network, or the file? */
  async probe() {
    try {
      const answer = await fetch(this.url, { headers: { Range: 'bytes=0-0' }, cache: 'no-store' });
      answer.body?.cancel().catch(() => {});
      return answer.status;
    } catch {
      return null;
    }
  }

  fail(code, at) {
    if (this.closed) return;
    this.close();
    this.hooks.onError(code, at);
  }

  close() {
    this.closed = true;
    this.wantsToPlay = false;
    clearTimeout(this.timer);
    clearTimeout(this.retryTimer);
    this.listeners.forEach(([name, listener]) => this.media.removeEventListener(name, listener));
    this.media.pause();
    this.media.removeAttribute('src');
    this.media.load();
  }
}
