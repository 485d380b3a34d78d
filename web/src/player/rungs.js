/** Which picture to fetch (ABR), as a value. Pure; all rates in bit/s. The rule above all: never stall for quality. */

/** A larger picture may use this share of the measured throughput, sound included. */
const SHARE_UP = 0.65;
/** The picture that is running may use this share before a smaller one is taken. */
const SHARE_KEEP = 0.85;
/** Seconds ahead without which nobody climbs. */
const RESERVE_UP = 15;
/** Seconds ahead below which the smallest picture is taken if the present one does not fit well. */
const RESERVE_LOW = 6;

/**
 * @param {{name: string, rate: number, smooth: boolean}[]} rungs from small to large; `smooth` as the device says
 * @param {{soundRate: number, throughput: number|null, ahead: number, current: string|null, pinned: string|null}} now
 * @returns {string} the name of the rung to fetch the next segment from
 */
export function chooseRung(rungs, { soundRate, throughput, ahead, current, pinned }) {
  if (pinned && rungs.some((rung) => rung.name === pinned)) return pinned;
  const able = rungs.filter((rung, place) => rung.smooth || place === 0);
  const running = able.find((rung) => rung.name === current);
  if (!running || throughput === null) return (running ?? able[0]).name;
  const fitting = (share) => able.filter((rung) => rung.rate <= share * throughput - soundRate).pop() ?? able[0];
  const better = fitting(SHARE_UP);
  if (better.rate > running.rate) return ahead >= RESERVE_UP ? better.name : running.name;
  if (ahead < RESERVE_LOW) return better.name;
  return running.rate <= SHARE_KEEP * throughput - soundRate ? running.name : fitting(SHARE_KEEP).name;
}

/** Throughput over the last requests: the slower of a quick and a steady mean, so that a good moment is not trusted. */
export class Throughput {
  constructor() {
    this.quick = null;
    this.steady = null;
  }

  /** `bytes` came in `milliseconds`; tiny answers measure the round trip and are left out. */
  add(bytes, milliseconds) {
    if (bytes < 4096 || milliseconds <= 0) return;
    const rate = (bytes * 8000) / milliseconds;
    const mix = (mean, share) => (mean === null ? rate : mean + share * (rate - mean));
    this.quick = mix(this.quick, 0.5);
    this.steady = mix(this.steady, 0.15);
  }

  get value() {
    return this.quick === null ? null : Math.min(this.quick, this.steady);
  }
}
