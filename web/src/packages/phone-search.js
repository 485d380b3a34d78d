/** 找 without a network: over the lessons of the packages on this phone and the pages that were kept. */
import { isPersonal } from '../sw/routes.js';

/**
 * @typedef {{title: string, text: string, url: string, kept: string, kind: 'lesson'|'page'}} Entry `kept`: of which time
 *   (ISO 8601); empty for what lies here as a package
 */

/** Letters and digits only, one form each: full width, case, spaces and signs make no difference. @param {string} text */
export const normalised = (text) => text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}\p{M}]+/gu, '');

/**
 * @param {Entry[]} entries
 * @param {string} query parts between spaces, all of them wanted
 * @returns {Entry[]} what has every part, by title first; everything for an empty query
 */
export function matching(entries, query) {
  const parts = query.split(/\s+/).map(normalised).filter(Boolean);
  const has = (/** @type {string} */ text) => parts.every((part) => text.includes(part));
  const rated = entries.map((entry) => {
    const title = normalised(entry.title);
    return { entry, rate: has(title) ? 0 : has(title + normalised(entry.text)) ? 1 : 2 };
  });
  return rated.filter(({ rate }) => rate < 2).sort((a, b) => a.rate - b.rate).map(({ entry }) => entry);
}

/**
 * @param {import('../offline/shelf.js').Material[]} rows lessons in their order
 * @param {{lesson: (id: string, material: string) => string}} to
 * @returns {Entry[]}
 */
export const lessonEntries = (rows, to) => rows.map((row) => ({
  title: row.lesson?.title ?? '', text: row.lesson?.summary ?? '', url: to.lesson(row.package_id, row.material), kept: '', kind: 'lesson',
}));

/**
 * Pages that the service worker kept, in the language of this page.
 * @param {string} prefix
 * @returns {Promise<Entry[]>} the newest first; nothing where the browser keeps none
 */
export async function pageEntries(prefix) {
  /** @type {Entry[]} */ const found = [];
  if (!globalThis.caches || !(await caches.has('gyxf-pages'))) return found;
  const cache = await caches.open('gyxf-pages');
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/static/') || isPersonal(pathname) || pathname.startsWith('/bo/') !== (prefix === '/bo')) continue;
    const copy = await cache.match(request);
    if (!copy) continue;
    const page = new DOMParser().parseFromString(await copy.text(), 'text/html');
    const main = page.querySelector('main');
    main?.querySelectorAll('script, [data-draft], [data-network-notice]').forEach((each) => each.remove());
    found.push({
      title: page.querySelector('h1')?.textContent?.trim() ?? pathname, text: main?.textContent ?? '', url: pathname,
      kept: copy.headers.get('x-kept-at') ?? '', kind: 'page',
    });
  }
  return found.sort((a, b) => b.kept.localeCompare(a.kept));
}
