/**
 * Turns what happens on a page into study records and keeps the line that says what was sent.
 */
import { RecordLog } from './log.js';
import { Sender } from './sender.js';
import { isComplete, join, readPieces, seconds } from '../player/watched.js';

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
   * Listens to a player: one record when the lesson was begun, one when enough of it was played.
   * @param {EventTarget} player a `<lesson-player>`; `lesson-progress` carries {intervals: [[from, to]…], duration} in
   *   seconds, `lesson-completed` says that the player itself counted enough
   * @param {{material: string, revision?: string, minutes?: number}} lesson
   */
  follow(player, { material, revision, minutes = 0 }) {
    let begun = false;
    let completed = false;
    /** @type {[number, number][]} */
    let watched = [];
    const complete = () => {
      if (completed) return;
      completed = true;
      const pieces = watched.map(([from, to]) => [tenths(from), tenths(to)]);
      this.record({
        verb: 'completed', material, revision, result: { completion: true, extensions: { 'urn:gyxf:watched': pieces } },
      });
    };
    const take = (/** @type {Event} */ event) => {
      const { intervals, duration = minutes * 60 } = /** @type {CustomEvent} */ (event).detail ?? {};
      for (const [from, to] of readPieces(intervals)) watched = join(watched, from, to);
      if (!begun && seconds(watched) >= BEGUN_AFTER) {
        begun = true;
        this.record({ verb: 'initialized', material, revision });
      }
      if (isComplete(watched, duration)) complete();
    };
    player.addEventListener('lesson-progress', take);
    player.addEventListener('lesson-completed', (event) => {
      take(event);
      complete();
    });
  }
}

/** @param {number} value */
const tenths = (value) => Math.round(value * 10) / 10;
