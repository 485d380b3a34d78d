/* The build panel of a package: starts a build and shows its progress without reloading. */
(() => {
  'use strict';
  const FAST_MS = 1000;
  const SLOW_MS = 15000;
  // Wagtail answers a program with a status, a person with a redirect: say that this is a program.
  const HEADERS = { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest' };

  class BuildPanel {
    constructor(root) {
      this.root = root;
      this.button = root.querySelector('[data-build]');
      this.message = root.querySelector('[data-message]');
      this.table = root.querySelector('[data-builds]');
      this.words = JSON.parse(root.querySelector('[data-words]').innerHTML);
      this.button.addEventListener('click', () => this.build());
      this.refresh();
    }

    async refresh() {
      clearTimeout(this.timer);
      let wait = SLOW_MS;
      try {
        const response = await fetch(this.root.dataset.buildsUrl, { headers: HEADERS });
        if (!response.ok) throw new Error(String(response.status));
        const { builds } = await response.json();
        this.show(builds);
        const unfinished = builds.some((build) => build.state === 'queued' || build.state === 'building');
        if (unfinished) wait = FAST_MS;
        const passing = unfinished ? [this.words.lost] : [this.words.lost, this.words.asked];
        if (passing.includes(this.message.textContent)) this.message.textContent = '';
      } catch {
        this.message.textContent = this.words.lost;
        wait = FAST_MS * 3;
      }
      this.timer = setTimeout(() => this.refresh(), wait);
    }

    async build() {
      this.button.disabled = true;
      try {
        const token = document.querySelector('input[name=csrfmiddlewaretoken]').value;
        const response = await fetch(this.root.dataset.buildUrl, {
          method: 'POST', headers: { ...HEADERS, 'X-CSRFToken': token },
        });
        const answer = await response.json().catch(() => ({}));
        if (response.ok) this.message.textContent = this.words.asked;
        else this.refuse(answer.error ?? {});
      } catch {
        this.message.textContent = this.words.lost;
      }
      this.button.disabled = false;
      this.refresh();
    }

    /** Says why not: in Chinese, and in English after it where the server says both. */
    refuse({ message, message_en: english }) {
      const said = document.createElement('span');
      said.lang = 'en';
      said.textContent = english ?? '';
      this.message.replaceChildren(message ?? this.words.failed, ' ', said);
    }

    show(builds) {
      this.table.hidden = builds.length === 0;
      this.table.tBodies[0].replaceChildren(...builds.map((build) => this.row(build)));
    }

    row(build) {
      const row = document.createElement('tr');
      row.dataset.state = build.state;
      const state = document.createElement('td');
      state.append(build.state_label);
      if (build.state === 'building') {
        const bar = document.createElement('progress');
        bar.max = 1;
        bar.value = build.progress;
        bar.setAttribute('aria-label', build.state_label);
        state.append(' ', bar, ` ${Math.round(build.progress * 100)}%`);
      }
      if (build.error) state.append(document.createElement('br'), build.error);
      if (build.recalled) state.append(' · ', this.words.recalled.replace('{n}', build.recalled));
      const cells = [build.version, state, build.lessons || '—', build.minutes || '—', build.size, build.moment];
      for (const cell of cells) {
        if (cell instanceof HTMLElement) row.append(cell);
        else row.insertCell().textContent = cell;
      }
      return row;
    }
  }

  const start = () => document.querySelectorAll('.package-build[data-builds-url]').forEach((root) => new BuildPanel(root));
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
  else start();
})();
