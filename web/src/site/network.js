/** Tells in words when the network is off and when it is back; the text comes from the page. */

/** Show and hide the page's `[data-network-notice]` with the state of the network. */
export function watchNetwork(view = window) {
  const notice = view.document.querySelector("[data-network-notice]");
  if (!notice) return;
  const show = () => {
    notice.hidden = view.navigator.onLine;
  };
  view.addEventListener("online", show);
  view.addEventListener("offline", show);
  show();
}
