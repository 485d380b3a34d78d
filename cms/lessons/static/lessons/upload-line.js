/* How one upload is shown: its bar, bytes, rate and time left, and what a person can do with it. */
(() => {
  'use strict';

  const { TusUpload, DirectUpload, say, fileOf, remembered, fingerprintOf } = window.lessonUploads;
  const SPOKEN_STEP = 0.1;

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  const size = (bytes) => {
    if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
    if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
    return `${Math.max(1, Math.round(bytes / 1e3))} KB`;
  };

  const span = (seconds) => {
    if (seconds >= 5400) return say('{n} 小时', { n: (seconds / 3600).toFixed(1) });
    return seconds >= 90
      ? say('{n} 分钟', { n: Math.round(seconds / 60) })
      : say('{n} 秒', { n: Math.max(1, Math.round(seconds)) });
  };

  const buttons = (list) => {
    const box = make('div', 'media-progress__buttons');
    list.forEach(([label, action]) => {
      const button = make('button', 'button button-small button-secondary', label);
      button.type = 'button';
      button.addEventListener('click', action);
      box.append(button);
    });
    return box;
  };

  const errorBox = (chinese, english) => {
    const box = make('div', 'media-progress__error');
    box.setAttribute('role', 'alert');
    box.append(make('p', '', chinese), make('p', '', english));
    return box;
  };

  const STATES = {
    queued: () => say('排队等待上传'),
    sending: () => say('正在上传'),
    checking: () => say('正在核对整个文件'),
    paused: () => say('已暂停'),
    offline: () => say('等待网络恢复'),
    'signed-out': () => say('等待登录'),
    stuck: () => say('停住了'),
    refused: () => say('没有收下'),
    done: () => say('已上传'),
    'given-up': () => say('已放弃'),
  };

  class UploadLine extends HTMLElement {
    /* `onOver(upload)` is called once the upload is done, given up or refused and read. */
    follow(upload, { login, onOver = () => {} }) {
      Object.assign(this, { upload, login, onOver });
      this.className = 'upload-line';
      this.lead = make('strong');
      this.figures = make('span', 'upload-line__figures');
      this.bar = make('progress');
      this.bar.max = upload.file.size;
      this.bar.setAttribute('aria-label', `${say('上传进度')}：${upload.file.name}`);
      this.trouble = make('div');
      this.actions = make('div');
      this.spoken = make('p', 'w-sr-only');
      this.spoken.setAttribute('role', 'status');
      const line = make('p', 'media-progress__line');
      line.append(this.lead, make('span', '', upload.file.name), this.figures);
      this.replaceChildren(line, this.bar, this.trouble, this.actions, this.spoken);
      upload.addEventListener('change', () => this.show());
      this.comeBack = () => { if (upload.state === 'signed-out') upload.resume(); };
      window.addEventListener('focus', this.comeBack);
      this.show();
      return this;
    }

    disconnectedCallback() { window.removeEventListener('focus', this.comeBack); }

    show() {
      const { upload } = this;
      const checking = upload.state === 'checking';
      const done = checking ? upload.checked : upload.sent;
      this.dataset.state = upload.state;
      this.bar.value = upload.state === 'done' ? upload.file.size : done;
      this.bar.hidden = ['refused', 'given-up'].includes(upload.state);
      this.figures.textContent = this.told(done);
      this.speak(done / upload.file.size);
      if (this.shown === upload.state) return;
      // Not built again on each step of the bar: a button that is being pressed stays.
      this.shown = upload.state;
      this.lead.textContent = STATES[upload.state]();
      this.trouble.replaceChildren(...this.told_trouble());
      this.actions.replaceChildren(buttons(this.choices()));
      if (['done', 'given-up'].includes(upload.state)) this.onOver(upload);
    }

    told(done) {
      const { upload } = this;
      const parts = [`${size(done)} / ${size(upload.file.size)}`];
      if (upload.state === 'sending' && upload.rate) {
        parts.push(`${size(upload.rate)}/s`, say('约还需 {time}', { time: span((upload.file.size - done) / upload.rate) }));
      }
      return parts.join(' · ');
    }

    /* A person who listens hears each state, and each tenth of the way. */
    speak(share) {
      const step = Math.floor(share / SPOKEN_STEP);
      if (this.shown === this.upload.state && this.step === step) return;
      this.step = step;
      this.spoken.textContent = `${STATES[this.upload.state]()}，${this.upload.file.name}，${Math.floor(share * 100)} %`;
    }

    told_trouble() {
      const { state, error } = this.upload;
      if (state === 'offline' && !error) {
        return [errorBox(
          say('网络不通，正在等待恢复；已填写的内容和已上传的部分都在。'),
          'The network is down; what you entered and uploaded is kept.',
        )];
      }
      if (!error) return [];
      const box = errorBox(error.message, error.english);
      if (state === 'signed-out') {
        const link = make('a', 'button button-small', say('在新标签页登录'));
        link.href = this.login;
        link.target = '_blank';
        box.append(link);
      }
      return [box];
    }

    choices() {
      const { upload } = this;
      const goOn = [say('继续'), () => upload.resume()];
      const stop = [say('放弃上传'), () => upload.giveUp()];
      switch (upload.state) {
        case 'queued':
        case 'sending': return [[say('暂停'), () => upload.pause()], stop];
        case 'paused':
        case 'offline':
        case 'signed-out':
        case 'stuck': return [goOn, stop];
        case 'refused': return [[say('知道了'), () => upload.giveUp()]];
        default: return [];
      }
    }
  }

  if (!customElements.get('upload-line')) customElements.define('upload-line', UploadLine);

  /* A file that was begun before the page was loaded again: goes on by itself where the browser still lets us read it,
     else after a press of the button, else with the same file chosen again. */
  const offerToGoOn = async (record, { begin, giveUp }) => {
    const file = await fileOf(record);
    if (file) { begin(file, record.handle); return null; }
    const box = make('div', 'upload-line');
    const told = make('div');
    const choose = make('input', 'upload-line__again');
    choose.type = 'file';
    choose.hidden = true;
    choose.addEventListener('change', () => {
      const [chosen] = choose.files;
      if (!chosen) return;
      if (fingerprintOf(chosen, record.kind) === record.fingerprint) { box.remove(); begin(chosen, null); return; }
      told.replaceChildren(errorBox(
        say('这不是刚才的文件。请选“{name}”，一个字节也没有改过的那个。', { name: record.name }),
        `This is not the same file; choose “${record.name}”, unchanged.`,
      ));
    });
    const goOn = async () => {
      const again = await fileOf(record, { ask: true });
      if (!again) { choose.click(); return; }
      box.remove();
      begin(again, record.handle);
    };
    const line = make('p', 'media-progress__line');
    line.append(make('strong', '', say('还没有传完')), make('span', '', record.name));
    if (record.length) line.append(make('span', 'upload-line__figures', `${size(record.offset)} / ${size(record.length)}`));
    box.append(
      line, make('p', 'help', say('点“继续”，如果浏览器问起，请再选一次同一个文件；已传的部分不会重传。')), told, choose,
      buttons([[say('继续'), goOn], [say('放弃上传'), () => { box.remove(); giveUp(); }]]),
    );
    return box;
  };

  /* Files that were picked or dropped, with their handles where the browser has such. */
  const handlesOf = (transfer) => Promise.all([...transfer.items].filter((item) => item.kind === 'file').map(async (item) => {
    const file = item.getAsFile();
    const handle = (await item.getAsFileSystemHandle?.().catch(() => null)) ?? null;
    return { file, handle: handle?.kind === 'file' ? handle : null };
  }));

  const listen = ({ input, zone, take }) => {
    input.addEventListener('change', () => {
      take([...input.files].map((file) => ({ file, handle: null })));
      input.value = '';
    });
    // The browser's newer picker gives handles; the plain one is there for whoever has no other.
    input.addEventListener('click', async (event) => {
      if (!window.showOpenFilePicker || input.dataset.plain) return;
      event.preventDefault();
      try {
        const handles = await window.showOpenFilePicker({ multiple: input.multiple });
        take(await Promise.all(handles.map(async (handle) => ({ file: await handle.getFile(), handle }))));
      } catch (error) {
        if (error.name === 'AbortError') return;
        input.dataset.plain = '1';
        input.click();
      }
    });
    ['dragenter', 'dragover', 'dragleave', 'drop'].forEach((name) => zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.toggle('is-over', name === 'dragenter' || name === 'dragover');
    }));
    zone.addEventListener('drop', async (event) => take(await handlesOf(event.dataTransfer)));
  };

  Object.assign(window.lessonUploads, {
    make, size, span, buttons, errorBox, offerToGoOn, listen,
    begin: (options, shown) => {
      const upload = options.direct ? new DirectUpload(options) : new TusUpload(options);
      const line = make('upload-line').follow(upload, shown);
      upload.run();
      return { upload, line };
    },
    recordAt: (place) => remembered.at(place),
  });
})();
