/** Fetches byte ranges piece by piece and goes on by itself where a cut network stopped it. */
import { GoneError, pause, Watchdog } from './load-whole.js';
import { afterFailure } from './retry.js';

/** One request for [start, end); hands every piece to `take` and returns the status. Throws when the network does. */
async function request(url, start, end, { signal, cache }, take) {
  const dog = new Watchdog(signal);
  try {
    const answer = await fetch(url, {
      headers: { Range: `bytes=${start}-${end - 1}` },
      signal: dog.controller.signal,
      credentials: 'same-origin',
      cache,
    });
    if (!answer.ok) return answer.status;
    // A server or proxy that does not know ranges sends the whole: what lies before is let go.
    let position = answer.status === 206 ? start : 0;
    const reader = answer.body.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return answer.status;
      dog.feed();
      const from = Math.max(0, start - position);
      const to = Math.min(value.length, end - position);
      position += value.length;
      if (to > from) await take(value.subarray(from, to));
      if (position >= end) {
        reader.cancel().catch(() => {});
        return answer.status;
      }
    }
  } finally {
    dog.end();
    if (!signal?.aborted) dog.controller.abort();
  }
}

/**
 * Fetches [start, end) of `url`, whatever the network does, in order and without fetching a byte twice.
 *
 * @param {{signal?: AbortSignal, cache?: RequestCache, onPiece: (bytes: Uint8Array) => Promise<void>|void,
 *   onState?: (state: 'ok'|'retrying') => void, onMeasure?: (bytes: number, milliseconds: number) => void}} use
 * @throws {GoneError} the answer is final; {DOMException} AbortError when the signal fired
 */
export async function loadRange(url, start, end, { signal, cache = 'default', onPiece, onState, onMeasure }) {
  let position = start;
  let failures = 0;
  while (position < end) {
    const began = performance.now();
    const before = position;
    let busy = 0;
    let status = null;
    let refusal = null;
    try {
      status = await request(url, position, end, { signal, cache }, async (bytes) => {
        position += bytes.length;
        onState?.('ok');
        const handed = performance.now();
        try {
          await onPiece(bytes);
        } catch (error) {
          refusal = error;
          throw error;
        }
        busy += performance.now() - handed;
      });
    } catch {
      if (refusal) throw refusal;
    }
    if (signal?.aborted) throw new DOMException('aborted', 'AbortError');
    if (position > before) {
      onMeasure?.(position - before, performance.now() - began - busy);
      failures = 0;
    }
    if (position >= end) return;
    failures += 1;
    const decision = afterFailure({ status, attempt: failures }, Math.random());
    if (decision.give_up) throw new GoneError(`${status}`);
    onState?.('retrying');
    await pause(decision.delay, signal);
  }
}
