/** The picture quiz of a package: from this phone, else from the server's page. */
import { PictureQuiz } from '../quiz/picture-quiz.js';
import { h, notice } from './dom.js';

/**
 * @param {{packageId: string, material: string, online: any, packageTitle: string, language: string}} what
 * @param {import('./package-page.js').Context & {recorder: import('../records/recorder.js').Recorder}} context
 * @returns {Node[]}
 */
export function quizPage({ packageId, material, online, packageTitle, language }, { phone, t, to, recorder }) {
  const quiz = phone.material(packageId, material)?.quiz ?? online;
  const crumbs = h('nav.crumbs', { 'aria-label': t('位置') }, h('a', { href: to.list() }, t('资源包')),
    h('a', { href: to.package(packageId) }, packageTitle || t('这个资源包')));
  if (!quiz) {
    return [crumbs, h('h1', null, t('看图答题')), notice('info', 'offline', t('现在没有网络，这份题也不在手机上。')),
      h('p', null, h('a.button.button--primary.button--block', { href: to.package(packageId) }, t('回到资源包')))];
  }
  const view = new PictureQuiz({
    quiz, language, t, back: to.package(packageId), onFinished: (response) => recorder.answered(material, response),
  });
  // The question is what the screen is for; the title stands in the window's name and for screen readers.
  return [crumbs, h('h1.visually-hidden', { lang: 'zh-Hans' }, quiz.title), view.element];
}
