/**
 * The append-only log of study records on this phone. A record is durable once `append` has returned: the transaction
 * is committed with strict durability. Nothing that the server has not confirmed is ever removed.
 */
import { answer, openRecords, transact } from '../offline/database.js';
import { fromHex, hex } from '../offline/bytes.js';
import { chainNext, chainStart, confirmed, lineOf } from './chain.js';
import { note, statement } from './statements.js';

/**
 * @typedef {import('../offline/ed25519.js').SigningKey} SigningKey
 * @typedef {{member: string, device: string, epoch: string, key: SigningKey, sequence: number, head: string,
 *   monotonic: number, confirmed: number, confirmedAt: string, inReview?: number}} Identity a member's log on this phone; `sequence` and
 *   `head` are those of its last line, `inReview` what of it the server had set aside when it confirmed last
 * @typedef {{epoch: string, sequence: number, line: Uint8Array, head: string}} Line
 */

const STORES = ['device', 'waiting', 'lines'];

export class RecordLog {
  /**
   * @param {IDBDatabase} database
   * @param {{now: () => number, sincePageStart: () => number, chance: (bytes: number) => Uint8Array}} clock
   */
  constructor(database, clock) {
    this.database = database;
    this.clock = clock;
    /** Where this page's monotonic clock was set onto the log's. @type {number|null} */
    this.offset = null;
  }

  static async open() {
    return new RecordLog(await openRecords(), {
      now: Date.now,
      sincePageStart: () => performance.now(),
      chance: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    });
  }

  /** @returns {Promise<Identity|undefined>} whose records this phone writes now */
  current() {
    return transact(this.database, STORES, 'readonly', async (t) => {
      const member = await answer(t.objectStore('device').get('current'));
      return member && answer(t.objectStore('device').get(`identity:${member}`));
    });
  }

  /** @returns {Promise<Identity[]>} */
  async identities() {
    const rows = await transact(this.database, ['device'], 'readonly', (t) => answer(t.objectStore('device').getAll()));
    return rows.filter((row) => row?.epoch);
  }

  /**
   * The key to register with: made once, kept before the server hears of it, so that a lost answer costs nothing.
   * @param {() => Promise<SigningKey>} make
   * @returns {Promise<SigningKey>}
   */
  async candidateKey(make) {
    const read = () => transact(this.database, ['device'], 'readonly', (t) => answer(t.objectStore('device').get('candidate')));
    const kept = await read();
    if (kept) return kept;
    const made = await make();
    await transact(this.database, ['device'], 'readwrite', async (t) => {
      const store = t.objectStore('device');
      if (!(await answer(store.get('candidate')))) store.put(made, 'candidate');
    });
    return read();
  }

  /**
   * The server knows this device now: begin the member's chain and put what waited onto it.
   * @param {{device_id: string, member_pseudonym: string}} registration
   * @param {SigningKey} key
   */
  register({ device_id: device, member_pseudonym: member }, key) {
    const epoch = crypto.randomUUID();
    return transact(this.database, STORES, 'readwrite', async (t) => {
      const store = t.objectStore('device');
      /** @type {Identity} */
      let identity = await answer(store.get(`identity:${member}`));
      if (!identity || identity.device !== device) {
        identity = {
          member, device, epoch, key, sequence: 0, head: hex(chainStart(device, epoch)), monotonic: 0, confirmed: 0, confirmedAt: '',
        };
      }
      store.delete('candidate');
      store.put(member, 'current');
      const waiting = t.objectStore('waiting');
      for (const noted of await answer(waiting.getAll())) this.#chain(t, identity, noted);
      waiting.clear();
      store.put(identity, `identity:${member}`);
    });
  }

  /** @param {string} member a member who was registered here before and has signed in again */
  use(member) {
    return transact(this.database, STORES, 'readwrite', async (t) => {
      const store = t.objectStore('device');
      const identity = await answer(store.get(`identity:${member}`));
      if (!identity) return false;
      store.put(member, 'current');
      const waiting = t.objectStore('waiting');
      for (const noted of await answer(waiting.getAll())) this.#chain(t, identity, noted);
      waiting.clear();
      store.put(identity, `identity:${member}`);
      return true;
    });
  }

  /**
   * Writes a record. Without a registered member it is kept aside and chained at the first registration.
   * @param {import('./statements.js').Deed} deed
   * @param {string} [once] a member's second record under the same key is not written
   * @returns {Promise<void>} when it is on the disk
   */
  append(deed, once) {
    const noted = note(deed, this.clock.now(), this.clock.chance(10));
    return transact(this.database, STORES, 'readwrite', async (t) => {
      const store = t.objectStore('device');
      const member = await answer(store.get('current'));
      const mark = once && `once:${member ?? ''}:${once}`;
      if (mark && (await answer(store.get(mark)))) return;
      if (mark) store.put(noted.timestamp, mark);
      if (!member) {
        t.objectStore('waiting').add(noted);
        return;
      }
      const identity = await answer(store.get(`identity:${member}`));
      this.#chain(t, identity, noted);
      store.put(identity, `identity:${member}`);
    });
  }

  /**
   * @param {IDBTransaction} t
   * @param {Identity} identity changed in place
   * @param {import('./statements.js').Noted} noted
   */
  #chain(t, identity, noted) {
    identity.sequence += 1;
    identity.monotonic = this.#monotonic(identity.monotonic);
    const line = lineOf(statement(noted, {
      member: identity.member, sequence: identity.sequence, monotonic: identity.monotonic,
    }));
    identity.head = hex(chainNext(fromHex(identity.head), line));
    t.objectStore('lines').add({ epoch: identity.epoch, sequence: identity.sequence, line, head: identity.head });
  }

  /**
   * Milliseconds that never fall back, whatever the wall clock does: true lengths within one page, at least one
   * millisecond from page to page (no browser says how long it was closed).
   * @param {number} last
   */
  #monotonic(last) {
    const page = Math.floor(this.clock.sincePageStart());
    if (this.offset === null || this.offset + page <= last) this.offset = last + 1 - page;
    return this.offset + page;
  }

  /**
   * @param {Identity} identity
   * @param {number} most lines
   * @returns {Promise<{first: number, previous: Uint8Array, lines: Line[]}|null>} the next range to send
   */
  async unsent(identity, most) {
    const rows = await this.#lines(identity, identity.confirmed + 1, most);
    if (!rows.length) return null;
    const before = identity.confirmed ? await this.#line(identity, identity.confirmed) : undefined;
    const previous = before ? fromHex(before.head) : chainStart(identity.device, identity.epoch);
    return { first: rows[0].sequence, previous, lines: rows };
  }

  /**
   * @param {Identity} identity
   * @param {number} from
   * @param {number} most
   * @returns {Promise<Line[]>}
   */
  #lines({ epoch }, from, most) {
    const range = IDBKeyRange.bound([epoch, from], [epoch, Infinity]);
    return transact(this.database, ['lines'], 'readonly', (t) => answer(t.objectStore('lines').getAll(range, most)));
  }

  /** @param {Identity} identity @param {number} sequence @returns {Promise<Line|undefined>} */
  #line({ epoch }, sequence) {
    return transact(this.database, ['lines'], 'readonly', (t) => answer(t.objectStore('lines').get([epoch, sequence])));
  }

  /**
   * Takes an acknowledgement (record-sync §4.7). Lines below the confirmed one go; the confirmed one stays, because
   * the next bundle begins with its chain hash.
   * @param {Identity} identity
   * @param {any} acknowledgement
   * @returns {Promise<number>} confirmed sequence
   */
  async acknowledge(identity, acknowledgement) {
    const line = Number.isSafeInteger(acknowledgement?.contiguous)
      ? await this.#line(identity, acknowledgement.contiguous) : undefined;
    const upTo = confirmed(acknowledgement, {
      device: identity.device, epoch: identity.epoch,
      headAt: (sequence) => (line?.sequence === sequence ? line.head : undefined),
    });
    if (upTo <= identity.confirmed) return identity.confirmed;
    return transact(this.database, STORES, 'readwrite', async (t) => {
      const store = t.objectStore('device');
      const fresh = await answer(store.get(`identity:${identity.member}`));
      if (!fresh || fresh.epoch !== identity.epoch || fresh.confirmed >= upTo) return identity.confirmed;
      const inReview = Number.isSafeInteger(acknowledgement.in_review) ? acknowledgement.in_review : 0;
      store.put({ ...fresh, confirmed: upTo, confirmedAt: String(acknowledgement.server_time), inReview }, `identity:${identity.member}`);
      t.objectStore('lines').delete(IDBKeyRange.bound([fresh.epoch, 0], [fresh.epoch, upTo], false, true));
      return upTo;
    });
  }

  /**
   * @returns {Promise<{registered: boolean, waiting: number, aside: number, confirmed: number, confirmedAt: string,
   *   inReview: number}>} `waiting`: records that the server has not confirmed; `aside`: of these, records that belong
   *   to nobody yet; `inReview`: of the confirmed ones, those that waited for a person's look then
   */
  state() {
    return transact(this.database, STORES, 'readonly', async (t) => {
      const aside = await answer(t.objectStore('waiting').count());
      const store = t.objectStore('device');
      const current = await answer(store.get('current'));
      const identities = (await answer(store.getAll())).filter((row) => row?.epoch);
      const open = identities.reduce((sum, { sequence, confirmed: upTo }) => sum + sequence - upTo, 0);
      const own = identities.find(({ member }) => member === current);
      return {
        registered: Boolean(own), waiting: aside + open, aside, confirmed: own?.confirmed ?? 0, confirmedAt: own?.confirmedAt ?? '',
        inReview: own?.inReview ?? 0,
      };
    });
  }
}
