/** Fetches a small document whole and asks again where a network failed. */
import { afterFailure } from './retry.js';

/** No byte for so many milliseconds: the connection is taken for dead. */
const SILENCE = 12_000;

/** The server says that this object is not to be had. */
export class GoneError extends Error {}

/** Waits for the time, the network's return, or the signal's end, whichever is first. */
export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener('online', done);
    signal?.addEventListener('abort', done);
  });
}

/** Keeps a request alive only as long as bytes keep coming. */
export class Watchdog {
  constructor(signal) {
    this.controller = new AbortController();
    this.abort = () => this.controller.abort();
    this.outer = signal;
    signal?.addEventListener('abort', this.abort);
    this.feed();
  }

  feed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.abort, SILENCE);
  }

  end() {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.abort);
  }
}

/** Fetches a small document whole, repeating like `loadRange`; `read` turns the answer into what is wanted. */
async function loadWhole(url, { signal, onState } = {}, read) {
  for (let attempt = 1; ; attempt += 1) {
    let status = null;
    const dog = new Watchdog(signal);
    try {
      const answer = await fetch(url, { signal: dog.controller.signal, credentials: 'same-origin' });
      status = answer.status;
      if (answer.ok) {
        const document = await read(answer);
        onState?.('ok');
        return document;
      }
    } catch {
      if (signal?.aborted) throw new DOMException('aborted', 'AbortError');
    } finally {
      dog.end();
    }
    const decision = afterFailure({ status, attempt }, Math.random());
    if (decision.give_up) throw new GoneError(`${status}`);
    onState?.('retrying');
    await pause(decision.delay, signal);
  }
}

export const loadJson = (url, hooks) => loadWhole(url, hooks, (answer) => answer.json());
export const loadText = (url, hooks) => loadWhole(url, hooks, (answer) => answer.text());
