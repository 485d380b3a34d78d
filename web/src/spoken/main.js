/**
 * Reads aloud, with the device's own voice, what the page marks with `data-spoken`: for people who do not read.
 * A part of its own (`web/dist/spoken.js`), asked for by `site.js` where the browser can speak at all. Where the device
 * has no voice for a text's language there is no button.
 */
import { pageParts } from '../parts.js';
import { addButton } from './buttons.js';
import { Speaker } from './speaker.js';

/** Follows the page: what comes later (a question, a download's state) is given its button too. */
export async function start() {
  const speaker = new Speaker(speechSynthesis, document.documentElement.lang === 'bo' ? 'bo' : 'zh');
  await speaker.ready();
  const word = pageParts().listen ?? '听';
  const add = (element) => addButton(element, speaker, word);
  const addIn = (place) => {
    if (place.matches('[data-spoken]')) add(place);
    place.querySelectorAll('[data-spoken]').forEach(add);
  };
  addIn(document.body);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node instanceof Element) addIn(node);
    speaker.stopIfGone();
  }).observe(document.body, { childList: true, subtree: true });
  addEventListener('pagehide', () => speaker.stop());
  document.addEventListener('play', () => speaker.stop(), true);
}
