/**
 * The one big button of a package and what becomes of it: choice, progress, waiting, here. Only numbers change while
 * a state lasts, so a button never moves away under a thumb.
 */
import { h, notice, pictogram, stateBadge, twice } from './dom.js';
import { day, megabytes, minutesFor, rate, waiting } from './format.js';
import { isTrust, reason } from './words.js';

/** @typedef {import('../offline/manifest.js').Choice} Choice */

const CHOICES = /** @type {[Choice, string, string][]} */ ([
  ['sound', 'audio', '声音和幻灯片'], ['small', 'video', '小画面'], ['clear', 'quality', '清晰画面'],
]);

export class DownloadPanel {
  /**
   * @param {{phone: import('./phone.js').Phone, t: (text: string, values?: Record<string, string | number>) => string,
   *   info: import('./package-page.js').PackageInfo, first?: string}} parts `first`: address of the first lesson
   */
  constructor({ phone, t, info, first }) {
    this.first = first;
    this.phone = phone;
    this.t = t;
    this.info = info;
    this.element = h('section.card.card--woven', { 'aria-label': t('下载'), id: 'download' });
    this.kind = '';
    /** @type {Choice} */ this.choice = phone.installed(info.package_id)?.choice ?? 'small';
    this.persisted = '';
    this.changing = false;
    /** @type {() => void} */ this.numbers = () => {};
    /** @type {any} */ (navigator).connection?.addEventListener?.('change', () => this.numbers());
    this.update();
  }

  get #id() {
    return this.info.package_id;
  }

  /** @returns {string} */
  #kind() {
    const { phone } = this;
    const download = phone.live.get(this.#id);
    if (phone.broken) return 'broken';
    if (download?.wanted === 'pause') return 'paused';
    if (download) return `${download.phase}:${download.code}`;
    const installed = phone.installed(this.#id);
    if (!installed) return this.info.target ? 'away' : 'unknown';
    if (this.changing) return 'changing';
    if (this.info.version > installed.manifest.version) return 'newer';
    return phone.shell === 'coming' ? 'shell' : 'here';
  }

  update() {
    const kind = this.#kind();
    if (kind !== this.kind) {
      this.kind = kind;
      this.element.dataset.kind = kind.split(':')[0];
      this.numbers = () => {};
      this.element.replaceChildren(...this.#content(kind.split(':')[0]));
    }
    this.numbers();
  }

  #rebuild() {
    this.kind = '';
    this.update();
  }

  /** @param {string} kind @returns {Node[]} */
  #content(kind) {
    if (kind === 'away' || kind === 'changing') return this.#offer();
    if (kind === 'here' || kind === 'newer') return this.#here(kind === 'newer');
    if (kind === 'shell') return this.#withoutShell();
    if (kind === 'paused') return this.#paused();
    if (kind === 'stopped') return this.#stopped();
    if (kind === 'checking' || kind === 'downloading' || kind === 'waiting') return this.#running(kind);
    if (kind === 'broken') return [notice('error', 'warning', ...twice(this.t, reason('storage')), h('p.meta', { lang: 'en' }, this.phone.broken))];
    return [notice('info', 'offline', this.t('这个资源包不在手机上。有网络时再来这一页下载。'))];
  }

  /** @param {Choice} choice @returns {number} bytes */
  #size(choice) {
    return this.phone.sizeOf(this.info, choice);
  }

  #offer() {
    const { t } = this;
    const cost = h('span.cost');
    const time = h('span.cost');
    const label = h('span.button__label', null, t('下载到手机'));
    const button = h('button.button.button--primary.button--block.button--tall', {
      type: 'button', id: 'download-button', 'data-spoken': true, click: () => this.#start(),
    }, pictogram('download'), h('span', null, label, cost, time));
    this.numbers = () => {
      const size = this.#size(this.choice);
      cost.textContent = megabytes(size);
      time.textContent = waiting(t, size);
    };
    return [button, this.#choices(), this.changing && this.#button('cross', t('不换了'), () => this.#setChanging(false))].filter(Boolean);
  }

  #choices() {
    const pick = (/** @type {Choice} */ choice) => () => {
      this.choice = choice;
      this.numbers();
    };
    return h('fieldset.choices', null,
      h('legend', null, this.t('要画面还是只要声音')),
      ...CHOICES.map(([choice, picture, name]) => h('label.choice', null,
        h('input', { type: 'radio', name: 'choice', value: choice, checked: choice === this.choice, change: pick(choice) }),
        pictogram(picture), h('span', null, this.t(name), h('span.cost', null, megabytes(this.#size(choice)))))));
  }

  async #start() {
    this.changing = false;
    this.persisted = (await this.phone.persist()) ? 'yes' : 'no';
    await this.phone.download(this.info, this.choice, this.#size(this.choice));
  }

  /** @param {boolean} changing */
  #setChanging(changing) {
    this.changing = changing;
    this.#rebuild();
  }

  /** @param {string} kind */
  #running(kind) {
    const { t } = this;
    const bar = h('progress', { max: 1000, value: 0, 'aria-label': t('下载进度') });
    const text = h('span.progress__text');
    this.numbers = () => {
      const download = this.phone.live.get(this.#id);
      if (!download) return;
      bar.value = download.total ? (1000 * download.held) / download.total : 0;
      text.textContent = this.#progressText(download);
    };
    const download = this.phone.live.get(this.#id);
    const word = { checking: t('正在核对清单和签名'), downloading: t('正在来'), waiting: t('等信号') }[kind] ?? '';
    return [
      h('div', { 'data-spoken': true }, stateBadge(kind === 'waiting' ? 'waiting' : 'coming', word),
        h('div.progress', null, bar, text)),
      kind === 'waiting' ? notice('warning', 'waiting', ...twice(t, reason(download?.code ?? ''), this.#amounts())) : this.#keepNote(),
      h('div.actions', null, this.#button('pause', t('暂停'), () => this.phone.pause(this.#id)), this.#cancel()),
    ];
  }

  /** @param {import('../offline/shelf.js').Download} download */
  #progressText(download) {
    const amounts = { held: megabytes(download.held), total: megabytes(download.total) };
    const speed = this.phone.rates.get(this.#id) ?? 0;
    if (download.phase !== 'downloading' || speed < 100) return this.t('已收 {held}，共 {total}', amounts);
    const left = Math.max(0, download.total - download.held);
    return this.t('已收 {held}，共 {total} · {rate} · 还要约 {minutes} 分钟', {
      ...amounts, rate: rate(speed), minutes: minutesFor(left, speed * 8),
    });
  }

  #amounts() {
    const { need = 0, free = 0 } = this.phone.live.get(this.#id)?.detail ?? {};
    return { need: megabytes(need), free: megabytes(free) };
  }

  #keepNote() {
    if (!this.persisted) return h('p.meta', null, this.t('可以锁屏或看别的网页，回到这里会自动接着下载。'));
    return h('p.meta', null, this.persisted === 'yes'
      ? this.t('手机答应保留这些内容，不会自动清掉。')
      : this.t('手机没有答应长期保留：空间很紧时，系统可能自动清掉这些内容。'));
  }

  #paused() {
    const { t } = this;
    const text = h('span.progress__text');
    const bar = h('progress', { max: 1000, value: 0, 'aria-label': t('下载进度') });
    this.numbers = () => {
      const download = this.phone.live.get(this.#id);
      bar.value = download?.total ? (1000 * download.held) / download.total : 0;
      text.textContent = download ? t('已收 {held}，共 {total}', { held: megabytes(download.held), total: megabytes(download.total) }) : '';
    };
    return [
      h('div', { 'data-spoken': true }, stateBadge('waiting', t('已暂停')), h('div.progress', null, bar, text)),
      this.#button('download', t('接着下载'), () => this.phone.resume(this.#id), 'button--primary.button--block'),
      h('div.actions', null, this.#cancel()),
    ];
  }

  #stopped() {
    const { t } = this;
    const code = this.phone.live.get(this.#id)?.code ?? '';
    return [
      notice('error', 'warning', ...twice(t, reason(code), this.#amounts(), code)),
      this.#button('retry', t('再试一次'), () => this.phone.resume(this.#id), 'button--primary.button--block'),
      h('div.actions', null, this.#cancel(), isTrust(code) && this.#confirmed('trash', t('清掉旧的资源包，重新开始'),
        t('会删掉手机上的全部资源包；学习记录不会动。确定吗？'), () => this.phone.startOver())),
    ];
  }

  /** All content is here, but not yet the page that opens it: nobody may ride off now. */
  #withoutShell() {
    const { t } = this;
    return [
      h('div', { 'data-spoken': true }, stateBadge('coming', t('内容都到了，还差打开它的网页'))),
      h('p', null, t('请先别关这一页；有信号就自己接着收。')),
    ];
  }

  /** @param {boolean} newer */
  #here(newer) {
    const { t } = this;
    const installed = /** @type {import('../offline/shelf.js').Installed} */ (this.phone.installed(this.#id));
    const name = CHOICES.find(([choice]) => choice === installed.choice)?.[2] ?? '';
    const update = newer && this.#button('download', t('有新版本，更新'), () => this.#start(), 'button--primary.button--block');
    return [
      h('div', { 'data-spoken': true }, stateBadge('here', t('在手机上')),
        h('p.meta', null, t('{size} · {choice} · 内容截至 {date}', {
          size: megabytes(installed.length), choice: t(name), date: day(installed.manifest.published),
        }))),
      update || h('p', null, this.phone.shell === 'refused' ? t('这个浏览器不收打开它的网页：有网络时从手机里看，没有网络打不开。')
        : t('没有网络也能看、能听、能答题。')),
      this.first && !newer && h('a.button.button--primary.button--block', { href: this.first, 'data-spoken': true }, pictogram('play'), h('span', null, t('打开第一课'))),
      h('div.actions', null,
        this.info.target && !newer && this.#button('quality', t('换画面大小'), () => this.#setChanging(true)),
        this.#confirmed('trash', t('从手机删除'), t('删掉以后要重新下载；学习记录不会动。确定吗？'), () => this.phone.remove(this.#id))),
    ].filter(Boolean);
  }

  #cancel() {
    return this.#confirmed('cross', this.t('不要了'), this.t('会删掉已经收到的部分。确定吗？'), () => this.phone.cancel(this.#id));
  }

  /**
   * @param {string} picture
   * @param {string} text
   * @param {() => void} act
   * @param {string} [classes]
   */
  #button(picture, text, act, classes = '') {
    const spoken = classes.includes('primary') || classes.includes('danger');
    return h(`button.button${classes ? `.${classes}` : ''}`, { type: 'button', 'data-spoken': spoken, click: act }, pictogram(picture), h('span', null, text));
  }

  /**
   * A button that asks once more in its own place before it takes something away.
   * @param {string} picture
   * @param {string} text
   * @param {string} question
   * @param {() => void} act
   */
  #confirmed(picture, text, question, act) {
    const place = h('div.confirm');
    const ask = () => {
      place.replaceChildren(h('p', { role: 'alert', 'data-spoken': true }, question), this.#button('trash', this.t('确定'), act, 'button--danger'), ' ',
        this.#button('cross', this.t('不'), show));
    };
    const show = () => place.replaceChildren(this.#button(picture, text, ask, 'button--quiet'));
    show();
    return place;
  }
}
