/** A package in the list: what it is, what of it is here, and the one thing to do with it now. */
import { h, pictogram, stateBadge } from './dom.js';
import { day, megabytes, waiting } from './format.js';

/** @typedef {'away'|'running'|'paused'|'stopped'|'here'|'none'} Kind what a card offers: fetch, pause, go on, look, open, nothing */

/**
 * @param {any} info
 * @param {import('./phone.js').Phone} phone
 * @returns {Kind}
 */
export function kindOf(info, phone) {
  const download = phone.live.get(info.package_id);
  if (download) return download.wanted === 'pause' ? 'paused' : download.phase === 'stopped' ? 'stopped' : 'running';
  if (phone.installed(info.package_id)) return 'here';
  return info.target ? 'away' : 'none';
}

/**
 * A package that is not here can be fetched from its card as it is mostly wanted: the small picture.
 * @param {any} first
 * @param {import('./package-page.js').Context} context
 */
export function card(first, context) {
  const { phone, t, to } = context;
  const lessons = Array.isArray(first.lessons) ? first.lessons.length : first.lessons;
  const state = h('p.card__foot');
  const act = h('div.card__act');
  const element = h('article.card.card--woven', { 'data-package': first.package_id },
    h('h2.card__title', { lang: 'zh-Hans' }, h('a', { href: to.package(first.package_id) }, first.title)),
    h('p.card__text', null, [first.campaign, t('{n} 节课', { n: lessons }), t('{n} 分钟', { n: first.minutes })].filter(Boolean).join(' · ')),
    state, act);
  let numbers = () => {};
  const update = (/** @type {any} */ info) => {
    const kind = kindOf(info, phone);
    state.replaceChildren(packageState(info, phone, t));
    // Only numbers change while a state lasts, so a button never moves away under a thumb.
    if (element.dataset.kind !== kind) {
      element.dataset.kind = kind;
      const [parts, follow] = actions(kind, info, context);
      numbers = follow;
      act.replaceChildren(...parts);
    }
    numbers();
  };
  update(first);
  return { element, update };
}

/**
 * @param {Kind} kind
 * @param {any} info
 * @param {import('./package-page.js').Context} context
 * @returns {[Node[], () => void]} the parts, and what keeps their numbers true
 */
function actions(kind, info, { phone, t, to }) {
  const id = info.package_id;
  const name = () => h('span.visually-hidden', null, ` ${info.title}`);
  const button = (/** @type {string} */ style, /** @type {string} */ picture, /** @type {string} */ word, /** @type {() => void} */ click) =>
    h(`button.button.button--block${style}`, { type: 'button', 'data-spoken': true, click }, pictogram(picture), h('span', null, t(word), name()));
  if (kind === 'away') return [[offer(info, phone, t, name())], () => {}];
  if (kind === 'here' || kind === 'stopped') {
    return [[h('a.button.button--primary.button--block', { href: to.package(id), 'data-spoken': true }, pictogram('play'), h('span', null, t('打开'), name()))], () => {}];
  }
  if (kind === 'none') return [[], () => {}];
  const bar = h('progress', { max: 1000, value: 0, 'aria-label': t('下载进度') });
  const follow = () => {
    const { held = 0, total = 0 } = phone.live.get(id) ?? {};
    bar.value = total ? (1000 * held) / total : 0;
  };
  const next = kind === 'paused' ? button('.button--primary', 'download', '接着下载', () => phone.resume(id)) : button('', 'pause', '暂停', () => phone.pause(id));
  return [[h('div.progress', null, bar), next], follow];
}

/**
 * @param {any} info
 * @param {import('./phone.js').Phone} phone
 * @param {(text: string, values?: Record<string, string | number>) => string} t
 * @param {Node} name
 */
function offer(info, phone, t, name) {
  const size = phone.sizeOf(info, 'small');
  const take = async () => {
    await phone.persist();
    await phone.download(info, 'small', size);
  };
  return h('button.button.button--primary.button--block.button--tall', { type: 'button', 'data-spoken': true, click: take },
    pictogram('download'), h('span', null, h('span.button__label', null, `${t('下载')} · ${megabytes(size)}`, name), h('span.cost', null, waiting(t, size))));
}

/**
 * @param {any} info
 * @param {import('./phone.js').Phone} phone
 * @param {(text: string, values?: Record<string, string | number>) => string} t
 */
function packageState(info, phone, t) {
  const download = phone.live.get(info.package_id);
  const installed = phone.installed(info.package_id);
  if (download) {
    const amounts = { held: megabytes(download.held), total: megabytes(download.total) };
    if (download.wanted === 'pause') return stateBadge('waiting', t('已暂停，已收 {held}，共 {total}', amounts));
    if (download.phase === 'stopped') return stateBadge('missing', t('下载停住了，点开看原因'));
    return stateBadge('coming', t('正在来，已收 {held}，共 {total}', amounts));
  }
  if (installed) {
    return info.version > installed.manifest.version
      ? stateBadge('here', t('在手机上，有新版本'))
      : stateBadge('here', t('在手机上，内容截至 {date}', { date: day(installed.manifest.published) }));
  }
  return stateBadge('away', t('还没有，点题目看里面有什么'));
}
