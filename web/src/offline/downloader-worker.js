/**
 * The downloader: a dedicated worker of each open page; one of them, elected by a lock, does the work.
 */
import { utf8 } from './bytes.js';
import { CHANNEL, LOCK } from './messages.js';
import { ObjectStore } from './objects.js';
import { PackageDownload } from './package-download.js';
import { Shelf } from './shelf.js';
import { readWhole } from './transport.js';
import { Updater, judgedNow } from './tuf.js';

/** Pages hear of progress this often (milliseconds), the database less often. */
const TELL = 250;
const KEEP = 4_000;
/** The rate is an average over this time. */
const RATE_WINDOW = 8_000;

const channel = new BroadcastChannel(CHANNEL);
/** @type {Set<() => void>} */
const sleepers = new Set();

function wakeAll() {
  for (const wake of [...sleepers]) wake();
}

/**
 * Waits, but no longer than until somebody wakes the downloader or the network comes back.
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function sleep(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      sleepers.delete(done);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    sleepers.add(done);
    signal?.addEventListener('abort', done);
  });
}

/** Measures the rate and passes progress on, not more often than somebody can read it. */
class Teller {
  /** @param {Shelf} shelf */
  constructor(shelf) {
    this.shelf = shelf;
    this.told = 0;
    this.kept = 0;
    this.phase = '';
    /** @type {{at: number, held: number}[]} */
    this.marks = [];
  }

  /** @param {import('./shelf.js').Download} download */
  report(download) {
    const now = performance.now();
    const urgent = this.phase !== download.phase;
    if (urgent && download.phase !== 'downloading') this.marks = [];
    this.marks.push({ at: now, held: download.held });
    while (this.marks.length > 2 && now - this.marks[0].at > RATE_WINDOW) this.marks.shift();
    if (!urgent && now - this.told < TELL) return;
    this.told = now;
    this.phase = download.phase;
    const [first] = this.marks;
    const rate = now > first.at ? Math.max(0, (download.held - first.held) / ((now - first.at) / 1000)) : 0;
    channel.postMessage({ type: 'progress', download: { ...download, objects: [] }, rate });
    if (now - this.kept < KEEP) return;
    this.kept = now;
    const { held, total } = download;
    this.shelf.changeDownload(download.package_id, { held, total }).catch(console.warn);
  }
}

/**
 * @param {Shelf} shelf
 * @param {ObjectStore} objects
 */
async function sweep(shelf, objects) {
  const [materials, downloads, packages] = await Promise.all([shelf.materials(), shelf.downloads(), shelf.installed()]);
  const keep = new Set([...materials.flatMap((row) => row.objects), ...downloads.flatMap((row) => row.objects ?? [])]);
  for (const { manifest } of packages) for (const entry of manifest.lessons) keep.add(entry.sha256);
  await objects.sweep(keep);
}

/**
 * @param {import('./messages.js').Setup} setup
 * @param {Shelf} shelf
 * @param {typeof fetch} fetcher
 */
async function authority({ trustedRoot }, shelf, fetcher) {
  const floor = await shelf.newestSignedDate();
  return new Updater({
    store: shelf.metadata(),
    fetcher: (url, cap) => readWhole({ fetch: fetcher }, url, cap),
    metadataUrl: '/tuf/metadata/',
    targetUrl: '/',
    trustedRoot: utf8(trustedRoot),
    now: () => judgedNow(Date.now(), floor),
  });
}

/**
 * Works off one download; returns when it is done, stopped, paused or cancelled.
 * @param {import('./shelf.js').Download} row
 * @param {{shelf: Shelf, objects: ObjectStore, setup: import('./messages.js').Setup}} parts
 */
async function work(row, { shelf, objects, setup }) {
  const stop = new AbortController();
  const teller = new Teller(shelf);
  const fetcher = self.fetch.bind(self);
  const look = async () => {
    const now = await shelf.download(row.package_id);
    if (!now || now.wanted !== 'run' || now.choice !== row.choice) stop.abort();
  };
  const onMessage = (/** @type {MessageEvent} */ event) => event.data.type === 'wake' && look();
  channel.addEventListener('message', onMessage);
  try {
    await new PackageDownload({ ...row }, {
      shelf, objects, authority: () => authority(setup, shelf, fetcher), network: { fetch: fetcher }, sleep,
      now: Date.now, chance: Math.random, online: () => navigator.onLine !== false, can: setup.can,
      estimate: () => navigator.storage.estimate(), report: (download) => teller.report(download),
    }).run(stop.signal);
  } finally {
    channel.removeEventListener('message', onMessage);
    channel.postMessage({ type: 'changed' });
  }
}

/** @param {import('./messages.js').Setup} setup */
async function serve(setup) {
  const shelf = await Shelf.open();
  const objects = await ObjectStore.open();
  for (;;) {
    const rows = await shelf.downloads();
    const row = rows.find((one) => one.wanted === 'run' && one.phase !== 'stopped');
    if (row) await work(row, { shelf, objects, setup });
    if (!row || !(await shelf.download(row.package_id))) await sweep(shelf, objects);
    if (!row) await sleep(24 * 3600 * 1000);
  }
}

channel.addEventListener('message', (event) => {
  if (event.data.type === 'wake') wakeAll();
});
self.addEventListener('online', wakeAll);
self.addEventListener('message', (event) => {
  navigator.locks.request(LOCK, () => serve(event.data)).catch((error) => {
    channel.postMessage({ type: 'broken', detail: String(error) });
    throw error;
  });
}, { once: true });
