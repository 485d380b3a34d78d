/**
 * How pages and the downloader talk: commands lie in the database, so they outlive every tab; the channel only
 * wakes and tells.
 */
export const CHANNEL = 'gyxf-packages';
export const LOCK = 'gyxf-downloader';

/**
 * @typedef {{type: 'wake'}} Wake pages → downloader: look at the database again
 * @typedef {{type: 'progress', download: import('./shelf.js').Download, rate: number}} Progress `rate` in bytes a second
 * @typedef {{type: 'changed'}} Changed downloader → pages: lessons or packages have changed
 * @typedef {{trustedRoot: string, can: import('./manifest.js').Ability}} Setup page → its own worker, once
 */
