/**
 * 今天, 我的, outlines, lessons, sites and teachers as they were seen last, for the time without a network. A kept page says of which time it is; what
 * belongs to a person goes as soon as somebody signs in or out.
 */
import { assetsOf, isHashed, isPersonal, surplus } from './routes.js';

const CACHE = 'gyxf-pages';
/** When a copy was made (ISO 8601), among the headers of the copy. */
const KEPT = 'x-kept-at';

/** @type {Promise<void>} */
let last = Promise.resolve();

/** One change after the other: a sign-out must not be overtaken by a copy under way. @param {() => Promise<void>} change */
function inTurn(change) {
  last = last.then(change, change);
  return last;
}

/** @param {string} pathname @param {Response} response a whole page, not yet read */
export function keepPage(pathname, response) {
  const copy = response.clone();
  return inTurn(async () => {
    const html = await copy.text();
    // What is said once to one person is not part of the page.
    if (/<ul class="messages"/.test(html)) return;
    const cache = await caches.open(CACHE);
    for (const asset of assetsOf(html)) {
      if (!isHashed(asset) || (await caches.match(asset, { ignoreVary: true }))) continue;
      const file = await fetch(asset);
      if (file.ok) await cache.put(asset, file);
    }
    const headers = new Headers(copy.headers);
    for (const name of ['content-encoding', 'content-length', 'set-cookie']) headers.delete(name);
    headers.set(KEPT, new Date().toISOString());
    await cache.put(pathname, new Response(html, { headers }));
    await makeRoom(cache);
    await clear(cache);
  });
}

/** Keep few: the phone is for the packages. @param {Cache} cache */
async function makeRoom(cache) {
  const pages = [];
  for (const request of await cache.keys()) {
    const path = new URL(request.url).pathname;
    const copy = path.startsWith('/static/') ? undefined : await cache.match(request);
    if (copy) pages.push({ path, kept: copy.headers.get(KEPT) ?? '', bytes: (await copy.blob()).size });
  }
  for (const path of surplus(pages)) await cache.delete(path);
}

/** Files that no kept page names any more. @param {Cache} cache */
async function clear(cache) {
  const needed = new Set();
  const files = [];
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/static/')) files.push(request);
    else for (const asset of assetsOf((await (await cache.match(request))?.text()) ?? '')) needed.add(asset);
  }
  for (const file of files) if (!needed.has(new URL(file.url).pathname)) await cache.delete(file);
}

/** @param {string} pathname @returns {Promise<Response|undefined>} the copy, marked with its time */
export async function keptPage(pathname) {
  const copy = await caches.match(pathname, { cacheName: CACHE });
  if (!copy) return undefined;
  const kept = copy.headers.get(KEPT) ?? '';
  return new Response((await copy.text()).replace('<html ', `<html data-kept="${kept}" `), { headers: copy.headers });
}

/**
 * Pages that were shown before this worker was there.
 * @param {string[]} paths
 */
export async function keepShown(paths) {
  for (const path of paths) {
    if (await caches.match(path, { cacheName: CACHE })) continue;
    const response = await fetch(path);
    if (response.ok && !response.redirected) await keepPage(path, response);
  }
}

/** Somebody else may hold the phone now. */
export function forgetPersonal() {
  return inTurn(async () => {
    const cache = await caches.open(CACHE);
    for (const request of await cache.keys()) if (isPersonal(new URL(request.url).pathname)) await cache.delete(request);
  });
}
