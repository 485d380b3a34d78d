/** What a lesson or a package costs, in bytes and in minutes. Pure but for `presentSpeed`. */
import { megabytes } from './strings.js';

/** The bytes of the sound, and the least and most of sound and picture together; `muxed` counts where it is alone. */
export function costs({ video, muxed }, sound) {
  const pictures = video.map((item) => item.length + sound);
  const least = pictures.length ? Math.min(...pictures) : muxed?.length ?? 0;
  return { sound, least, most: Math.max(least, ...pictures) };
}

/** "8–21 MB", or one number when there is only one. */
export function span(least, most) {
  const [from, to] = [megabytes(least), megabytes(most)];
  return from === to ? from : `${from.slice(0, -3)}–${to}`;
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
