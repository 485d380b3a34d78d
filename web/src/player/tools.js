/** The tools below the controls: which there are for a lesson, and what each offers. */
import fullscreen from 'pictogram:fullscreen';
import help from 'pictogram:keyboard';
import language from 'pictogram:language';
import audio from 'pictogram:listen';
import quality from 'pictogram:quality';
import slides from 'pictogram:slides';
import speed from 'pictogram:speed';
import subtitle from 'pictogram:subtitle';
import transcript from 'pictogram:transcript';
import video from 'pictogram:video';
import { OFF } from './caption-track.js';
import { clock, megabytes } from './strings.js';
import { h } from './view.js';

export const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

function speedTool(player) {
  return {
    name: 'speed',
    icon: speed,
    label: player.t('速度 {n}×', { n: player.speed }),
    options: SPEEDS.map((value) => ({ value, label: `${value}×` })),
    current: player.speed,
    pick: (value) => player.pickSpeed(value),
  };
}

function languageTool(player) {
  return {
    name: 'language',
    icon: language,
    label: player.t('语言'),
    options: player.data.audio.map((track) => ({ value: track.language, label: player.soundLabel(track) })),
    current: player.sound.language,
    pick: (value) => player.pickSound(value),
  };
}

function captionTool(player) {
  const tracks = player.captions.list.map((track) => ({ value: track.language, label: track.label }));
  return {
    name: 'captions',
    icon: subtitle,
    label: player.t('字幕'),
    options: [{ value: OFF, label: player.t('不显示') }, ...tracks],
    current: player.captions.language,
    pick: (value) => player.pickCaptions(value),
  };
}

/** Each picture with what the whole lesson takes in it; "automatic" with what it would take now. */
function qualityTool(player) {
  const { device, costs, pinned } = player;
  const price = (bytes) => (player.data.here ? null : megabytes(bytes));
  const shown = [...new Set([...device.ladder, ...device.playable.filter(({ name }) => name === pinned)])];
  const rungs = shown.map((item) => ({
    value: item.name, label: `${item.height}p`, cost: price(item.length + costs.sound),
  }));
  return {
    name: 'quality',
    icon: quality,
    label: player.t('清晰度'),
    options: [
      { value: null, label: player.t('自动，看网速'), cost: price(player.costsWith(null).picture) },
      ...rungs,
    ],
    current: shown.some(({ name }) => name === pinned) ? pinned : null,
    pick: (value) => player.pickQuality(value),
  };
}

/** The spoken words as a list: each line leads to its second. */
function transcriptTool(player) {
  return {
    name: 'transcript',
    icon: transcript,
    label: player.t('文字稿'),
    fill: async (panel) => {
      panel.replaceChildren(h('p', {}, player.t('正在取文字稿…')));
      if (player.captions.language === OFF) player.captions.pick(player.captions.list[0].language);
      await player.captions.load();
      const lines = player.captions.cues.map((cue) => lineTo(player, cue.from, cue.text));
      panel.replaceChildren(
        lines.length ? h('ol', { class: 'player__transcript' }, ...lines) : h('p', {}, player.t('文字稿取不到，请等网络好了再试。')),
      );
    },
  };
}

const lineTo = (player, second, text) =>
  h('li', {}, h('button', { type: 'button', onclick: () => player.seek(second) }, h('b', {}, clock(second)), ' ', text));

/** All slides with their seconds. */
function slideListTool(player) {
  return {
    name: 'slides',
    icon: slides,
    label: player.t('目录'),
    fill: (panel) => {
      const rows = (player.slides?.index?.slides ?? []).map(({ from }, place) => lineTo(player, from, player.t('第 {n} 张', { n: place + 1 })));
      panel.replaceChildren(
        rows.length ? h('ol', { class: 'player__transcript' }, ...rows) : h('p', {}, player.t('第 {n} 张幻灯片还在路上，声音照常。', { n: 1 })),
      );
    },
  };
}

/** The other ways of taking this lesson, each with what the whole of it takes. */
function wayTools(player) {
  const { data, mode, t, costs } = player;
  const way = (to, icon, label, bytes) => ({
    name: to, icon, label, cost: data.here ? null : megabytes(bytes), run: () => player.begin(to, player.deck.position),
  });
  return [
    player.sound && mode !== 'audio' && way('audio', audio, t('只听声音'), costs.sound),
    player.sound && data.deck && mode !== 'slides' && way('slides', slides, t('看幻灯片'), costs.slides),
    costs.picture && mode !== 'video' && way('video', video, t('看画面'), costs.picture),
  ].filter(Boolean);
}

/** A table of keys helps where there are keys. */
const hasKeyboard = () => matchMedia('(hover: hover) and (pointer: fine)').matches;

/** @param {import('./lesson-player.js').LessonPlayer} player with a deck */
export function toolsOf(player, showHelp) {
  const { data, mode, t } = player;
  const tools = [speedTool(player)];
  if (data.audio.length > 1) tools.push(languageTool(player));
  if (player.captions.list.length) tools.push(captionTool(player), transcriptTool(player));
  if (mode === 'video' && player.deck?.pin && player.device.ladder.length > 1) tools.push(qualityTool(player));
  if (mode === 'slides') tools.push(slideListTool(player));
  if (mode !== 'audio') tools.push({ name: 'fullscreen', icon: fullscreen, label: t('全屏'), run: () => player.fullscreen() });
  tools.push(...wayTools(player));
  if (hasKeyboard()) tools.push({ name: 'help', icon: help, label: t('快捷键'), run: showHelp });
  return tools;
}
