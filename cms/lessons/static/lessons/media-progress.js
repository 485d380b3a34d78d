/* The progress panel of a lesson's edit page: uploads in pieces and shows the transcode without reloading. */
(() => {
  'use strict';

  const POLL_MS = 1500;
  const WATCH_MS = 400;
  const SIGNED_OUT = new Set(['session-expired', 'form-expired', 'cookies-off']);
  const RETRY_MS = [1000, 3000, 8000, 15000, 30000];

  /* Words come from the page, in the language of the admin; the Chinese ones are their keys. */
  let words = {};
  const say = (text, values = {}) =>
    Object.entries(values).reduce((said, [name, value]) => said.replaceAll(`{${name}}`, value), words[text] ?? text);

  const cookie = (name) =>
    document.cookie.split('; ').map((pair) => pair.split('=')).find(([key]) => key === name)?.[1] ?? '';

  /* The token of now, not of when the page was made: signing in again in another tab changes it. */
  const token = () => decodeURIComponent(cookie('csrftoken')) ||
    document.querySelector('input[name=csrfmiddlewaretoken]')?.value || '';

  const refreshFormTokens = () => {
    const fresh = decodeURIComponent(cookie('csrftoken'));
    if (fresh) document.querySelectorAll('input[name=csrfmiddlewaretoken]').forEach((input) => { input.value = fresh; });
  };

  class Refused extends Error {
    constructor(status, body) {
      super(body?.error?.message ?? say('服务器回答 {status}，请稍后重试。', { status }));
      this.status = status;
      this.english = body?.error?.message_en ?? `The server answered ${status}; try again later.`;
      this.code = body?.error?.code ?? 'server';
    }
  }

  const ask = async (method, url, body, type) => {
    const headers = { Accept: 'application/json', 'X-CSRFToken': token() };
    if (type) headers['Content-Type'] = type;
    const response = await fetch(url, { method, headers, body, credentials: 'same-origin', cache: 'no-store' });
    const isJson = (response.headers.get('Content-Type') ?? '').includes('json');
    const answer = isJson ? await response.json() : null;
    if (!response.ok || (!isJson && response.status !== 204)) throw new Refused(response.status, answer);
    return answer;
  };

  const size = (bytes) => {
    if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
    if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
    return `${Math.max(1, Math.round(bytes / 1e3))} KB`;
  };

  const span = (seconds) => (seconds >= 90
    ? say('{n} 分钟', { n: Math.round(seconds / 60) })
    : say('{n} 秒', { n: Math.max(1, Math.round(seconds)) }));

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  /* A page that is loaded again, or left to sign in, goes on with the same file where it stopped. */
  const remembered = {
    key: ({ file, type }) => `upload ${type} ${file.name} ${file.size} ${file.lastModified}`,
    of(upload) { try { return localStorage.getItem(this.key(upload)); } catch { return null; } },
    keep(upload) { try { localStorage.setItem(this.key(upload), upload.id); } catch { /* private mode: begins anew */ } },
    forget(upload) { try { localStorage.removeItem(this.key(upload)); } catch { /* nothing was kept */ } },
  };

  const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

  class MediaProgress extends HTMLElement {
    connectedCallback() {
      // The parser meets the element before its children when the script came first.
      if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', () => this.connectedCallback(), { once: true });
        return;
      }
      if (this.ready || !this.isConnected) return;
      this.ready = true;
      words = JSON.parse(this.dataset.words);
      this.output = this.querySelector('.media-progress__state');
      this.file = this.querySelector('.media-progress__file');
      this.drop = this.querySelector('.media-progress__drop');
      this.shown = null;
      this.upload = null;
      this.file.addEventListener('change', () => { if (this.file.files[0]) this.begin(this.file.files[0]); });
      this.listenToDrops();
      this.watch = setInterval(() => this.followChooser(), WATCH_MS);
      this.comeBack = () => { if (this.upload?.waitsForSignIn) this.resume(this.upload); };
      window.addEventListener('focus', this.comeBack);
      this.followChooser();
    }

    disconnectedCallback() {
      clearInterval(this.watch);
      window.removeEventListener('focus', this.comeBack);
      clearTimeout(this.timer);
      this.ready = false;
    }

    get input() { return document.getElementById(this.dataset.input); }

    listenToDrops() {
      ['dragenter', 'dragover'].forEach((name) => this.drop.addEventListener(name, (event) => {
        event.preventDefault();
        this.drop.classList.add('is-over');
      }));
      ['dragleave', 'drop'].forEach((name) => this.drop.addEventListener(name, (event) => {
        event.preventDefault();
        this.drop.classList.remove('is-over');
      }));
      this.drop.addEventListener('drop', (event) => {
        const dropped = event.dataTransfer.files[0];
        if (dropped) this.begin(dropped);
      });
    }

    /* The chooser sets its hidden input without an event, so its value is looked at. */
    followChooser() {
      const chosen = this.input?.value ?? '';
      if (chosen === this.shown) return;
      this.shown = chosen;
      clearTimeout(this.timer);
      if (chosen) this.poll();
      else if (!this.upload) this.output.replaceChildren();
    }

    async poll() {
      const id = this.shown;
      try {
        const status = await ask('GET', `${this.dataset.base}${id}/status/`);
        if (id !== this.shown || this.upload) return;
        this.showStatus(status);
        if (status.finished) return;
      } catch (error) {
        if (id !== this.shown || this.upload) return;
        this.showError(error, [[say('继续'), () => { refreshFormTokens(); this.poll(); }]]);
        if (error.status && error.status < 500) return;
      }
      this.timer = setTimeout(() => this.poll(), POLL_MS);
    }

    showStatus(status) {
      const line = make('p', 'media-progress__line');
      line.append(make('strong', '', status.state_label), make('span', '', `${Math.round(status.progress * 100)} %`));
      if (status.step) line.append(make('span', '', status.step));
      if (status.eta_s) line.append(make('span', '', say('约还需 {time}', { time: span(status.eta_s) })));
      const bar = make('progress');
      bar.max = 1;
      bar.value = status.progress;
      bar.setAttribute('aria-label', say('转码进度'));
      this.dataset.state = status.state;
      const parts = [line, bar];
      if (status.error) parts.push(this.errorBox(status.error.message, status.error.message_en));
      if (status.renditions.length) parts.push(this.rungs(status.renditions));
      parts.push(this.buttons([
        ...(status.can_cancel ? [[say('取消转码'), () => this.act('cancel')]] : []),
        ...(status.can_retry ? [[say('重试'), () => this.act('retry')]] : []),
      ]));
      this.output.replaceChildren(...parts);
    }

    rungs(renditions) {
      const table = make('table', 'media-progress__rungs');
      const head = table.createTHead().insertRow();
      [say('码流'), say('内容'), say('大小'), ''].forEach((text) => {
        const cell = make('th', '', text);
        cell.scope = 'col';
        head.append(cell);
      });
      const body = table.createTBody();
      renditions.forEach((rung) => {
        const row = body.insertRow();
        row.append(make('td', '', rung.name), make('td', '', rung.label), make('td', '', size(rung.length)));
        const cell = make('td');
        const link = make('a', '', say('预览'));
        link.href = rung.url;
        link.target = '_blank';
        link.rel = 'noopener';
        link.setAttribute('aria-label', say('预览 {name}', { name: rung.name }));
        cell.append(link);
        row.append(cell);
      });
      return table;
    }

    buttons(list) {
      const box = make('div', 'media-progress__buttons');
      list.forEach(([label, action]) => {
        const button = make('button', 'button button-small button-secondary', label);
        button.type = 'button';
        button.addEventListener('click', action);
        box.append(button);
      });
      return box;
    }

    errorBox(chinese, english) {
      const box = make('div', 'media-progress__error');
      box.setAttribute('role', 'alert');
      box.append(make('p', '', chinese), make('p', '', english));
      return box;
    }

    showError(error, actions) {
      const known = error instanceof Refused;
      const box = this.errorBox(
        known ? error.message : say('网络不通，正在等待恢复；已填写的内容和已上传的部分都在。'),
        known ? error.english : 'The network is down; what you entered and uploaded is kept.',
      );
      if (known && error.status === 401) {
        const link = make('a', 'button button-small', say('在新标签页登录'));
        link.href = this.dataset.login;
        link.target = '_blank';
        box.append(link);
      }
      box.append(this.buttons(actions));
      this.dataset.state = known ? error.code : 'offline';
      this.output.replaceChildren(box);
    }

    async act(verb) {
      try {
        this.showStatus(await ask('POST', `${this.dataset.base}${this.shown}/${verb}/`));
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.poll(), POLL_MS);
      } catch (error) {
        this.showError(error, [[say('返回'), () => this.poll()]]);
      }
    }

    begin(file) {
      clearTimeout(this.timer);
      const { type } = this.dataset;
      this.upload = { file, type, id: null, offset: 0, failures: 0, startedAt: performance.now(), sent: 0 };
      this.upload.id = remembered.of(this.upload);
      this.send();
    }

    /* Somebody pressed a button, or came back from signing in in another tab. */
    resume(upload) {
      refreshFormTokens();
      upload.failures = 0;
      upload.waitsForSignIn = false;
      this.send();
    }

    /* Goes on from what the server has; called again after every interruption. */
    async send() {
      const { upload } = this;
      try {
        if (upload.id) await this.findOffset(upload);
        if (!upload.id) {
          const said = JSON.stringify({ name: upload.file.name, size: upload.file.size, type: upload.type });
          const answer = await ask('POST', this.dataset.upload, said, 'application/json');
          upload.id = answer.upload_id;
          upload.piece = answer.piece;
          upload.offset = 0;
          remembered.keep(upload);
        }
        while (upload === this.upload && upload.offset < upload.file.size) {
          this.showUpload(upload);
          const piece = upload.file.slice(upload.offset, upload.offset + upload.piece);
          const url = `${this.dataset.upload}${upload.id}/?offset=${upload.offset}`;
          const { offset } = await ask('PUT', url, piece, 'application/octet-stream');
          upload.sent += offset - upload.offset;
          upload.offset = offset;
          upload.failures = 0;
        }
        if (upload !== this.upload) return;
        const media = await ask('POST', `${this.dataset.upload}${upload.id}/finish/`);
        remembered.forget(upload);
        this.upload = null;
        this.file.value = '';
        this.choose(media);
      } catch (error) {
        if (upload === this.upload) this.interrupted(upload, error);
      }
    }

    /* How far the server has it; one that is gone there (finished, swept away, another person's) begins anew. */
    async findOffset(upload) {
      try {
        Object.assign(upload, await ask('GET', `${this.dataset.upload}${upload.id}/`));
      } catch (error) {
        if (error.code !== 'upload-not-found') throw error;
        upload.id = null;
      }
    }

    async interrupted(upload, error) {
      const known = error instanceof Refused;
      const passing = !known || error.status >= 502 || error.code === 'upload-out-of-step';
      if (known && error.code === 'upload-not-found') upload.id = null;
      upload.waitsForSignIn = known && SIGNED_OUT.has(error.code);
      const final = known && !upload.waitsForSignIn && [400, 403, 413, 415].includes(error.status);
      if (final) remembered.forget(upload);
      const again = [say('继续'), () => this.resume(upload)];
      const stop = [say('放弃'), () => this.giveUp(upload)];
      this.showError(error, final ? [[say('知道了'), () => this.giveUp(upload)]] : [again, stop]);
      if (passing && error.status !== 507 && upload.failures < 50) {
        await wait(RETRY_MS[Math.min(upload.failures, RETRY_MS.length - 1)]);
        upload.failures += 1;
        if (upload === this.upload && this.isConnected) this.send();
      }
    }

    giveUp(upload) {
      remembered.forget(upload);
      if (upload.id) ask('DELETE', `${this.dataset.upload}${upload.id}/`).catch(() => {});
      this.upload = null;
      this.file.value = '';
      this.shown = null;
      this.output.replaceChildren();
    }

    showUpload(upload) {
      const line = make('p', 'media-progress__line');
      const seconds = (performance.now() - upload.startedAt) / 1000;
      line.append(make('strong', '', say('正在上传')), make('span', '', upload.file.name),
        make('span', '', `${size(upload.offset)} / ${size(upload.file.size)}`));
      if (upload.sent > 0 && seconds > 2) {
        const left = (upload.file.size - upload.offset) / (upload.sent / seconds);
        line.append(make('span', '', say('约还需 {time}', { time: span(left) })));
      }
      const bar = make('progress');
      bar.max = upload.file.size;
      bar.value = upload.offset;
      bar.setAttribute('aria-label', say('上传进度'));
      this.dataset.state = 'uploading';
      this.output.replaceChildren(line, bar, this.buttons([[say('放弃上传'), () => this.giveUp(upload)]]));
    }

    /* Puts the new media into Wagtail's chooser, as choosing it by hand would. */
    choose(media) {
      const { input } = this;
      input.value = media.id;
      const chooser = document.getElementById(`${this.dataset.input}-chooser`);
      if (chooser) {
        chooser.classList.remove('blank');
        const title = chooser.querySelector('[data-chooser-title]');
        if (title) title.textContent = media.title;
        const edit = chooser.querySelector('[data-chooser-edit-link], .edit-link');
        if (edit) {
          edit.href = media.edit_url;
          edit.classList.remove('w-hidden');
        }
      }
      input.dispatchEvent(new Event('input', { bubbles: true }));
      input.dispatchEvent(new Event('change', { bubbles: true }));
      const title = document.getElementById('id_title');
      if (title && !title.value && this.dataset.type === 'video') {
        // As typed by hand: Wagtail derives the slug from these events.
        title.dispatchEvent(new Event('focus', { bubbles: true }));
        title.value = media.title;
        ['input', 'keyup', 'change', 'blur'].forEach((name) => title.dispatchEvent(new Event(name, { bubbles: true })));
      }
      this.followChooser();
    }
  }

  window.addEventListener('beforeunload', (event) => {
    const busy = [...document.querySelectorAll('media-progress')].some((panel) => panel.upload);
    if (busy) event.preventDefault();
  });

  if (!customElements.get('media-progress')) customElements.define('media-progress', MediaProgress);
})();
