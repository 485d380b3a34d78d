/* One file on its way by tus 1.0.0 (docs/adr/0007-tus-uploads.md): goes on by itself after a cut line and a page that
   was loaded again. No element of the page is touched here; `upload-line.js` shows what this tells. */
(() => {
  'use strict';

  const { remembered } = window.lessonUploads;
  const VERSION = '1.0.0';
  const SIGNED_OUT = new Set(['session-expired', 'form-expired', 'cookies-off']);
  const RETRY_MS = [1000, 3000, 8000, 15000, 30000];
  const SMALLEST_PIECE = 64 * 1024;
  const FIRST_PIECE = 256 * 1024;
  const LARGEST_PIECE = 4 * 1024 * 1024;
  /* What a cut line costs at most is one piece: as much as the line carries in so many seconds. */
  const PIECE_S = 8;
  const AT_ONCE = 3;
  const STALL_MS = 60000;
  const FINISH_MS = 600000;
  const RATE_MS = 15000;

  /* Words come from the page, in the language of the admin; the Chinese ones are their keys. */
  let words = {};
  const learn = (more) => { words = { ...words, ...more }; };
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

  class Stopped extends Error {}

  /* XMLHttpRequest, because fetch does not tell how far a body has gone. */
  const call = (method, url, {
    headers = {}, body = null, onSent = () => {}, stallMs = STALL_MS, signal, elsewhere = false,
  } = {}) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) { reject(new Stopped()); return; }
      const xhr = new XMLHttpRequest();
      let timer;
      const alive = () => {
        clearTimeout(timer);
        timer = setTimeout(() => xhr.abort(), stallMs);
      };
      xhr.open(method, url);
      // Another server than ours is shown no token, and answers in its own way.
      const all = elsewhere ? headers : { Accept: 'application/json', 'X-CSRFToken': token(), ...headers };
      Object.entries(all).forEach(([name, value]) => xhr.setRequestHeader(name, value));
      xhr.upload.onprogress = (event) => { alive(); onSent(event.loaded); };
      xhr.onloadend = () => {
        clearTimeout(timer);
        if (signal?.aborted) { reject(new Stopped()); return; }
        if (!xhr.status) { reject(new TypeError('no answer')); return; }
        let answer = null;
        try { answer = JSON.parse(xhr.responseText); } catch { /* a page, or nothing */ }
        if (xhr.status >= 400) reject(new Refused(xhr.status, answer));
        // A log-in page was followed to: what was asked for did not happen.
        else if (xhr.status === 200 && method !== 'HEAD' && !answer && !elsewhere) reject(new Refused(xhr.status, null));
        else resolve({ answer, header: (name) => xhr.getResponseHeader(name) });
      };
      signal?.addEventListener('abort', () => xhr.abort(), { once: true });
      alive();
      xhr.send(body);
    });

  /* One helper beside the page hashes for all uploads. */
  const digests = {
    asked: new Map(),
    next: 1,
    start(url) {
      if (this.worker) return;
      this.worker = new Worker(url);
      this.worker.onmessage = ({ data }) => {
        const asked = this.asked.get(data.id);
        if (data.done !== undefined) { asked.onDone(data.done); return; }
        this.asked.delete(data.id);
        if (data.sha256) asked.resolve(data.sha256);
        else asked.reject(new Unreadable());
      };
    },
    of(file, start, end, onDone = () => {}) {
      return new Promise((resolve, reject) => {
        const id = this.next++;
        this.asked.set(id, { resolve, reject, onDone });
        this.worker.postMessage({ id, file, start, end });
      });
    },
  };

  class Unreadable extends Error {
    constructor() {
      super(say('这个文件读不到了（可能被改动、改名或移走）。请重新选择。'));
      this.status = 400;
      this.english = 'The file can no longer be read (changed, renamed or moved). Choose it again.';
      this.code = 'file-unreadable';
    }
  }

  const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
  const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
  const fingerprintOf = (file, kind) => `${kind} ${file.name} ${file.size} ${file.lastModified}`;

  /* The remembered file when the browser lets us read it; with `ask`, in answer to a click, it may ask the person. */
  const fileOf = async (record, { ask = false } = {}) => {
    if (!record?.handle) return null;
    try {
      const allowed = (await record.handle.queryPermission?.({ mode: 'read' })) ?? 'granted';
      if (allowed !== 'granted' && (!ask || (await record.handle.requestPermission({ mode: 'read' })) !== 'granted')) return null;
      const file = await record.handle.getFile();
      return fingerprintOf(file, record.kind) === record.fingerprint ? file : null;
    } catch {
      return null;
    }
  };

  const unfinished = new Set();
  const busy = new Set();
  const queue = [];
  const enter = async (upload) => {
    if (busy.size >= AT_ONCE) await new Promise((resolve) => { queue.push(resolve); });
    busy.add(upload);
  };
  const leave = (upload) => {
    busy.delete(upload);
    queue.shift()?.();
  };

  /* States: queued, sending, checking, paused, offline, signed-out, stuck (a person may go on), refused, done, given-up. */
  class TusUpload extends EventTarget {
    constructor({ file, kind, url, digest, handle = null, place = () => null }) {
      super();
      Object.assign(this, { file, kind, base: url, handle, place });
      this.fingerprint = fingerprintOf(file, kind);
      this.state = 'queued';
      this.url = null;
      this.offset = 0;
      this.inFlight = 0;
      this.checked = 0;
      this.failures = 0;
      this.piece = FIRST_PIECE;
      this.samples = [];
      digests.start(digest);
      unfinished.add(this);
      window.addEventListener('online', () => { if (this.state === 'offline') this.run(); });
    }

    get sent() { return Math.min(this.file.size, this.offset + this.inFlight); }

    get isOver() { return ['done', 'given-up', 'refused'].includes(this.state); }

    /* Bytes a second over the last seconds; 0 while too little is known. */
    get rate() {
      const [first] = this.samples;
      const last = this.samples.at(-1);
      return this.samples.length > 1 && last.at - first.at > 500 ? ((last.sent - first.sent) * 1000) / (last.at - first.at) : 0;
    }

    set(state, error = null) {
      this.state = state;
      this.error = error;
      if (state !== 'sending') this.samples = [];
      if (this.isOver) unfinished.delete(this);
      this.tell();
    }

    tell() { this.dispatchEvent(new Event('change')); }

    measure() {
      const now = performance.now();
      this.samples.push({ at: now, sent: this.sent });
      while (now - this.samples[0].at > RATE_MS) this.samples.shift();
      this.tell();
    }

    async run() {
      if (this.running || this.isOver) return;
      this.running = true;
      this.stop = new AbortController();
      const { signal } = this.stop;
      this.set('queued');
      await enter(this);
      try {
        if (signal.aborted) throw new Stopped();
        this.set('sending');
        await this.send(signal);
      } catch (error) {
        this.inFlight = 0;
        leave(this);
        this.running = false;
        if (!(error instanceof Stopped)) await this.interrupted(error);
        return;
      }
      leave(this);
      this.running = false;
    }

    async send(signal) {
      this.whole ??= digests.of(this.file, 0, this.file.size, (done) => { this.checked = done; });
      this.whole.catch(() => {});
      await this.find(signal);
      if (!this.url) await this.create(signal);
      await this.keep();
      while (this.offset < this.file.size) await this.sendPiece(signal);
      this.set('checking');
      const showing = setInterval(() => this.tell(), 500);
      try {
        this.media = await this.finish(hex(await this.whole), signal);
      } finally {
        clearInterval(showing);
      }
      await remembered.forget(this.fingerprint);
      this.set('done');
    }

    async finish(sha256, signal) {
      const headers = { 'Content-Type': 'application/json' };
      const body = JSON.stringify({ sha256 });
      return (await call('POST', `${this.url}finish/`, { headers, body, signal, stallMs: FINISH_MS })).answer;
    }

    /* Where the server has it; a fresh start where it has nothing of this file. */
    async find(signal) {
      if (this.url) {
        const answer = await this.tus('HEAD', this.url, { signal }).catch(async (error) => {
          // An answer to HEAD has no words for what is wrong with the sign-in.
          if (error.status === 401) await call('GET', `${this.base}mine/`, { signal });
          throw error;
        });
        this.offset = Number(answer.header('Upload-Offset'));
        return;
      }
      const { answer } = await call('GET', `${this.base}mine/`, { signal });
      const same = answer.uploads.filter((one) => one.fingerprint === this.fingerprint && one.length === this.file.size);
      const found = same.find((one) => !one.finished) ?? same[0];
      if (found && !this.isAnew) Object.assign(this, { url: found.url, offset: found.offset });
    }

    async create(signal) {
      const said = { filename: this.file.name, kind: this.kind, fingerprint: this.fingerprint };
      const described = Object.entries(said).map(([key, value]) => `${key} ${base64(new TextEncoder().encode(value))}`);
      const headers = { 'Upload-Length': String(this.file.size), 'Upload-Metadata': described.join(',') };
      const { header } = await this.tus('POST', this.base, { headers, signal });
      this.url = header('Location');
      this.offset = 0;
    }

    async sendPiece(signal) {
      const { offset } = this;
      const end = Math.min(this.file.size, offset + this.piece);
      const sum = await digests.of(this.file, offset, end);
      const began = performance.now();
      const { header } = await this.tus('PATCH', this.url, {
        headers: {
          'Upload-Offset': String(offset),
          'Content-Type': 'application/offset+octet-stream',
          'Upload-Checksum': `sha256 ${base64(sum)}`,
        },
        body: this.file.slice(offset, end),
        onSent: (bytes) => { this.inFlight = bytes; this.measure(); },
        signal,
      });
      const seconds = Math.max(0.001, (performance.now() - began) / 1000);
      this.inFlight = 0;
      this.offset = Number(header('Upload-Offset'));
      this.failures = 0;
      this.resize(Math.min(2, PIECE_S / seconds));
      this.measure();
      await this.keep();
    }

    resize(factor) {
      this.piece = Math.round(Math.min(LARGEST_PIECE, Math.max(SMALLEST_PIECE, this.piece * factor)));
    }

    tus(method, url, options) {
      return call(method, url, { ...options, headers: { 'Tus-Resumable': VERSION, ...options.headers } });
    }

    async keep() {
      const place = this.place();
      if (place === this.kept) return;
      this.kept = place;
      await remembered.keep(this.record(place));
    }

    record(place) {
      return { fingerprint: this.fingerprint, kind: this.kind, name: this.file.name, handle: this.handle, place };
    }

    async interrupted(error) {
      const known = error.status !== undefined;
      this.resize(0.5);
      if (known && SIGNED_OUT.has(error.code)) { this.set('signed-out', error); return; }
      if ([404, 410].includes(error.status) && this.failures < 3) {
        // Swept away, or another person's: begins anew. (An answer to HEAD tells its status only.)
        this.failures += 1;
        this.isAnew = true;
        this.url = null;
        this.run();
        return;
      }
      const isPassing = !known || error.status >= 502 || ['upload-out-of-step', 'upload-piece-wrong', 'direct-upload-incomplete'].includes(error.code);
      if (!isPassing || error.status === 507) {
        const isFinal = [400, 403, 413, 415, 460].includes(error.status);
        if (isFinal) await remembered.forget(this.fingerprint);
        this.set(isFinal ? 'refused' : 'stuck', error);
        return;
      }
      this.set('offline', known ? error : null);
      const after = this.stop;
      await wait(RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)]);
      this.failures += 1;
      if (this.stop === after && this.state === 'offline') this.run();
    }

    pause() {
      this.stop?.abort();
      this.set('paused');
    }

    /* Somebody pressed a button, or came back from signing in in another tab. */
    resume() {
      refreshFormTokens();
      this.failures = 0;
      if (!this.running) this.run();
      else setTimeout(() => this.resume(), 100);
    }

    /* Another file took its field: what has arrived can be continued on the page of uploads. */
    setAside() {
      this.pause();
      unfinished.delete(this);
      remembered.forget(this.fingerprint);
    }

    /* Nothing of it stays on the server. */
    dismiss() {
      if (this.url) this.tus('DELETE', this.url, {}).catch(() => {});
    }

    giveUp() {
      this.stop?.abort();
      remembered.forget(this.fingerprint);
      this.dismiss();
      this.set('given-up');
    }
  }

  /* Gives up what an earlier page began. */
  const abandon = async (base, fingerprint) => {
    const record = await remembered.of(fingerprint);
    await remembered.forget(fingerprint);
    if (record?.ticket) { await window.lessonUploads.dismissTicket(record.ticket); return; }
    const { answer } = await call('GET', `${base}mine/`);
    const own = answer.uploads.filter((one) => one.fingerprint === fingerprint && !one.finished);
    await Promise.all(own.map((one) => call('DELETE', one.url, { headers: { 'Tus-Resumable': VERSION } })));
  };

  window.addEventListener('beforeunload', (event) => { if (unfinished.size) event.preventDefault(); });

  Object.assign(window.lessonUploads, {
    TusUpload, Refused, FINISH_MS, abandon, base64, call, digests, hex, say, learn, refreshFormTokens, fileOf, fingerprintOf,
  });
})();
