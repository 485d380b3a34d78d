/**
 * Anticipated failures of downloading and of trust. Each has a stable code; `strings.js` has the words for a person.
 *
 * `kind` says what to do about it:
 *  - `network`: the way to the source is bad; wait and try the same thing again
 *  - `object`: this one object is not to be had now; go on with the others and come back
 *  - `person`: somebody must do something (free space, get a new application, decide about trust)
 */

/** @typedef {'network'|'object'|'person'} FailureKind */

export class OfflineError extends Error {
  /**
   * @param {string} code stable, used as key of the messages
   * @param {FailureKind} kind
   * @param {string} [detail] for the log
   */
  constructor(code, kind, detail = '') {
    super(detail ? `${code}: ${detail}` : code);
    this.name = 'OfflineError';
    this.code = code;
    this.kind = kind;
  }
}

/**
 * What the signed metadata refuse. Never leads to a change of what is already trusted.
 */
export class TrustError extends OfflineError {
  /**
   * @param {'unsigned'|'rollback'|'expired'|'hash'|'length'|'format'|'version'|'missing'} reason
   * @param {string} detail
   */
  constructor(reason, detail) {
    super(`trust-${reason}`, 'person', detail);
    this.name = 'TrustError';
    this.reason = reason;
  }
}

/**
 * @param {unknown} error
 * @returns {OfflineError} the same failure with a code; what was not anticipated becomes `unexpected`
 */
export function asOfflineError(error) {
  if (error instanceof OfflineError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'QuotaExceededError') return new OfflineError('disk-full', 'person', String(error));
  if (name === 'AbortError') return new OfflineError('stopped', 'network', String(error));
  return new OfflineError('unexpected', 'person', error instanceof Error ? error.stack || error.message : String(error));
}
