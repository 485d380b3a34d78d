/* Dubs and subtitles by dropping: each file becomes a row below, with its language; a row shows what its kind needs. */
(() => {
  'use strict';
  const SUBTITLE = /\.(vtt|srt|ass|ssa)$/i;
  const WAIT_STEP_MS = 50;
  const WAIT_STEPS = 100;

  const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

  const token = () => {
    const own = document.cookie.split('; ').map((pair) => pair.split('=')).find(([key]) => key === 'csrftoken')?.[1];
    return decodeURIComponent(own ?? '') || document.querySelector('input[name=csrfmiddlewaretoken]')?.value || '';
  };

  /* Only the fields that a dub, or a subtitle, has. Before a kind is chosen only the kind and language are asked. */
  const showKind = (row) => {
    const kind = row.querySelector('select[name$="-kind"]');
    if (!kind) return;
    row.dataset.trackKind = kind.value || 'none';
  };

  const set = (field, value) => {
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
  };

  class TrackDrop extends HTMLElement {
    connectedCallback() {
      if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', () => this.connectedCallback(), { once: true });
        return;
      }
      if (this.ready || !this.isConnected) return;
      this.ready = true;
      this.words = JSON.parse(this.dataset.words);
      this.output = this.querySelector('.track-drop__state');
      this.zone = this.querySelector('.track-drop__zone');
      const file = this.querySelector('.track-drop__file');
      file.addEventListener('change', () => {
        this.take([...file.files]);
        file.value = '';
      });
      this.listenToDrops();
      this.followRows();
    }

    say(text, values = {}) {
      const said = this.words[text] ?? text;
      return Object.entries(values).reduce((so, [name, value]) => so.replaceAll(`{${name}}`, value), said);
    }

    get rows() { return document.getElementById(`id_${this.dataset.prefix}-FORMS`); }

    listenToDrops() {
      ['dragenter', 'dragover', 'dragleave', 'drop'].forEach((name) => this.zone.addEventListener(name, (event) => {
        event.preventDefault();
        this.zone.classList.toggle('is-over', name === 'dragenter' || name === 'dragover');
      }));
      this.zone.addEventListener('drop', (event) => this.take([...event.dataTransfer.files]));
    }

    followRows() {
      const { rows } = this;
      if (!rows) return;
      const all = () => [...rows.children].forEach((row) => showKind(row));
      all();
      new MutationObserver(all).observe(rows, { childList: true });
      rows.addEventListener('change', all);
    }

    async take(files) {
      this.output.replaceChildren();
      for (const file of files) {
        try {
          // One after the other: each makes the next row.
          await (SUBTITLE.test(file.name) ? this.addSubtitle(file) : this.addDub(file));
        } catch (error) {
          this.tell(`${file.name}：${error.message}`, true);
        }
      }
    }

    async addSubtitle(file) {
      const body = new FormData();
      body.append('file', file);
      body.append('video', document.getElementById('id_video')?.value ?? '');
      const made = await this.ask(this.dataset.subtitle, { method: 'POST', body });
      const row = await this.newRow('subtitle', made.language);
      const input = row.querySelector('input[name$="-subtitle"]');
      const chooser = document.getElementById(`${input.id}-chooser`);
      chooser?.classList.remove('blank');
      const title = chooser?.querySelector('[data-chooser-title]');
      if (title) title.textContent = made.title;
      const edit = chooser?.querySelector('[data-chooser-edit-link]');
      if (edit) {
        edit.href = made.edit_url;
        edit.classList.remove('w-hidden');
      }
      set(input, made.id);
      this.added(file, row);
      if (made.warning) this.tell(`${file.name}：${made.warning}`, true);
    }

    async addDub(file) {
      const { language } = await this.ask(`${this.dataset.language}?name=${encodeURIComponent(file.name)}`);
      const row = await this.newRow('audio', language);
      row.querySelector('media-progress').begin(file);
      this.added(file, row);
    }

    added(file, row) {
      const language = row.querySelector('select[name$="-language"]');
      if (language.value) {
        this.tell(this.say('{name}：已加入，{language}。', { name: file.name, language: language.selectedOptions[0].text }));
      } else {
        this.tell(this.say('{name}：已加入，请选语言。', { name: file.name }), true);
        language.focus();
      }
    }

    /* A row made by Wagtail's own button, once its fields are there. */
    async newRow(kind, language) {
      const before = this.rows.children.length;
      document.getElementById(`id_${this.dataset.prefix}-ADD`).click();
      for (let step = 0; step < WAIT_STEPS && this.rows.children.length === before; step += 1) await wait(WAIT_STEP_MS);
      const row = this.rows.lastElementChild;
      for (let step = 0; step < WAIT_STEPS && !row.querySelector('media-progress')?.ready; step += 1) await wait(WAIT_STEP_MS);
      set(row.querySelector('select[name$="-kind"]'), kind);
      if (language) set(row.querySelector('select[name$="-language"]'), language);
      return row;
    }

    async ask(url, options = {}) {
      const headers = { Accept: 'application/json', 'X-CSRFToken': token() };
      let response;
      try {
        response = await fetch(url, { ...options, headers, credentials: 'same-origin' });
      } catch {
        throw new Error(this.say('网络不通，请稍后再拖一次。'));
      }
      const answer = (response.headers.get('Content-Type') ?? '').includes('json') ? await response.json() : null;
      if (!response.ok || !answer) {
        const said = answer?.error;
        throw new Error(said ? `${said.message} ${said.message_en}` : this.say('服务器回答 {status}，请稍后重试。', { status: response.status }));
      }
      return answer;
    }

    tell(text, isTrouble = false) {
      const line = document.createElement('p');
      line.textContent = text;
      if (isTrouble) line.className = 'media-progress__error';
      this.output.append(line);
    }
  }

  if (!customElements.get('track-drop')) customElements.define('track-drop', TrackDrop);
})();
