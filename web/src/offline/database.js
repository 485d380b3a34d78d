/**
 * IndexedDB with promises. Two databases: what can be fetched again, and study records, which can't.
 */

/**
 * @typedef {(database: IDBDatabase) => void} Upgrade
 */

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export const answer = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * @param {string} name
 * @param {number} version
 * @param {Upgrade} upgrade
 * @returns {Promise<IDBDatabase>}
 */
export function open(name, version, upgrade) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => upgrade(request.result);
    request.onsuccess = () => {
      // Another tab with a newer application must be able to change the layout.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error(`${name} is open in an old tab`));
  });
}

/**
 * Runs `work` in one transaction and returns when it is on the disk.
 * @template T
 * @param {IDBDatabase} database
 * @param {string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(transaction: IDBTransaction) => Promise<T>|T} work only IndexedDB requests may be awaited in it
 * @returns {Promise<T>}
 */
export async function transact(database, stores, mode, work) {
  const transaction = database.transaction(stores, mode, { durability: mode === 'readwrite' ? 'strict' : 'default' });
  const finished = new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = () => reject(transaction.error ?? new DOMException('aborted', 'AbortError'));
  });
  finished.catch(() => {});
  let result;
  try {
    result = await work(transaction);
  } catch (error) {
    try { transaction.abort(); } catch { /* it has ended by itself */ }
    throw error;
  }
  await finished;
  return result;
}

/** What can be fetched again: metadata, pointers to packages, lessons that are here, downloads under way. */
export const openPackages = () =>
  open('gyxf-packages', 1, (database) => {
    database.createObjectStore('metadata');
    database.createObjectStore('packages', { keyPath: 'package_id' });
    database.createObjectStore('downloads', { keyPath: 'package_id' });
    database.createObjectStore('materials', { keyPath: ['package_id', 'material'] });
    database.createObjectStore('values');
  });

/** What can't: the device's key and its log. */
export const openRecords = () =>
  open('gyxf-records', 1, (database) => {
    database.createObjectStore('device');
    database.createObjectStore('waiting', { autoIncrement: true });
    database.createObjectStore('lines', { keyPath: ['epoch', 'sequence'] });
  });
