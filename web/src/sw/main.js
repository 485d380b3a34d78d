/**
 * The service worker: the shell of the package pages without a network, the pages seen last, and media objects out
 * of this phone's store.
 * It changes nothing that a page with a network would see.
 */
import { ObjectStore } from '../offline/objects.js';
import { forgetPersonal, keepPage, keepShown, keptPage } from './kept-pages.js';
import { rangeAnswer } from './range.js';
import { PATIENCE, assetsOf, changesPerson, isHashed, isKept, objectOf, routeOf, shellFor } from './routes.js';

/** @type {{version: string, files: string[]}} put in by the build */
const BUILD = __BUILD__;
const PREFIX = 'gyxf-shell-';
const CACHE = PREFIX + BUILD.version;
const SHELLS = ['/packages/shell/', '/bo/packages/shell/'];
/** The shell's text is looked at again after this long (milliseconds). */
const REFRESH = 600_000;

/** @type {any} */
const worker = self;
let refreshed = 0;
/** @type {Promise<ObjectStore>|undefined} */
let store;

/**
 * Fetches a shell with all it needs; the shell itself is stored last, so a stored shell is always complete.
 * @param {string} address
 */
async function storeShell(address) {
  const cache = await caches.open(CACHE);
  const response = await fetch(address, { cache: 'no-cache', credentials: 'omit', redirect: 'error' });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  const html = await response.clone().text();
  const known = await cache.match(address);
  if (known && (await known.text()) === html) return;
  for (const asset of assetsOf(html)) {
    if (isHashed(asset) && (await cache.match(asset))) continue;
    const file = await fetch(asset, { cache: 'no-cache' });
    if (!file.ok) throw new Error(`${asset}: ${file.status}`);
    await cache.put(asset, file);
  }
  await cache.put(address, response);
}

async function storeShells() {
  for (const address of SHELLS) await storeShell(address);
  refreshed = Date.now();
}

/** @param {string} pathname @returns {Promise<Response|undefined>} */
const shell = (pathname) => caches.match(shellFor(pathname), { cacheName: CACHE });

/**
 * @param {Request} request
 * @param {string} hash
 */
async function objectResponse(request, hash) {
  store ??= ObjectStore.open();
  const file = await (await store).file(hash).catch(() => null);
  if (!file) return fetch(request);
  const type = new URL(request.url).searchParams.get('type');
  const { status, start, end, headers } = rangeAnswer(request.headers.get('range'), file.size, type);
  return new Response(status === 416 ? null : file.slice(start, end), { status, headers });
}

/**
 * @param {any} event
 * @param {string} pathname
 * @param {boolean} impatient whether a slow network counts as none
 */
async function pageResponse(event, pathname, impatient) {
  const fetched = fetch(event.request);
  const later = new Promise((resolve) => { setTimeout(resolve, PATIENCE); }).then(() => shell(pathname));
  try {
    const first = impatient ? await Promise.race([fetched, later]) : await fetched;
    const response = first ?? (await fetched);
    if (Date.now() - refreshed > REFRESH && response.ok) {
      refreshed = Date.now();
      event.waitUntil(storeShells().catch(() => {}));
    }
    return response;
  } catch (error) {
    const own = await shell(pathname);
    if (own) return own;
    throw error;
  }
}

/**
 * @param {any} event
 * @param {string} pathname
 */
async function keptPageResponse(event, pathname) {
  try {
    const response = await fetch(event.request);
    if (response.ok && !response.redirected && isKept(pathname)) event.waitUntil(keepPage(pathname, response).catch(() => {}));
    return response;
  } catch (error) {
    const own = (await keptPage(pathname)) ?? (await shell(pathname));
    if (own) return own;
    throw error;
  }
}

/** @param {Request} request */
async function staticResponse(request) {
  const { pathname } = new URL(request.url);
  // A name with a hash means the same bytes wherever they lie.
  if (isHashed(pathname)) return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
  const kept = () => caches.match(request, { cacheName: CACHE, ignoreVary: true });
  return fetch(request).catch(async (error) => {
    const own = await kept();
    if (own) return own;
    throw error;
  });
}

worker.addEventListener('install', (/** @type {any} */ event) => event.waitUntil(storeShells()));

worker.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
    }
    await worker.clients.claim();
  })());
});

// A page that has just been loaded with the newest files asks for the newest worker.
worker.addEventListener('message', (/** @type {MessageEvent} */ event) => {
  if (event.data?.type === 'activate') worker.skipWaiting();
  if (event.data?.type === 'keep') {
    /** @type {any} */ (event).waitUntil(keepShown(event.data.paths.filter(isKept)).catch(() => {}));
  }
});

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  const route = routeOf({
    method: request.method, mode: request.mode, cache: request.cache, url, origin: worker.location.origin,
  });
  if (request.mode === 'navigate' && changesPerson(url.pathname)) event.waitUntil(forgetPersonal().catch(() => {}));
  if (route === 'object') event.respondWith(objectResponse(request, /** @type {string} */ (objectOf(url))));
  if (route === 'static') event.respondWith(staticResponse(request));
  if (route === 'package-page') event.respondWith(pageResponse(event, url.pathname, true));
  if (route === 'kept-page') event.respondWith(keptPageResponse(event, url.pathname));
  if (route === 'page') event.respondWith(pageResponse(event, url.pathname, false));
});
