/**
 * What to do after a failure, as a value: the callers carry it out.
 */

/** Milliseconds. The first repeat comes at once: most cuts on a mountain are short. */
export const POLICY = { first: 500, factor: 2, longest: 60_000, objectPause: 300_000 };

/**
 * @param {{kind: import('./errors.js').FailureKind, attempt: number, online: boolean}} failure `attempt` counts
 *   failures since the last verified piece, from 1
 * @param {number} chance 0–1, so that a township's phones don't all come back in the same second
 * @returns {{action: 'wait', delay: number}|{action: 'skip'}|{action: 'stop'}}
 */
export function decide({ kind, attempt, online }, chance) {
  if (kind === 'person') return { action: 'stop' };
  if (kind === 'object') return { action: 'skip' };
  if (!online) return { action: 'wait', delay: POLICY.longest };
  const full = Math.min(POLICY.longest, POLICY.first * POLICY.factor ** Math.min(attempt - 1, 16));
  return { action: 'wait', delay: Math.round(full * (0.5 + chance / 2)) };
}
