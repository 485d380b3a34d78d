/**
 * This phone as a page sees it: what is here, what is on its way, and the commands a person may give.
 */
import { CHANNEL } from '../offline/messages.js';
import { Shelf } from '../offline/shelf.js';

/**
 * @typedef {import('../offline/shelf.js').Download} Download
 * @typedef {import('../offline/shelf.js').Installed} Installed
 * @typedef {import('../offline/shelf.js').Material} Material
 * @typedef {{worker: string, trustedRoot: string}} Config
 */

/** @returns {string} what this browser lacks for keeping packages; empty when it can */
export function lacking() {
  if (!isSecureContext) return 'insecure';
  const can = 'serviceWorker' in navigator && 'locks' in navigator && 'indexedDB' in globalThis && 'BroadcastChannel' in globalThis
    && typeof navigator.storage?.getDirectory === 'function';
  return can ? '' : 'browser';
}

/** Opus in MP4 is half of AAC's bytes; some older browsers can't play it. */
const playsOpus = () => globalThis.MediaSource?.isTypeSupported?.('audio/mp4; codecs="opus"') ?? false;
/** What the largest AV1 picture of a package asks of a phone (media_pipeline.presets). */
const AV1_PICTURE = {
  contentType: 'video/mp4; codecs="av01.0.01M.08"', width: 640, height: 360, bitrate: 130_000, framerate: 30,
};

/** @returns {Promise<boolean>} whether AV1 plays smoothly here; what nobody knows counts as no, for it is kept for months */
async function playsAv1() {
  try {
    const answer = await navigator.mediaCapabilities.decodingInfo({ type: 'media-source', video: AV1_PICTURE });
    return answer.supported && answer.smooth;
  } catch {
    return false;
  }
}

export class Phone extends EventTarget {
  /**
   * @param {Shelf} shelf
   * @param {Config} config
   * @param {import('../offline/manifest.js').Ability} can
   */
  constructor(shelf, config, can) {
    super();
    this.shelf = shelf;
    this.can = can;
    this.channel = new BroadcastChannel(CHANNEL);
    this.worker = new Worker(config.worker, { type: 'module' });
    /** @type {Map<string, number>} */ this.rates = new Map();
    /** @type {Map<string, Download>} */ this.live = new Map();
    /** @type {Installed[]} */ this.packages = [];
    /** @type {Material[]} */ this.materials = [];
    this.broken = '';
    /** @type {import('./shell.js').ShellState} */ this.shell = 'coming';
    this.channel.addEventListener('message', (event) => this.#heard(event.data));
    this.worker.addEventListener('error', (event) => this.#fail(event.message || 'worker'));
    this.worker.postMessage({ trustedRoot: config.trustedRoot, can });
    addEventListener('online', () => this.#wake());
  }

  /** @param {Config} config */
  static async open(config) {
    const phone = new Phone(await Shelf.open(), config, { opus: playsOpus(), av1: await playsAv1() });
    await phone.#read();
    return phone;
  }

  /**
   * @param {{sizes?: Record<string, number>, length?: number}} info a package as the server lists it
   * @param {import('../offline/manifest.js').Choice} choice
   * @returns {number} bytes that this phone would take of it
   */
  sizeOf({ sizes = {}, length = 0 }, choice) {
    return (this.can.av1 ? sizes[`${choice}-av1`] : undefined) ?? sizes[choice] ?? length;
  }

  /** @param {any} message */
  async #heard(message) {
    if (message.type === 'broken') this.#fail(message.detail);
    if (message.type === 'progress') {
      const { download, rate } = message;
      this.rates.set(download.package_id, rate);
      this.live.set(download.package_id, download);
      this.materials = await this.shelf.materials();
      this.#changed();
    }
    if (message.type === 'changed' || message.type === 'wake') await this.#read();
  }

  /** @param {string} detail */
  #fail(detail) {
    this.broken = detail;
    this.#changed();
  }

  async #read() {
    const [packages, downloads, materials] = await Promise.all([
      this.shelf.installed(), this.shelf.downloads(), this.shelf.materials(),
    ]);
    this.packages = packages;
    this.materials = materials;
    const before = this.live;
    this.live = new Map(downloads.map((row) => {
      const known = before.get(row.package_id);
      // The database hears of progress less often than this page does.
      const held = Math.max(row.held, known && known.choice === row.choice ? known.held : 0);
      return [row.package_id, { ...row, held: Math.min(held, row.total || held) }];
    }));
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  #wake() {
    this.channel.postMessage({ type: 'wake' });
  }

  async #done() {
    this.#wake();
    await this.#read();
  }

  /** @param {import('./shell.js').ShellState} state whether these pages open without a network */
  shellIs(state) {
    this.shell = state;
    this.#changed();
  }

  /** @param {string} id @returns {Installed|undefined} */
  installed(id) {
    return this.packages.find((row) => row.package_id === id);
  }

  /** @param {string} id @param {string} material @returns {Material|undefined} */
  material(id, material) {
    return this.materials.find((row) => row.package_id === id && row.material === material);
  }

  /**
   * A person wants this package on the phone.
   * @param {{package_id: string, target: string, title: string}} what
   * @param {import('../offline/manifest.js').Choice} choice
   * @param {number} total expected bytes
   */
  async download({ package_id: id, target, title }, choice, total) {
    await this.shelf.startDownload({
      package_id: id, target, title, choice, wanted: 'run', phase: 'checking', code: '', held: 0, total, retry_at: 0,
      detail: {}, objects: [],
    });
    await this.#done();
  }

  /** @param {string} id */
  async pause(id) {
    await this.shelf.changeDownload(id, { wanted: 'pause' });
    await this.#done();
  }

  /** @param {string} id */
  async resume(id) {
    await this.shelf.changeDownload(id, { wanted: 'run', phase: 'checking', code: '', retry_at: 0 });
    await this.#done();
  }

  /** @param {string} id */
  async cancel(id) {
    await this.shelf.cancelDownload(id);
    await this.#done();
  }

  /** @param {string} id */
  async remove(id) {
    await this.shelf.remove(id);
    await this.#done();
  }

  /** Forgets packages and what was trusted, for a server whose keys were made anew; study records stay. */
  async startOver() {
    await this.shelf.clear();
    await this.#done();
  }

  /**
   * Asks the browser not to clear this site by itself.
   * @returns {Promise<boolean>} its answer, as it is
   */
  async persist() {
    try {
      return (await navigator.storage.persisted()) || (await navigator.storage.persist());
    } catch {
      return false;
    }
  }
}
