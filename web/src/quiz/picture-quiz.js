/**
 * A picture quiz: one question a screen, answers with pictograms; what is marked `data-spoken` is read aloud where the
 * phone has a voice for it (web/src/spoken). Only raw answers leave this module; the server grades them.
 */
import { h, pictogram } from '../packages/dom.js';

/**
 * @typedef {{key: string, text: Record<string, string>, pictogram?: string}} Answer
 * @typedef {{id: string, text: Record<string, string>, pictogram?: string, answers: Answer[], correct?: string}} Question
 * @typedef {{quiz: string, title: string, questions: Question[]}} Quiz
 */

/**
 * @param {Record<string, string>} text
 * @param {string} language
 * @returns {{text: string, language: string}} the text in the wanted language, else in Chinese
 */
export function inLanguage(text, language) {
  for (const wanted of [language, 'zh-hans']) if (text?.[wanted]) return { text: text[wanted], language: wanted };
  const [[other, words] = ['zh-hans', '']] = Object.entries(text ?? {});
  return { text: words, language: other };
}

export class PictureQuiz {
  /**
   * @param {{quiz: Quiz, language: string, t: (text: string, values?: Record<string, string | number>) => string,
   *   onFinished: (response: Record<string, string>) => Promise<void>, back: string}} parts `language` as in documents
   *   (`zh-hans`, `bo`)
   */
  constructor({ quiz, language, t, onFinished, back }) {
    this.quiz = quiz;
    this.language = language;
    this.t = t;
    this.onFinished = onFinished;
    this.back = back;
    /** @type {Record<string, string>} */ this.response = {};
    this.at = 0;
    this.element = h('section.quiz', { 'aria-live': 'polite', id: 'quiz' });
    this.#show();
  }

  #show() {
    const question = this.quiz.questions[this.at];
    if (!question) {
      this.#finish();
      return;
    }
    const { t } = this;
    const words = inLanguage(question.text, this.language);
    const total = this.quiz.questions.length;
    const heading = h('h2.quiz__question', { lang: htmlLanguage(words.language), tabindex: -1, 'data-spoken': true }, words.text);
    this.element.replaceChildren(
      h('div.progress.quiz__progress', null, h('progress', { max: total, value: this.at, 'aria-hidden': 'true' }),
        h('span.progress__text', null, t('第 {n} 题，共 {total} 题', { n: this.at + 1, total }))),
      h('div.list__row.quiz__ask', null, question.pictogram ? h('span.pic.pic--gold', null, pictogram(question.pictogram)) : '', heading),
      h('div.answers', null, ...question.answers.map((answer) => this.#answer(question, answer))),
    );
    if (!this.at) return;
    heading.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: 'nearest' });
  }

  /** @param {Question} question @param {Answer} answer */
  #answer(question, answer) {
    const words = inLanguage(answer.text, this.language);
    return h('button.answer', {
      type: 'button', 'data-key': answer.key, 'data-spoken': true, click: () => this.#choose(question, answer.key),
    },
      h('span.pic.pic--large', null, pictogram(answer.pictogram || 'question')),
      h('span', { lang: htmlLanguage(words.language) }, words.text));
  }

  /**
   * What was asked stays where it is; of the answers only the chosen and the right one, with what came of it below.
   * @param {Question} question @param {string} key
   */
  #choose(question, key) {
    this.response[question.id] = key;
    const { t } = this;
    const right = question.correct === undefined || question.correct === key;
    for (const button of this.element.querySelectorAll('.answer')) {
      button.disabled = true;
      button.setAttribute('aria-pressed', String(button.dataset.key === key));
      if (question.correct === button.dataset.key) button.append(verdict('check', 'arrived', t('正确答案')));
      else if (button.dataset.key === key && !right) button.append(verdict('cross', 'missing', t('您选的')));
      else if (button.dataset.key !== key && question.correct !== undefined) (button.closest('.spoken') ?? button).hidden = true;
    }
    const next = h('button.button.button--primary.button--block', { type: 'button', id: 'next', click: () => this.#next() },
      pictogram('play'), h('span', null, this.at + 1 < this.quiz.questions.length ? t('下一题') : t('答完了')));
    const said = right ? verdict('check', 'arrived', t('答对了')) : verdict('cross', 'missing', t('再想想：标着“正确答案”的才对'));
    this.element.append(h('p.quiz__verdict', { role: 'status', 'data-spoken': true }, said), h('div.quiz__onward', null, next));
    next.focus({ preventScroll: true });
  }

  #next() {
    this.at += 1;
    this.#show();
  }

  async #finish() {
    const { t } = this;
    await this.onFinished(this.response);
    const right = this.quiz.questions.filter(({ id, correct }) => this.response[id] === correct).length;
    this.element.replaceChildren(
      h('div.list__row', null, h('span.pic.pic--large.pic--gold', null, pictogram('quiz')),
        h('h2', { tabindex: -1, 'data-spoken': true }, t('答完了：{total} 题，答对 {right} 题', { total: this.quiz.questions.length, right }).replace(/(\d) /g, '$1\u00a0'))),
      h('p', null, t('答案已存在手机上，有网络时自动送到。')),
      h('p', null, h('a.button.button--primary.button--block', { href: this.back }, t('回到资源包'))),
    );
    this.element.dataset.finished = 'true';
  }
}

/**
 * @param {string} picture
 * @param {'arrived'|'missing'} state
 * @param {string} text
 */
const verdict = (picture, state, text) => h(`span.state.state--${state}`, null, pictogram(picture), h('span', null, text));

/** @param {string} language */
const htmlLanguage = (language) => (language === 'zh-hans' ? 'zh-Hans' : language);
