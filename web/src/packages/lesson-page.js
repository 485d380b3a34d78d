/** A lesson of a package: out of this phone when it is here, else over the network. */
import { savedName } from '../offline/documents.js';
import { objectUrl } from '../offline/objects.js';
import { h, notice, pictogram, stateBadge } from './dom.js';
import { day, megabytes } from './format.js';
import { lessonData } from './lesson-data.js';

/**
 * @param {{packageId: string, material: string, online: any, packageTitle: string,
 *   info: import('./package-page.js').PackageInfo|null}} what `online`: the player's data from the server, null without a
 *   network; `info`: what is known of the package
 * @param {import('./package-page.js').Context & {recorder: import('../records/recorder.js').Recorder}} context
 * @returns {Node[]}
 */
export function lessonPage({ packageId, material, online, packageTitle, info }, { phone, t, to, recorder }) {
  const row = phone.material(packageId, material);
  const data = /** @type {any} */ (row?.lesson ? lessonData(row) : online);
  const title = data?.title ?? t('视频课');
  const crumbs = h('nav.crumbs', { 'aria-label': t('位置') }, h('a', { href: to.list() }, t('资源包')),
    h('a', { href: to.package(packageId) }, packageTitle || t('这个资源包')));
  if (!data) {
    return [crumbs, h('h1', null, title), notice('info', 'offline', t('现在没有网络，这节课也不在手机上。')),
      h('p', null, h('a.button.button--primary.button--block', { href: to.package(packageId) }, t('回到资源包')))];
  }
  const player = h('lesson-player', null);
  const script = h('script.lesson-data', { type: 'application/json' });
  script.textContent = JSON.stringify({ ...data, next: following(info, material, to, t) });
  player.append(script);
  recorder.follow(player);
  return [
    crumbs,
    h('h1', { lang: 'zh-Hans' }, title),
    h('p.meta', { 'data-spoken': true }, row?.lesson
      ? stateBadge('here', t('在手机上，内容截至 {date}', { date: day(row.as_of) })) : stateBadge('away', t('用网络播放'))),
    player,
    row?.level === 'sound' && !data.video.length && !data.deck ? h('p.meta', null, t('手机上只有声音。')) : null,
    row?.lesson?.summary ? h('p.prose', null, row.lesson.summary) : null,
    row?.lesson ? papers(row, t) : null,
  ].filter(Boolean);
}

/**
 * What to learn after a lesson: the next one of the package, after the last one its quiz.
 * @param {import('./package-page.js').PackageInfo|null} info
 * @param {string} material
 * @param {ReturnType<typeof import('./route.js').addresses>} to
 * @param {(text: string) => string} t
 * @returns {{url: string, title: string, label: string}|null}
 */
export function following(info, material, to, t) {
  const place = info?.lessons.findIndex((lesson) => lesson.material === material) ?? -1;
  if (!info || place < 0) return null;
  const lesson = info.lessons[place + 1];
  if (lesson) return { url: to.lesson(info.package_id, lesson.material), title: lesson.title, label: t('下一课') };
  const [quiz] = info.quizzes;
  return quiz ? { url: to.quiz(info.package_id, quiz.material), title: quiz.title, label: t('看图答题') } : null;
}

/**
 * What came with the lesson to read: its text in place, attachments as links.
 * @param {import('../offline/shelf.js').Material} row
 * @param {(text: string, values?: Record<string, string | number>) => string} t
 * @returns {Node}
 */
function papers(row, t) {
  const here = new Set(row.objects);
  const items = (row.lesson?.items ?? []).filter((item) => here.has(item.sha256));
  const texts = items.filter((item) => item.kind === 'text');
  const attachments = items.filter((item) => item.kind === 'attachment');
  return h('section', null, ...texts.map(text), attachments.length ? h('h2', null, t('附件')) : null,
    attachments.length ? h('ul.list', null, ...attachments.map(attachment)) : null);
}

/** @param {import('../offline/manifest.js').Item} item */
function text(item) {
  const place = h('div.prose', { lang: item.language === 'zh-hans' ? 'zh-Hans' : item.language });
  fetch(objectUrl(item.sha256, item.mime)).then((response) => response.text()).then((words) => {
    place.append(...words.split(/\n+/).filter(Boolean).map((paragraph) => h('p', null, paragraph)));
  }, (error) => console.warn('no text', error));
  return place;
}

/** @param {import('../offline/manifest.js').Item} item */
function attachment(item) {
  return h('li.list__item', null, h('a', { href: objectUrl(item.sha256, item.mime), download: savedName(item) }, h('span.pic', null, pictogram('transcript')),
    h('span', null, h('span.list__title', null, item.label), h('span.list__meta', null, megabytes(item.length)))));
}
