/* Keeps the list of recordings and the page of one up to date, only while something runs and the page is seen. */
(() => {
  'use strict';

  const AFTER_TROUBLE_MS = 5000;

  const ask = async (url) => {
    const response = await fetch(url, { headers: { Accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store' });
    if (!response.ok || !(response.headers.get('Content-Type') ?? '').includes('json')) throw new Error(String(response.status));
    return response.json();
  };

  /* Calls `turn` again and again; it answers after how many milliseconds it wants to be called next (0: never). */
  class Poll {
    constructor(turn) {
      this.turn = turn;
      document.addEventListener('visibilitychange', () => { if (!document.hidden) this.wake(); });
    }

    wake(ms = 0) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.go(), ms);
    }

    async go() {
      if (document.hidden) return;
      let next = AFTER_TROUBLE_MS;
      try { next = await this.turn(); } catch { /* cut off or signed out: what stands on the page stays */ }
      if (next) this.wake(next);
    }
  }

  const shown = new WeakMap();

  /* Words are replaced only where they changed, so that nobody loses a place in the page or a focused button. */
  const put = (node, html) => {
    const words = html.replaceAll(/name="csrfmiddlewaretoken" value="[^"]*"/g, '');
    if (shown.get(node) === words) return;
    const focused = node.contains(document.activeElement) ? document.activeElement.id : '';
    node.innerHTML = html;
    shown.set(node, words);
    if (focused) document.getElementById(focused)?.focus();
  };

  const list = () => {
    const poll = new Poll(async () => {
      const running = [...document.querySelectorAll('tr[data-running="1"]')];
      const box = document.querySelector('[data-videos]');
      if (!running.length || !box) return 0;
      const query = running.map((row) => `id=${row.dataset.video}`).join('&');
      const told = await ask(`${box.dataset.rowsUrl}?${query}`);
      running.forEach((row) => {
        const news = told.rows[row.dataset.video];
        if (!news) return;
        ['state', 'saved'].forEach((cell) => put(row.querySelector(`[data-cell="${cell}"]`), news[cell]));
        row.dataset.running = news.running ? '1' : '0';
      });
      return told.poll_ms;
    });
    poll.wake(Number(document.querySelector('[data-videos]').dataset.pollMs));
    /* A search or a filter puts other rows there. */
    const results = document.getElementById('listing-results');
    if (results) new MutationObserver(() => poll.wake(300)).observe(results, { childList: true });
  };

  const page = (node) => {
    const poll = new Poll(async () => {
      const told = await ask(node.dataset.liveUrl);
      Object.entries(told.parts).forEach(([part, html]) => put(node.querySelector(`[data-part="${part}"]`), html));
      return told.poll_ms;
    });
    const first = Number(node.dataset.pollMs);
    if (first) poll.wake(first);
  };

  const one = document.querySelector('[data-video-page]');
  if (one) page(one);
  else if (document.querySelector('[data-videos]')) list();
})();
