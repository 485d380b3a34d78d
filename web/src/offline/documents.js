/** Documents that come with a lesson: their types, and the names under which they are saved. Pure. */

const OFFICE = 'application/vnd.openxmlformats-officedocument';
/** The ending that each type has (the server's list: cms/lessons/documents.py). */
export const DOCUMENT_ENDINGS = {
  'application/pdf': '.pdf',
  [`${OFFICE}.wordprocessingml.document`]: '.docx',
  [`${OFFICE}.spreadsheetml.sheet`]: '.xlsx',
  [`${OFFICE}.presentationml.presentation`]: '.pptx',
  'application/msword': '.doc',
  'application/vnd.ms-excel': '.xls',
  'application/vnd.ms-powerpoint': '.ppt',
  'application/vnd.oasis.opendocument.text': '.odt',
  'application/vnd.oasis.opendocument.spreadsheet': '.ods',
  'application/vnd.oasis.opendocument.presentation': '.odp',
  'text/plain': '.txt',
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/webp': '.webp',
};

/**
 * The name under which a phone saves a document, so that it knows what opens it: an object itself is called by its hash.
 * @param {{label: string, mime: string}} item
 * @returns {string}
 */
export function savedName({ label, mime }) {
  const ending = /** @type {Record<string, string>} */ (DOCUMENT_ENDINGS)[mime.split(';')[0]] ?? '';
  const name = label.replace(/[\\/:*?"<>|]+/g, ' ').trim() || 'document';
  return name.toLowerCase().endsWith(ending) ? name : name + ending;
}
