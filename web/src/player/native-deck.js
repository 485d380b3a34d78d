/**
 * Plays HLS by the browser's own means, where it has them and no Media Source Extensions: an iPhone's, for one. The
 * browser measures the network and picks the rung itself.
 */
import { FileDeck } from './file-deck.js';

const PLAYLIST = 'application/vnd.apple.mpegurl';

/** @param {HTMLMediaElement} media */
export const playsPlaylists = (media) => typeof MediaSource !== 'function' && media.canPlayType(PLAYLIST) !== '';

export class NativeDeck extends FileDeck {
  /** @param {HTMLMediaElement} media @param {{url: string, language?: string, startAt: number}} lesson */
  constructor(media, { url, language, startAt }, hooks) {
    super(media, { sources: [{ url, mime: PLAYLIST }], startAt }, hooks);
    this.language = language;
  }

  place() {
    this.pickLanguage(this.language);
    super.place();
  }

  /** What the browser can't make of the playlist won't change by asking again: the muxed file is the way out. */
  async again() {
    if (this.media.error?.code >= MediaError.MEDIA_ERR_DECODE) return this.fail('decode', this.position);
    return super.again();
  }

  /** @returns {boolean} whether the browser lets a page choose among the sounds, and has this one */
  pickLanguage(language) {
    const tracks = [...(this.media.audioTracks ?? [])];
    if (!tracks.some((track) => track.language === language)) return false;
    for (const track of tracks) track.enabled = track.language === language;
    this.language = language;
    return true;
  }
}
