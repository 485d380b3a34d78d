/**
 * Package and lesson manifests: what they may look like, and which objects a phone takes in which order. Pure.
 */
import { fromUtf8, isSha256, isUuid } from './bytes.js';
import { OfflineError } from './errors.js';

/** The version of the format that this application reads; a newer one means "update the app" (never a guess). */
export const FORMAT_VERSION = 1;
/** Limits of offline-package §2.8. */
const PACKAGE_LIMIT = 1024 * 1024;
const LESSON_LIMIT = 256 * 1024;
const QUIZ_LIMIT = 1024 * 1024;
const MAX_LESSONS = 500;
const MAX_QUIZZES = 100;
const MAX_RECALLED = 5_000;
const MAX_ITEMS = 200;
const MAX_QUESTIONS = 500;
const MAX_LENGTH = 4 * 1024 ** 3 - 1;
const KINDS = new Set(['audio', 'video', 'deck', 'subtitle', 'poster', 'text', 'attachment']);
/** Space that stays free for the person's own things (bytes). */
export const SPACE_RESERVE = 64 * 1024 * 1024;

/**
 * @typedef {{material: string, sha256: string, length: number}} Reference
 * @typedef {{v: number, package: string, version: number, title: string, campaign?: string, organisation: string,
 *   published: string, minutes: number, lessons: Reference[], quizzes: Reference[], recalled: string[]}} PackageManifest
 * @typedef {{kind: 'audio'|'video'|'deck'|'subtitle'|'poster'|'text'|'attachment', language: string|null, label: string,
 *   profile: string, mime: string, sha256: string, length: number, index: string|null, index_length: number|null,
 *   placeholder: boolean, duration_ms: number|null}} Item
 * @typedef {{v: number, material: string, revision: string, title: string, summary: string, minutes: number,
 *   genre?: string, teacher?: string, items: Item[]}} LessonManifest
 * @typedef {'sound'|'small'|'clear'} Choice what the person picked: sound only, small picture, clear picture
 * @typedef {{opus: boolean, av1: boolean}} Ability what this browser plays: Opus in MP4, AV1 without stumbling
 * @typedef {{sha256: string, length: number, index: string|null, index_length: number, kind: Item['kind'], later: boolean,
 *   materials: string[]}} Wanted one object to hold, and the lessons that need it; `later`: they can be opened without it
 */

/** Video rung of each choice, the first that a lesson has. */
const RUNGS = { sound: [], small: ['h264-240', 'h264-360'], clear: ['h264-360', 'h264-240'] };
/** Takes its place on a phone that plays AV1 smoothly, where it has no more bytes (§2.9). */
const AV1_RUNG = 'av1-360';
/** The order of download: what is read and heard of all lessons, then their slides, then their pictures. */
const STAGES = [['text', 'subtitle', 'poster', 'audio', 'attachment'], ['deck'], ['video']];

/**
 * @param {Uint8Array} bytes
 * @param {string} what
 * @param {number} limit bytes
 * @returns {any}
 */
function parse(bytes, what, limit) {
  if (bytes.length > limit) throw new OfflineError('manifest-malformed', 'object', `${what} has ${bytes.length} bytes`);
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    throw new OfflineError('manifest-malformed', 'object', `${what} is not JSON`);
  }
}

/** @param {any} value @param {number} limit */
const isLength = (value, limit = MAX_LENGTH) => Number.isSafeInteger(value) && value >= 0 && value <= limit;

/**
 * @param {any} manifest
 * @param {string} what
 */
function checkVersion(manifest, what) {
  if (Number.isSafeInteger(manifest?.v) && manifest.v > FORMAT_VERSION) {
    throw new OfflineError('app-too-old', 'person', `${what} version ${manifest.v}`);
  }
  if (manifest?.v !== FORMAT_VERSION) throw new OfflineError('manifest-malformed', 'object', `${what} version`);
}

/**
 * @param {Uint8Array} bytes
 * @returns {PackageManifest}
 * @throws {OfflineError} `app-too-old`, `manifest-malformed`
 */
export function readPackageManifest(bytes) {
  const manifest = parse(bytes, 'package', PACKAGE_LIMIT);
  checkVersion(manifest, 'package');
  const { lessons, quizzes = [], recalled = [] } = manifest;
  const good = isUuid(manifest.package) && Number.isSafeInteger(manifest.version) && typeof manifest.title === 'string'
    && isReferences(lessons, MAX_LESSONS, LESSON_LIMIT) && isReferences(quizzes, MAX_QUIZZES, QUIZ_LIMIT)
    && Array.isArray(recalled) && recalled.length <= MAX_RECALLED && recalled.every(isUuid);
  if (!good) throw new OfflineError('manifest-malformed', 'object', 'package');
  return { ...manifest, quizzes, recalled };
}

/**
 * @param {any} entries
 * @param {number} most
 * @param {number} largest
 */
function isReferences(entries, most, largest) {
  return Array.isArray(entries) && entries.length <= most
    && entries.every((entry) => isUuid(entry?.material) && isSha256(entry.sha256) && isLength(entry.length, largest));
}

/**
 * @param {Uint8Array} bytes
 * @param {string} material the lesson that the package manifest promised under this hash
 * @returns {LessonManifest}
 * @throws {OfflineError}
 */
export function readLessonManifest(bytes, material) {
  const manifest = parse(bytes, 'lesson', LESSON_LIMIT);
  checkVersion(manifest, 'lesson');
  const good = manifest.material === material && typeof manifest.title === 'string' && Array.isArray(manifest.items)
    && manifest.items.length <= MAX_ITEMS && manifest.items.every(isItem);
  if (!good) throw new OfflineError('manifest-malformed', 'object', `lesson ${material}`);
  // Kinds that a later version adds are nothing this one could show (§2.4).
  return { ...manifest, items: manifest.items.filter((/** @type {Item} */ item) => KINDS.has(item.kind)) };
}

/**
 * @param {Uint8Array} bytes
 * @param {string} material
 * @returns {any} the quiz document (§2.5)
 * @throws {OfflineError}
 */
export function readQuiz(bytes, material) {
  const quiz = parse(bytes, 'quiz', QUIZ_LIMIT);
  checkVersion(quiz, 'quiz');
  const good = quiz.quiz === material && Array.isArray(quiz.questions) && quiz.questions.length <= MAX_QUESTIONS
    && quiz.questions.every((/** @type {any} */ question) => isUuid(question?.id) && Array.isArray(question.answers)
      && question.answers.length > 0 && question.answers.length <= 10);
  if (!good) throw new OfflineError('manifest-malformed', 'object', `quiz ${material}`);
  return quiz;
}

/** @param {any} item */
function isItem(item) {
  const indexed = item?.index === null || item?.index === undefined
    || (isSha256(item.index) && isLength(item.index_length));
  return indexed && isSha256(item?.sha256) && isLength(item.length) && typeof item.kind === 'string'
    && typeof item.mime === 'string';
}

/**
 * The items of a lesson that a phone takes.
 * @param {LessonManifest} lesson
 * @param {Choice} choice
 * @param {Ability} can
 * @returns {Item[]}
 */
export function chooseItems(lesson, choice, { opus, av1 }) {
  const chosen = lesson.items.filter((item) => item.kind !== 'audio' && item.kind !== 'video');
  const languages = new Set(lesson.items.filter((item) => item.kind === 'audio').map((item) => item.language));
  const order = opus ? ['opus-16', 'aac-24'] : ['aac-24'];
  for (const language of languages) {
    const track = first(lesson.items, 'audio', order, language);
    if (track) chosen.push(track);
  }
  const picture = first(lesson.items, 'video', RUNGS[choice]);
  const lighter = av1 && choice !== 'sound' ? first(lesson.items, 'video', [AV1_RUNG]) : undefined;
  const taken = lighter && (!picture || lighter.length <= picture.length) ? lighter : picture;
  if (taken) chosen.push(taken);
  return chosen;
}

/**
 * @param {Item[]} items
 * @param {string} kind
 * @param {string[]} profiles in order of preference
 * @param {string|null} [language]
 */
function first(items, kind, profiles, language) {
  for (const profile of profiles) {
    const found = items.find((item) => item.kind === kind && item.profile === profile
      && (language === undefined || item.language === language));
    if (found) return found;
  }
  return undefined;
}

/**
 * Everything to hold, in the order of download. An object that two lessons share stands once.
 * @param {LessonManifest[]} lessons
 * @param {Choice} choice
 * @param {Ability} can
 * @returns {Wanted[]}
 */
export function planObjects(lessons, choice, can) {
  /** @type {Map<string, Wanted>} */
  const wanted = new Map();
  for (const stage of STAGES) {
    const byRank = (/** @type {Item} */ a, /** @type {Item} */ b) => stage.indexOf(a.kind) - stage.indexOf(b.kind);
    for (const lesson of lessons) {
      for (const item of chooseItems(lesson, choice, can).filter(({ kind }) => stage.includes(kind)).sort(byRank)) {
        const known = wanted.get(item.sha256);
        if (known) known.materials.push(lesson.material);
        else {
          wanted.set(item.sha256, {
            sha256: item.sha256, length: item.length, index: item.index ?? null, index_length: item.index_length ?? 0,
            kind: item.kind, later: stage !== STAGES[0], materials: [lesson.material],
          });
        }
      }
    }
  }
  return [...wanted.values()];
}

/**
 * @param {Wanted[]} plan
 * @returns {number} bytes of the plan, indexes included
 */
export const planLength = (plan) => plan.reduce((sum, { length, index_length: index }) => sum + length + index, 0);

/**
 * Whether a plan fits: missing bytes, once more the largest object (an old version stays until the new one is
 * whole), and a reserve.
 * @param {{missing: number, largest: number, quota: number|undefined, usage: number|undefined}} space bytes
 * @returns {{fits: boolean, need: number, free: number}}
 */
export function preflight({ missing, largest, quota, usage }) {
  const need = missing === 0 ? 0 : missing + largest + SPACE_RESERVE;
  const free = quota === undefined ? Infinity : Math.max(0, quota - (usage ?? 0));
  return { fits: need <= free, need, free };
}
