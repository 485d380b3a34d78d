/** Tells in words when the network is off and when it is back; the text comes from the page. */

/**
 * Show and hide the page's `[data-network-notice]` with the state of the network. A page that the service worker kept
 * (`<html data-kept="time">`) is not of now, whatever the network says: the notice tells of which time it is.
 */
export function watchNetwork(view = window) {
  const { documentElement: root } = view.document;
  const notice = view.document.querySelector("[data-network-notice]");
  if (!notice) return;
  const as = notice.querySelector("[data-as-of]");
  const { kept } = root.dataset;
  if (kept && as) {
    const time = new Date(kept);
    const local = new Date(time - time.getTimezoneOffset() * 60000).toISOString();
    as.textContent = ` ${as.dataset.asOf.replace("{date}", local.slice(0, 16).replace("T", " "))}`;
  }
  const show = () => {
    notice.hidden = view.navigator.onLine && !kept;
  };
  view.addEventListener("online", show);
  view.addEventListener("offline", show);
  show();
}
