import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keepShell } from '../../src/packages/shell.js';

/** A worker that is being installed and comes to an end as told, a turn later. */
class Installing extends EventTarget {
  constructor(end) {
    super();
    this.state = 'installing';
    setTimeout(() => {
      this.state = end;
      this.dispatchEvent(new Event('statechange'));
    });
  }
}

/** A browser's register() that answers with one outcome after the other; an Error is thrown. */
function browser(...outcomes) {
  const asked = [];
  return {
    asked,
    register: async (address) => {
      asked.push(address);
      const outcome = outcomes.shift();
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
  };
}

function keep(container) {
  const slept = [];
  const state = keepShell({ container, sleep: async (ms) => { slept.push(ms); }, online: () => true, chance: () => 1 });
  return { state, slept };
}

test('a worker that the cut line stopped is asked for again until its shell is whole', async () => {
  const container = browser(
    { installing: new Installing('redundant') }, new TypeError('failed to fetch'), { installing: null },
    { installing: new Installing('activating') },
  );
  const { state, slept } = keep(container);
  assert.equal(await state, 'kept');
  assert.equal(container.asked.length, 4);
  assert.deepEqual(slept, [500, 1000, 2000]);
});

test('a shell that is there already is kept, and a newer one that waits takes over', async () => {
  const told = [];
  const { state, slept } = keep(browser({ active: {}, waiting: { postMessage: (message) => told.push(message) } }));
  assert.equal(await state, 'kept');
  assert.deepEqual([slept, told], [[], [{ type: 'activate' }]]);
});

test('a browser that takes no worker from this address is asked once', async () => {
  const { state, slept } = keep(browser(new DOMException('certificate', 'SecurityError')));
  assert.equal(await state, 'refused');
  assert.deepEqual(slept, []);
});
