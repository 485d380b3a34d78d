/* The progress panel of a lesson's edit page: takes a recording and shows its transcode without reloading. */
(() => {
  'use strict';

  const POLL_MS = 1500;
  const WATCH_MS = 400;
  const {
    Refused, abandon, begin, buttons, call, errorBox, learn, listen, make, offerToGoOn, recordAt, refreshFormTokens, say,
    size, span,
  } = window.lessonUploads;

  const ask = async (method, url) => (await call(method, url)).answer;

  class MediaProgress extends HTMLElement {
    connectedCallback() {
      // The parser meets the element before its children when the script came first.
      if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', () => this.connectedCallback(), { once: true });
        return;
      }
      if (this.ready || !this.isConnected) return;
      this.ready = true;
      this.watch = setInterval(() => this.followChooser(), WATCH_MS);
      // A row that is moved is taken out and put in again, with its upload.
      if (this.output) return;
      learn(JSON.parse(this.dataset.words));
      this.output = this.querySelector('.media-progress__state');
      this.uploads = this.querySelector('.media-progress__upload');
      this.shown = null;
      this.upload = null;
      listen({
        input: this.querySelector('.media-progress__file'),
        zone: this.querySelector('.media-progress__drop'),
        take: ([first]) => { if (first) this.begin(first.file, first.handle); },
      });
      this.followChooser();
      this.goOn();
    }

    disconnectedCallback() {
      clearInterval(this.watch);
      clearTimeout(this.timer);
      this.ready = false;
    }

    get input() { return document.getElementById(this.dataset.input); }

    /* The field that an upload is for, told by the page's address. */
    get place() { return `${window.location.pathname}#${this.dataset.input}`; }

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
      if (status.error) parts.push(errorBox(status.error.message, status.error.message_en));
      if (status.renditions.length) parts.push(this.rungs(status.renditions));
      parts.push(buttons([
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

    showError(error, actions) {
      const known = error instanceof Refused;
      const box = errorBox(
        known ? error.message : say('网络不通，正在等待恢复；已填写的内容和已上传的部分都在。'),
        known ? error.english : 'The network is down; what you entered and uploaded is kept.',
      );
      if (known && error.status === 401) {
        const link = make('a', 'button button-small', say('在新标签页登录'));
        link.href = this.dataset.login;
        link.target = '_blank';
        box.append(link);
      }
      box.append(buttons(actions));
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

    begin(file, handle = null) {
      clearTimeout(this.timer);
      this.output.replaceChildren();
      this.upload?.setAside();
      const { type: kind, upload: url, digest, login, direct } = this.dataset;
      const options = { file, handle, kind, url, digest, direct, place: () => this.place };
      const { upload, line } = begin(options, { login, onOver: (over) => this.over(over) });
      this.upload = upload;
      this.dataset.state = 'uploading';
      upload.addEventListener('change', () => {
        if (upload === this.upload) this.dataset.state = upload.error?.code ?? { sending: 'uploading' }[upload.state] ?? upload.state;
      });
      this.uploads.replaceChildren(line);
    }

    over(upload) {
      if (upload !== this.upload) return;
      this.upload = null;
      this.uploads.replaceChildren();
      this.shown = null;
      if (upload.media) this.choose(upload.media);
      else this.followChooser();
    }

    /* What was on its way into this field when the page was left. */
    async goOn() {
      const [record] = await recordAt(this.place);
      if (!record || this.upload) return;
      const giveUp = () => abandon(this.dataset.upload, record.fingerprint);
      const box = await offerToGoOn(record, { begin: (file, handle) => this.begin(file, handle), giveUp });
      if (box && !this.upload) this.uploads.replaceChildren(box);
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

  if (!customElements.get('media-progress')) customElements.define('media-progress', MediaProgress);
})();
