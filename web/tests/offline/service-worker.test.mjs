import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseRange, rangeAnswer, safeType } from '../../src/sw/range.js';
import { assetsOf, changesPerson, isHashed, isPersonal, objectOf, routeOf, shellFor, surplus } from '../../src/sw/routes.js';

const HASH = 'ab'.repeat(32);
const origin = 'https://example.test';
const route = (path, more = {}) => routeOf({ method: 'GET', mode: 'cors', cache: 'default', origin, url: new URL(path, origin), ...more });

test('ranges are read as RFC 9110 has them', () => {
  const table = [
    [null, 'whole'], ['', 'whole'], ['bytes=0-', { start: 0, end: 100 }], ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=10-19', { start: 10, end: 20 }], ['bytes=90-500', { start: 90, end: 100 }], ['bytes=-10', { start: 90, end: 100 }],
    ['bytes=-500', { start: 0, end: 100 }], ['bytes=99-', { start: 99, end: 100 }], ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'], ['bytes=5-2', 'whole'], ['bytes=a-b', 'whole'], ['bytes=-', 'whole'],
    ['bytes=0-1,5-6', 'whole'], ['items=0-1', 'whole'], [' Bytes = 1 - 2 ', { start: 1, end: 3 }],
  ];
  for (const [header, wanted] of table) assert.deepEqual(parseRange(header, 100), wanted, String(header));
});

test('an answer says what it is: 200, 206 or 416 with true lengths', () => {
  const partial = rangeAnswer('bytes=10-19', 100, 'video/mp4');
  assert.equal(partial.status, 206);
  assert.equal(partial.headers['Content-Range'], 'bytes 10-19/100');
  assert.equal(partial.headers['Content-Length'], '10');
  assert.equal(partial.headers['Content-Type'], 'video/mp4');
  assert.equal(rangeAnswer(null, 100, null).status, 200);
  const beyond = rangeAnswer('bytes=100-', 100, 'video/mp4');
  assert.deepEqual([beyond.status, beyond.headers['Content-Range']], [416, 'bytes */100']);
});

test('an address can ask for no type that a browser would run', () => {
  assert.equal(safeType('video/mp4; codecs="avc1.42E01E"'), 'video/mp4');
  assert.equal(safeType('text/vtt'), 'text/vtt; charset=utf-8');
  for (const bad of ['text/html', 'image/svg+xml', 'application/javascript', 'x', null]) {
    assert.equal(safeType(bad), 'application/octet-stream');
  }
});

test('objects are named by their hash and its first two digits', () => {
  assert.equal(objectOf(new URL(`/b/ab/${HASH}?type=video%2Fmp4`, origin)), HASH);
  for (const path of [`/b/cd/${HASH}`, `/b/ab/${HASH}x`, '/b/ab/', `/c/ab/${HASH}`]) assert.equal(objectOf(new URL(path, origin)), null);
});

test('the worker answers objects, static files and pages, and leaves the rest to the network', () => {
  assert.equal(route(`/b/ab/${HASH}`), 'object');
  assert.equal(route(`/b/ab/${HASH}`, { cache: 'no-store' }), 'leave');
  assert.equal(route(`/b/ab/${HASH}`, { mode: 'navigate' }), 'object');
  assert.equal(route('/static/web/site.css'), 'static');
  assert.equal(route('/packages/', { mode: 'navigate' }), 'package-page');
  assert.equal(route('/bo/packages/x/', { mode: 'navigate' }), 'package-page');
  assert.equal(route('/search/', { mode: 'navigate' }), 'page');
  assert.equal(route('/admin/pages/', { mode: 'navigate' }), 'leave');
  assert.equal(route('/api/v1/packages/'), 'leave');
  assert.equal(route('/api/v1/records/', { method: 'POST' }), 'leave');
  assert.equal(route('https://other.test/static/x.js'), 'leave');
});

test('今天 and 我的 are kept for the time without a network, other years and other pages are not', () => {
  for (const path of ['/', '/bo/', '/me/', '/bo/me/']) {
    assert.equal(route(path, { mode: 'navigate' }), 'kept-page');
    assert.equal(isPersonal(path), true);
  }
  for (const path of ['/me/?year=2025', '/me/deletion/']) assert.equal(route(path, { mode: 'navigate' }), 'page');
});

test('what is kept of a person goes when somebody signs in or out', () => {
  for (const path of ['/login/', '/logout/', '/bo/join/', '/join/ABCD-EFGH/', '/password/']) assert.equal(changesPerson(path), true);
  for (const path of ['/', '/me/', '/courses/login/']) assert.equal(changesPerson(path), false);
});

test('each language has its shell, and a shell names what it needs', () => {
  assert.equal(shellFor('/bo/packages/x/'), '/bo/packages/shell/');
  assert.equal(shellFor('/courses/'), '/packages/shell/');
  const html = '<link href="/static/web/site.css"><script src="/static/web/p.0123abcd.js"></script><a href="/x/">{"worker": "/static/web/w.js"}';
  assert.deepEqual(assetsOf(html), ['/static/web/site.css', '/static/web/p.0123abcd.js', '/static/web/w.js']);
  assert.equal(isHashed('/static/web/p.0123abcd.js'), true);
  assert.equal(isHashed('/static/web/packages.js'), false);
});

test('what there is to read is kept as it was seen, a filtered list and a search are not', () => {
  for (const path of ['/courses/', '/courses/a/b/c/', '/bo/courses/a/', '/sites/', '/teachers/x/', '/courses/a/b/c/?t=12']) {
    assert.equal(route(path, { mode: 'navigate' }), 'kept-page', path);
    assert.equal(isPersonal(path), false);
  }
  for (const path of ['/teachers/?language=adx', '/search/', '/search/?q=x', '/branch/x/']) assert.equal(route(path, { mode: 'navigate' }), 'page', path);
});

test('few kept pages stay, the newest, and a person’s own two in any case', () => {
  const pages = [1, 2, 3, 4].map((n) => ({ path: `/courses/${n}/`, kept: `2026-01-0${n}`, bytes: 100 }));
  const own = { path: '/me/', kept: '2025-01-01', bytes: 900 };
  assert.deepEqual(surplus([own, ...pages], { most: 2, bytes: 1000 }), ['/courses/2/', '/courses/1/']);
  assert.deepEqual(surplus([own, ...pages], { most: 9, bytes: 350 }), ['/courses/1/']);
  assert.deepEqual(surplus([own, ...pages]), []);
});
