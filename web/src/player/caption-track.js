/** The chosen subtitles of a lesson: fetched when first shown, rendered by the page as large text. */
import { readCues, textAt } from './captions.js';
import { loadText } from './load-whole.js';

export const OFF = 'off';

const base = (code) => String(code).toLowerCase().split('-')[0];

export class Captions {
  /** @param {{language: string, label: string, url: string}[]} list @param {string} wish a language, or "off" */
  constructor(list, wish) {
    this.list = list;
    this.onChange = () => {};
    this.cues = [];
    const by = (test) => list.find((track) => test(track.language));
    const found = by((language) => language === wish) ?? by((language) => base(language) === base(wish));
    this.language = found ? found.language : OFF;
    this.loaded = null;
  }

  pick(code) {
    this.language = this.list.some((track) => track.language === code) ? code : OFF;
  }

  /** The cues of the chosen language; empty until they have come. */
  async load() {
    const track = this.list.find(({ language }) => language === this.language);
    if (!track || this.loaded === track.url) return;
    this.loaded = track.url;
    this.cues = [];
    try {
      const text = await loadText(track.url);
      if (this.loaded === track.url) this.cues = readCues(text);
    } catch {
      // Captions that cannot be had do not stop a lesson; choosing them again asks again.
      this.loaded = null;
    }
    this.onChange();
  }

  textAt(second) {
    if (this.language === OFF) return '';
    this.load();
    return textAt(this.cues, second);
  }
}
