/** Addresses of the package pages, the same on the server and in the shell. Pure. */

const ID = '([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})';

/**
 * @typedef {{page: 'list'|'package'|'lesson'|'quiz'|'other', prefix: string, packageId: string, material: string}} Route
 */

/**
 * @param {string} pathname
 * @returns {Route}
 */
export function parseRoute(pathname) {
  const prefix = pathname.startsWith('/bo/') ? '/bo' : '';
  const path = pathname.slice(prefix.length);
  const match = new RegExp(`^/packages/(?:${ID}/(?:(lessons|quiz)/${ID}/)?)?$`).exec(path);
  if (!match) return { page: 'other', prefix, packageId: '', material: '' };
  const [, packageId = '', kind, material = ''] = match;
  const page = kind === 'lessons' ? 'lesson' : kind === 'quiz' ? 'quiz' : packageId ? 'package' : 'list';
  return { page, prefix, packageId, material };
}

/**
 * @param {string} prefix
 */
export const addresses = (prefix) => ({
  list: () => `${prefix}/packages/`,
  package: (/** @type {string} */ id) => `${prefix}/packages/${id}/`,
  lesson: (/** @type {string} */ id, /** @type {string} */ material) => `${prefix}/packages/${id}/lessons/${material}/`,
  quiz: (/** @type {string} */ id, /** @type {string} */ material) => `${prefix}/packages/${id}/quiz/${material}/`,
  login: () => `${prefix}/login/?next=${encodeURIComponent(location.pathname)}`,
});
