/**
 * Reading over HTTP from sources that may be cut, ignore ranges, or be somebody's log-in page.
 */
import { concat } from './bytes.js';
import { OfflineError } from './errors.js';

/** Without a byte for this long, a connection counts as dead (milliseconds). */
export const STALL = 20_000;

/**
 * @typedef {{fetch: typeof fetch, stallMs?: number, setTimeout?: (run: () => void, ms: number) => any,
 *   clearTimeout?: (id: any) => void}} Network
 */

/**
 * @param {Response} response
 * @returns {OfflineError|null} why this answer can't be the object
 */
export function refusal(response) {
  const type = response.headers.get('content-type') ?? '';
  if (response.status === 404 || response.status === 410) return new OfflineError('not-found', 'object', response.url);
  // A hotel's or a mast's log-in page comes as a 200 of HTML, or as 511.
  if (response.status === 511 || (response.ok && /^text\/html\b/i.test(type))) {
    return new OfflineError('portal', 'network', response.url);
  }
  if (response.status >= 500 || response.status === 429 || response.status === 408) {
    return new OfflineError('server', 'network', String(response.status));
  }
  if (!response.ok) return new OfflineError('refused', 'object', String(response.status));
  return null;
}

/**
 * @param {string|null} header Content-Range
 * @returns {{start: number, end: number, total: number|null}|null} `end` exclusive
 */
export function parseContentRange(header) {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header ?? '');
  if (!match) return null;
  return { start: Number(match[1]), end: Number(match[2]) + 1, total: match[3] === '*' ? null : Number(match[3]) };
}

/**
 * Streams the bytes [start, end) of an address.
 * @param {Network} network
 * @param {{url: string, start: number, end: number, signal?: AbortSignal, acceptWhole?: boolean}} request
 *   `acceptWhole`: take a 200 that begins at byte 0 although the range begins later
 * @returns {AsyncGenerator<{at: number, bytes: Uint8Array}>} pieces in order; `at` is their place in the object
 * @throws {OfflineError} `unreachable`, `cut`, `stalled`, `range-ignored`, `range-wrong` and those of `refusal`
 */
export async function* readRange(network, { url, start, end, signal, acceptWhole = false }) {
  const guard = stallGuard(network, signal);
  try {
    const response = await guard.race(network.fetch(url, {
      headers: { Range: `bytes=${start}-${end - 1}` }, cache: 'no-store', credentials: 'omit', signal: guard.signal,
    }));
    const bad = refusal(response);
    if (bad) throw bad;
    let at = firstByte(response, start, acceptWhole);
    const body = response.body?.getReader();
    if (!body) throw new OfflineError('cut', 'network', 'no body');
    while (at < end) {
      const { done, value } = await guard.race(body.read());
      if (done) throw new OfflineError('cut', 'network', `at byte ${at} of ${end}`);
      const bytes = value.length > end - at ? value.subarray(0, end - at) : value;
      yield { at, bytes };
      at += bytes.length;
    }
  } catch (error) {
    if (error instanceof OfflineError) throw error;
    if (signal?.aborted) throw new OfflineError('stopped', 'network', 'asked to stop');
    throw new OfflineError(guard.started() ? 'cut' : 'unreachable', 'network', String(error));
  } finally {
    guard.end();
  }
}

/**
 * @param {Response} response
 * @param {number} start
 * @param {boolean} acceptWhole
 * @returns {number} the object's byte that the body begins with
 */
function firstByte(response, start, acceptWhole) {
  if (response.status === 206) {
    const range = parseContentRange(response.headers.get('content-range'));
    if (!range || range.start !== start) throw new OfflineError('range-wrong', 'network', `wanted ${start}`);
    return start;
  }
  if (start > 0 && !acceptWhole) throw new OfflineError('range-ignored', 'network', '200 instead of 206');
  return 0;
}

/**
 * Reads a small object whole.
 * @param {Network} network
 * @param {string} url
 * @param {number} cap most bytes to read
 * @param {AbortSignal} [signal]
 * @returns {Promise<Uint8Array>}
 * @throws {OfflineError} `too-long` beside those of `readRange`
 */
export async function readWhole(network, url, cap, signal) {
  const guard = stallGuard(network, signal);
  try {
    const response = await guard.race(network.fetch(url, { cache: 'no-store', credentials: 'omit', signal: guard.signal }));
    const bad = refusal(response);
    if (bad) throw bad;
    const body = response.body?.getReader();
    const parts = [];
    let length = 0;
    for (;;) {
      const { done, value } = body ? await guard.race(body.read()) : { done: true, value: new Uint8Array() };
      if (done) break;
      length += value.length;
      if (length > cap) throw new OfflineError('too-long', 'object', url);
      parts.push(value);
    }
    return concat(...parts);
  } catch (error) {
    if (error instanceof OfflineError) throw error;
    if (signal?.aborted) throw new OfflineError('stopped', 'network', 'asked to stop');
    throw new OfflineError(guard.started() ? 'cut' : 'unreachable', 'network', String(error));
  } finally {
    guard.end();
  }
}

/**
 * Ends a request that has gone silent.
 * @param {Network} network
 * @param {AbortSignal} [outer]
 */
function stallGuard(network, outer) {
  const set = network.setTimeout ?? ((run, ms) => setTimeout(run, ms));
  const clear = network.clearTimeout ?? ((id) => clearTimeout(id));
  const stallMs = network.stallMs ?? STALL;
  const controller = new AbortController();
  const stop = () => controller.abort();
  if (outer?.aborted) stop();
  outer?.addEventListener('abort', stop);
  let answered = false;
  return {
    signal: controller.signal,
    started: () => answered,
    /**
     * @template T
     * @param {Promise<T>} step
     * @returns {Promise<T>}
     */
    race(step) {
      return new Promise((resolve, reject) => {
        const timer = set(() => reject(new OfflineError('stalled', 'network', `${stallMs} ms of silence`)), stallMs);
        step.then(
          (value) => { clear(timer); answered = true; resolve(value); },
          (error) => { clear(timer); reject(error); },
        );
      });
    },
    end() {
      outer?.removeEventListener('abort', stop);
      controller.abort();
    },
  };
}
