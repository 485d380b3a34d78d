/** What a lesson costs to hear and to see, in bytes. Pure. */
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
