/**
 * The package pages. The server's page and the shell that the service worker keeps run the same code: with a network
 * the page brings its data, without one the phone has them.
 */
import { translator } from '../player/strings.js';
import { Recorder } from '../records/recorder.js';
import { h, notice, twice } from './dom.js';
import { lessonPage } from './lesson-page.js';
import { listPage } from './list-page.js';
import { offlinePage, phoneSearchPage } from './offline-page.js';
import { infoOnPhone, packageMissing, packagePage } from './package-page.js';
import { Phone, lacking } from './phone.js';
import { quizPage } from './quiz-page.js';
import { RecordsLine } from './records-line.js';
import { addresses, parseRoute } from './route.js';
import { keepShell, untilOnline } from './shell.js';
import { reason } from './words.js';

/**
 * @param {string} id
 * @returns {any} JSON that the page brought, null when it has none
 */
function fromPage(id) {
  const script = document.getElementById(id);
  return script ? JSON.parse(script.textContent ?? 'null') : null;
}

/**
 * The shell was made for one address and shown for another: its header must lead where this page is.
 * @param {import('./route.js').Route} route
 */
function settleHeader({ prefix }) {
  // The page says itself that there is no network, and what can be done without.
  document.querySelector('[data-network-notice]')?.remove();
  const here = location.pathname.slice(prefix.length);
  for (const link of document.querySelectorAll('.tongue a[hreflang]')) {
    link.setAttribute('href', link.getAttribute('hreflang') === 'bo' ? `/bo${here}` : here);
  }
  for (const link of document.querySelectorAll('.places a')) {
    const place = (link.getAttribute('href') ?? '').slice(prefix.length);
    const current = place === '/' ? here === '/' : here.startsWith(place);
    if (current) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

/** @param {(text: string) => string} t @param {string} missing */
function cannotKeep(t, missing) {
  document.getElementById('app')?.prepend(notice('warning', 'warning', ...twice(t, reason(missing))));
}

/**
 * @param {import('./route.js').Route} route
 * @param {any} context
 * @param {string} language
 * @returns {Node[]}
 */
function pageFor({ page, prefix, packageId, material }, context, language) {
  const info = fromPage('package-data') ?? (packageId ? infoOnPhone(context.phone, packageId) : null);
  const packageTitle = info?.title ?? '';
  if (page === 'list') return listPage(fromPage('packages-data'), context);
  if (page === 'package') return info ? packagePage(info, context) : packageMissing(context);
  if (page === 'lesson') return lessonPage({ packageId, material, online: fromPage('player-data'), packageTitle, info }, context);
  if (page === 'quiz') return quizPage({ packageId, material, online: fromPage('quiz-data'), packageTitle, language }, context);
  if (location.pathname === `${prefix}/search/`) return phoneSearchPage(context, prefix);
  return offlinePage(context, prefix);
}

async function start() {
  const t = translator();
  const config = fromPage('packages-config');
  const app = document.getElementById('app');
  const root = document.getElementById('trusted-root')?.textContent;
  if (!app || !config || !root) return;
  const missing = lacking();
  if (missing) {
    cannotKeep(t, missing);
    return;
  }
  const shell = keepShell({ sleep: untilOnline });
  const phone = await Phone.open({ worker: config.worker, trustedRoot: root });
  shell.then((state) => phone.shellIs(state));
  const recorder = await Recorder.open();
  const route = parseRoute(location.pathname);
  const to = addresses(route.prefix);
  const language = route.prefix === '/bo' ? 'bo' : 'zh-hans';
  const context = { phone, recorder, t, to };
  if ('shell' in app.dataset) settleHeader(route);
  app.replaceChildren(...pageFor(route, context, language));
  const title = app.querySelector('h1')?.textContent;
  if (title) document.title = `${title} · ${t('高原先锋课堂')}`;
  app.append(new RecordsLine({ recorder, t, login: to.login() }).element);
  app.dataset.ready = route.page;
}

start().catch((error) => {
  const t = translator();
  document.getElementById('app')?.prepend(notice('error', 'warning', ...twice(t, reason('storage')), h('p.meta', { lang: 'en' }, String(error))));
  throw error;
});
