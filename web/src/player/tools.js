/** The tools below the controls: which there are for a lesson, and what each offers. */
import { OFF } from './caption-track.js';
import { clock } from './strings.js';
import { h, ICONS } from './view.js';

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

function speedTool(player) {
  return {
    name: 'speed',
    icon: ICONS.speed,
    label: player.t('速度 {n}×', { n: player.speed }),
    options: SPEEDS.map((value) => ({ value, label: `${value}×` })),
    current: player.speed,
    pick: (value) => player.pickSpeed(value),
  };
}

function languageTool(player) {
  return {
    name: 'language',
    icon: ICONS.language,
    label: player.t('语言'),
    options: player.data.audio.map((track) => ({ value: track.language, label: player.soundLabel(track) })),
    current: player.sound.language,
    pick: (value) => player.pickSound(value),
  };
}

function captionTool(player) {
  const tracks = player.captions.list.map(({ language, label }) => ({ value: language, label }));
  return {
    name: 'captions',
    icon: ICONS.subtitle,
    label: player.t('字幕'),
    options: [{ value: OFF, label: player.t('不显示') }, ...tracks],
    current: player.captions.language,
    pick: (value) => player.pickCaptions(value),
  };
}

function qualityTool(player) {
  const rungs = player.data.video.map((item) => ({ value: item.name, label: `${item.height}p` }));
  return {
    name: 'quality',
    icon: ICONS.quality,
    label: player.t('清晰度'),
    options: [{ value: null, label: player.t('自动，看网速') }, ...rungs],
    current: player.deck.pinned ?? null,
    pick: (value) => player.pickQuality(value),
  };
}

/** The spoken words as a list: each line leads to its second. */
function transcriptTool(player) {
  return {
    name: 'transcript',
    icon: ICONS.transcript,
    label: player.t('文字稿'),
    fill: async (panel) => {
      panel.replaceChildren(h('p', {}, player.t('正在取文字稿…')));
      if (player.captions.language === OFF) player.captions.pick(player.captions.list[0].language);
      await player.captions.load();
      const lines = player.captions.cues.map((cue) =>
        h('li', {}, h('button', { type: 'button', onclick: () => player.seek(cue.from) }, h('b', {}, clock(cue.from)), ' ', cue.text)),
      );
      panel.replaceChildren(
        lines.length ? h('ol', { class: 'player__transcript' }, ...lines) : h('p', {}, player.t('文字稿取不到，请等网络好了再试。')),
      );
    },
  };
}

/** @param {import('./lesson-player.js').LessonPlayer} player with a deck */
export function toolsOf(player) {
  const { data, mode, t } = player;
  const tools = [speedTool(player)];
  if (data.audio.length > 1) tools.push(languageTool(player));
  if (player.captions.list.length) tools.push(captionTool(player), transcriptTool(player));
  if (mode === 'video' && player.deck?.pin && data.video.length > 1) tools.push(qualityTool(player));
  if (mode === 'video') {
    tools.push({ name: 'fullscreen', icon: ICONS.fullscreen, label: t('全屏'), run: () => player.fullscreen() });
    if (player.sound) {
      tools.push({ name: 'mode', icon: ICONS.audio, label: t('只听声音'), run: () => player.begin('audio', player.deck.position) });
    }
  } else if (data.video.length || data.muxed) {
    tools.push({ name: 'mode', icon: ICONS.video, label: t('看画面'), run: () => player.begin('video', player.deck.position) });
  }
  return tools;
}
