/** All packages: what can be had, what is here. */
import { h, notice } from './dom.js';
import { card } from './package-card.js';
import { infoOnPhone } from './package-page.js';

/** @typedef {import('./package-page.js').Context} Context */

/**
 * @param {any[]|null} offered packages as the server lists them; null without a network
 * @param {Context} context
 * @returns {Node[]}
 */
export function listPage(offered, context) {
  const { phone, t } = context;
  const list = h('div.grid', { id: 'packages' });
  /** @type {Map<string, {element: Element, update: (info: any) => void}>} */
  const cards = new Map();
  const nothing = empty(offered, t);
  const draw = () => {
    const infos = rows(offered, phone);
    for (const info of infos) {
      const known = cards.get(info.package_id);
      if (known) known.update(info);
      else cards.set(info.package_id, card(info, context));
    }
    const wanted = infos.length ? infos.map((info) => /** @type {any} */ (cards.get(info.package_id)).element) : [nothing];
    // A card that stays in its place keeps the thumb and the focus that are on it.
    if (wanted.length !== list.childNodes.length || wanted.some((element, place) => element !== list.childNodes[place])) {
      list.replaceChildren(...wanted);
    }
  };
  phone.addEventListener('change', draw);
  draw();
  return [
    h('h1', null, t('资源包')),
    h('p.lead', null, t('趁有网络时下载，没有网络也能看、能听、能答题。')),
    offered ? null : notice('info', 'offline', t('现在没有网络。下面是手机上已有的。')),
    list,
  ].filter(Boolean);
}

/** @param {any[]|null} offered @param {(text: string) => string} t */
const empty = (offered, t) => notice('info', offered ? 'waiting' : 'package', offered
  ? t('现在还没有资源包。课要先做好、审完，再打成包放到这里；请过一会儿再来看。')
  : t('手机上还没有资源包。下次有网络时，到“资源包”里下载。'));

/**
 * @param {any[]|null} offered
 * @param {import('./phone.js').Phone} phone
 */
function rows(offered, phone) {
  const known = new Set((offered ?? []).map((info) => info.package_id));
  const ids = new Set([...phone.packages.map((row) => row.package_id), ...phone.live.keys()]);
  const own = [...ids].filter((id) => !known.has(id)).map((id) => infoOnPhone(phone, id)).filter(Boolean);
  return [...(offered ?? []), ...own];
}

/**
 * The lessons on this phone, package by package in the order in which they are to be learnt.
 * @param {import('./phone.js').Phone} phone
 * @returns {import('../offline/shelf.js').Material[]}
 */
export function lessonsOnPhone(phone) {
  const order = phone.packages.flatMap(({ package_id: id, manifest }) => manifest.lessons.map(({ material }) => `${id} ${material}`));
  const place = (/** @type {import('../offline/shelf.js').Material} */ row) => {
    const found = order.indexOf(`${row.package_id} ${row.material}`);
    return found < 0 ? order.length : found;
  };
  return phone.materials.filter((row) => row.kind === 'lesson').sort((a, b) => place(a) - place(b));
}

