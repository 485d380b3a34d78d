/** What stands below the controls when a lesson is over: what came of it, and where to go on. */
import check from 'pictogram:check';
import info from 'pictogram:info';
import next from 'pictogram:play';
import { h, picture } from './view.js';

/**
 * Nothing is claimed that is not so: "learnt" only when enough was played, "noted" only when the record is on the disk.
 *
 * @param {(text: string) => string} t
 * @param {{completed: boolean, recorded: boolean, next?: {url: string, title: string, label?: string}|null}} state
 *   `next`: the lesson that follows, where the page knows one
 * @returns {Element[]}
 */
export function ending(t, { completed, recorded, next: following }) {
  const words = !completed ? t('放完了。跳过的部分不算，听满九成才算学完。')
    : recorded ? t('学完了，已记下') : t('学完了');
  const said = h('p', { class: `state${completed ? ' state--arrived' : ''}`, 'data-spoken': true }, picture(completed ? check : info), h('span', {}, words));
  if (!following) return [said];
  const onward = h('a', { class: `button button--block button--tall${completed ? ' button--primary' : ''}`, href: following.url, 'data-spoken': true },
    picture(next),
    h('span', {}, h('span', { class: 'button__label' }, following.label ?? t('下一课')), h('span', { class: 'cost', lang: 'zh-Hans' }, following.title)));
  return [said, onward];
}
