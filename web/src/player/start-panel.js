/** What stands before a lesson begins: in which language, from where, and one button a way with its cost. */
import { languageRow } from './language-row.js';
import { clock, megabytes } from './strings.js';
import { h, ICONS } from './view.js';
import { priceWords, waitWords } from './wait.js';

/** Sound before slides before picture; only what the lesson has, each with what the whole lesson takes. */
function buttons(player) {
  const { t, data, costs } = player;
  const minutes = data.duration_s ? clock(data.duration_s) : t('{n} 分钟', { n: data.minutes });
  const way = (mode, icon, label, bytes, primary = false) => ({
    icon, label, bytes, primary, cost: `${minutes} · ${priceWords(player, megabytes(bytes))}`,
    run: () => player.begin(mode, player.at),
  });
  return [
    player.sound && way('audio', ICONS.audio, t('听声音'), costs.sound, true),
    player.sound && data.deck && way('slides', ICONS.slides, t('看幻灯片'), costs.slides),
    costs.picture && way('video', ICONS.video, t('看画面'), costs.picture, !player.sound),
  ].filter(Boolean);
}

/** How long each way takes to come at the present speed, where somebody knows one. */
function showTimes(player) {
  const speed = player.throughput;
  player.view.showTimes((bytes) => !player.data.here && speed && waitWords(player.t, bytes, speed));
}

function languageChoice(player) {
  if (player.data.audio.length < 2) return '';
  const rows = player.data.audio.map((track) => {
    const pick = () => player.pickSound(track.language);
    const radio = { type: 'radio', name: 'player-start-language', checked: track === player.sound, onchange: pick };
    return languageRow(track, h('input', radio), player.t);
  });
  return h('fieldset', { class: 'player__languages' }, h('legend', {}, player.t('用哪种语言听')), ...rows);
}

function resumeNote(player) {
  if (!(player.at > 5)) return '';
  const restart = () => {
    player.at = 0;
    showStart(player);
  };
  const fromStart = h('button', { type: 'button', class: 'button button--quiet', onclick: restart }, player.t('从头开始'));
  return h('p', { class: 'player__resume' }, player.t('从 {time} 接着放', { time: clock(player.at) }), fromStart);
}

/** @param {import('./lesson-player.js').LessonPlayer} player */
export function showStart(player) {
  const { start } = player.view;
  const places = () => [...start.querySelectorAll('button:not(.listen), input')];
  const place = places().indexOf(document.activeElement);
  player.view.showStart(buttons(player), [languageChoice(player), resumeNote(player)]);
  showTimes(player);
  if (place >= 0) (places()[place] ?? places()[0])?.focus();
}
