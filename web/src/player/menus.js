/**
 * The tools, their menus and the keys (`web/dist/menus.js`, a part of its own): they come when the lesson plays, so
 * that the first sound never waits for them.
 */
import { OFF } from './caption-track.js';
import { actionOf, KEYS, nextSpeed } from './keys.js';
import { followSeekBar } from './peek.js';
import { clock } from './strings.js';
import { SPEEDS, toolsOf } from './tools.js';
import { h, picture } from './view.js';

export { nextInUnit } from './next-lesson.js';

export class Menus {
  /** @param {import('./lesson-player.js').LessonPlayer} player that has a deck */
  constructor(player) {
    this.player = player;
    this.root = player.view.tools;
    this.panel = player.view.panel;
    this.open = null;
    followSeekBar(player);
    this.update();
  }

  /** Shows the tools as they are now; focus and an open menu stay. */
  update() {
    const { root, panel, player } = this;
    if (!player.deck) return;
    const tools = toolsOf(player, () => this.help());
    const focused = root.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    root.replaceChildren(...tools.map((tool) => this.button(tool)));
    if (focused) (root.querySelector(`[data-name="${focused}"]`) ?? player.view.main).focus();
    if (!this.open) return;
    const shown = tools.find((tool) => tool.name === this.open);
    if (!shown) this.close();
    else if (shown.options) this.showMenu(shown, panel.contains(document.activeElement));
  }

  button(tool) {
    const attributes = { type: 'button', class: 'player__tool', 'data-name': tool.name, onclick: tool.run ?? (() => this.toggle(tool)) };
    if (!tool.run) attributes['aria-expanded'] = String(this.open === tool.name);
    return h('button', attributes, picture(tool.icon), h('span', {}, tool.label),
      tool.cost ? h('span', { class: 'cost' }, tool.cost) : null);
  }

  toggle(tool) {
    this.open = this.open === tool.name ? null : tool.name;
    for (const button of this.root.children) {
      if (button.hasAttribute('aria-expanded')) button.setAttribute('aria-expanded', String(button.dataset.name === this.open));
    }
    this.panel.hidden = this.open === null;
    if (!this.open) return;
    if (tool.options) this.showMenu(tool, true);
    else Promise.resolve(tool.fill(this.panel)).then(() => this.panel.querySelector('button')?.focus());
  }

  close() {
    const button = this.root.querySelector(`[data-name="${this.open}"]`);
    const held = this.panel.contains(document.activeElement);
    this.open = null;
    this.panel.hidden = true;
    button?.setAttribute('aria-expanded', 'false');
    if (held) (button ?? this.player.view.main).focus();
  }

  showMenu({ name, label, options, current, pick }, focus) {
    const rows = options.map((option) =>
      h(
        'label',
        { class: 'choice' },
        h('input', {
          type: 'radio',
          name: `player-${name}`,
          value: option.value,
          checked: option.value === current,
          onchange: () => pick(option.value),
        }),
        h('span', {}, option.label),
        option.cost ? h('span', { class: 'cost' }, option.cost) : null,
      ),
    );
    this.panel.replaceChildren(h('fieldset', {}, h('legend', { class: 'visually-hidden' }, label), ...rows));
    if (focus) (this.panel.querySelector('input:checked') ?? this.panel.querySelector('input')).focus();
  }

  /** @returns {boolean} whether the key was ours */
  key(event) {
    const action = actionOf(event.key, event.target.tagName, { menu: this.panel.contains(event.target) });
    if (!action || event.target.closest('dialog')) return false;
    const [name, amount] = action;
    return this[`do_${name}`](amount) !== false;
  }

  do_toggle() {
    this.player.toggle();
  }

  do_step(by) {
    this.goTo(this.player.deck.position + by);
  }

  do_tenth(tenth) {
    this.goTo((this.player.deck.duration * tenth) / 10);
  }

  goTo(second) {
    const { player } = this;
    player.seek(second);
    player.view.say(clock(Math.max(0, Math.min(second, player.deck.duration))));
  }

  do_speed(direction) {
    this.player.pickSpeed(nextSpeed(SPEEDS, this.player.speed, direction));
  }

  do_volume(by) {
    const { media } = this.player.deck;
    media.volume = Math.max(0, Math.min(1, Math.round((media.volume + by) * 10) / 10));
    this.player.view.say(this.player.t('音量 {n}/10', { n: Math.round(media.volume * 10) }));
  }

  do_mute() {
    const { player } = this;
    player.deck.media.muted = !player.deck.media.muted;
    player.view.say(player.deck.media.muted ? player.t('静音') : player.t('有声音'));
  }

  do_captions() {
    const { player } = this;
    const { captions } = player;
    if (!captions.list.length) return false;
    if (captions.language !== OFF) this.lastCaptions = captions.language;
    const next = captions.language === OFF ? this.lastCaptions ?? captions.list[0].language : OFF;
    player.pickCaptions(next);
    const shown = captions.list.find(({ language }) => language === next);
    player.view.say(`${player.t('字幕')} ${shown ? shown.label : player.t('不显示')}`);
    return true;
  }

  do_fullscreen() {
    this.player.fullscreen();
  }

  do_slide(by) {
    const { slides, view } = this.player;
    if (!slides?.index) return false;
    const place = Math.max(0, Math.min(slides.count - 1, slides.wanted + by));
    this.player.seek(slides.startOf(place));
    view.say(this.player.t('第 {n} 张幻灯片，共 {all} 张', { n: place + 1, all: slides.count }));
    return true;
  }

  do_close() {
    if (!this.open) return false;
    this.close();
    return true;
  }

  do_help() {
    this.help();
  }

  help() {
    const { view, t } = this.player;
    this.dialog ??= view.root.appendChild(this.makeHelp(t));
    if (!this.dialog.open) this.dialog.showModal();
  }

  makeHelp(t) {
    const rows = KEYS.map(([keys, words]) =>
      h('div', {}, h('dt', {}, ...keys.map((key) => h('kbd', {}, key))), h('dd', {}, t(words))));
    const close = h('button', { type: 'button', class: 'button button--primary button--block', onclick: () => dialog.close() }, t('关上'));
    const dialog = h('dialog', { class: 'player__help', 'aria-labelledby': 'player-help' },
      h('h2', { id: 'player-help' }, t('快捷键')), h('dl', {}, ...rows), close);
    return dialog;
  }
}
