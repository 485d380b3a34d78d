/** WebVTT to cues, and the cues of a moment. Pure. Markup inside of cues is dropped: captions are plain large text. */

const TIME = /(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:[.,]\d{1,3})?)/;
const TIMING = new RegExp(`^\\s*${TIME.source}\\s*-->\\s*${TIME.source}`);
const ENTITIES = { amp: '&', lt: '<', gt: '>', nbsp: '\u00a0', lrm: '', rlm: '' };

const toSeconds = (hours, minutes, seconds) => (+hours || 0) * 3600 + +minutes * 60 + +seconds.replace(',', '.');

const plain = (text) =>
  text.replace(/<[^>]*>/g, '').replace(/&(\w+);/g, (whole, name) => ENTITIES[name] ?? whole);

/** @returns {{from: number, to: number, text: string}[]} in order of their start; unreadable blocks are left out */
export function readCues(vtt) {
  const cues = [];
  for (const block of String(vtt).replace(/^\ufeff/, '').replace(/\r\n?/g, '\n').split(/\n{2,}/)) {
    const lines = block.split('\n');
    const place = lines.findIndex((line) => TIMING.test(line));
    if (place < 0) continue;
    const [, h1, m1, s1, h2, m2, s2] = TIMING.exec(lines[place]);
    const text = plain(lines.slice(place + 1).join('\n')).trim();
    const [from, to] = [toSeconds(h1, m1, s1), toSeconds(h2, m2, s2)];
    if (text && to > from) cues.push({ from, to, text });
  }
  return cues.sort((a, b) => a.from - b.from);
}

/** The text to show at a second; several cues at once are set below each other. */
export function textAt(cues, second) {
  return cues
    .filter((cue) => cue.from <= second && second < cue.to)
    .map((cue) => cue.text)
    .join('\n');
}
