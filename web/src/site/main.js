/** What every page gains when scripts run: nothing here is needed to read or to act. */
import { forgetAll, unfinished } from '../player/memory.js';
import { clock } from '../player/strings.js';
import { watchNetwork } from './network.js';

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

document.documentElement.classList.remove('no-js');
watchNetwork();
offerContinuation();
forgetAtSignOut();
navigator.serviceWorker?.register('/sw.js').catch(() => {});
