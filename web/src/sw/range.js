import { DOCUMENT_ENDINGS } from '../offline/documents.js';

/** The Range header, as RFC 9110 §14 has it, for one range. Pure. */

/**
 * @param {string|null} header
 * @param {number} size of the object in bytes
 * @returns {{start: number, end: number}|'whole'|'unsatisfiable'} `end` exclusive; what is not one byte range is
 *   answered with the whole, as the RFC allows
 */
export function parseRange(header, size) {
  const match = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return 'whole';
  if (match[1] === '') {
    const length = Number(match[2]);
    return length === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - length), end: size };
  }
  const start = Number(match[1]);
  if (match[2] !== '' && Number(match[2]) < start) return 'whole';
  if (start >= size) return 'unsatisfiable';
  return { start, end: match[2] === '' ? size : Math.min(size, Number(match[2]) + 1) };
}

const TYPES = new Set([
  'video/mp4', 'audio/mp4', 'image/jpeg', 'image/webp', 'image/png', 'image/avif', 'text/vtt', 'text/plain',
  'application/json', ...Object.keys(DOCUMENT_ENDINGS),
]);

/**
 * Media types an address may ask for; nothing that a browser would run.
 * @param {string|null} asked
 * @returns {string}
 */
export function safeType(asked) {
  const essence = (asked ?? '').split(';')[0].trim().toLowerCase();
  if (!TYPES.has(essence)) return 'application/octet-stream';
  return essence.startsWith('text/') ? `${essence}; charset=utf-8` : essence;
}

/**
 * Status and headers of the answer to a request for an object.
 * @param {string|null} range
 * @param {number} size
 * @param {string|null} type
 * @returns {{status: number, start: number, end: number, headers: Record<string, string>}}
 */
export function rangeAnswer(range, size, type) {
  const headers = {
    'Accept-Ranges': 'bytes', 'Content-Type': safeType(type), 'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
  const wanted = parseRange(range, size);
  if (wanted === 'unsatisfiable') {
    return { status: 416, start: 0, end: 0, headers: { ...headers, 'Content-Range': `bytes */${size}`, 'Content-Length': '0' } };
  }
  const { start, end } = wanted === 'whole' ? { start: 0, end: size } : wanted;
  const length = { 'Content-Length': String(end - start) };
  if (wanted === 'whole') return { status: 200, start, end, headers: { ...headers, ...length } };
  return { status: 206, start, end, headers: { ...headers, ...length, 'Content-Range': `bytes ${start}-${end - 1}/${size}` } };
}
