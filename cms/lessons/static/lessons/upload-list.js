/* The page of one's uploads: several files at once, and what an earlier page began. */
(() => {
  'use strict';

  const { abandon, begin, begun, call, errorBox, fingerprintOf, learn, listen, make, offerToGoOn, remembered, say } = window.lessonUploads;

  class UploadList extends HTMLElement {
    connectedCallback() {
      if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', () => this.connectedCallback(), { once: true });
        return;
      }
      if (this.ready) return;
      this.ready = true;
      learn(JSON.parse(this.dataset.words));
      this.lines = this.querySelector('.upload-list__lines');
      this.pending = [];
      listen({
        input: this.querySelector('.media-progress__file'),
        zone: this.querySelector('.media-progress__drop'),
        take: (files) => files.forEach(({ file, handle }) => this.begin(file, handle)),
      });
      this.showUnfinished();
    }

    get place() { return window.location.pathname; }

    async showUnfinished() {
      const plain = this.querySelector('.upload-list__plain');
      try {
        const { answer } = await call('GET', `${this.dataset.upload}mine/`);
        plain?.remove();
        for (const one of answer.uploads) if (!one.finished) await this.offer(one);
        for (const one of await begun(this.dataset.direct)) await this.offer(one);
      } catch (error) {
        if (error.english) this.lines.append(errorBox(error.message, error.english));
      }
    }

    async offer({ name, kind, fingerprint, url, offset, length }) {
      if (this.querySelector(`[data-fingerprint="${CSS.escape(fingerprint)}"]`)) return;
      const found = await remembered.of(fingerprint);
      // What another page is for goes on by itself there; here only when asked.
      const handle = found?.place === this.place ? found.handle : null;
      const record = { name, kind, fingerprint, handle, offset, length };
      const giveUp = () => (fingerprint
        ? abandon(this.dataset.upload, fingerprint)
        : call('DELETE', url, { headers: { 'Tus-Resumable': '1.0.0' } }));
      const box = await offerToGoOn(record, { begin: (file, own) => this.begin(file, own, kind), giveUp });
      if (!box) return;
      this.pending.push({ record, box });
      this.lines.append(box);
    }

    begin(file, handle, known = null) {
      const waiting = this.pending.find(({ record }) => fingerprintOf(file, record.kind) === record.fingerprint);
      waiting?.box.remove();
      const kind = known ?? waiting?.record.kind ?? (file.type.startsWith('audio/') ? 'audio' : 'video');
      const { upload: url, digest, login, direct } = this.dataset;
      const shown = { login, onOver: (upload) => this.over(upload) };
      const { upload, line } = begin({ file, handle, kind, url, digest, direct, place: () => this.place }, shown);
      line.dataset.fingerprint = upload.fingerprint;
      upload.line = line;
      this.lines.append(line);
    }

    over(upload) {
      if (!upload.media) { upload.line?.remove(); return; }
      const link = make('a', '', say('到媒体库查看'));
      link.href = upload.media.edit_url;
      upload.line.append(link);
    }
  }

  if (!customElements.get('upload-list')) customElements.define('upload-list', UploadList);
})();
