/** Without a network: an honest page of what this phone holds, and a search over just that. */
import { h, notice, pictogram, stateBadge } from './dom.js';
import { day } from './format.js';
import { lessonsOnPhone } from './list-page.js';
import { lessonEntries, matching, pageEntries } from './phone-search.js';

/** @typedef {import('./package-page.js').Context} Context */

/**
 * Any page of the site that can't be had without a network.
 * @param {Context} context
 * @param {string} prefix
 * @returns {Node[]}
 */
export function offlinePage(context, prefix) {
  const { t } = context;
  return [
    h('h1', null, t('现在没有网络')),
    notice('info', 'offline', t('这一页要有网络才能打开。信号回来后请再试。')),
    h('p', null, h('button.button.button--block', { type: 'button', click: () => location.reload() }, pictogram('retry'), h('span', null, t('再试一次')))),
    onPhone(context, prefix, ''),
  ];
}

/**
 * 找 without a network.
 * @param {Context} context
 * @param {string} prefix
 * @returns {Node[]}
 */
export function phoneSearchPage(context, prefix) {
  const { t } = context;
  const query = (new URLSearchParams(location.search).get('q') ?? '').trim().slice(0, 200);
  const words = t('找课、找话、找地方');
  const box = h('form.search-box', { role: 'search', action: `${prefix}/search/` },
    h('span', null, h('label.visually-hidden', { for: 'q' }, words),
      h('input', { id: 'q', type: 'search', name: 'q', value: query, placeholder: words, maxlength: 200, autocomplete: 'off', enterkeyhint: 'search' })),
    h('button.button', null, pictogram('search'), h('span', null, t('找'))));
  return [
    h('h1', null, t('找')), box,
    notice('info', 'offline', t('没有网络，只能在手机上有的里面找。别的等有网络时再找。')),
    onPhone(context, prefix, query),
  ];
}

/**
 * @param {Context} context
 * @param {string} prefix
 * @param {string} query
 */
function onPhone({ phone, t, to }, prefix, query) {
  const place = h('section', { id: 'on-phone', role: 'status' });
  const lessons = lessonEntries(lessonsOnPhone(phone), to);
  const show = (/** @type {import('./phone-search.js').Entry[]} */ pages) => {
    const entries = matching([...lessons, ...pages], query);
    place.replaceChildren(...entries.length
      ? [h('h2', null, query ? t('找到 {n} 条', { n: entries.length }) : t('手机上有的')), h('ul.list', null, ...entries.map((entry) => row(entry, t)))]
      : [h('p', null, query ? t('手机上没有找到“{q}”。', { q: query }) : t('手机上还没有资源包。下次有网络时，到“资源包”里下载。'))]);
    place.dataset.ready = 'true';
  };
  pageEntries(prefix).then(show, () => show([]));
  return place;
}

/**
 * @param {import('./phone-search.js').Entry} entry
 * @param {(text: string, values?: Record<string, string | number>) => string} t
 */
function row({ title, url, kept, kind }, t) {
  return h('li.list__item', null, h('a', { href: url },
    h('span.pic', null, pictogram(kind === 'lesson' ? 'lesson' : 'transcript')),
    h('span', null, h('span.list__title', { lang: 'zh-Hans' }, title),
      kind === 'lesson' ? stateBadge('here', t('在手机上')) : h('span.list__meta', null, t('看过的网页，截至 {date}', { date: day(kept) })))));
}
