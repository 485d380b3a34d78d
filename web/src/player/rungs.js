/** Which picture to fetch (ABR), as a value. Pure; all rates in bit/s. The rule above all: never stall for quality. */

/** A larger picture may use this share of the measured throughput, sound included. */
const SHARE_UP = 0.65;
/** The picture that is running may use this share before a smaller one is taken. */
const SHARE_KEEP = 0.85;
/** Seconds ahead without which nobody climbs. */
const RESERVE_UP = 15;
/** Seconds ahead below which the smallest picture is taken if the present one does not fit well. */
const RESERVE_LOW = 6;
/** Two pictures of one rank whose bytes differ by less than this share cost the same: the battery decides. */
const ALIKE = 0.05;

/** How good each rung of the ladder looks: a codec that needs fewer bytes looks no worse for it (media.md §3). */
const RANKS = { 'h264-240': 240, 'h264-360': 360, 'av1-360': 360, 'av1-480': 480 };

/** @typedef {{name: string, mime: string, height: number, length: number}} Item one silent picture; `length` in bytes */
/** @typedef {{smooth: boolean, efficient: boolean}|null} Ability what the device says of a picture; null: cannot */

export const rankOf = ({ name, height }) => RANKS[name] ?? height ?? 0;

/** "av01" of 'video/mp4; codecs="av01.0.01M.08"'. */
export const codecOf = (mime) => /codecs="?([^".,]+)/.exec(mime)?.[1] ?? '';

/**
 * The pictures worth choosing from on this device, from small to large: each further one looks better and takes more
 * bytes. What stumbles is left out, unless everything does; what another one beats in looks at no more bytes, too.
 *
 * @param {Item[]} items
 * @param {(item: Item) => Ability} abilityOf
 * @param {{mixed?: boolean}} can `mixed`: this browser changes the codec in mid-stream; without it all are of one codec
 * @returns {Item[]}
 */
export function ladderOf(items, abilityOf, { mixed = true } = {}) {
  const able = items.filter(abilityOf);
  const smooth = able.filter((item) => abilityOf(item).smooth);
  const usable = smooth.length ? smooth : able.sort((a, b) => rankOf(a) - rankOf(b)).slice(0, 1);
  const better = (a, b) => {
    const [ahead, alike] = [rankOf(a) - rankOf(b), Math.abs(a.length - b.length) <= ALIKE * b.length];
    if (ahead === 0 && alike && abilityOf(a).efficient !== abilityOf(b).efficient) return abilityOf(a).efficient;
    if (ahead === 0 && a.length === b.length) return usable.indexOf(a) < usable.indexOf(b);
    return ahead >= 0 && a.length <= b.length;
  };
  const ladder = usable
    .filter((item) => !usable.some((other) => other !== item && better(other, item)))
    .sort((a, b) => a.length - b.length);
  if (mixed || !ladder.length) return ladder;
  const codec = codecOf(ladder[0].mime);
  return ladderOf(items.filter((item) => codecOf(item.mime) === codec), abilityOf);
}

/** A picture that looks better may take this much more than the smallest one and still be begun with. */
const BEGIN = 1.25;

/**
 * What a lesson begins with while nobody knows the line: the best-looking picture of those that cost hardly more than
 * the smallest. So a slide lecture is in the better codec from its first frame, and need not change it on the way.
 * @template {{rate: number}} R
 * @param {R[]} ladder from small to large
 * @returns {R|undefined}
 */
const beginning = (ladder) => ladder.filter((rung) => rung.rate <= BEGIN * ladder[0].rate).pop();

/** The largest of `ladder` that leaves the sound its room in a share of the throughput; the smallest where none does. */
const fitting = (ladder, { throughput, soundRate }, share) =>
  ladder.filter((rung) => rung.rate <= share * throughput - soundRate).pop() ?? ladder[0];

/**
 * @param {{name: string, rate: number}[]} ladder from small to large
 * @param {{soundRate: number, throughput: number|null, ahead: number, current: string|null, pinned: string|null,
 *   speed?: number, saving?: boolean}} now `speed`: a lesson at double speed needs twice the bits a second;
 *   `saving`: the person asked the browser for few bytes
 * @returns {string} the name of the rung to fetch the next segment from
 */
export function chooseRung(ladder, { speed = 1, saving = false, ...now }) {
  const rungs = ladder.map((rung) => ({ ...rung, rate: rung.rate * speed }));
  const link = { throughput: now.throughput, soundRate: now.soundRate * speed };
  if (now.pinned && rungs.some((rung) => rung.name === now.pinned)) return now.pinned;
  const running = rungs.find((rung) => rung.name === now.current);
  if (!running) return (saving ? rungs[0] : /** @type {typeof rungs[0]} */ (beginning(rungs))).name;
  if (saving || now.throughput === null) return (saving ? rungs[0] : running).name;
  const better = fitting(rungs, link, SHARE_UP);
  if (better.rate > running.rate) return now.ahead >= RESERVE_UP ? better.name : running.name;
  if (now.ahead < RESERVE_LOW) return better.name;
  return running.rate <= SHARE_KEEP * link.throughput - link.soundRate ? running.name : fitting(rungs, link, SHARE_KEEP).name;
}

/**
 * The rung that a lesson begun now would run at: what its cost is told for.
 * @param {{name: string, rate: number}[]} ladder from small to large
 * @param {{soundRate: number, throughput: number|null, saving?: boolean}} now
 * @returns {string|undefined}
 */
export function plannedRung(ladder, { soundRate, throughput, saving = false }) {
  if (!throughput || saving) return (saving ? ladder[0] : beginning(ladder))?.name;
  return fitting(ladder, { throughput, soundRate }, SHARE_UP)?.name;
}

/** Frames after which dropped ones are counted, and the share of them that nobody should have to watch. */
const FRAMES = 200;
const DROPPED = 0.5;

/** Does the device drop so many frames that another codec is better? @param {{total: number, dropped: number}} since */
export const stumbles = ({ total, dropped }) => total >= FRAMES && dropped > DROPPED * total;

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
