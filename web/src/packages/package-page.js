/** One package: get it, see what of it is here, open its lessons and its quiz. */
import { DownloadPanel } from './download-panel.js';
import { h, notice, pictogram, stateBadge } from './dom.js';

/**
 * @typedef {{package_id: string, target: string, title: string, campaign: string, organisation: string, version: number,
 *   length: number, minutes: number, published: string, sizes?: Record<string, number>,
 *   lessons: {material: string, title: string, minutes: number, url?: string}[],
 *   quizzes: {material: string, title: string}[]}} PackageInfo
 * @typedef {{phone: import('./phone.js').Phone, t: (text: string, values?: Record<string, string | number>) => string,
 *   to: ReturnType<typeof import('./route.js').addresses>}} Context
 */

/**
 * What a page without a network knows of a package.
 * @param {import('./phone.js').Phone} phone
 * @param {string} id
 * @returns {PackageInfo|null}
 */
export function infoOnPhone(phone, id) {
  const installed = phone.installed(id);
  const download = phone.live.get(id);
  const rows = phone.materials.filter((row) => row.package_id === id);
  if (!installed && !download && !rows.length) return null;
  const lessons = rows.filter((row) => row.lesson).map((row) => ({
    material: row.material, title: row.lesson?.title ?? '', minutes: row.lesson?.minutes ?? 0,
  }));
  const order = (installed?.manifest.lessons ?? []).map((entry) => entry.material);
  lessons.sort((a, b) => order.indexOf(a.material) - order.indexOf(b.material));
  const { manifest } = installed ?? {};
  return {
    package_id: id, target: download?.target ?? '', title: manifest?.title ?? download?.title ?? '',
    campaign: manifest?.campaign ?? '', organisation: manifest?.organisation ?? '', version: manifest?.version ?? 0,
    length: installed?.length ?? download?.total ?? 0, minutes: manifest?.minutes ?? 0, published: manifest?.published ?? '',
    lessons, quizzes: rows.filter((row) => row.quiz).map((row) => ({ material: row.material, title: row.quiz.title })),
  };
}

/**
 * @param {PackageInfo} info
 * @param {Context} context
 * @returns {Node[]}
 */
export function packagePage(info, context) {
  const { phone, t, to } = context;
  const panel = new DownloadPanel({ phone, t, info, first: info.lessons[0] && to.lesson(info.package_id, info.lessons[0].material) });
  const lessons = info.lessons.map((lesson) => lessonRow(info, lesson, context));
  const quizzes = info.quizzes.map((quiz) => quizRow(info, quiz, context));
  phone.addEventListener('change', () => {
    panel.update();
    for (const row of [...lessons, ...quizzes]) row.update();
  });
  return [
    h('nav.crumbs', { 'aria-label': t('位置') }, h('a', { href: to.list() }, t('资源包'))),
    h('h1', { lang: 'zh-Hans' }, info.title),
    h('p.meta', null, [info.campaign, t('{n} 节课', { n: info.lessons.length }), t('{n} 分钟', { n: info.minutes })].filter(Boolean).join(' · ')),
    panel.element,
    h('h2', null, t('里面的课')),
    h('ol.list', { id: 'lessons' }, ...lessons.map((row) => row.element)),
    ...(quizzes.length ? [h('h2', null, t('看图答题')), h('ul.list', null, ...quizzes.map((row) => row.element))] : []),
  ];
}

/**
 * @param {PackageInfo} info
 * @param {{material: string, title: string, minutes: number}} lesson
 * @param {Context} context
 */
function lessonRow(info, { material, title, minutes }, { phone, t, to }) {
  const place = h('span.list__meta');
  const element = h('li.list__item', { 'data-material': material },
    h('a', { href: to.lesson(info.package_id, material), 'data-spoken': true }, h('span.pic', null, pictogram('lesson')),
      h('span', null, h('span.list__title', null, title), place)));
  let shown = '';
  const update = () => {
    const level = phone.material(info.package_id, material)?.level ?? 'none';
    const choice = phone.live.get(info.package_id)?.choice;
    const coming = choice !== undefined && choice !== 'sound';
    const state = level === 'sound' && coming ? 'sound-first' : level === 'none' && phone.live.has(info.package_id) ? 'coming' : level;
    if (state === shown) return;
    shown = state;
    element.dataset.state = state;
    const badge = {
      full: () => stateBadge('here', t('在手机上')), sound: () => stateBadge('here', t('在手机上')),
      'sound-first': () => stateBadge('coming', t('声音到了，画面正在来')),
      coming: () => stateBadge('coming', t('正在来')), none: () => stateBadge('away', t('还没有，看时用网络')),
    }[state];
    place.replaceChildren(h('span.list__meta', null, t('{n} 分钟', { n: minutes })), badge ? badge() : '');
  };
  update();
  return { element, update };
}

/**
 * @param {PackageInfo} info
 * @param {{material: string, title: string}} quiz
 * @param {Context} context
 */
function quizRow(info, { material, title }, { phone, t, to }) {
  const place = h('span.list__meta');
  const element = h('li.list__item', { 'data-material': material },
    h('a', { href: to.quiz(info.package_id, material), 'data-spoken': true }, h('span.pic.pic--gold', null, pictogram('quiz')),
      h('span', null, h('span.list__title', null, title), place)));
  const update = () => {
    const here = Boolean(phone.material(info.package_id, material));
    if (element.dataset.state === String(here)) return;
    element.dataset.state = String(here);
    place.replaceChildren(here ? stateBadge('here', t('在手机上')) : stateBadge('away', t('还没有，答时用网络')));
  };
  update();
  return { element, update };
}

/**
 * @param {Context} context
 * @returns {Node[]}
 */
export const packageMissing = ({ t, to }) => [
  h('h1', null, t('资源包')),
  notice('info', 'offline', t('现在没有网络，这个资源包也不在手机上。有网络时再来。')),
  h('p', null, h('a.button.button--primary.button--block', { href: to.list() }, t('看看手机上有什么'))),
];
