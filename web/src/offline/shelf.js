/**
 * What is on this phone: pointers to installed packages, lessons that can be played, downloads under way. Each
 * change is one transaction, so a page sees the old state or the new one.
 */
import { answer, openPackages, transact } from './database.js';

/**
 * @typedef {import('./manifest.js').Choice} Choice
 * @typedef {import('./manifest.js').PackageManifest} PackageManifest
 * @typedef {import('./manifest.js').LessonManifest} LessonManifest
 * @typedef {{package_id: string, manifest: PackageManifest, choice: Choice, installed_at: number, length: number}} Installed
 * @typedef {{package_id: string, target: string, title: string, choice: Choice, wanted: 'run'|'pause',
 *   phase: 'checking'|'downloading'|'waiting'|'stopped', code: string, held: number, total: number,
 *   retry_at: number, detail: Record<string, number>, objects: string[]}} Download `objects`: hashes that it works on
 * @typedef {{package_id: string, material: string, kind: 'lesson'|'quiz', level: 'sound'|'full', as_of: string,
 *   lesson?: LessonManifest, quiz?: any, objects: string[]}} Material `objects`: hashes that are here
 */

export class Shelf {
  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
  }

  static async open() {
    return new Shelf(await openPackages());
  }

  /** @param {string} store @param {IDBValidKey} key @returns {Promise<any>} */
  #get(store, key) {
    return transact(this.database, [store], 'readonly', (t) => answer(t.objectStore(store).get(key)));
  }

  /** @param {string} store @returns {Promise<any[]>} */
  #all(store) {
    return transact(this.database, [store], 'readonly', (t) => answer(t.objectStore(store).getAll()));
  }

  /** @returns {Promise<Installed[]>} */
  installed() {
    return this.#all('packages');
  }

  /** @param {string} packageId @returns {Promise<Installed|undefined>} */
  installedPackage(packageId) {
    return this.#get('packages', packageId);
  }

  /** @returns {Promise<Download[]>} */
  downloads() {
    return this.#all('downloads');
  }

  /** @param {string} packageId @returns {Promise<Download|undefined>} */
  download(packageId) {
    return this.#get('downloads', packageId);
  }

  /** @param {Download} download */
  startDownload(download) {
    return transact(this.database, ['downloads'], 'readwrite', (t) => void t.objectStore('downloads').put(download));
  }

  /**
   * Changes a download that is still wanted; one that was cancelled meanwhile stays away.
   * @param {string} packageId
   * @param {Partial<Download>} change
   * @returns {Promise<Download|undefined>} as it is now
   */
  changeDownload(packageId, change) {
    return transact(this.database, ['downloads'], 'readwrite', async (t) => {
      const store = t.objectStore('downloads');
      const before = await answer(store.get(packageId));
      if (!before) return undefined;
      const after = { ...before, ...change };
      store.put(after);
      return after;
    });
  }

  /**
   * A download is no longer wanted. What came of a package that was never whole goes; an installed one stays.
   * @param {string} packageId
   */
  cancelDownload(packageId) {
    return transact(this.database, ['packages', 'downloads', 'materials'], 'readwrite', async (t) => {
      t.objectStore('downloads').delete(packageId);
      const installed = await answer(t.objectStore('packages').get(packageId));
      if (!installed) t.objectStore('materials').delete(rowsOf(packageId));
    });
  }

  /** @returns {Promise<Material[]>} */
  materials() {
    return this.#all('materials');
  }

  /** @param {string} packageId @param {string} material @returns {Promise<Material|undefined>} */
  material(packageId, material) {
    return this.#get('materials', [packageId, material]);
  }

  /**
   * Points a lesson or quiz to its new objects; from here on pages show the new version.
   * @param {Material} material
   */
  putMaterial(material) {
    return transact(this.database, ['materials'], 'readwrite', (t) => void t.objectStore('materials').put(material));
  }

  /**
   * The whole package is here: swap its pointer, forget the download and lessons that are no longer part of it.
   * @param {Installed} installed
   */
  install(installed) {
    const { manifest, package_id: id } = installed;
    const current = new Set([...manifest.lessons, ...manifest.quizzes].map((entry) => entry.material));
    return transact(this.database, ['packages', 'downloads', 'materials'], 'readwrite', async (t) => {
      t.objectStore('packages').put(installed);
      t.objectStore('downloads').delete(id);
      const materials = t.objectStore('materials');
      for (const row of await answer(materials.getAll(rowsOf(id)))) {
        if (!current.has(row.material)) materials.delete([id, row.material]);
      }
    });
  }

  /**
   * Takes lessons down, in every package; once seen, a recall holds for ever (offline-package §2.2).
   * @param {string[]} materials
   * @returns {Promise<Set<string>>} all that were ever recalled
   */
  recall(materials) {
    return transact(this.database, ['values', 'materials'], 'readwrite', async (t) => {
      const values = t.objectStore('values');
      const known = new Set([...((await answer(values.get('recalled'))) ?? []), ...materials]);
      if (materials.length) values.put([...known], 'recalled');
      const rows = t.objectStore('materials');
      for (const key of await answer(rows.getAllKeys())) {
        if (known.has(/** @type {string[]} */ (key)[1])) rows.delete(key);
      }
      return known;
    });
  }

  /** @param {string} packageId */
  remove(packageId) {
    return transact(this.database, ['packages', 'downloads', 'materials'], 'readwrite', (t) => {
      t.objectStore('packages').delete(packageId);
      t.objectStore('downloads').delete(packageId);
      t.objectStore('materials').delete(rowsOf(packageId));
    });
  }

  /** Everything but study records, which lie in a database of their own. */
  clear() {
    return transact(this.database, [...this.database.objectStoreNames], 'readwrite', (t) => {
      for (const store of this.database.objectStoreNames) t.objectStore(store).clear();
    });
  }

  /** @returns {import('./tuf.js').MetadataStore} trusted metadata, byte for byte as they were signed */
  metadata() {
    return {
      get: async (name) => (await this.#get('metadata', name)) ?? null,
      put: (name, bytes) =>
        transact(this.database, ['metadata'], 'readwrite', (t) => void t.objectStore('metadata').put(bytes, name)),
    };
  }

  /** @returns {Promise<number>} milliseconds; the newest date seen under a signature, 0 at first */
  async newestSignedDate() {
    return (await this.#get('values', 'newest-signed-date')) ?? 0;
  }

  /** @param {number} date milliseconds */
  sawSignedDate(date) {
    return transact(this.database, ['values'], 'readwrite', async (t) => {
      const store = t.objectStore('values');
      if (date > ((await answer(store.get('newest-signed-date'))) ?? 0)) store.put(date, 'newest-signed-date');
    });
  }
}

/** @param {string} packageId */
const rowsOf = (packageId) => IDBKeyRange.bound([packageId], [packageId, []]);
