/** What the player remembers on this device: the position, what was played, and how a person likes to listen. */
import { readPieces } from './watched.js';

const PREFIX = 'gyxf:player:';
/** Lessons remembered; the oldest goes first. */
const MOST = 60;

function read(storage, key) {
  try {
    return JSON.parse(storage.getItem(PREFIX + key)) ?? {};
  } catch {
    return {};
  }
}

function write(storage, key, value) {
  try {
    storage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs the memory, never the lesson.
  }
}

/** @returns {{position: number, pieces: [number, number][], completed: boolean}} of one revision of a lesson */
export function recall(storage, material, revision) {
  const note = read(storage, `lesson:${material}`);
  const same = note.revision === revision;
  return {
    position: same && Number.isFinite(note.position) ? note.position : 0,
    pieces: same ? readPieces(note.pieces) : [],
    completed: same && note.completed === true,
  };
}

/** Remember a lesson; `note` = {revision, position, duration, pieces, completed, title, url, at}. */
export function remember(storage, material, note) {
  write(storage, `lesson:${material}`, note);
  const recent = read(storage, 'recent');
  const list = [material, ...(Array.isArray(recent.list) ? recent.list : []).filter((other) => other !== material)];
  for (const old of list.splice(MOST)) storage.removeItem(`${PREFIX}lesson:${old}`);
  write(storage, 'recent', { list });
}

/** The lesson that was begun last and is not finished: {material, title, url, position, duration}, or null. */
export function unfinished(storage) {
  const { list } = read(storage, 'recent');
  for (const material of Array.isArray(list) ? list : []) {
    const note = read(storage, `lesson:${material}`);
    if (note.url && note.title && !note.completed && note.position > 5) return { material, ...note };
  }
  return null;
}

export const habits = (storage) => read(storage, 'habits');
export const keepHabit = (storage, name, value) => write(storage, 'habits', { ...habits(storage), [name]: value });

/** A shared phone: whoever signs out takes the traces along. */
export function forgetAll(storage) {
  for (const key of Object.keys(storage)) if (key.startsWith(PREFIX)) storage.removeItem(key);
}
