/** `sim.faults.storage`: gates that are seen to close, for one object or for all of an account, and for nobody else. */
import { afterEach, expect, test } from 'vitest';
import { type DurableObjectNamespace, Simulator } from '../../src/index.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
export class Obj extends DurableObject {
  write(n) { this.ctx.storage.kv.put('n', n); return n }
  read() { return this.ctx.storage.kv.get('n') }
  async unconfirmed(n) { await this.ctx.storage.put('n', n, { allowUnconfirmed: true }); return n }
  async synced(n) { const from = Date.now(); await this.ctx.storage.put('n', n); await this.ctx.storage.sync(); return Date.now() - from }
  async tells(other, n) { this.ctx.storage.kv.put('n', n); await this.env.OBJ.getByName(other).hear(n); return n }
  hear(n) { this.heard = n }
  told() { return this.heard }
}
export default { fetch: () => new Response() };
`;
const config = {
  name: 'slow',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
};

interface Obj {
  write(n: number): Promise<number>;
  read(): number | undefined;
  unconfirmed(n: number): Promise<number>;
  synced(n: number): Promise<number>;
  tells(other: string, n: number): Promise<number>;
  told(): number | undefined;
}
interface Env {
  OBJ: DurableObjectNamespace<Obj>;
}

const open: Simulator<Env>[] = [];
afterEach(async () => {
  for (const sim of open.splice(0)) await sim.close({ delete: true });
});

async function start(name: string): Promise<Simulator<Env>> {
  const sim = await Simulator.open<Env>({
    name: `${name} ${performance.timeOrigin}`,
    modules: { 'index.js': PROGRAM },
    config,
    storage: 'memory',
  });
  open.push(sim);
  return sim;
}

const LATENCY_MS = 400;

async function timed<T>(work: () => PromiseLike<T>): Promise<[T, number]> {
  const from = performance.now();
  const value = await work();
  return [value, performance.now() - from];
}

test('what leaves after a write waits for slow storage, what is unconfirmed does not, and with 0 nothing does', async () => {
  const sim = await start('one slow object');
  const [slow, quick] = [sim.env.OBJ.getByName('slow'), sim.env.OBJ.getByName('quick')];
  await Promise.all([slow.write(0), quick.write(0)]);
  await sim.faults.storage({ latencyMs: LATENCY_MS, object: slow });

  const [, unconfirmedMs] = await timed(() => slow.unconfirmed(1));
  expect(unconfirmedMs).toBeLessThan(LATENCY_MS / 2);
  const first = timed(() => slow.write(2));
  const reads = timed(() => slow.read());
  const [, quickMs] = await timed(() => quick.write(1));
  expect(quickMs, 'another object is as quick as before').toBeLessThan(LATENCY_MS / 2);
  expect((await first)[1]).toBeGreaterThan(LATENCY_MS * 0.9);
  const [seen, readMs] = await reads;
  expect(seen).toBe(2);
  expect(readMs, 'it read what is not durable yet, so the answer waits').toBeGreaterThan(LATENCY_MS * 0.9);
  expect(await slow.synced(3)).toBeGreaterThan(LATENCY_MS * 0.9);

  const telling = slow.tells('quick', 4);
  expect(await quick.told(), 'the call has not left').toBe(undefined);
  await telling;
  expect(await quick.told()).toBe(4);

  const waiting = timed(() => slow.write(5));
  await sim.faults.storage({ latencyMs: 0, object: slow });
  expect((await waiting)[1], 'those who wait go on at once').toBeLessThan(LATENCY_MS / 2);
  expect((await timed(() => slow.write(6)))[1]).toBeLessThan(LATENCY_MS / 2);
});

test('set for all it holds for objects that start later, and for no other account', async () => {
  const [slow, other] = [await start('a slow account'), await start('a quick account')];
  await slow.faults.storage({ latencyMs: LATENCY_MS });
  const [, slowMs] = await timed(() => slow.env.OBJ.getByName('new').write(1));
  expect(slowMs).toBeGreaterThan(LATENCY_MS * 0.9);
  await other.env.OBJ.getByName('new').write(1);
  expect((await timed(() => other.env.OBJ.getByName('new').write(2)))[1]).toBeLessThan(LATENCY_MS / 2);
  await slow.faults.storage({ latencyMs: 0 });
  expect((await timed(() => slow.env.OBJ.getByName('new').write(3)))[1]).toBeLessThan(LATENCY_MS / 2);
});

test('a latency that is none is refused', async () => {
  const sim = await start('refused');
  for (const latencyMs of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    await expect(sim.faults.storage({ latencyMs })).rejects.toMatchObject({ code: 'config_invalid' });
  }
});
