/**
 * Brings one package onto the phone: signed metadata, manifests, then every object in the order of use. Storage,
 * network, clock and chance are handed in, so the same code runs in the worker and in Node's tests.
 */
import { fromUtf8, sha256 } from './bytes.js';
import { OfflineError, asOfflineError } from './errors.js';
import { planLength, planObjects, preflight, readLessonManifest, readPackageManifest, readQuiz } from './manifest.js';
import { ObjectDownload } from './object-download.js';
import { objectUrl } from './objects.js';
import { POLICY, decide } from './retry.js';
import { INDEX_LIMIT, piecesOfDeck, piecesOfIndex, wholeAsPiece } from './segments.js';
import { readWhole } from './transport.js';

/** Attempts at a small object whose bytes don't match their hash. */
const SMALL_ATTEMPTS = 3;

/**
 * @typedef {import('./manifest.js').Wanted} Wanted
 * @typedef {import('./manifest.js').LessonManifest} LessonManifest
 * @typedef {import('./shelf.js').Download} Download
 * @typedef {Pick<import('./shelf.js').Shelf, 'changeDownload'|'material'|'putMaterial'|'install'|'sawSignedDate'|'recall'>} ShelfPort
 * @typedef {Pick<import('./objects.js').ObjectStore, 'size'|'bytes'|'openPart'|'finish'|'put'>} ObjectsPort
 * @typedef {{refresh: () => Promise<void>, download: (path: string) => Promise<Uint8Array>}} Authority
 * @typedef {{shelf: ShelfPort, objects: ObjectsPort, authority: () => Promise<Authority>,
 *   network: import('./transport.js').Network, now: () => number, chance: () => number, online: () => boolean,
 *   sleep: (ms: number, signal: AbortSignal) => Promise<void>, can: import('./manifest.js').Ability,
 *   estimate: () => Promise<{quota?: number, usage?: number}>, report: (download: Download) => void}} Ports
 * @typedef {{manifest: import('./manifest.js').PackageManifest, lessons: LessonManifest[], plan: Wanted[]}} Prepared
 */

export class PackageDownload {
  /**
   * @param {Download} download
   * @param {Ports} ports
   */
  constructor(download, ports) {
    this.download = download;
    this.ports = ports;
    this.attempt = 0;
    /** @type {Prepared|null} */ this.prepared = null;
    /** Objects under way, kept over a cut. @type {Map<string, ObjectDownload>} */ this.open = new Map();
    /** @type {Set<string>} */ this.here = new Set();
  }

  /**
   * Works until the package is complete, somebody stops it, or somebody must do something.
   * @param {AbortSignal} signal pause and cancel
   * @returns {Promise<'done'|'stopped'>}
   */
  async run(signal) {
    while (!signal.aborted) {
      try {
        await this.#pass(signal);
        return 'done';
      } catch (error) {
        if (signal.aborted) break;
        if (!(await this.#afterFailure(asOfflineError(error), signal))) return 'stopped';
      }
    }
    return 'stopped';
  }

  /**
   * @param {OfflineError} failure
   * @param {AbortSignal} signal
   * @returns {Promise<boolean>} whether to try again
   */
  async #afterFailure(failure, signal) {
    this.attempt += 1;
    const next = decide({ kind: failure.kind, attempt: this.attempt, online: this.ports.online() }, this.ports.chance());
    if (next.action === 'stop') {
      await this.#change({ phase: 'stopped', code: failure.code, detail: /** @type {any} */ (failure).numbers ?? {} });
      console.warn(failure.message);
      return false;
    }
    // What the source doesn't have may be gone from the package too: ask for the metadata again after a while.
    if (next.action === 'skip') this.prepared = null;
    const delay = next.action === 'skip' ? POLICY.objectPause : next.delay;
    await this.#change({ phase: 'waiting', code: failure.code, retry_at: this.ports.now() + delay });
    await this.ports.sleep(delay, signal);
    return true;
  }

  /** @param {Partial<Download>} change */
  async #change(change) {
    Object.assign(this.download, change);
    const kept = await this.ports.shelf.changeDownload(this.download.package_id, change);
    if (kept) this.ports.report(this.download);
  }

  /** @param {AbortSignal} signal */
  async #pass(signal) {
    if (!this.prepared) {
      await this.#change({ phase: 'checking', code: '' });
      this.prepared = await this.#prepare(signal);
    }
    const { manifest, lessons, plan } = this.prepared;
    await this.#change({ phase: 'downloading', code: '', retry_at: 0 });
    await this.#publishLessons(lessons, plan);
    /** @type {OfflineError|null} */
    let missing = null;
    for (const wanted of plan) {
      if (this.here.has(wanted.sha256)) continue;
      try {
        await this.#fetchObject(wanted, signal);
        await this.#publishLessons(lessons.filter((lesson) => wanted.materials.includes(lesson.material)), plan);
      } catch (error) {
        const failure = asOfflineError(error);
        if (failure.kind !== 'object') throw failure;
        missing ??= failure;
      }
    }
    if (missing) throw missing;
    await this.ports.shelf.install({
      package_id: manifest.package, manifest, choice: this.download.choice, installed_at: this.ports.now(),
      length: planLength(plan),
    });
  }

  /**
   * From the signature down to the list of objects.
   * @param {AbortSignal} signal
   * @returns {Promise<Prepared>}
   */
  async #prepare(signal) {
    const authority = await this.ports.authority();
    await authority.refresh();
    const manifest = readPackageManifest(await authority.download(this.download.target));
    if (manifest.package !== this.download.package_id) throw new OfflineError('manifest-malformed', 'object', 'other package');
    await this.ports.shelf.sawSignedDate(Date.parse(manifest.published) || 0);
    const recalled = await this.ports.shelf.recall(manifest.recalled);
    const lessons = [];
    for (const entry of manifest.lessons.filter(({ material }) => !recalled.has(material))) {
      lessons.push(readLessonManifest(await this.#small(entry, signal), entry.material));
    }
    for (const entry of manifest.quizzes) await this.#takeQuiz(manifest, entry, signal);
    const plan = planObjects(lessons, this.download.choice, this.ports.can);
    await this.#countWhatIsHere(plan);
    await this.#checkSpace(plan);
    const small = [...manifest.lessons, ...manifest.quizzes].map((entry) => entry.sha256);
    const objects = [...small, ...plan.flatMap(({ sha256: hash, index }) => (index ? [hash, index] : [hash]))];
    await this.#change({ title: manifest.title, total: planLength(plan), objects });
    return { manifest, lessons, plan };
  }

  /**
   * @param {import('./manifest.js').PackageManifest} manifest
   * @param {import('./manifest.js').Reference} entry
   * @param {AbortSignal} signal
   */
  async #takeQuiz(manifest, entry, signal) {
    const quiz = readQuiz(await this.#small(entry, signal), entry.material);
    await this.ports.shelf.putMaterial({
      package_id: manifest.package, material: entry.material, kind: 'quiz', level: 'full', as_of: manifest.published,
      quiz, objects: [entry.sha256],
    });
  }

  /** @param {Wanted[]} plan */
  async #countWhatIsHere(plan) {
    this.here.clear();
    this.download.held = 0;
    for (const { sha256: hash, length, index, index_length: indexLength } of plan) {
      if ((await this.ports.objects.size(hash)) !== length) continue;
      if (index && (await this.ports.objects.size(index)) !== indexLength) continue;
      this.here.add(hash);
      this.download.held += length + indexLength;
    }
    // Pieces that an earlier run left in part files count when their object's turn comes.
    for (const [hash, open] of this.open) if (!this.here.has(hash)) this.download.held += open.heldBytes;
  }

  /** @param {Wanted[]} plan */
  async #checkSpace(plan) {
    const missing = plan.filter(({ sha256: hash }) => !this.here.has(hash));
    const largest = Math.max(0, ...missing.map(({ length }) => length));
    const { fits, need, free } = preflight({
      missing: planLength(missing) - [...this.open.values()].reduce((sum, open) => sum + open.heldBytes, 0),
      largest, ...(await this.ports.estimate().then(({ quota, usage }) => ({ quota, usage }))),
    });
    if (!fits) {
      throw Object.assign(new OfflineError('no-space', 'person', `${need} of ${free}`), { numbers: { need, free } });
    }
  }

  /**
   * A small object, from the phone or from the source.
   * @param {{sha256: string, length: number}} wanted
   * @param {AbortSignal} signal
   * @returns {Promise<Uint8Array>}
   */
  async #small({ sha256: hash, length }, signal) {
    const kept = await this.ports.objects.bytes(hash);
    if (kept && kept.length === length && (await sha256(kept)) === hash) return kept;
    for (let attempt = 0; attempt < SMALL_ATTEMPTS; attempt += 1) {
      const bytes = await readWhole(this.ports.network, objectUrl(hash), length, signal);
      // Shorter without an error from the connection: a truncated body with a length header to match.
      if (bytes.length === length && (await sha256(bytes)) === hash) {
        await this.ports.objects.put(hash, bytes);
        return bytes;
      }
    }
    throw new OfflineError('wrong-bytes', 'object', hash);
  }

  /**
   * @param {Wanted} wanted
   * @param {AbortSignal} signal
   */
  async #fetchObject(wanted, signal) {
    const pieces = await this.#pieces(wanted, signal);
    const part = await this.ports.objects.openPart(wanted.sha256);
    try {
      const download = await this.#resume(wanted, pieces, part);
      await download.run(signal);
      download.finish(wanted.sha256);
    } catch (error) {
      if (error instanceof OfflineError && error.code === 'wrong-bytes') this.#forget(wanted.sha256);
      throw error;
    } finally {
      part.close();
    }
    await this.ports.objects.finish(wanted.sha256);
    this.open.delete(wanted.sha256);
    this.here.add(wanted.sha256);
    this.download.held += wanted.index_length;
  }

  /** @param {string} hash */
  #forget(hash) {
    const open = this.open.get(hash);
    // What was counted as held and is no longer (the whole failed its hash) leaves the sum again.
    if (open && !open.heldBytes) this.download.held = Math.max(0, this.download.held - open.pieces[open.pieces.length - 1].end);
    this.open.delete(hash);
  }

  /**
   * @param {Wanted} wanted
   * @param {import('./segments.js').Piece[]} pieces
   * @param {import('./object-download.js').Part} part
   */
  async #resume(wanted, pieces, part) {
    const known = this.open.get(wanted.sha256);
    if (known) {
      known.part = part;
      return known;
    }
    const download = new ObjectDownload({
      url: objectUrl(wanted.sha256), pieces, part, network: this.ports.network,
      onPiece: (bytes) => {
        this.attempt = 0;
        this.download.held += bytes;
        this.ports.report(this.download);
      },
    });
    this.open.set(wanted.sha256, download);
    await download.rehash();
    return download;
  }

  /**
   * @param {Wanted} wanted
   * @param {AbortSignal} signal
   */
  async #pieces(wanted, signal) {
    if (!wanted.index) return wholeAsPiece(wanted);
    if (wanted.index_length > INDEX_LIMIT) throw new OfflineError('index-malformed', 'object', 'too long');
    const bytes = await this.#small({ sha256: wanted.index, length: wanted.index_length }, signal);
    return (wanted.kind === 'deck' ? piecesOfDeck : piecesOfIndex)(JSON.parse(fromUtf8(bytes)), wanted);
  }

  /**
   * Shows lessons as soon as they can be heard, and again when their slides and their picture are here. An older version that is
   * whole stays in place until the new one is whole.
   * @param {LessonManifest[]} lessons
   * @param {Wanted[]} plan
   */
  async #publishLessons(lessons, plan) {
    const { package_id: id } = this.download;
    for (const lesson of lessons) {
      const own = plan.filter((wanted) => wanted.materials.includes(lesson.material));
      const holds = (/** @type {Wanted} */ wanted) => this.here.has(wanted.sha256);
      if (!own.filter((wanted) => !wanted.later).every(holds)) continue;
      const level = own.every(holds) ? 'full' : 'sound';
      const before = await this.ports.shelf.material(id, lesson.material);
      if (level === 'sound' && before?.level === 'full') continue;
      const objects = own.filter(holds).flatMap(({ sha256: hash, index }) => (index ? [hash, index] : [hash]));
      const same = before && before.level === level && before.objects.join() === objects.join()
        && before.lesson?.revision === lesson.revision;
      if (same) continue;
      const asOf = this.prepared?.manifest.published ?? '';
      await this.ports.shelf.putMaterial({ package_id: id, material: lesson.material, kind: 'lesson', level, as_of: asOf, lesson, objects });
      this.ports.report(this.download);
    }
  }
}
