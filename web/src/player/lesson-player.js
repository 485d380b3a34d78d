/**
 * `<lesson-player>`: plays one lesson, online and from the phone alike.
 *
 * Data: a `<script type="application/json" class="lesson-data">` inside, or the property `data`, both of the shape
 * that `cms.lessons.selectors.player_data` builds. Events, both bubbling:
 * `lesson-progress` {material, revision, intervals, seconds, position, duration} while and after playing, and once
 * `lesson-completed` with the same detail when 90 % were played. What stands inside before is what a browser
 * without scripts shows.
 */
import { part } from '../parts.js';
import { Captions } from './caption-track.js';
import { ending } from './ending.js';
import { FileDeck } from './file-deck.js';
import { habits, keepHabit, recall, remember } from './memory.js';
import { nextInUnit } from './next-lesson.js';
import { showStart, showTimes } from './start-panel.js';
import { translator } from './strings.js';
import { toolsOf } from './tools.js';
import { h, View } from './view.js';
import { isComplete, seconds, Watch } from './watched.js';

/** Can this browser put separate sound and picture together at all? */
const isStreamable = ({ mime }) => typeof MediaSource === 'function' && MediaSource.isTypeSupported(mime);

/** Seconds played between two `lesson-progress` events. */
const REPORT_EVERY = 10;

/** The second that the address asks for: `?t=` or `#t=`. */
export function askedSecond(address) {
  const text = new URLSearchParams(address.hash.slice(1)).get('t') ?? new URLSearchParams(address.search).get('t');
  const second = Number.parseFloat(text ?? '');
  return Number.isFinite(second) && second >= 0 ? second : null;
}

export class LessonPlayer extends HTMLElement {
  connectedCallback() {
    if (this.view) return;
    const script = this.querySelector('script.lesson-data, script[type="application/json"]');
    if (!this.data && script) this.data = JSON.parse(script.textContent);
    if (this.data) this.build();
  }

  disconnectedCallback() {
    if (!this.view) return;
    this.report();
    this.turn = null;
    this.deck?.close();
    this.closing?.abort();
  }

  build() {
    this.t = translator(this.ownerDocument);
    this.habits = habits(localStorage);
    this.note = recall(localStorage, this.data.material, this.data.revision);
    this.watch = new Watch(this.note.pieces);
    this.reported = seconds(this.watch.pieces);
    this.completed = this.note.completed;
    this.speed = this.habits.speed ?? 1;
    this.sound = this.data.audio.find((track) => track.language === this.habits.language) ?? this.data.audio[0];
    const wish = this.habits.captions ?? this.ownerDocument.documentElement.lang;
    this.captions = new Captions(this.data.subtitles ?? [], wish);
    this.view = new View(this.t, {
      toggle: () => this.toggle(),
      step: (by) => this.deck && this.seek(this.deck.position + by),
      seek: (second) => this.seek(second),
      retry: () => this.begin(this.mode, this.at),
      stage: () => this.deck && this.mode === 'video' && this.toggle(),
    });
    this.setPoster();
    this.at = askedSecond(location) ?? (this.data.start_s || this.note.position);
    this.replaceChildren(this.view.root);
    this.view.setMode('choose');
    showStart(this);
    this.listen();
  }

  /** A picture is welcome, but not before the sound: on a slow link there is none. */
  setPoster() {
    const { saveData, effectiveType = '4g' } = navigator.connection ?? {};
    if (!this.data.poster || saveData || effectiveType !== '4g') return;
    const gone = () => this.posterImage.remove();
    const calm = { alt: '', decoding: 'async', loading: 'lazy', fetchpriority: 'low', onerror: gone };
    this.posterImage = h('img', { src: this.data.poster, ...calm });
    this.view.poster.prepend(this.posterImage);
  }

  listen() {
    this.closing = new AbortController();
    const { signal } = this.closing;
    this.addEventListener('keydown', (event) => this.key(event), { signal });
    addEventListener('pagehide', () => this.report(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden && this.report(), { signal });
    const follow = () => askedSecond(location) !== null && this.seek(askedSecond(location));
    addEventListener('hashchange', follow, { signal });
    navigator.connection?.addEventListener?.('change', () => showTimes(this), { signal });
    for (const media of [this.view.video, this.view.sound]) {
      for (const name of ['timeupdate', 'pause', 'playing', 'seeked', 'ended', 'progress']) {
        media.addEventListener(name, () => this.deck?.media === media && this.refresh(), { signal });
      }
    }
    this.captions.onChange = () => this.refresh();
    // Who keeps study records answers here when the lesson's record is on the disk.
    const noted = () => {
      this.recorded = true;
      this.refresh();
    };
    this.addEventListener('lesson-recorded', noted, { signal });
  }

  soundLabel(track) {
    return track.placeholder ? this.t('{language}（占位音轨，待真人配音）', { language: track.label }) : track.label;
  }

  /** The first source of the chosen language that this browser plays. */
  soundSource() {
    const sources = this.sound?.sources ?? [];
    return sources.find((source) => this.view.sound.canPlayType(source.mime)) ?? sources[0];
  }

  streamSound() {
    return this.sound?.sources.find(isStreamable);
  }

  /** Start in a mode at a second. `plain`: the muxed file, where streaming failed. */
  async begin(mode, second = 0, { plain = false } = {}) {
    this.deck?.close();
    this.deck = null;
    this.mode = mode;
    this.at = second;
    this.posterImage?.complete === false && this.posterImage.remove();
    this.showBeginning(mode);
    const hooks = { onChange: () => this.refresh(), onError: (code, at) => this.broken(code, at, plain) };
    const turn = {};
    this.turn = turn;
    const made = mode === 'audio' ? this.soundDeck(hooks, second) : this.pictureDeck(hooks, second, plain);
    // Only what has to be fetched is waited for: some browsers forget the tap over a wait, and refuse to play.
    const deck = made instanceof Promise ? await made : made;
    if (turn !== this.turn) return deck?.close();
    if (!deck) return this.broken(made instanceof Promise ? 'gone' : 'decode', this.at, true);
    this.deck = deck;
    if (this.at !== second) deck.seek(this.at);
    this.applySpeed();
    deck.play();
    this.view.setTools(toolsOf(this));
    this.announce();
    return undefined;
  }

  showBeginning(mode) {
    this.view.setMode(mode);
    this.view.showPlaying(true);
    this.view.showMessage(this.t('正在取，已存好 {n} 秒…', { n: 0 }));
    this.view.main.focus({ preventScroll: true });
    this.view.show(this.view.controls);
  }

  soundDeck(hooks, startAt) {
    return new FileDeck(this.view.sound, { sources: this.sound.sources, startAt }, hooks);
  }

  /** A promise where the streaming part must come first; null where nothing can show the picture. */
  pictureDeck(hooks, startAt, plain) {
    const { video, muxed } = this.data;
    const sound = this.streamSound();
    const whole = () => muxed && new FileDeck(this.view.video, { sources: [{ url: muxed.url }], startAt }, hooks);
    if (plain || !sound || !video.some(isStreamable)) return whole();
    const lesson = { video, sound, startAt, pinned: this.habits.quality ?? null };
    return part('stream').then(({ StreamDeck }) => new StreamDeck(this.view.video, lesson, hooks), whole);
  }

  broken(code, at, plain) {
    this.at = at;
    if (this.mode === 'video' && code !== 'gone' && !plain && this.data.muxed) {
      this.begin('video', at, { plain: true });
      return;
    }
    this.deck = null;
    const words = {
      gone: '这一课的文件取不到了。请刷新页面；还是不行，请告诉支部书记。',
      format: '文件的目录读不懂。请刷新页面再试。',
      decode:
        this.mode === 'video' ? '这台手机放不了这段画面，可以先听声音。' : '这台手机放不了这段声音。请刷新页面再试。',
    };
    this.view.setMode('choose');
    showStart(this);
    this.view.showMessage(this.t(words[code]), { error: true });
    this.view.again.focus();
  }

  toggle() {
    if (!this.deck) return;
    if (this.deck.wantsToPlay) this.deck.pause();
    else this.deck.play();
  }

  seek(second) {
    if (!this.deck) {
      this.at = second;
      if (this.mode === undefined) showStart(this);
      return;
    }
    this.deck.seek(second);
    this.refresh();
  }

  applySpeed() {
    this.deck.media.defaultPlaybackRate = this.speed;
    this.deck.media.playbackRate = this.speed;
  }

  pickSpeed(value) {
    this.speed = value;
    keepHabit(localStorage, 'speed', value);
    if (this.deck) this.applySpeed();
    this.view.setTools(toolsOf(this));
  }

  pickSound(code) {
    this.sound = this.data.audio.find((track) => track.language === code) ?? this.sound;
    keepHabit(localStorage, 'language', code);
    if (!this.deck) showStart(this);
    else if (this.deck.setSound && this.streamSound()) this.deck.setSound(this.streamSound());
    else if (this.mode === 'audio') this.deck.setSources(this.sound.sources);
    else this.begin('audio', this.deck.position);
    this.view.setTools(toolsOf(this));
  }

  pickQuality(name) {
    this.habits.quality = name;
    keepHabit(localStorage, 'quality', name);
    this.deck.pin?.(name);
    this.view.setTools(toolsOf(this));
  }

  pickCaptions(code) {
    keepHabit(localStorage, 'captions', code);
    this.captions.pick(code);
    this.refresh();
    this.view.setTools(toolsOf(this));
  }

  /** Everything a person sees, from the state of the deck. */
  refresh() {
    const { deck, view } = this;
    if (!deck) return;
    const moving = !deck.media.paused && !deck.media.seeking && deck.media.readyState > 2;
    this.watch.step(deck.media.currentTime, moving, this.speed);
    view.showPlaying(deck.wantsToPlay);
    if (!view.range.matches(':active')) view.showTime(deck.position, deck.duration);
    if (deck.duration) view.showBuffered(Math.min(1, (deck.position + deck.ahead) / deck.duration));
    view.showCaption(this.captions.textAt(deck.position), this.captions.language);
    this.showWaiting(moving);
    if (seconds(this.watch.pieces) - this.reported >= REPORT_EVERY || !deck.wantsToPlay || deck.media.ended) this.report();
    this.showEnd(deck);
  }

  showEnd({ media, duration }) {
    const completed = isComplete(this.watch.pieces, duration);
    const recorded = Boolean(this.recorded);
    const next = this.data.next ?? this.next;
    const key = media.ended ? `${completed} ${recorded} ${next?.url ?? ''}` : '';
    this.view.showEnd(() => (key ? ending(this.t, { completed, recorded, next }) : []), key);
    if (key) this.findNext();
  }

  /** Packages bring the next lesson in the data; other pages name their unit, which knows it. */
  async findNext() {
    const { unit } = this.dataset;
    if (this.data.next || !unit || this.asked) return;
    this.asked = true;
    this.next = await nextInUnit(unit, location.pathname);
    this.refresh();
  }

  showWaiting(moving) {
    const { deck, t } = this;
    const held = Math.floor(deck.ahead);
    if (deck.retrying) this.view.showMessage(t('网络断了，正在自己重连。已存好 {n} 秒。', { n: held }));
    else if (deck.wantsToPlay && !moving) this.view.showMessage(t('正在取，已存好 {n} 秒…', { n: held }));
    else this.view.showMessage('');
  }

  /** Tells the page what was played, and remembers it on this device. */
  report() {
    const { deck, data } = this;
    const played = seconds(this.watch.pieces);
    const duration = deck?.duration || 0;
    if (!duration || (played === this.reported && deck.position === this.saved)) return;
    this.reported = played;
    this.saved = deck.position;
    const intervals = this.watch.pieces.map(([from, to]) => [Math.round(from * 10) / 10, Math.round(to * 10) / 10]);
    const { material, revision } = data;
    const detail = { material, revision, intervals, seconds: played, position: deck.position, duration };
    const completes = !this.completed && isComplete(this.watch.pieces, duration);
    this.completed ||= completes;
    const over = deck.media.ended || deck.position > duration - 10;
    remember(localStorage, data.material, {
      revision: data.revision,
      position: over ? 0 : deck.position,
      duration,
      pieces: intervals,
      completed: this.completed,
      title: data.title,
      url: location.pathname,
    });
    this.loadRecords();
    const tell = (name) => this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
    tell('lesson-progress');
    if (completes) tell('lesson-completed');
  }

  /**
   * The module that keeps study records comes after the first seconds of the lesson, not before them: on a slow link
   * it would hold up the sound. Every later event carries the whole union, so nothing is missed.
   */
  loadRecords() {
    const { records } = this.dataset;
    if (records) this.recording ??= import(records).catch(() => { this.recording = null; });
  }

  key(event) {
    if (!this.deck || event.ctrlKey || event.altKey || event.metaKey) return;
    const tag = event.target.tagName;
    if (event.key === 'Escape' && this.view.open) this.view.closeMenu();
    else if (tag === 'INPUT') return;
    else if (event.key === 'k' || (event.key === ' ' && tag !== 'BUTTON')) this.toggle();
    else if (event.key === 'ArrowLeft' || event.key === 'j') this.seek(this.deck.position - 10);
    else if (event.key === 'ArrowRight' || event.key === 'l') this.seek(this.deck.position + 10);
    else if (event.key === 'm') this.deck.media.muted = !this.deck.media.muted;
    else if (event.key === 'f') this.fullscreen();
    else return;
    event.preventDefault();
  }

  fullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.view.root.requestFullscreen) this.view.root.requestFullscreen().catch(() => {});
    else this.view.video.webkitEnterFullscreen?.();
  }

  /** The lock screen and headset buttons. */
  announce() {
    const session = navigator.mediaSession;
    if (!session || typeof MediaMetadata !== 'function') return;
    session.metadata = new MediaMetadata({ title: this.data.title, artist: this.t('高原先锋课堂') });
    const on = (name, run) => session.setActionHandler(name, run);
    on('play', () => this.deck?.play());
    on('pause', () => this.deck?.pause());
    on('seekbackward', () => this.deck && this.seek(this.deck.position - 10));
    on('seekforward', () => this.deck && this.seek(this.deck.position + 30));
  }
}
