/** What stands before a lesson begins: in which language, from where, and one button a way with its cost. */
import { costs, presentSpeed, span } from './cost.js';
import { languageRow } from './language-row.js';
import { clock, megabytes } from './strings.js';
import { h, ICONS } from './view.js';
import { priceWords, waitWords } from './wait.js';

/** Sound before picture; only what the lesson has. */
function buttons(player) {
  const { t, data } = player;
  const { sound, least, most } = costs(data, player.soundSource()?.length ?? 0);
  const minutes = data.duration_s ? clock(data.duration_s) : t('{n} 分钟', { n: data.minutes });
  const listen = {
    icon: ICONS.audio,
    label: t('听声音'),
    cost: `${minutes} · ${priceWords(player, megabytes(sound))}`,
    bytes: [sound, sound],
    primary: true,
    run: () => player.begin('audio', player.at),
  };
  const watch = {
    icon: ICONS.video,
    label: t('看画面'),
    cost: `${minutes} · ${priceWords(player, span(least, most))}`,
    bytes: [least, most],
    primary: !player.sound,
    run: () => player.begin('video', player.at),
  };
  return [...(player.sound ? [listen] : []), ...(data.video.length || data.muxed ? [watch] : [])];
}

/** How long each way takes to come at the present speed, where the browser knows one. */
export function showTimes(player) {
  const speed = presentSpeed();
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
  const focused = document.activeElement?.name === 'player-start-language';
  player.view.showStart(buttons(player), [languageChoice(player), resumeNote(player)]);
  showTimes(player);
  if (focused) player.view.start.querySelector('input:checked')?.focus();
}
