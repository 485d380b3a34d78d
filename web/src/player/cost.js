/** What a lesson or a package costs, in bytes and in minutes. Pure but for `presentSpeed`. */
import { plannedRung } from './rungs.js';

/**
 * The bytes of the whole lesson in each way of taking it.
 *
 * @param {{deck?: {length: number}|null, muxed?: {length: number}|null}} data
 * @param {number} sound bytes of the sound that would be played
 * @param {{name: string, length: number}[]} ladder the pictures to choose from, from small to large
 * @param {{duration: number, throughput: number|null, saving?: boolean}} now
 * @returns {{sound: number, slides: number, picture: number}} `picture`: at the rung that would be chosen now, or the
 *   muxed file where that is the only one
 */
export function costs({ deck, muxed }, sound, ladder, { duration, ...now }) {
  const rate = (bytes) => (duration ? (bytes * 8) / duration : 0);
  const rungs = ladder.map((item) => ({ ...item, rate: rate(item.length) }));
  const rung = plannedRung(rungs, { ...now, soundRate: rate(sound) });
  const picture = rung ? rungs.find(({ name }) => name === rung).length + sound : muxed?.length ?? 0;
  return { sound, slides: deck ? deck.length + sound : 0, picture };
}

/**
 * @param {number} bytes
 * @param {number} bitsPerSecond
 * @returns {number} whole minutes, at least 1
 */
export const minutesFor = (bytes, bitsPerSecond) => Math.max(1, Math.ceil((bytes * 8) / bitsPerSecond / 60));

/** @returns {number|undefined} bits a second as the browser estimates them; coarse, and unknown in many browsers */
export function presentSpeed() {
  const downlink = /** @type {any} */ (navigator).connection?.downlink;
  return downlink > 0 ? downlink * 1_000_000 : undefined;
}

/** Did the person ask the browser to spend few bytes? */
export const isSaving = () => Boolean(/** @type {any} */ (navigator).connection?.saveData);
