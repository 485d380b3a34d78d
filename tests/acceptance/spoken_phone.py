"""A phone's voices: no browser on this kind of machine has any, so the tests lend it some and note what is read."""

from __future__ import annotations

import json

from playwright.sync_api import Page

SCRIPT = """(() => {
  const voices = %s.map((lang) => ({ lang, name: lang, localService: true }));
  window.said = [];
  window.SpeechSynthesisUtterance = class extends EventTarget {
    constructor(text) { super(); this.text = text; }
  };
  const device = Object.assign(new EventTarget(), {
    getVoices: () => voices,
    cancel: () => window.said.push(null),
    speak: (speech) => window.said.push([speech.lang, speech.text]),
  });
  Object.defineProperty(window, 'speechSynthesis', { value: device });
})();"""


def lend_voices(page: Page, *languages: str) -> None:
    """Give the page's device voices of its own for these languages, before any of our code runs."""
    page.add_init_script(SCRIPT % json.dumps(languages))


def heard(page: Page) -> list[list[str]]:
    """What was read so far: [language, text] each; silences are left out."""
    return [said for said in page.evaluate("said") if said]
