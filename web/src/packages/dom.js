/** Making elements without a framework. Text is always text: nothing here reads HTML from data. */
import pictograms from 'pictogram:*';

/**
 * @param {string} tag with classes: `p.meta.lead`
 * @param {Record<string, any>|null} [attributes] a function is a listener; true, false and null as in HTML
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {any}
 */
export function h(tag, attributes, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * A pictogram of the house set, drawn from the same file as on the server.
 * @param {string} name what is not in the set becomes the question mark
 * @returns {Element}
 */
export function pictogram(name) {
  const source = Object.hasOwn(pictograms, name) ? pictograms[name] : pictograms.question;
  const template = document.createElement('template');
  template.innerHTML = source;
  return /** @type {Element} */ (template.content.firstElementChild);
}

/**
 * Pictogram and word of a state; the word is what a screen reader says.
 * @param {'here'|'coming'|'waiting'|'arrived'|'missing'|'away'} state
 * @param {string} text
 */
export function stateBadge(state, text) {
  const pictures = { here: 'on-phone', coming: 'on-its-way', waiting: 'waiting', arrived: 'arrived', missing: 'warning', away: 'online' };
  return h(`span.state.state--${state}`, null, pictogram(pictures[state]), h('span', null, text));
}

/**
 * What went wrong, in the page's language and, small below it, in English.
 * @param {(text: string, values?: Record<string, string | number>) => string} t
 * @param {import('./words.js').Words} words
 * @param {Record<string, string | number>} [values]
 * @param {string} [code] for whoever is asked for help
 * @returns {(Node|string)[]}
 */
export const twice = (t, [chinese, english], values, code = '') => [t(chinese, values),
  h('p.meta', { lang: 'en' }, t(english, values), code && ` (${code})`)];

/**
 * @param {'info'|'ok'|'warning'|'error'} level
 * @param {string} picture
 * @param {...(Node|string|null|false)} children
 */
export function notice(level, picture, ...children) {
  return h(`div.notice.notice--${level}`, { role: level === 'error' ? 'alert' : 'status' }, pictogram(picture), h('div', { 'data-spoken': true }, ...children));
}
