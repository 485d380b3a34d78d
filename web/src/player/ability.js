/** What this device can show, as it says itself; asked once a picture. */
import { ladderOf } from './rungs.js';

/** Frames a second that are asked about: no rung has more (media_pipeline.presets). */
const FRAMERATE = 30;

/** Can this browser put separate sound and picture together at all? */
export const isStreamable = ({ mime }) => typeof MediaSource === 'function' && MediaSource.isTypeSupported(mime);

/** May one SourceBuffer go from one codec to another? */
export const mayMixCodecs = () => typeof SourceBuffer === 'function' && 'changeType' in SourceBuffer.prototype;

/** @returns {Promise<import('./rungs.js').Ability>} silence counts as smooth */
async function ability(item, duration) {
  if (!isStreamable(item)) return null;
  const height = item.height || 360;
  const video = {
    contentType: item.mime,
    width: Math.round((height * 16) / 9),
    height,
    bitrate: Math.max(1, Math.round((item.length * 8) / (duration || 600))),
    framerate: FRAMERATE,
  };
  try {
    const answer = await navigator.mediaCapabilities.decodingInfo({ type: 'media-source', video });
    return answer.supported ? { smooth: answer.smooth, efficient: answer.powerEfficient } : null;
  } catch {
    return { smooth: true, efficient: true };
  }
}

export class Device {
  /** @param {import('./rungs.js').Item[]} items @param {number} duration seconds */
  constructor(items, duration) {
    this.items = items;
    this.refused = new Set();
    // Until the device has answered, what it can decode counts as smooth.
    this.known = new Map(items.map((item) => [item.name, isStreamable(item) ? { smooth: true, efficient: true } : null]));
    this.asked = Promise.all(items.map(async (item) => this.known.set(item.name, await ability(item, duration))));
  }

  /** Pictures of a codec that failed on this device are not offered again. */
  refuse(codec) {
    this.refused.add(codec);
  }

  /** @returns {import('./rungs.js').Item[]} what may be shown at all */
  get playable() {
    return this.items.filter((item) => this.able(item));
  }

  able(item) {
    const codec = [...this.refused].find((refused) => item.mime.includes(refused));
    return codec ? null : this.known.get(item.name);
  }

  get ladder() {
    return ladderOf(this.items, (item) => this.able(item), { mixed: mayMixCodecs() });
  }
}
