/** Which key does what. Pure: the table is the help, the map and the test. */

/** What people are told: keys as they stand on the keyboard, and the words. */
export const KEYS = [
  [['K', '␣'], '播放或暂停'],
  [['J', '←'], '后退 10 秒'],
  [['L', '→'], '前进 10 秒'],
  [['0', '…', '9'], '跳到这一课的几成'],
  [['<', '>'], '放慢、放快'],
  [['↑', '↓'], '音量'],
  [['M'], '静音'],
  [['C'], '字幕开关'],
  [['P', 'N'], '上一张、下一张幻灯片'],
  [['F'], '全屏'],
  [['Esc'], '关上菜单'],
  [['?'], '这张表'],
];

const ACTIONS = {
  k: ['toggle'], ' ': ['toggle'],
  j: ['step', -10], ArrowLeft: ['step', -10],
  l: ['step', 10], ArrowRight: ['step', 10],
  '<': ['speed', -1], '>': ['speed', 1],
  ArrowUp: ['volume', 0.1], ArrowDown: ['volume', -0.1],
  m: ['mute'], c: ['captions'], f: ['fullscreen'],
  p: ['slide', -1], n: ['slide', 1],
  Escape: ['close'], '?': ['help'],
};
/** Keys that a slider or a choice uses itself. */
const OF_INPUTS = new Set([' ', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']);

/**
 * @param {string} key as `KeyboardEvent.key`
 * @param {'INPUT'|'BUTTON'|string} target tag of the element that has the focus
 * @param {{menu: boolean}} where `menu`: the focus is in an open menu, whose lists scroll by arrows
 * @returns {[string, number?]|null} the action and its amount; null: the key is not ours
 */
export function actionOf(key, target, { menu = false } = {}) {
  if (target === 'INPUT' && OF_INPUTS.has(key)) return null;
  if (target === 'BUTTON' && key === ' ') return null;
  if (menu && (key === 'ArrowUp' || key === 'ArrowDown')) return null;
  if (/^[0-9]$/.test(key)) return ['tenth', Number(key)];
  return ACTIONS[key.length === 1 ? key.toLowerCase() : key] ?? null;
}

/** The next speed of a list in a direction; the ends stay. */
export function nextSpeed(speeds, current, direction) {
  const near = speeds.reduce((best, value) => (Math.abs(value - current) < Math.abs(best - current) ? value : best));
  return speeds[Math.max(0, Math.min(speeds.length - 1, speeds.indexOf(near) + direction))];
}
