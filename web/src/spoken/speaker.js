/** The device's own voice: one text at a time, and never against a lesson that is playing. */
import { phrases, voiceFor } from './voices.js';

export class Speaker {
  /** @param {SpeechSynthesis} synthesis @param {import('./voices.js').Spoken} page */
  constructor(synthesis, page) {
    this.synthesis = synthesis;
    this.page = page;
    /** @type {(() => void)|null} what ends with the text that is being read */
    this.ended = null;
    /** @type {Element|null} */ this.element = null;
  }

  /** Waits for a voice of any of our languages, as long as it takes: devices name their voices late, or have none. */
  async ready() {
    const any = () => this.voice('zh') || this.voice('bo');
    while (!any()) await new Promise((named) => this.synthesis.addEventListener('voiceschanged', named, { once: true }));
  }

  /** @param {import('./voices.js').Spoken} language */
  voice(language) {
    return voiceFor(this.synthesis.getVoices(), language);
  }

  /** @param {string[]} texts @returns {boolean} whether every word of it can be read */
  can(texts) {
    const all = phrases(texts, this.page);
    return all.length > 0 && all.every(({ language }) => this.voice(language));
  }

  /**
   * Reads; what was being read stops.
   * @param {string[]} texts
   * @param {Element} element where they stand: when it goes, the voice falls silent
   * @param {() => void} ended called once, when it is over for whatever reason
   */
  say(texts, element, ended) {
    this.stop();
    this.ended = ended;
    this.element = element;
    const all = phrases(texts, this.page);
    all.forEach(({ language, text }, place) => {
      const speech = new SpeechSynthesisUtterance(text);
      speech.voice = this.voice(language);
      speech.lang = speech.voice.lang;
      const over = () => this.ended === ended && this.stop();
      if (place === all.length - 1) speech.addEventListener('end', over);
      speech.addEventListener('error', over);
      this.synthesis.speak(speech);
    });
  }

  /** For whom the page has moved on: nothing more to be read of what is gone. */
  stopIfGone() {
    if (this.element?.isConnected === false) this.stop();
  }

  stop() {
    const { ended } = this;
    this.ended = null;
    this.element = null;
    this.synthesis.cancel();
    ended?.();
  }
}
