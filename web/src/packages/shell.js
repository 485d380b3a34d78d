/**
 * Keeps the shell of the package pages on the phone. A service worker that a cut line stopped while it was installed
 * is forgotten by the browser, so it is asked for again until it is there.
 */
import { decide } from '../offline/retry.js';

/** @typedef {'coming'|'kept'|'refused'} ShellState whether the pages open without a network */

/**
 * @param {any} worker the first one of this address, being installed
 * @returns {Promise<boolean>} whether it came whole and answers from now on
 */
function answers(worker) {
  return new Promise((resolve) => {
    const look = () => {
      if (worker.state === 'redundant') resolve(false);
      else if (worker.state.startsWith('activat')) resolve(true);
    };
    worker.addEventListener('statechange', look);
    look();
  });
}

/**
 * @param {{register: (address: string, options: {scope: string}) => Promise<any>}} container
 * @returns {Promise<boolean>} whether a whole shell is on the phone
 */
async function ask(container) {
  const registration = await container.register('/sw.js', { scope: '/' });
  // This page came whole with the newest files, so the newest worker may take over.
  registration.waiting?.postMessage({ type: 'activate' });
  if (registration.active) return true;
  const first = registration.installing ?? registration.waiting;
  return first ? answers(first) : false;
}

/**
 * @param {{container?: any, sleep: (ms: number) => Promise<void>, online?: () => boolean, chance?: () => number}} ports
 *   `sleep` may end early, when the network is back
 * @returns {Promise<ShellState>} `kept`, or `refused` by a browser that takes no worker from this address
 */
export async function keepShell({
  container = navigator.serviceWorker, sleep, online = () => navigator.onLine !== false, chance = Math.random,
}) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (await ask(container)) return 'kept';
    } catch (error) {
      if (error instanceof DOMException && error.name === 'SecurityError') return 'refused';
    }
    const next = decide({ kind: 'network', attempt, online: online() }, chance());
    await sleep('delay' in next ? next.delay : 0);
  }
}

/**
 * @param {number} ms
 * @returns {Promise<void>} when the time is over, or the network came back
 */
export function untilOnline(ms) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener('online', done);
  });
}
