/* What the browser remembers of uploads over a reload; first of the uploaders' scripts. */
(() => {
  'use strict';

  /* Where the same file is found after a reload: its handle, where the browser gives one, and the field it is for. */
  const remembered = {
    open() {
      this.ready ??= new Promise((resolve, reject) => {
        const opening = indexedDB.open('lesson-uploads', 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore('files', { keyPath: 'fingerprint' });
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      return this.ready;
    },
    async run(mode, act) {
      try {
        const store = (await this.open()).transaction('files', mode).objectStore('files');
        return await new Promise((resolve, reject) => {
          const asked = act(store);
          asked.onsuccess = () => resolve(asked.result);
          asked.onerror = () => reject(asked.error);
        });
      } catch {
        return undefined; // A private window keeps nothing: the person chooses the file again.
      }
    },
    keep(record) { return this.run('readwrite', (store) => store.put(record)); },
    forget(fingerprint) { return this.run('readwrite', (store) => store.delete(fingerprint)); },
    of(fingerprint) { return this.run('readonly', (store) => store.get(fingerprint)); },
    async tickets() {
      return ((await this.run('readonly', (store) => store.getAll())) ?? []).filter((record) => record.ticket);
    },
    async at(place) {
      const all = await this.run('readonly', (store) => store.getAll());
      return (all ?? []).filter((record) => record.place === place);
    },
  };

  window.lessonUploads = { remembered };
})();
