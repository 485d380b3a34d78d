/** The lesson that follows within its unit: asked for only when a lesson is over, so that it costs no page anything. */

/** The same page in either language has the same path. @param {string} address */
const path = (address) => decodeURI(new URL(address, 'https://any.invalid').pathname).replace(/^\/bo\//, '/');

/**
 * @param {{href: string, title: string}[]} lessons of a unit, in order
 * @param {string} here address of the lesson that is over
 * @returns {{url: string, title: string}|null}
 */
export function lessonAfter(lessons, here) {
  const place = lessons.findIndex(({ href }) => path(href) === path(here));
  const following = place < 0 ? undefined : lessons[place + 1];
  return following ? { url: following.href, title: following.title } : null;
}

/**
 * @param {string} unit address of the unit's page
 * @param {string} here
 * @returns {Promise<{url: string, title: string}|null>} null too when the unit can't be had now
 */
export async function nextInUnit(unit, here) {
  try {
    const response = await fetch(unit);
    if (!response.ok) return null;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const links = [...page.querySelectorAll('main .list__item > a')];
    return lessonAfter(links.map((link) => ({
      href: link.getAttribute('href'), title: link.querySelector('.list__title')?.textContent ?? '',
    })), here);
  } catch {
    return null;
  }
}
