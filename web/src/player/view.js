/** The player's elements. It shows a state and reports what a person does; it decides nothing. */
import audio from 'pictogram:listen';
import back10 from 'pictogram:back10';
import forward30 from 'pictogram:forward30';
import pauseIcon from 'pictogram:pause';
import play from 'pictogram:play';
import retry from 'pictogram:retry';
import slides from 'pictogram:slides';
import video from 'pictogram:video';
import { clock } from './strings.js';

export const ICONS = { audio, slides, video };

/** An element with attributes and children; `text` children are text, never markup. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** One of our own pictograms as an element. */
export function picture(svg) {
  const template = document.createElement('template');
  template.innerHTML = svg;
  return template.content.firstElementChild;
}

export class View {
  /** @param {(text: string, values?: object) => string} t @param {Record<string, Function>} act what a person does */
  constructor(t, act) {
    this.t = t;
    this.act = act;
    this.video = h('video', { playsinline: true, preload: 'none', tabindex: -1 });
    this.sound = h('audio', { preload: 'none' });
    this.captions = h('p', { class: 'player__captions', hidden: true });
    this.poster = h('div', { class: 'player__poster' }, picture(audio));
    this.slide = h('img', { class: 'player__slide', alt: '', hidden: true });
    this.live = h('p', { class: 'visually-hidden', 'aria-live': 'polite' });
    this.message = h('p', { class: 'player__message', role: 'status' });
    this.again = h('button', { type: 'button', class: 'button', hidden: true, onclick: () => act.retry() }, picture(retry), t('再试一次'));
    this.stage = h('div', { class: 'player__stage', onclick: () => act.stage() }, this.video, this.slide, this.poster, this.captions);
    this.start = h('div', { class: 'player__start' });
    this.controls = this.makeControls();
    this.end = h('div', { class: 'player__end', 'aria-live': 'polite' });
    const status = h('div', { class: 'player__status' }, this.message, this.again);
    this.root = h('div', { class: 'player', 'data-mode': 'choose' }, this.stage, this.start, status, this.end, this.controls, this.live, this.sound);
  }

  makeControls() {
    const { t, act } = this;
    this.now = h('span', { class: 'player__time' }, '0:00');
    this.total = h('span', { class: 'player__time' });
    this.range = h('input', {
      type: 'range',
      min: 0,
      max: 1,
      step: 1,
      value: 0,
      class: 'player__range',
      'aria-label': t('播放位置'),
      oninput: () => this.showTime(+this.range.value, this.length, true),
      onchange: () => act.seek(+this.range.value),
    });
    this.main = h('button', { type: 'button', class: 'button button--primary player__play', onclick: () => act.toggle() });
    const step = (icon, label, by) =>
      h('button', { type: 'button', class: 'button player__step', 'aria-label': label, onclick: () => act.step(by) }, picture(icon));
    this.tools = h('div', { class: 'player__tools' });
    this.panel = h('div', { class: 'player__panel', hidden: true });
    return h(
      'div',
      { class: 'player__controls', hidden: true },
      h('div', { class: 'player__seek' }, this.now, this.range, this.total),
      h('div', { class: 'player__main' }, step(back10, t('后退 10 秒'), -10), this.main, step(forward30, t('前进 30 秒'), 30)),
      this.tools,
      this.panel,
    );
  }

  /** What to do first: one button a way, sound first, each with its cost; `bytes` of the whole lesson. */
  showStart(buttons, extras) {
    this.times = buttons.map(({ bytes }) => [bytes, h('span', { class: 'cost' })]);
    this.start.replaceChildren(
      ...extras,
      ...buttons.map(({ icon, label, cost, primary, run }, place) =>
        h(
          'button',
          {
            type: 'button',
            class: `button button--block button--tall${primary ? ' button--primary' : ''}`,
            'data-spoken': true,
            onclick: run,
          },
          picture(icon),
          h('span', {}, h('span', { class: 'button__label' }, label), h('span', { class: 'cost' }, cost), this.times[place][1]),
        ),
      ),
    );
  }

  /** `wordsFor(bytes)` says how long that many bytes take; nothing where nobody knows. */
  showTimes(wordsFor) {
    for (const [bytes, place] of this.times) place.textContent = wordsFor(bytes) || '';
  }

  setMode(mode) {
    this.root.dataset.mode = mode;
    this.start.hidden = mode !== 'choose';
    this.controls.hidden = mode === 'choose';
    this.video.hidden = mode !== 'video';
    this.slide.hidden = mode !== 'slides';
    this.poster.hidden = mode === 'video' || mode === 'slides';
  }

  showPlaying(playing) {
    if (this.playing === playing) return;
    this.playing = playing;
    const label = playing ? this.t('暂停') : this.t('播放');
    this.main.replaceChildren(picture(playing ? pauseIcon : play), h('span', {}, label));
  }

  showTime(position, length, dragging = false) {
    this.length = length;
    this.now.textContent = clock(position);
    this.total.textContent = length ? clock(length) : '';
    if (!dragging) {
      this.range.max = Math.max(1, Math.floor(length));
      this.range.value = Math.floor(position);
    }
    this.range.setAttribute('aria-valuetext', this.t('{now}，共 {all}', { now: clock(position), all: clock(length) }));
    this.range.style.setProperty('--played', `${length ? (100 * position) / length : 0}%`);
  }

  /** `parts`: what is said at the end of a lesson; nothing while it is not over. The same again is not said again. */
  showEnd(parts, key) {
    if (this.end.dataset.key === key) return;
    this.end.dataset.key = key;
    this.end.replaceChildren(...parts());
    if (key) this.show(this.end);
  }

  /** Bring a part into the view, above the places at the thumb; the whole player where it fits. */
  show(part) {
    this.root.scrollIntoView({ block: 'nearest' });
    part.scrollIntoView({ block: 'nearest' });
  }

  showBuffered(share) {
    this.range.style.setProperty('--held', `${100 * share}%`);
  }

  /** Their room stays while they are on: what comes and goes must not move the buttons under a thumb. */
  showCaption(text, lang, on) {
    if (this.captions.textContent !== text) this.captions.textContent = text;
    this.captions.lang = lang || '';
    this.captions.hidden = !on;
  }

  /** Said by a screen reader, seen by nobody: what a key or a choice has changed. The same again is said again. */
  say(text) {
    this.live.textContent = this.live.textContent === text ? `${text}\u00a0` : text;
  }

  /** Which slide stands there: its number is its name, its words are spoken by the sound. */
  showSlide(place, count) {
    const alt = this.t('第 {n} 张幻灯片，共 {all} 张', { n: place + 1, all: count });
    if (this.slide.alt !== alt) this.slide.alt = alt;
  }

  showMessage(text, { error = false } = {}) {
    if (this.message.textContent !== text) this.message.textContent = text;
    this.root.dataset.error = String(error);
    this.again.hidden = !error;
  }
}
