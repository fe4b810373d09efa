/** Limits that end or refuse: computing on and on, a queue that is too long; and what the end of an instance leaves its own code. */
import { describe, expect, test } from 'vitest';
import type { DurableObjectNamespace, SimulatorOptions } from '../../src/index.ts';
import { accounts } from '../support/accounts.ts';
import { patiently } from '../support/patiently.ts';
import { failureOfCall } from '../support/seen-error.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

export class Obj extends DurableObject {
  count() { return (this.n = (this.n ?? 0) + 1) }
  spin() { for (;;); }
  /** In a section, so that what comes behind it waits. */
  writesAndSpins() { return this.ctx.blockConcurrencyWhile(async () => { await this.ctx.storage.put('written', 1); await scheduler.wait(1); for (;;); }) }
  written() { return this.ctx.storage.get('written') }
  wait(ms) { return scheduler.wait(ms).then(() => 'waited') }
  async section(ms) { await this.ctx.blockConcurrencyWhile(() => scheduler.wait(ms)); return 'over' }
  take(bytes) { return bytes.byteLength }
  fetch() { return new Response('fetched') }
  /** Goes on by promises of the browser, which no reset reaches. */
  async outlives() {
    this.ctx.storage.put('lost?', 1);
    for (let last; ; ) {
      await new Blob(['x']).arrayBuffer();
      const now = await this.ctx.storage.get('lost?').then((value) => 'value ' + value, (error) => error.message + ' ' + JSON.stringify(error));
      if (now !== last) console.log((last = now));
    }
  }
}
export default {
  async fetch(request) {
    if (new URL(request.url).pathname === '/spin') for (;;);
    return new Response('answered');
  },
};
`;

interface Obj {
  count(): Promise<number>;
  spin(): Promise<void>;
  writesAndSpins(): Promise<void>;
  written(): Promise<unknown>;
  wait(ms: number): Promise<string>;
  section(ms: number): Promise<string>;
  take(bytes: Uint8Array): Promise<number>;
  fetch(url: string): Promise<Response>;
  outlives(): Promise<void>;
}
interface Env {
  OBJ: DurableObjectNamespace<Obj>;
}

const config = {
  name: 'limited',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  limits: { cpu_ms: 1_000 },
  durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }], code_update_strategy: { mode: 'immediate' } },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
};
const modules = { 'index.js': PROGRAM };

const { start } = accounts<Env>('limits', { modules, config });

describe('a program that computes on and on', () => {
  const EXCEEDED = {
    message: 'Durable Object exceeded its CPU time limit and was reset.',
    durableObjectReset: true,
  };

  test('is ended: every caller is told, what was stored is kept, and the next call starts anew', async () => {
    const sim = await start();
    const stub = sim.env.OBJ.getByName('a');
    expect(await stub.count()).toBe(1);
    const spinning = failureOfCall(stub.writesAndSpins());
    const behind = failureOfCall(stub.count());
    const waits = sim.env.OBJ.getByName('b').wait(4_000);
    expect([await spinning, await behind]).toEqual([EXCEEDED, EXCEEDED]);
    expect(await failureOfCall(stub.count())).toEqual(EXCEEDED);
    const again = sim.env.OBJ.getByName('a');
    expect([await again.count(), await again.written()]).toEqual([1, 1]);
    expect(await waits).toBe('waited'); // it only awaits, for longer than it may compute
  });

  test('in a Worker is ended too', async () => {
    const sim = await start();
    expect(await failureOfCall(sim.fetch('/spin'))).toEqual({
      message: 'Worker exceeded CPU time limit.',
      remote: true,
    });
    expect(await (await sim.fetch('/')).text()).toBe('answered');
  });

  test('while its modules are evaluated is not deployed', async () => {
    const { name, main, limits } = config;
    const spinning = { modules: { 'index.js': 'for (;;);' }, config: { name, main, limits } };
    const error = await start(spinning).catch((reason: Error) => reason);
    expect(error).toMatchObject({ code: 'bundle_failed' });
    expect((error as Error).message).toMatch(
      /^limited computed for 1 s without a pause and was ended: limits\.cpu_ms /,
    );
  });

  test('goes on under `debug`, where somebody may stand at a breakpoint', async () => {
    const sim = await start({ debug: true });
    let isOver = false;
    const spinning = sim.env.OBJ.getByName('a').spin();
    spinning.catch(() => {}).finally(() => (isOver = true));
    expect(await sim.env.OBJ.getByName('b').wait(3_500)).toBe('waited');
    expect(isOver).toBe(false);
    await sim.objects.crash(sim.env.OBJ.getByName('a'));
    await expect(spinning).rejects.toThrow('Network connection lost.');
  });
});

describe('a queue that is too long', () => {
  const overloaded = (text: string) => ({ message: `Durable Object is overloaded. ${text}`, overloaded: true });
  const closed = async (limits: NonNullable<SimulatorOptions['limits']>) => {
    const sim = await start({ limits });
    await sim.clock.pause();
    const stub = sim.env.OBJ.getByName('a');
    await stub.count();
    const section = stub.section(20_000);
    await sim.clock.advance(0);
    return { sim, stub, section };
  };

  test('refuses what is one too many, by a call and by fetch, and forgets it when the gate opens', async () => {
    const { sim, stub, section } = await closed({ queuedRequestCount: 1 });
    const waits = stub.count();
    await sim.clock.advance(0);
    expect(await failureOfCall(stub.count())).toEqual(overloaded('Too many requests queued.'));
    expect(await failureOfCall(sim.env.OBJ.getByName('a').fetch('http://x/'))).toEqual({
      ...overloaded('Too many requests queued.'),
      remote: true,
    });
    await sim.clock.advance(20_000);
    expect([await section, await waits, await stub.count()]).toEqual(['over', 2, 3]);
  });

  test('refuses what is too much together', async () => {
    const { sim, stub, section } = await closed({ queuedRequestBytes: 1_000 });
    const waits = stub.take(new Uint8Array(800));
    await sim.clock.advance(0);
    expect(await failureOfCall(stub.take(new Uint8Array(800)))).toEqual(overloaded('Too much data queued.'));
    await sim.clock.advance(20_000);
    expect([await section, await waits, await stub.take(new Uint8Array(800))]).toEqual(['over', 800, 800]);
  });

  test('refuses what has waited for too long, by the clock of the program', async () => {
    const { sim, stub, section } = await closed({ queuedRequestMs: 5_000 });
    const waits = failureOfCall(stub.count());
    await sim.clock.advance(4_999);
    let isSettled = false;
    const later = failureOfCall(stub.count()).finally(() => {
      isSettled = true;
    });
    await sim.clock.advance(1);
    expect(await waits).toEqual(overloaded('Requests queued for too long.'));
    expect(isSettled).toBe(false);
    await sim.clock.advance(20_000);
    expect([await section, await later]).toEqual(['over', overloaded('Requests queued for too long.')]);
    expect(await stub.count()).toBe(2);
  });

  test('refuses too many within ten seconds', async () => {
    const sim = await start({ limits: { requestsPer10s: 2 } });
    await sim.clock.pause();
    const stub = sim.env.OBJ.getByName('a');
    await Promise.all([stub.count(), stub.count()]);
    const often = overloaded('Too many requests for the same object within a 10 second window.');
    expect(await failureOfCall(stub.count())).toEqual(often);
    expect(await sim.env.OBJ.getByName('another').count()).toBe(1);
    await sim.clock.advance(9_999);
    expect(await failureOfCall(stub.count())).toEqual(often);
    await sim.clock.advance(1);
    expect(await stub.count()).toBe(3);
  });
});

test('code that outlives its instance finds the storage shut', async () => {
  const { limits: _none, ...patient } = config;
  const sim = await start({ config: patient });
  const lines: string[] = [];
  sim.on('log', ({ text }) => lines.push(text));
  await sim.clock.pause();
  await sim.faults.storage({ latencyMs: 60_000 });
  const stub = sim.env.OBJ.getByName('a');
  const call = failureOfCall(stub.outlives());
  await patiently(() => expect(lines).toEqual(['value 1']));
  // What it wrote is not durable yet, and its callers are told when it is; or a second later, because the host does not wait for ever.
  await sim.deploy({ modules: { 'index.js': `${PROGRAM}\n// next` }, config: patient });
  expect(await call).toMatchObject({ message: 'Durable Object reset because its code was updated.' });
  expect(lines.slice(1)).toEqual([
    'Durable Object storage is no longer accessible. {"retryable":true,"durableObjectReset":true}',
  ]);
});
