/**
 * Turns what happens on a page into study records and keeps the line that says what was sent.
 */
import { RecordLog } from './log.js';
import { Sender } from './sender.js';
import { isComplete, readPieces, seconds } from '../player/watched.js';

/** Seconds of a lesson that must have been played before it counts as begun: a slip of the finger is no study. */
const BEGUN_AFTER = 3;

/** @returns {string} */
function csrfToken() {
  return /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? '';
}

export class Recorder extends EventTarget {
  /** @param {RecordLog} log */
  constructor(log) {
    super();
    this.log = log;
    this.sender = new Sender(log, {
      fetch: (url, options) => fetch(url, options), csrf: csrfToken, changed: () => this.#changed(),
    });
    /** @type {import('./sender.js').Outcome|'busy'|''} */ this.outcome = '';
    /** @type {Map<string, Promise<void>>} */ this.noted = new Map();
  }

  static async open() {
    const recorder = new Recorder(await RecordLog.open());
    addEventListener('online', () => recorder.send());
    recorder.send();
    return recorder;
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  async send() {
    this.outcome = await this.sender.kick();
    this.#changed();
  }

  /** @param {import('./statements.js').Deed} deed */
  async record(deed) {
    await this.log.append(deed);
    this.#changed();
    this.send();
  }

  /**
   * Records a quiz: raw answers only, the server grades them.
   * @param {string} quiz
   * @param {Record<string, string>} response question id → key of the answer
   */
  answered(quiz, response) {
    return this.record({ verb: 'answered', material: quiz, result: { response } });
  }

  /**
   * Listens to players: one record when a lesson was begun, one when enough of it was played.
   * @param {EventTarget} place a `<lesson-player>` or what is around it. `lesson-progress` carries {material, revision,
   *   intervals: [[from, to]…], duration} in seconds; `lesson-completed` says that the player itself counted enough.
   *   The player hears `lesson-recorded` when the record of its completion is on the disk
   */
  follow(place) {
    const take = (/** @type {Event} */ event) => {
      const { material, revision, intervals, duration } = /** @type {CustomEvent} */ (event).detail;
      const watched = readPieces(intervals);
      // The year belongs to the key: a lesson that is learned again next winter counts again.
      const key = `${material}:${revision}:${new Date().getFullYear()}`;
      if (seconds(watched) >= BEGUN_AFTER) this.#once(`initialized:${key}`, { verb: 'initialized', material, revision });
      if (event.type !== 'lesson-completed' && !isComplete(watched, duration)) return;
      const result = { completion: true, extensions: { 'urn:gyxf:watched': watched } };
      const kept = this.#once(`completed:${key}`, { verb: 'completed', material, revision, result });
      kept.then(() => event.target?.dispatchEvent(new CustomEvent('lesson-recorded', { detail: { material } })));
    };
    place.addEventListener('lesson-progress', take);
    place.addEventListener('lesson-completed', take);
  }

  /**
   * @param {string} key
   * @param {import('./statements.js').Deed} deed
   * @returns {Promise<void>} when the record is on the disk
   */
  #once(key, deed) {
    const kept = this.noted.get(key) ?? this.#note(key, deed);
    this.noted.set(key, kept);
    return kept;
  }

  /**
   * @param {string} key
   * @param {import('./statements.js').Deed} deed
   */
  async #note(key, deed) {
    await this.log.append(deed, key);
    this.#changed();
    this.send();
  }
}
