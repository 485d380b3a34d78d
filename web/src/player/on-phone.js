/** What of a lesson lies on this phone already, brought by a package: a page of the site then plays that. */
import { Device } from './ability.js';

/** @param {string|null|undefined} url @returns {string|null} the hash of the object that an address names */
const hashOf = (url) => /\/b\/[0-9a-f]{2}\/([0-9a-f]{64})(?:\?|$)/.exec(url ?? '')?.[1] ?? null;

/**
 * The lesson as it can be played without taking a byte. Pure.
 * @param {any} data what the page brought
 * @param {(hash: string) => boolean} has
 * @param {boolean} away whether there is nothing but this phone; else only a lesson that is whole is taken from it
 * @returns {any} null where the network has more to offer
 */
export function onlyHeld(data, has, away) {
  const isHeld = (source) => [source.url, ...(source.index_url ? [source.index_url] : [])].every((url) => has(hashOf(url) ?? ''));
  const audio = data.audio.map((track) => ({ ...track, sources: track.sources.filter(isHeld) })).filter(({ sources }) => sources.length);
  const video = data.video.filter(isHeld);
  const deck = data.deck && isHeld(data.deck) ? data.deck : null;
  const isWhole = audio.length === data.audio.length && (video.length || !data.video.length) && (deck || !data.deck);
  if (!audio.length || !(away || isWhole)) return null;
  return { ...data, here: true, audio, video, deck, muxed: away ? null : data.muxed };
}

/** @param {string[]} hashes @returns {Promise<Set<string>>} those that are whole on this phone (offline/objects.js) */
async function held(hashes) {
  const found = new Set();
  const root = await navigator.storage.getDirectory();
  const objects = await root.getDirectoryHandle('objects');
  await Promise.all(hashes.map(async (hash) => {
    const shelf = await objects.getDirectoryHandle(hash.slice(0, 2)).catch(() => null);
    if (await shelf?.getFileHandle(hash).catch(() => null)) found.add(hash);
  }));
  return found;
}

/** Lets a player that has not begun take what is here. @param {import('./lesson-player.js').LessonPlayer} player */
export async function preferHeld(player) {
  // Without the service worker nothing answers from the phone.
  if (player.data.here || !navigator.serviceWorker?.controller) return;
  try {
    const { audio, video, deck } = player.data;
    const sources = [...audio.flatMap((track) => track.sources), ...video, ...(deck ? [deck] : [])];
    const hashes = sources.flatMap(({ url, index_url: index }) => [hashOf(url), hashOf(index)]).filter(Boolean);
    const here = await held(hashes);
    const away = navigator.onLine === false || Boolean(document.documentElement.dataset.kept);
    const data = onlyHeld(player.data, (hash) => here.has(hash), away);
    if (!data || player.mode !== undefined) return;
    const { language } = player.sound ?? {};
    Object.assign(player, { data, device: new Device(data.video, player.duration) });
    player.sound = data.audio.find((track) => track.language === language) ?? data.audio[0];
    player.device.asked.then(() => player.showCosts());
  } catch (error) {
    console.info('no package on this phone', error);
  }
}
