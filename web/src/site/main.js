/** What every page gains when scripts run: nothing here is needed to read or to act. */
import { forgetAll, unfinished } from '../player/memory.js';
import { clock } from '../player/strings.js';
import { watchNetwork } from './network.js';

/** Milliseconds on one page after which nothing more pressing is expected of the link. */
const CALM = 8000;

/** Puts the lesson that was begun last before everything else on 今天. */
function offerContinuation(page = document) {
  const link = page.querySelector('[data-continue]');
  const lesson = link && unfinished(localStorage);
  if (!lesson) return;
  link.href = lesson.url;
  link.querySelector('[data-continue-title]').textContent = lesson.title;
  link.querySelector('[data-continue-place]').textContent = `${clock(lesson.position)} / ${clock(lesson.duration)}`;
  link.hidden = false;
  page.querySelector('[data-first]')?.classList.remove('button--primary');
}

/** On a shared phone the next person must not see what the last one learnt. */
function forgetAtSignOut(page = document) {
  for (const form of page.querySelectorAll('form[action$="/logout/"]')) {
    form.addEventListener('submit', () => forgetAll(localStorage));
  }
}

/**
 * The service worker brings along what the package pages need without a network (some 70 KB). The package pages ask
 * for it at once; here it waits until somebody stays on a page, has a good link and no lesson before them.
 */
function keepForOffline(page = document) {
  const { saveData, effectiveType = '4g' } = navigator.connection ?? {};
  if (saveData || effectiveType !== '4g' || page.querySelector('lesson-player')) return;
  setTimeout(() => navigator.serviceWorker?.register('/sw.js').catch(() => {}), CALM);
}

document.documentElement.classList.remove('no-js');
watchNetwork();
offerContinuation();
forgetAtSignOut();
keepForOffline();
