/**
 * A browser that gives an object no SQLite engine, or cannot read the one that it was given: callers are told in one sentence, nobody
 * hangs, and nothing of the object is left, so that the next call works as soon as there is room.
 */
import { expect, test } from 'vitest';
import type { DurableObjectNamespace } from '../../src/index.ts';
import { loadRealms, type Realms, realmText } from '../../src/spawn.ts';
import { accounts } from '../support/accounts.ts';
import { rejection } from '../support/rejection.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
export class Counter extends DurableObject {
  async increment() { const n = ((await this.ctx.storage.get('n')) ?? 0) + 1; await this.ctx.storage.put('n', n); return n }
}
export default { fetch: () => new Response('ok') };
`;
interface Env {
  COUNTERS: DurableObjectNamespace<{ increment(): Promise<number> }>;
}

const config = {
  name: 'counters',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'COUNTERS', class_name: 'Counter' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Counter'] }],
};

const { start } = accounts<Env>('refused', { modules: { 'index.js': PROGRAM }, config });

/**
 * Realms whose isolates are refused their engines, with the error that Chromium has for the 125th memory of a page, as long as a
 * URL leads anywhere: that can be asked without waiting.
 */
async function refusing(): Promise<{ realms: Realms; giveRoom(): void }> {
  const realms = await loadRealms();
  const flag = URL.createObjectURL(new Blob(['full']));
  const refuse = `{
    const { Instance: Own } = WebAssembly;
    const Asking = XMLHttpRequest; // a program has none
    const isFull = () => {
      const asking = new Asking();
      asking.open('GET', '${flag}', false);
      try { asking.send(); return asking.status === 200; } catch { return false; }
    };
    WebAssembly.Instance = new Proxy(Own, {
      construct(target, given) {
        if (isFull()) throw new RangeError('WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance');
        return Reflect.construct(target, given);
      },
    });
  }\n`;
  const isolate = { text: refuse + (await realmText(realms.isolate)) };
  return { realms: { ...realms, isolate }, giveRoom: () => URL.revokeObjectURL(flag) };
}

const NO_ROOM =
  'There is no SQLite engine for this object: the browser gives this page no memory for another one. Close other simulators of ' +
  'the page, or tabs that need much memory, and call again.';

for (const storage of ['memory', 'indexeddb'] as const) {
  test(`a call is told that there is no room, nothing is half started, and the next one works (${storage})`, async () => {
    const { realms, giveRoom } = await refusing();
    const sim = await start({ realms, storage });
    const calls = [1, 2].map(() => rejection(sim.env.COUNTERS.getByName('a').increment()));
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'overloaded', message: NO_ROOM });
    expect((await sim.inspect.objects()).filter(({ state }) => state !== 'sleeping')).toEqual([]);
    // What needs no engine goes on.
    expect(await (await sim.fetch('/')).text()).toBe('ok');
    giveRoom();
    expect(await sim.env.COUNTERS.getByName('a').increment()).toBe(1);
    expect(await sim.env.COUNTERS.getByName('b').increment()).toBe(1);
  }, 40_000);
}

test('a call that waits for room is served as soon as there is some', async () => {
  const { realms, giveRoom } = await refusing();
  const sim = await start({ realms });
  const call = sim.env.COUNTERS.getByName('a').increment();
  expect(await (await sim.fetch('/')).text()).toBe('ok');
  giveRoom();
  expect(await call).toBe(1);
});

test('bytes that the browser cannot compile are refused when a simulator is opened', async () => {
  const realms = await loadRealms();
  const error = await rejection(
    start({ realms: { ...realms, wasm: new TextEncoder().encode('<!doctype html>').buffer }, storage: 'auto' }),
  );
  expect(error).toMatchObject({ code: 'engine_mismatch' });
  expect(error.message).toMatch(
    /^The browser cannot compile the bytes of sql\.js: .*\. Is it served whole, as it was built\?$/,
  );
});

test('a module that is none of ours is refused when a simulator is opened', async () => {
  const realms = await loadRealms();
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0).buffer;
  const error = await rejection(start({ realms: { ...realms, wasm: empty } }));
  expect(error).toMatchObject({
    code: 'engine_mismatch',
    message: 'The WebAssembly module is not that of sql.js 1.16.0.',
  });
});
