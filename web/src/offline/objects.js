/**
 * The phone's content-addressed store in OPFS: `objects/<aa>/<sha256>` whole and verified, `<sha256>.part` under way.
 * Only a dedicated worker writes (synchronous access handles); pages and the service worker read whole files.
 */

const FOLDER = 'objects';

/** @param {unknown} error */
const isAbsent = (error) => error instanceof DOMException && error.name === 'NotFoundError';

export class ObjectStore {
  /** @param {FileSystemDirectoryHandle} folder */
  constructor(folder) {
    this.folder = folder;
  }

  /** @returns {Promise<ObjectStore>} */
  static async open() {
    const root = await navigator.storage.getDirectory();
    return new ObjectStore(await root.getDirectoryHandle(FOLDER, { create: true }));
  }

  /** Removes every object of this origin; records lie elsewhere. */
  static async clear() {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(FOLDER, { recursive: true }).catch((error) => {
      if (!isAbsent(error)) throw error;
    });
  }

  /** @param {string} sha256 */
  #shelf(sha256, create = false) {
    return this.folder.getDirectoryHandle(sha256.slice(0, 2), { create });
  }

  /**
   * @param {string} sha256
   * @returns {Promise<File|null>} the whole object, null when it is not here
   */
  async file(sha256) {
    try {
      const handle = await (await this.#shelf(sha256)).getFileHandle(sha256);
      return await handle.getFile();
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  /**
   * @param {string} sha256
   * @returns {Promise<number>} bytes, −1 when it is not here
   */
  async size(sha256) {
    return (await this.file(sha256))?.size ?? -1;
  }

  /**
   * @param {string} sha256
   * @returns {Promise<Uint8Array|null>}
   */
  async bytes(sha256) {
    const file = await this.file(sha256);
    return file && new Uint8Array(await file.arrayBuffer());
  }

  /**
   * Opens the part file of an object for this worker alone.
   * @param {string} sha256
   * @returns {Promise<import('./object-download.js').Part & {close: () => void}>}
   */
  async openPart(sha256) {
    const handle = await (await this.#shelf(sha256, true)).getFileHandle(`${sha256}.part`, { create: true });
    const access = await /** @type {any} */ (handle).createSyncAccessHandle();
    return {
      size: () => access.getSize(),
      read: (at, length) => {
        const bytes = new Uint8Array(length);
        return bytes.subarray(0, access.read(bytes, { at }));
      },
      write: (at, bytes) => {
        const written = access.write(bytes, { at });
        if (written !== bytes.length) throw new DOMException('disk full', 'QuotaExceededError');
      },
      truncate: (length) => access.truncate(length),
      flush: () => access.flush(),
      close: () => access.close(),
    };
  }

  /**
   * Gives a finished part its name: from now on pages see it.
   * @param {string} sha256
   */
  async finish(sha256) {
    const shelf = await this.#shelf(sha256);
    const handle = await shelf.getFileHandle(`${sha256}.part`);
    await /** @type {any} */ (handle).move(shelf, sha256);
  }

  /**
   * @param {string} sha256
   * @param {Uint8Array} bytes verified by the caller
   */
  async put(sha256, bytes) {
    const part = await this.openPart(sha256);
    try {
      part.truncate(0);
      part.write(0, bytes);
      part.flush();
    } finally {
      part.close();
    }
    await this.finish(sha256);
  }

  /**
   * Removes what nobody needs any more.
   * @param {Set<string>} keep hashes that stay; part files of these stay as well
   * @returns {Promise<number>} files removed
   */
  async sweep(keep) {
    let removed = 0;
    for await (const shelf of /** @type {any} */ (this.folder).values()) {
      if (shelf.kind !== 'directory') continue;
      const names = [];
      for await (const name of shelf.keys()) names.push(name);
      for (const name of names) {
        if (keep.has(name.slice(0, 64))) continue;
        await shelf.removeEntry(name);
        removed += 1;
      }
    }
    return removed;
  }
}

/**
 * @param {string} sha256
 * @param {string} [mime]
 * @returns {string} the object's address, the same online and offline
 */
export const objectUrl = (sha256, mime) =>
  `/b/${sha256.slice(0, 2)}/${sha256}${mime ? `?type=${encodeURIComponent(mime)}` : ''}`;
