/** What was played of a lesson: told to the page, and remembered on this device. */
import { recall, remember } from './memory.js';
import { isComplete, seconds, Watch } from './watched.js';

/** Seconds played between two `lesson-progress` events. */
const REPORT_EVERY = 10;

export class Study {
  /** @param {import('./lesson-player.js').LessonPlayer} player */
  constructor(player) {
    this.player = player;
    const note = recall(localStorage, player.data.material, player.data.revision);
    this.position = note.position;
    this.watch = new Watch(note.pieces);
    this.reported = seconds(this.watch.pieces);
    this.completed = note.completed;
  }

  isComplete(duration) {
    return isComplete(this.watch.pieces, duration);
  }

  /** The deck stands where it stands now; `moving`: it plays. */
  step(deck, moving, speed) {
    this.watch.step(deck.media.currentTime, moving, speed);
    const due = seconds(this.watch.pieces) - this.reported >= REPORT_EVERY;
    if (due || !deck.wantsToPlay || deck.media.ended) this.report();
  }

  report() {
    const { deck, data } = this.player;
    const played = seconds(this.watch.pieces);
    const duration = deck?.duration || 0;
    if (!duration || (played === this.reported && deck.position === this.saved)) return;
    this.reported = played;
    this.saved = deck.position;
    const intervals = this.watch.pieces.map(([from, to]) => [Math.round(from * 10) / 10, Math.round(to * 10) / 10]);
    const { material, revision } = data;
    const detail = { material, revision, intervals, seconds: played, position: deck.position, duration };
    const completes = !this.completed && this.isComplete(duration);
    this.completed ||= completes;
    const over = deck.media.ended || deck.position > duration - 10;
    remember(localStorage, material, {
      revision,
      position: over ? 0 : deck.position,
      duration,
      pieces: intervals,
      completed: this.completed,
      title: data.title,
      url: location.pathname,
    });
    this.loadRecords();
    const tell = (name) => this.player.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
    tell('lesson-progress');
    if (completes) tell('lesson-completed');
  }

  /**
   * The module that keeps study records comes after the first seconds of the lesson, not before them: on a slow link
   * it would hold up the sound. Every later event carries the whole union, so nothing is missed.
   */
  loadRecords() {
    const { records } = this.player.dataset;
    if (records) this.recording ??= import(records).catch(() => { this.recording = null; });
  }
}
