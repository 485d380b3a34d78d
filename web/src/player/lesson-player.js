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
import { Device, isStreamable } from './ability.js';
import { Captions, OFF } from './caption-track.js';
import { costs, isSaving, presentSpeed } from './cost.js';
import { ending } from './ending.js';
import { FileDeck } from './file-deck.js';
import { tellLockScreen } from './lock-screen.js';
import { habits, keepHabit } from './memory.js';
import { NativeDeck, playsPlaylists } from './native-deck.js';
import { preferHeld } from './on-phone.js';
import { showStart } from './start-panel.js';
import { translator } from './strings.js';
import { Study } from './study.js';
import { h, View } from './view.js';

/** What was wrong, and what to do about it. */
const TROUBLES = {
  gone: '这一课的文件取不到了。请刷新页面；还是不行，请告诉支部书记。',
  format: '文件的目录读不懂。请刷新页面再试。',
  video: '这台手机放不了这段画面，可以先听声音。',
  audio: '这台手机放不了这段声音。请刷新页面再试。',
};

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
    this.study.report();
    this.stop();
    this.closing?.abort();
  }

  build() {
    this.t = translator(this.ownerDocument);
    this.habits = habits(localStorage);
    this.study = new Study(this);
    this.speed = this.habits.speed ?? 1;
    this.pinned = this.habits.quality ?? null;
    this.device = new Device(this.data.video, this.duration);
    this.device.asked.then(() => this.showCosts());
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
    this.at = askedSecond(location) ?? (this.data.start_s || this.study.position);
    this.replaceChildren(this.view.root);
    this.view.setMode('choose');
    showStart(this);
    this.listen();
    preferHeld(this);
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
    const { signal } = (this.closing = new AbortController());
    this.addEventListener('keydown', (event) => this.key(event), { signal });
    addEventListener('pagehide', () => this.study.report(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden && this.study.report(), { signal });
    const follow = () => askedSecond(location) !== null && this.seek(askedSecond(location));
    addEventListener('hashchange', follow, { signal });
    navigator.connection?.addEventListener?.('change', () => this.showCosts(), { signal });
    for (const media of [this.view.video, this.view.sound]) {
      for (const name of ['timeupdate', 'pause', 'playing', 'seeked', 'ended', 'progress']) {
        media.addEventListener(name, () => this.deck?.media === media && this.refresh(), { signal });
      }
    }
    this.captions.onChange = () => this.refresh();
    // Who keeps study records answers here when the lesson's record is on the disk.
    this.addEventListener('lesson-recorded', () => {
      this.recorded = true;
      this.refresh();
    }, { signal });
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

  /** What each way of taking the whole lesson would cost now. */
  get costs() {
    return this.costsWith(this.pinned);
  }

  /** @param {string|null} pinned a picture that a person asks for; null: chosen by the network */
  costsWith(pinned) {
    const { ladder, playable } = this.device;
    const own = playable.filter(({ name }) => name === pinned);
    const { duration, throughput } = this;
    const pictures = this.streamSound() ? (own.length ? own : ladder) : [];
    return costs(this.data, this.soundSource()?.length ?? 0, pictures, { duration, throughput, saving: isSaving() });
  }

  /** Seconds. */
  get duration() {
    return this.data.duration_s ?? this.data.minutes * 60;
  }

  /** Bits a second: measured where something was streamed, else what the browser says; null when nobody knows. */
  get throughput() {
    return this.measured ?? presentSpeed() ?? null;
  }

  showCosts() {
    if (this.mode === undefined || !this.deck) showStart(this);
    else this.menus?.update();
  }

  stop() {
    this.turn = null;
    this.deck?.close();
    this.slides?.close();
    this.deck = null;
    this.slides = null;
  }

  /** Start in a mode (audio, slides, video) at a second. `plain`: the muxed file, where streaming failed. */
  async begin(mode, second = 0, { plain = false } = {}) {
    if (mode !== 'video' && this.deck && this.mode !== 'video') return this.changeView(mode);
    this.stop();
    this.mode = mode;
    this.at = second;
    this.posterImage?.complete === false && this.posterImage.remove();
    this.showBeginning(mode);
    const hooks = { onChange: () => this.refresh(), onError: (code, at) => this.broken(code, at, plain) };
    const turn = {};
    this.turn = turn;
    const made = mode === 'video' ? this.pictureDeck(hooks, second, plain) : this.soundDeck(hooks, second);
    // Only what has to be fetched is waited for: some browsers forget the tap over a wait, and refuse to play.
    const deck = made instanceof Promise ? await made : made;
    if (turn !== this.turn) return deck?.close();
    if (!deck) return this.broken(made instanceof Promise ? 'gone' : 'decode', this.at, true);
    this.deck = deck;
    if (this.at !== second) deck.seek(this.at);
    this.applySpeed();
    deck.play();
    if (mode === 'slides') this.showSlides();
    this.menus?.update();
    tellLockScreen(this);
    return undefined;
  }

  /** The sound goes on; the slides come or go. */
  changeView(mode) {
    this.slides?.close();
    this.slides = null;
    this.mode = mode;
    this.view.setMode(mode);
    if (mode === 'slides') this.showSlides();
    this.refresh();
    this.menus?.update();
  }

  /** The slides' code comes when the sound is there: it must not hold it up. */
  async showSlides() {
    const { deck, turn } = this;
    this.noSlides = false;
    const wanted = () => this.turn === turn && this.deck === deck && this.mode === 'slides' && !this.slides;
    if (!deck.media.currentTime) await this.soundOrPause(deck.media);
    try {
      const { Slides } = await part('slides');
      if (!wanted()) return;
      this.slides = new Slides(this.view.slide, this.data.deck, deck.media, {
        onChange: () => this.refresh(),
        onGone: () => this.slidesGone(),
        onMeasure: () => {},
      });
    } catch (error) {
      console.warn('no slides', error);
      if (wanted()) this.slidesGone();
    }
  }

  soundOrPause(media) {
    return new Promise((resolve) => {
      media.addEventListener('playing', resolve, { once: true });
      setTimeout(resolve, 4000);
    });
  }

  slidesGone() {
    this.noSlides = true;
    this.changeView('audio');
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
    const { muxed } = this.data;
    const sound = this.streamSound();
    const whole = () => muxed && new FileDeck(this.view.video, { sources: [{ url: muxed.url }], startAt }, hooks);
    if (!plain && this.data.hls && playsPlaylists(this.view.video)) {
      return new NativeDeck(this.view.video, { url: this.data.hls, language: this.sound?.language, startAt }, hooks);
    }
    if (plain || !sound || !this.device.playable.length) return whole();
    const lesson = { device: this.device, sound, startAt, pinned: this.pinned };
    return part('stream').then(({ StreamDeck }) => new StreamDeck(this.view.video, lesson, hooks), whole);
  }

  /** Another way to the same second where there is one, else words. */
  broken(code, at, plain) {
    this.at = at;
    const { used } = this.deck ?? {};
    if (this.mode === 'video' && code === 'decode' && used?.has('av01')) {
      this.device.refuse('av01');
      if (this.device.playable.length) return void this.begin('video', at);
    }
    if (this.mode === 'video' && code !== 'gone' && !plain && this.data.muxed) {
      return void this.begin('video', at, { plain: true });
    }
    this.stop();
    this.view.setMode('choose');
    showStart(this);
    this.view.showMessage(this.t(TROUBLES[code] ?? TROUBLES[this.mode === 'video' ? 'video' : 'audio']), { error: true });
    return this.view.again.focus();
  }

  toggle() {
    if (!this.deck) return;
    if (this.deck.wantsToPlay) this.deck.pause();
    else this.deck.play();
    this.view.say(this.deck.wantsToPlay ? this.t('正在播放') : this.t('已暂停'));
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
    this.menus?.update();
    this.view.say(this.t('速度 {n}×', { n: value }));
  }

  pickSound(code) {
    this.sound = this.data.audio.find((track) => track.language === code) ?? this.sound;
    keepHabit(localStorage, 'language', code);
    if (!this.deck) showStart(this);
    else if (this.deck.setSound && this.streamSound()) this.deck.setSound(this.streamSound());
    else if (this.mode !== 'video') this.deck.setSources(this.sound.sources);
    else if (this.deck.pickLanguage?.(code)) this.deck.hooks.onChange();
    else this.begin('audio', this.deck.position);
    this.menus?.update();
    this.view.say(this.soundLabel(this.sound));
  }

  pickQuality(name) {
    this.pinned = name;
    keepHabit(localStorage, 'quality', name);
    this.deck.pin?.(name);
    this.menus?.update();
  }

  pickCaptions(code) {
    keepHabit(localStorage, 'captions', code);
    this.captions.pick(code);
    this.refresh();
    this.menus?.update();
  }

  /** Everything a person sees, from the state of the deck. */
  refresh() {
    const { deck, view } = this;
    if (!deck) return;
    const moving = !deck.media.paused && !deck.media.seeking && deck.media.readyState > 2;
    if (moving && !deck.media.ended) this.loadMenus();
    this.measured = deck.throughput?.value ?? this.measured;
    view.showPlaying(deck.wantsToPlay);
    if (!view.range.matches(':active')) view.showTime(deck.position, deck.duration);
    if (deck.duration) view.showBuffered(Math.min(1, (deck.position + deck.ahead) / deck.duration));
    const { captions } = this;
    view.showCaption(captions.textAt(deck.position), captions.language, captions.language !== OFF);
    this.showWaiting(moving);
    this.study.step(deck, moving, this.speed);
    this.showEnd(deck);
  }

  showEnd({ media, duration }) {
    const completed = this.study.isComplete(duration);
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
    const menus = await part('menus').catch(() => null);
    this.next = (await menus?.nextInUnit(unit, location.pathname)) ?? null;
    this.refresh();
  }

  showWaiting(moving) {
    const { deck, slides, t } = this;
    const held = Math.floor(deck.ahead);
    const late = slides?.missing ?? null;
    if (deck.retrying) this.view.showMessage(t('网络断了，正在自己重连。已存好 {n} 秒。', { n: held }));
    else if (deck.wantsToPlay && !moving) this.view.showMessage(t('正在取，已存好 {n} 秒…', { n: held }));
    else if (this.noSlides) this.view.showMessage(t('幻灯片取不到，先听声音。'));
    else if (late !== null) this.view.showMessage(t('第 {n} 张幻灯片还在路上，声音照常。', { n: late + 1 }));
    else if (slides?.refused) this.view.showMessage(t('这一张幻灯片没有通过核对，没有显示。'));
    else this.view.showMessage('');
    if (slides?.shown >= 0 && slides.index) this.view.showSlide(slides.shown, slides.count);
  }

  /** Menus and keys come with the first moment that plays; what a person needs before stands already. */
  async loadMenus() {
    if (this.menus || this.menusAsked) return;
    this.menusAsked = true;
    try {
      const { Menus } = await part('menus');
      this.menus = new Menus(this);
    } catch (error) {
      console.warn('no menus yet', error);
      setTimeout(() => { this.menusAsked = false; }, 5000);
    }
  }

  key(event) {
    if (this.deck && !event.ctrlKey && !event.altKey && !event.metaKey && this.menus?.key(event)) event.preventDefault();
  }

  fullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.view.root.requestFullscreen) this.view.root.requestFullscreen().catch(() => {});
    else this.view.video.webkitEnterFullscreen?.();
  }
}
