/** The line that says what of the study records waits and what the server has confirmed. Always true, never a guess. */
import { h, notice, stateBadge, twice } from './dom.js';
import { day } from './format.js';
import { IN_REVIEW, sentence } from '../records/words.js';

export class RecordsLine {
  /**
   * @param {{recorder: import('../records/recorder.js').Recorder, t: (text: string, values?: Record<string, string | number>) => string, login: string}} parts
   */
  constructor({ recorder, t, login }) {
    this.recorder = recorder;
    this.t = t;
    this.login = login;
    this.element = h('section', { 'aria-label': t('学习记录'), id: 'records' });
    recorder.addEventListener('change', () => this.update());
    this.update();
  }

  async update() {
    const state = await this.recorder.log.state();
    this.element.dataset.waiting = String(state.waiting);
    this.element.dataset.confirmed = String(state.confirmed);
    this.element.replaceChildren(...this.#content(state));
  }

  /** @param {Awaited<ReturnType<import('../records/log.js').RecordLog['state']>>} state */
  #content({ registered, waiting, aside, confirmed, confirmedAt, inReview }) {
    const { t, recorder } = this;
    const login = () => h('a.button', { href: this.login }, t('登录'));
    const { trouble } = recorder.sender;
    if (trouble && waiting) {
      const { text, language, english } = sentence(trouble, t, document.documentElement.lang === 'bo');
      return [notice('error', 'warning', h('p', { lang: language }, text), h('p.meta', { lang: 'en' }, english))];
    }
    if (aside) {
      return [notice('warning', 'to-send', h('p', null, t('有 {n} 条学习记录存在这台手机上。还没有人登录，登录以后才能计入学时。', { n: aside })), login())];
    }
    if (waiting) return [h('p', null, stateBadge('waiting', t('等待发送 {n} 条，有网络时自动发送', { n: waiting })))];
    if (confirmed) {
      return [h('p', null, stateBadge('arrived', t('学习记录已全部送到，服务器确认 {n} 条（{date}）', { n: confirmed, date: day(confirmedAt) }))),
        ...(inReview ? [notice('info', 'waiting', ...twice(t, IN_REVIEW, { n: inReview }))] : [])];
    }
    if (!registered && recorder.outcome === 'nobody') {
      return [notice('info', 'person', h('p', null, t('现在没有人登录：可以看、可以学，但不计入学时。')), login())];
    }
    return [];
  }
}
