/* One file on its way straight to the bucket, part by part under signed addresses (docs/adr/0007-tus-uploads.md). Its
   states, its queue and how it survives a cut line are those of `tus-upload.js`; the ticket that this site signed is
   kept beside the file's handle, and after a reload the store says which parts are there. */
(() => {
  'use strict';

  const { TusUpload, FINISH_MS, base64, call, digests, hex, remembered } = window.lessonUploads;

  const HEAD_BYTES = 512;
  /* A browser that so often brought no part to the bucket, while this site answers, speaks tus from then on. */
  const MOST_REFUSALS = 3;

  const ask = async (base, what, document, options = {}) => {
    const headers = { 'Content-Type': 'application/json' };
    return (await call('POST', `${base}${what}/`, { headers, body: JSON.stringify(document), ...options })).answer;
  };

  const partLength = (length, partBytes, number) => Math.min(partBytes, length - (number - 1) * partBytes);
  const bytesOf = (length, partBytes, numbers) =>
    [...numbers].reduce((sum, number) => sum + partLength(length, partBytes, number), 0);

  class DirectUpload extends TusUpload {
    constructor(options) {
      super(options);
      this.direct = options.direct;
      this.ticket = null;
      this.arrived = new Set();
      this.refusals = 0;
    }

    get speaksTus() { return this.refusals >= MOST_REFUSALS; }

    async find(signal) {
      if (this.speaksTus) return super.find(signal);
      if (this.isAnew) Object.assign(this, { isAnew: false, ticket: null });
      else if (!this.ticket) {
        const { ticket = null, partBytes, isWhole } = (await remembered.of(this.fingerprint)) ?? {};
        Object.assign(this, { ticket, partBytes, isWhole });
      }
      this.url = this.ticket;
      if (!this.ticket) return undefined;
      try {
        this.arrived = new Set((await ask(this.direct, 'arrived', { ticket: this.ticket }, { signal })).arrived);
        this.offset = bytesOf(this.file.size, this.partBytes, this.arrived);
      } catch (error) {
        // All was there and is joined: what became of it is said when its end is asked for again.
        if (!this.isWhole || error.status !== 404) throw error;
        this.offset = this.file.size;
      }
      return undefined;
    }

    async create(signal) {
      if (this.speaksTus) return super.create(signal);
      const head = new Uint8Array(await this.file.slice(0, HEAD_BYTES).arrayBuffer());
      const said = { name: this.file.name, length: this.file.size, head: btoa(String.fromCharCode(...head)) };
      const { ticket, part_bytes: partBytes } = await ask(this.direct, 'start', said, { signal });
      Object.assign(this, { ticket, url: ticket, partBytes, arrived: new Set(), isWhole: false, offset: 0, kept: undefined });
      return undefined;
    }

    /* The digest is signed into the address: the store keeps no part that was cut or changed on its way. */
    async sendPiece(signal) {
      if (this.speaksTus) return super.sendPiece(signal);
      let number = 1;
      while (this.arrived.has(number)) number += 1;
      const start = (number - 1) * this.partBytes;
      const end = start + partLength(this.file.size, this.partBytes, number);
      const sum = await digests.of(this.file, start, end);
      const asked = { ticket: this.ticket, digests: { [number]: hex(sum) } };
      const { addresses } = await ask(this.direct, 'parts', asked, { signal });
      try {
        await call('PUT', addresses[number], {
          elsewhere: true, signal, headers: { 'x-amz-checksum-sha256': base64(sum) }, body: this.file.slice(start, end),
          onSent: (bytes) => { this.inFlight = bytes; this.measure(); },
        });
      } catch (error) {
        this.refused(signal);
        // Whatever the bucket says (an address that ran out, a restart), an address is asked for anew after a while.
        throw signal.aborted ? error : new TypeError('the bucket took nothing');
      }
      this.inFlight = 0;
      this.refusals = 0;
      this.arrived.add(number);
      this.offset = bytesOf(this.file.size, this.partBytes, this.arrived);
      this.failures = 0;
      this.measure();
      return this.keep();
    }

    refused(signal) {
      if (signal.aborted || this.arrived.size) return;
      this.refusals += 1;
      if (!this.speaksTus) return;
      this.dismiss();
      Object.assign(this, { ticket: null, url: null, kept: undefined });
    }

    async finish(sha256, signal) {
      if (this.speaksTus) return super.finish(sha256, signal);
      Object.assign(this, { isWhole: true, kept: undefined });
      await this.keep();
      try {
        return await ask(this.direct, 'finish', { ticket: this.ticket, sha256, kind: this.kind }, { signal, stallMs: FINISH_MS });
      } catch (error) {
        if (['direct-upload-damaged', 'direct-upload-incomplete'].includes(error.code)) this.isWhole = false;
        throw error;
      }
    }

    record(place) {
      const { ticket, partBytes, isWhole, file } = this;
      return { ...super.record(place), ...(ticket ? { ticket, partBytes, isWhole, length: file.size } : {}) };
    }

    /* The ticket is all that leads back to it. */
    setAside() {
      super.setAside();
      if (this.ticket) remembered.keep(this.record(null));
    }

    dismiss() {
      if (this.ticket) dismissTicket(this.ticket, this.direct).catch(() => {});
      else super.dismiss();
    }
  }

  const dismissTicket = async (ticket, direct = document.querySelector('[data-direct]')?.dataset.direct) => {
    if (direct) await ask(direct, 'abort', { ticket });
  };

  /* Uploads that an earlier page began, with the bytes that are there; those that have ended are forgotten. */
  const begun = async (direct) => {
    const found = [];
    for (const record of direct ? await remembered.tickets() : []) {
      try {
        const { arrived } = await ask(direct, 'arrived', { ticket: record.ticket });
        found.push({ ...record, offset: bytesOf(record.length, record.partBytes, arrived) });
      } catch (error) {
        if (error.status !== 404) throw error;
        if (record.isWhole) found.push({ ...record, offset: record.length });
        else await remembered.forget(record.fingerprint);
      }
    }
    return found;
  };

  Object.assign(window.lessonUploads, { DirectUpload, dismissTicket, begun });
})();
