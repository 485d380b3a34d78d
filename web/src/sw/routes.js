/** Which requests the service worker answers, and how. Pure. */

/** Package pages that take longer than this come from the phone (milliseconds). */
export const PATIENCE = 6_000;

/**
 * @param {{method: string, mode: string, cache: string, url: URL, origin: string}} request
 * @returns {'leave'|'object'|'static'|'package-page'|'kept-page'|'page'}
 */
export function routeOf({ method, mode, cache, url, origin }) {
  if (method !== 'GET' || url.origin !== origin) return 'leave';
  // The downloader asks with no-store and means the source, never this phone.
  if (objectOf(url) && (mode === 'navigate' || cache !== 'no-store')) return 'object';
  if (mode === 'navigate') {
    if (/^\/(admin|django-admin|documents|hls|pkg|tuf|b)\//.test(url.pathname)) return 'leave';
    if (isKept(url.pathname) && !url.search) return 'kept-page';
    // A place in a lesson (`?t=`) is the lesson's page; what was asked for in other ways may be another page.
    if (/^\/(bo\/)?courses\//.test(url.pathname)) return 'kept-page';
    return /^\/(bo\/)?packages\//.test(url.pathname) ? 'package-page' : 'page';
  }
  return url.pathname.startsWith('/static/') ? 'static' : 'leave';
}

/** Pages that are kept as they were seen last: 今天, 我的, and what there is to read. @param {string} pathname */
export const isKept = (pathname) => isPersonal(pathname) || /^\/(bo\/)?(courses|sites|teachers)\/([^?]*\/)?$/.test(pathname);

/**
 * Which kept pages have to go, so that few and small ones stay: the oldest first, never a person's own two.
 * @param {{path: string, kept: string, bytes: number}[]} pages `kept` in ISO 8601
 * @param {{most?: number, bytes?: number}} [limits] how many, and how large all together
 * @returns {string[]} paths
 */
export function surplus(pages, { most = 60, bytes = 3_000_000 } = {}) {
  const newestFirst = pages.filter(({ path }) => !isPersonal(path)).sort((a, b) => b.kept.localeCompare(a.kept));
  let sum = 0;
  return newestFirst.filter((page, place) => {
    sum += page.bytes;
    return place >= most || sum > bytes;
  }).map(({ path }) => path);
}

/** 今天 greets whoever is signed in with the lesson begun last, 我的 is a person's: neither is for the next one. */
export const isPersonal = (/** @type {string} */ pathname) => /^\/(bo\/)?(me\/)?$/.test(pathname);

/** After these a page may be another person's. @param {string} pathname */
export const changesPerson = (pathname) => /^\/(bo\/)?(login|logout|join|password)\//.test(pathname);

/**
 * @param {URL} url
 * @returns {string|null} hash of the object that an address names
 */
export function objectOf(url) {
  const match = /^\/b\/([0-9a-f]{2})\/([0-9a-f]{64})$/.exec(url.pathname);
  return match && match[2].startsWith(match[1]) ? match[2] : null;
}

/**
 * @param {string} pathname
 * @returns {string} the shell in the language of that page
 */
export const shellFor = (pathname) => (pathname.startsWith('/bo/') ? '/bo/packages/shell/' : '/packages/shell/');

/** A file whose name carries a hash never changes. @param {string} pathname */
export const isHashed = (pathname) => /\.[0-9a-f]{8,}\.[a-z0-9]+$/.test(pathname);

/**
 * What a shell page needs: every static address in its attributes and in its JSON.
 * @param {string} html
 * @returns {string[]}
 */
export function assetsOf(html) {
  const found = new Set();
  for (const [, address] of html.matchAll(/["'](\/static\/[^"'\s<>]+)["']/g)) found.add(address.replace(/&amp;/g, '&'));
  return [...found];
}
