/** The button 听 beside what is marked with `data-spoken`. */
import icon from 'pictogram:audio';

let count = 0;

/** What of an element is to be read: its texts, without what is not shown and without our own buttons. */
export function textsOf(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const { parentElement, data } = walker.currentNode;
    if (!parentElement.closest('[hidden], [aria-hidden="true"], [lang="en"], .visually-hidden, .listen')) texts.push(data);
  }
  return texts;
}

/** @param {Element} element @returns {string} its id; it gets one when it has none */
function idOf(element) {
  element.id ||= `spoken-${(count += 1)}`;
  return element.id;
}

/**
 * Puts the button beside an element that can be read, once. Its name is 听 and what it reads, as that is at the moment.
 * @param {HTMLElement} element @param {import('./speaker.js').Speaker} speaker @param {string} word 听
 */
export function addButton(element, speaker, word) {
  if (element.dataset.spoken === 'has' || !element.isConnected || !speaker.can(textsOf(element))) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'listen';
  button.innerHTML = icon;
  button.append(Object.assign(document.createElement('span'), { className: 'visually-hidden', textContent: word }));
  button.setAttribute('aria-labelledby', `${idOf(button)} ${idOf(element)}`);
  button.setAttribute('aria-pressed', 'false');
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-pressed') === 'true') return speaker.stop();
    speaker.say(textsOf(element), element, () => button.setAttribute('aria-pressed', 'false'));
    button.setAttribute('aria-pressed', 'true');
    return undefined;
  });
  place(element, button);
  element.dataset.spoken = 'has';
}

/** In a row of a list the button follows; elsewhere the two share a frame, and the focus stays where it was. */
function place(element, button) {
  if (element.parentElement.matches('.list__item, .spoken')) {
    element.after(button);
    return;
  }
  const focused = document.activeElement;
  const frame = document.createElement('div');
  frame.className = 'spoken';
  element.replaceWith(frame);
  frame.append(element, button);
  if (element.contains(focused)) focused.focus({ preventScroll: true });
}
