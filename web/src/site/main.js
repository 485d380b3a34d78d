/** What every page gains when scripts run: nothing here is needed to read or to act. */
import { forgetAll, unfinished } from '../player/memory.js';
import { clock } from '../player/strings.js';
import { part } from '../parts.js';
import { watchNetwork } from './network.js';

/** Milliseconds beside a lesson after which nothing more pressing is expected of the link. */
const CALM = 8000;

/** Remembers that the line about the draft was put away. */
const DRAFT_SEEN = 'gyxf:draft-seen';

/** The first button of 今天 goes on with what was begun last on this phone; the server's choice goes to the list. */
function offerContinuation(page = document) {
  const link = page.querySelector('[data-first]');
  const lesson = link && unfinished(localStorage);
  if (!lesson) return;
  page.querySelector('[data-newest]')?.removeAttribute('hidden');
  link.href = lesson.url;
  link.querySelector('.button__label').textContent = lesson.title;
  link.querySelector('.cost').textContent = `${link.dataset.first} · ${clock(lesson.position)} / ${clock(lesson.duration)}`;
}

/** On a shared phone the next person must not see what the last one learnt. */
function forgetAtSignOut(page = document) {
  for (const form of page.querySelectorAll('form[action$="/logout/"]')) {
    form.addEventListener('submit', () => forgetAll(localStorage));
  }
}

/**
 * The service worker brings along what the package pages need without a network (some 70 KB). The package pages ask
 * for it at once. Elsewhere it is asked for when the page stands and the browser has nothing to do, on a good link;
 * beside a lesson only while nothing is played. The page that is before the person then is kept with it.
 */
function keepForOffline(page = document) {
  const { saveData, effectiveType = '4g' } = navigator.connection ?? {};
  const { serviceWorker } = navigator;
  if (!serviceWorker || saveData || effectiveType !== '4g') return;
  const paths = [location.pathname, page.querySelector('.places a[href$="/courses/"]')?.pathname];
  const register = async () => {
    const isFirst = !serviceWorker.controller;
    await serviceWorker.register('/sw.js');
    if (isFirst) (await serviceWorker.ready).active.postMessage({ type: 'keep', paths });
  };
  const attempt = () => {
    if ([...page.querySelectorAll('audio, video')].some((media) => !media.paused)) setTimeout(attempt, CALM);
    else register().catch(() => {});
  };
  const calm = page.querySelector('lesson-player') ? () => setTimeout(attempt, CALM) : attempt;
  const idle = () => (window.requestIdleCallback ?? setTimeout)(calm, { timeout: 2000 });
  if (page.readyState === 'complete') idle();
  else addEventListener('load', idle);
}

/** Who does not read can hear: asked for last, and only where the browser can speak and something is to be heard. */
function readAloud(page = document) {
  if (!('speechSynthesis' in window) || !page.querySelector('[data-spoken], lesson-player, #app')) return;
  const start = () => part('spoken').then((spoken) => spoken.start(), () => {});
  if (page.readyState === 'complete') start();
  else addEventListener('load', start);
}

/** What is being typed is completed: fetched with the first touch of the box. */
function suggestWords(page = document) {
  const box = page.querySelector('[data-suggest]');
  box?.addEventListener('focus', () => part('suggest').then((suggest) => suggest.start(box), () => {}), { once: true });
}

/** That the Tibetan is a draft has to be said to everybody, but not on every page for ever. */
function sayDraftOnce(page = document) {
  const line = page.querySelector('[data-draft]');
  if (!line) return;
  line.hidden = localStorage.getItem(DRAFT_SEEN) !== null;
  line.querySelector('button').addEventListener('click', () => {
    localStorage.setItem(DRAFT_SEEN, '1');
    line.hidden = true;
    page.querySelector('main').focus({ preventScroll: true });
  });
}

/** What was printed in a window of its own has changed this page: it is asked for again when the person comes back. */
function freshAfterPrinting(page = document) {
  for (const form of page.querySelectorAll('form[target="_blank"]')) {
    form.addEventListener('submit', () => page.addEventListener('visibilitychange', () => page.hidden || location.reload()));
  }
}

document.documentElement.classList.remove('no-js');
freshAfterPrinting();
sayDraftOnce();
watchNetwork();
offerContinuation();
forgetAtSignOut();
keepForOffline();
readAloud();
suggestWords();
