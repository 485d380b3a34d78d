/** Parts of the application that are fetched only when they are wanted. */

/**
 * The page names their addresses, which carry a hash, in `<script id="parts">`; without it a part lies beside the
 * module that asks.
 * @param {'stream'|'slides'|'menus'|'spoken'|'suggest'} name
 * @returns {Promise<any>} the module
 * @throws {TypeError} when it cannot be fetched
 */
export const part = (name) => import(pageParts()[name] ?? new URL(`./${name}.js`, import.meta.url).href);

/** @returns {Record<string, string>} what the page says of parts: addresses, and the words that they need */
export function pageParts() {
  return JSON.parse(document.getElementById('parts')?.textContent ?? '{}');
}
