/**
 * Sends what the server has not confirmed: at page open, when the network returns, after each record. At-least-once
 * delivery; the server makes it exactly once. One tab at a time.
 */
import { generateKey, sign } from '../offline/ed25519.js';
import { hex } from '../offline/bytes.js';
import { decide } from '../offline/retry.js';
import { MAX_BUNDLE_BYTES, MAX_BUNDLE_LINES, gzip, packBundle, proofMessage } from './chain.js';
import { FORK, troubleOf } from './words.js';

const LOCK = 'gyxf-sender';
const TIMEOUT = 30_000;

/**
 * @typedef {'sent'|'nothing'|'offline'|'nobody'|'refused'} Outcome `nobody`: no member is signed in; `refused`: the
 *   server keeps the records for review and says why
 */

export class Sender {
  /**
   * @param {import('./log.js').RecordLog} log
   * @param {{fetch: typeof fetch, csrf: () => string, changed: () => void}} ports
   */
  constructor(log, { fetch, csrf, changed }) {
    this.log = log;
    this.fetch = fetch;
    this.csrf = csrf;
    this.changed = changed;
    this.attempt = 0;
    this.timer = 0;
    /** Records that the server confirmed since this page was opened. */ this.delivered = 0;
    /** Why nothing moves, when nothing moves. @type {import('./words.js').Trouble|null} */ this.trouble = null;
  }

  /** Tries now and, while it fails for the network's sake, again and again with growing pauses. */
  async kick() {
    clearTimeout(this.timer);
    const outcome = await navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? this.attemptAll() : 'busy'));
    if (outcome === 'offline' || outcome === 'busy') {
      this.attempt += 1;
      const next = decide({ kind: 'network', attempt: this.attempt + 2, online: navigator.onLine !== false }, Math.random());
      this.timer = setTimeout(() => this.kick(), next.action === 'wait' ? next.delay : TIMEOUT);
    } else {
      this.attempt = 0;
    }
    this.changed();
    return outcome;
  }

  /** @returns {Promise<Outcome>} */
  async attemptAll() {
    this.trouble = null;
    try {
      const registration = await this.#register();
      let outcome = /** @type {Outcome} */ ('nothing');
      for (const identity of await this.log.identities()) {
        // A log that the server refuses (a revoked phone, say) must not keep back another member's.
        const sent = await this.#sendAll(identity).catch((error) => this.#refused(error));
        if (sent !== 'nothing' && outcome !== 'refused') outcome = sent;
      }
      if (registration === 'nobody' && outcome === 'nothing') return 'nobody';
      return outcome;
    } catch (error) {
      return error instanceof Refusal ? this.#refused(error) : 'offline';
    }
  }

  /**
   * @param {unknown} error
   * @returns {'refused'}
   */
  #refused(error) {
    if (!(error instanceof Refusal)) throw error;
    this.trouble = error.trouble;
    return 'refused';
  }

  /**
   * Registers this phone for whoever is signed in.
   * @returns {Promise<'known'|'registered'|'nobody'>}
   */
  async #register() {
    const current = await this.log.current();
    const challenge = await this.#request('/api/v1/devices/challenge/', {});
    if (challenge.status === 401 || challenge.status === 403) return current ? 'known' : 'nobody';
    if (!challenge.ok) return offline();
    const { challenge: text, member_pseudonym: member } = await challenge.json();
    if (current && (!member || member === current.member)) return 'known';
    if (member && (await this.log.use(member))) return 'known';
    const key = await this.log.candidateKey(generateKey);
    const response = await this.#request('/api/v1/devices/', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': this.csrf() },
      body: JSON.stringify({
        public_key: hex(key.publicKey), challenge: text, proof: hex(await sign(key, proofMessage(text))),
      }),
    });
    if (!response.ok) throw await refusalOf(response);
    await this.log.register(await response.json(), key);
    return 'registered';
  }

  /**
   * @param {import('./log.js').Identity} start
   * @returns {Promise<Outcome>}
   */
  async #sendAll(start) {
    let identity = start;
    let sent = /** @type {Outcome} */ ('nothing');
    let most = MAX_BUNDLE_LINES;
    for (;;) {
      const range = await this.log.unsent(identity, most);
      if (!range) return sent;
      const lines = range.lines.map(({ line }) => line);
      const { device, epoch } = identity;
      const plain = await packBundle({ device, epoch, first: range.first, previous: range.previous, lines }, (m) => sign(identity.key, m));
      const bundle = await gzip(plain);
      if (bundle.length > MAX_BUNDLE_BYTES && most > 1) {
        most = Math.ceil(most / 2);
        continue;
      }
      const before = identity.confirmed;
      identity = { ...identity, confirmed: await this.#send(identity, bundle) };
      // The server has it but says nothing that we can check against our chain: stop instead of going round.
      if (identity.confirmed <= before) throw new Refusal({ words: FORK });
      this.delivered += identity.confirmed - before;
      sent = 'sent';
      this.changed();
    }
  }

  /**
   * @param {import('./log.js').Identity} identity
   * @param {Uint8Array} bundle
   * @returns {Promise<number>} confirmed sequence
   */
  async #send(identity, bundle) {
    const response = await this.#request('/api/v1/records/', {
      method: 'POST', headers: { 'Content-Type': 'application/vnd.gyxf.bundle' }, body: /** @type {BodyInit} */ (bundle),
      credentials: 'omit',
    });
    if (!response.ok) throw await refusalOf(response);
    return this.log.acknowledge(identity, await response.json());
  }

  /**
   * @param {string} url
   * @param {RequestInit} options
   * @returns {Promise<Response>}
   * @throws {Error} for whatever is the network's or a gateway's fault
   */
  async #request(url, options) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), TIMEOUT);
    try {
      const response = await this.fetch(url, { cache: 'no-store', credentials: 'same-origin', signal: stop.signal, ...options });
      // A log-in page of the network answers in HTML and redirects; our server answers in JSON.
      if (response.status >= 500 || response.status === 429 || !/json/.test(response.headers.get('content-type') ?? '')) {
        return offline();
      }
      return response;
    } finally {
      clearTimeout(timer);
    }
  }
}

class Refusal extends Error {
  /** @param {import('./words.js').Trouble} trouble */
  constructor(trouble) {
    super(trouble.words[1]);
    this.trouble = trouble;
  }
}

/** @returns {never} */
function offline() {
  throw new TypeError('no answer of our server');
}

/** @param {Response} response */
async function refusalOf(response) {
  return new Refusal(troubleOf(response.status, await response.json().catch(() => null)));
}
