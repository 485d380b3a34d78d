/** A lesson of a package: out of this phone when it is here, else over the network. */
import { h, notice, stateBadge } from './dom.js';
import { day } from './format.js';
import { lessonData } from './lesson-data.js';

/**
 * @param {{packageId: string, material: string, online: any, packageTitle: string}} what `online`: the player's data
 *   from the server, null without a network
 * @param {import('./package-page.js').Context & {recorder: import('../records/recorder.js').Recorder}} context
 * @returns {Node[]}
 */
export function lessonPage({ packageId, material, online, packageTitle }, { phone, t, to, recorder }) {
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
  script.textContent = JSON.stringify(data);
  player.append(script);
  recorder.follow(player);
  return [
    crumbs,
    h('h1', null, title),
    h('p.meta', null, row?.lesson
      ? stateBadge('here', t('在手机上，内容截至 {date}', { date: day(row.as_of) })) : stateBadge('away', t('用网络播放'))),
    player,
    row?.level === 'sound' && !data.video.length ? h('p.meta', null, t('手机上只有声音。')) : null,
    row?.lesson?.summary ? h('p.prose', null, row.lesson.summary) : null,
  ].filter(Boolean);
}
