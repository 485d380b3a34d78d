/**
 * The I/O shell around {@link module:tuf-rules}: fetches metadata, keeps what is trusted byte-exact, finds targets.
 * Runs unchanged in browsers and in Node.
 */
import {
  LIMITS, MAX_DELEGATIONS, MAX_ROOT_ROTATIONS, acceptRoot, acceptSnapshot, acceptTargets, acceptTimestamp, checkBytes,
  checkSignatures, delegationsFor, parse,
} from './tuf-rules.js';
import { OfflineError, TrustError } from './errors.js';

/**
 * @typedef {import('./tuf-rules.js').Signed} Signed
 * @typedef {import('./tuf-rules.js').TargetFile} TargetFile
 * @typedef {(url: string, cap: number) => Promise<Uint8Array>} Fetcher reads at most `cap` bytes; throws an
 *   OfflineError with code `not-found` for what the source doesn't have
 * @typedef {{get: (name: string) => Promise<Uint8Array|null>, put: (name: string, bytes: Uint8Array) => Promise<void>}} MetadataStore
 */

/**
 * The moment that expiry is judged by: a clock set years back must not revive old authority, so the newest date
 * that was ever seen under a signature is a floor.
 * @param {number} systemClock milliseconds
 * @param {number} newestSignedDate milliseconds, 0 when none was seen
 */
export const judgedNow = (systemClock, newestSignedDate) => Math.max(systemClock, newestSignedDate);

export class Updater {
  /**
   * @param {{store: MetadataStore, fetcher: Fetcher, metadataUrl: string, targetUrl: string, trustedRoot: Uint8Array,
   *   now: () => number}} parts `trustedRoot` is what the application was delivered with; `now` in milliseconds
   */
  constructor({ store, fetcher, metadataUrl, targetUrl, trustedRoot, now }) {
    this.store = store;
    this.fetcher = fetcher;
    this.metadataUrl = metadataUrl.endsWith('/') ? metadataUrl : `${metadataUrl}/`;
    this.targetUrl = targetUrl.endsWith('/') ? targetUrl : `${targetUrl}/`;
    this.delivered = trustedRoot;
    this.now = now;
    /** @type {Signed|null} */ this.root = null;
    /** @type {Signed|null} */ this.timestamp = null;
    /** @type {Signed|null} */ this.snapshot = null;
    /** @type {Map<string, Signed>} */ this.targets = new Map();
  }

  /**
   * Brings the metadata up to date.
   * @throws {TrustError} when the source's metadata may not replace what is trusted; then nothing has changed
   * @throws {OfflineError} when the source can't be reached
   */
  async refresh() {
    await this.#refreshRoot();
    await this.#refreshTimestamp();
    await this.#refreshSnapshot();
    await this.#loadTargets('targets', { keys: this.#rootKeys(), role: this.#trusted(this.root).roles.targets });
  }

  /**
   * @param {string} path target path, e.g. `pkg/qumalai/<id>.json`
   * @returns {Promise<TargetFile|null>} null when no role that may speak for this path lists it
   */
  async find(path) {
    const seen = new Set();
    /** @type {{name: string, delegator: {keys: Signed['keys'], role: import('./tuf-rules.js').Role|undefined}}[]} */
    let queue = [{ name: 'targets', delegator: { keys: this.#rootKeys(), role: this.#trusted(this.root).roles.targets } }];
    while (queue.length && seen.size <= MAX_DELEGATIONS) {
      const { name, delegator } = /** @type {typeof queue[0]} */ (queue.shift());
      if (seen.has(name)) continue;
      seen.add(name);
      const targets = await this.#loadTargets(name, delegator);
      if (Object.hasOwn(targets.targets, path)) return targets.targets[path];
      const next = await delegationsFor(targets, path);
      const children = next.roles.map((role) => ({ name: role.name, delegator: { keys: targets.delegations?.keys ?? {}, role } }));
      queue = next.terminating ? children : [...children, ...queue];
    }
    return null;
  }

  /**
   * @param {string} path
   * @returns {Promise<Uint8Array>} the target's verified bytes
   * @throws {TrustError} `missing` when nobody signed such a target
   */
  async download(path) {
    const target = await this.find(path);
    if (!target) throw new TrustError('missing', path);
    const slash = path.lastIndexOf('/') + 1;
    const name = this.#trusted(this.root).consistent_snapshot === false
      ? path
      : `${path.slice(0, slash)}${target.hashes.sha256}.${path.slice(slash)}`;
    const bytes = await this.fetcher(this.targetUrl + name, target.length);
    await checkBytes(bytes, target);
    return bytes;
  }

  /** @param {Signed|null} metadata @returns {Signed} */
  #trusted(metadata) {
    if (!metadata) throw new TrustError('missing', 'refresh() comes first');
    return metadata;
  }

  #rootKeys() {
    return this.#trusted(this.root).keys;
  }

  async #refreshRoot() {
    this.root = await acceptRoot(null, this.delivered);
    const kept = await this.store.get('root.json');
    if (kept) {
      const own = await acceptRoot(null, kept);
      if (own.version >= this.root.version) this.root = own;
    } else {
      await this.store.put('root.json', this.delivered);
    }
    for (let i = 0; i < MAX_ROOT_ROTATIONS; i += 1) {
      const bytes = await this.#fetchOrNull(`${this.root.version + 1}.root.json`, LIMITS.root);
      if (!bytes) break;
      this.root = await acceptRoot(this.root, bytes);
      await this.store.put('root.json', bytes);
    }
  }

  async #refreshTimestamp() {
    const root = this.#trusted(this.root);
    // §5.4: what is kept counts as trusted only while the present root still vouches for it. Its expiry doesn't
    // matter for the version floor, so it is judged at the beginning of time.
    this.timestamp = await this.#kept('timestamp.json', (bytes) => acceptTimestamp({ ...root, expires: FAR }, null, bytes, 0));
    const bytes = await this.fetcher(`${this.metadataUrl}timestamp.json`, LIMITS.timestamp);
    const fresh = await acceptTimestamp(root, this.timestamp, bytes, this.now());
    if (fresh !== this.timestamp) await this.store.put('timestamp.json', bytes);
    this.timestamp = fresh;
  }

  async #refreshSnapshot() {
    const root = this.#trusted(this.root);
    const timestamp = this.#trusted(this.timestamp);
    const wanted = timestamp.meta['snapshot.json'];
    const kept = await this.store.get('snapshot.json');
    /** @type {Signed|null} */
    let floor = null;
    if (kept) {
      try {
        this.snapshot = await acceptSnapshot(root, timestamp, null, kept, this.now());
        return;
      } catch {
        floor = await this.#kept('snapshot.json', (bytes) => acceptAsFloor(root, bytes));
      }
    }
    const bytes = await this.fetcher(`${this.metadataUrl}${wanted.version}.snapshot.json`, wanted.length ?? LIMITS.snapshot);
    this.snapshot = await acceptSnapshot(root, timestamp, floor, bytes, this.now());
    await this.store.put('snapshot.json', bytes);
  }

  /**
   * @param {string} name
   * @param {{keys: Signed['keys'], role: import('./tuf-rules.js').Role|undefined}} delegator
   * @returns {Promise<Signed>}
   */
  async #loadTargets(name, delegator) {
    const known = this.targets.get(name);
    if (known) return known;
    const snapshot = this.#trusted(this.snapshot);
    const accept = (/** @type {Uint8Array} */ bytes) => acceptTargets(snapshot, name, delegator, bytes, this.now());
    let metadata = await this.#kept(`${encodeURIComponent(name)}.json`, accept);
    if (!metadata) {
      const wanted = snapshot.meta[`${name}.json`];
      if (!wanted) throw new TrustError('missing', `snapshot knows no ${name}`);
      const url = `${this.metadataUrl}${wanted.version}.${encodeURIComponent(name)}.json`;
      const bytes = await this.fetcher(url, wanted.length ?? LIMITS.targets);
      metadata = await accept(bytes);
      await this.store.put(`${encodeURIComponent(name)}.json`, bytes);
    }
    this.targets.set(name, metadata);
    return metadata;
  }

  /**
   * @param {string} name
   * @param {(bytes: Uint8Array) => Promise<Signed>} accept
   * @returns {Promise<Signed|null>} null when nothing is kept or it no longer holds
   */
  async #kept(name, accept) {
    const bytes = await this.store.get(name);
    if (!bytes) return null;
    try {
      return await accept(bytes);
    } catch (error) {
      if (error instanceof TrustError) return null;
      throw error;
    }
  }

  /** @param {string} name @param {number} cap */
  async #fetchOrNull(name, cap) {
    try {
      return await this.fetcher(this.metadataUrl + name, cap);
    } catch (error) {
      if (error instanceof OfflineError && error.code === 'not-found') return null;
      throw error;
    }
  }
}

const FAR = '9999-12-31T23:59:59Z';

/**
 * A kept snapshot that is no longer current still sets the floor for the versions of the next one.
 * @param {Signed} root
 * @param {Uint8Array} bytes
 */
async function acceptAsFloor(root, bytes) {
  const envelope = parse(bytes, 'snapshot');
  await checkSignatures(envelope, root.keys, root.roles.snapshot);
  return envelope.signed;
}
