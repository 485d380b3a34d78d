/** What to fetch next and when to play: decisions as values. Pure; all times in seconds, all rates in bit/s. */

/** Seconds to hold ahead of the position. More would be paid for by those who stop early. */
export const GOAL = 60;
/** Seconds that must lie ahead before playing starts or goes on. */
export const START = 4;
/** Seconds of sound that go before the picture. */
const SOUND_LEAD = 5;
/** From this reserve on several segments are fetched by one request: fewer round trips on a slow link. */
const COMFORT = 12;
const LONG_RUN = 15;
/** Nobody waits longer than this many seconds of recording before a start. */
const LONGEST_RESERVE = 30;

/**
 * @param {{kind: string, ahead: number, finished: boolean}[]} tracks sound first
 * @returns {{kind: string, run: number}|null} the track to fetch for and how many seconds; null: enough is there
 */
export function nextFetch(tracks, goal = GOAL) {
  const wanting = tracks.filter((track) => !track.finished && track.ahead < goal);
  if (!wanting.length) return null;
  const need = (track) => track.ahead - (track.kind === 'audio' ? SOUND_LEAD : 0);
  const first = wanting.reduce((best, track) => (need(track) < need(best) ? track : best));
  return { kind: first.kind, run: first.ahead >= COMFORT ? LONG_RUN : 0 };
}

/**
 * May playing start (or go on after a stop)? On a link slower than the recording a reserve is gathered that
 * lasts as long as possible, at most `LONGEST_RESERVE`.
 */
export function mayPlay({ ahead, remaining, rate, throughput }) {
  if (remaining <= 0 || ahead >= remaining - 0.25) return true;
  const shortfall = throughput && rate ? Math.max(0, 1 - throughput / (1.1 * rate)) : 0;
  return ahead >= Math.min(LONGEST_RESERVE, START + remaining * shortfall);
}

/**
 * The buffered piece around a position, of [from, to] pieces; a gap of a few frames at its edge is overlooked.
 * @returns {number} the second up to which playing can go on; the position itself when nothing is there
 */
export function bufferedEnd(pieces, position, tolerance = 0.3) {
  let end = position;
  for (const [from, to] of pieces) {
    if (from - tolerance <= end && to > end) end = to;
  }
  return end;
}
