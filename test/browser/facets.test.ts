/** Facets in a real page: what is stored of them outlives their object, its eviction, its failures and the page. */
import { expect, test } from 'vitest';
import type { DurableObjectNamespace } from '../../src/index.ts';
import { accounts } from '../support/accounts.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
export class Kid extends DurableObject {
  constructor(ctx, env) { super(ctx, env); this.nonce = crypto.randomUUID(); }
  kid(name) { return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Kid })) }
  at([name, ...rest], method, ...args) { return name === undefined ? this[method](...args) : this.kid(name).at(rest, method, ...args) }
  instance() { return this.nonce }
  async put(key, value) { await this.ctx.storage.put(key, value) }
  async get(key) { return await this.ctx.storage.get(key) }
  async fill(count) { for (let i = 0; i < count; i++) this.ctx.storage.kv.put('row' + i, 'x'.repeat(4000)); await this.ctx.storage.sync(); return this.ctx.storage.sql.databaseSize }
  async clear() { await this.ctx.storage.deleteAll(); return (await this.ctx.storage.list()).size }
  hold() { this.timer = setTimeout(() => {}, 3_600_000) }
  release() { clearTimeout(this.timer) }
  background() { this.ctx.waitUntil(new Promise((resolve) => { this.done = resolve })) }
  now() { return new Promise((resolve) => setTimeout(() => resolve('slept'), 5)) }
}
export class Parent extends Kid {
  alarm() {}
  alarmAt(ms) { return this.ctx.storage.setAlarm(ms) }
  remove(name) { this.ctx.facets.delete(name) }
  clone(from, to) { this.ctx.facets.clone(from, to) }
  mark() { return this.ctx.storage.getCurrentBookmark() }
  restore(bookmark) { return this.ctx.storage.onNextSessionRestoreBookmark(bookmark) }
  die() { this.ctx.abort('told to') }
  async sectionWithTimer() {
    setTimeout(() => {}, 1);
    return this.ctx.blockConcurrencyWhile(() => this.kid('sleeper').now());
  }
  async together() {
    this.ctx.storage.kv.put('k', 'parent');
    const kid = this.kid('a').put('k', 'kid');
    await kid;
    return [this.ctx.storage.kv.get('k'), await this.kid('a').get('k')];
  }
}
export default { fetch: () => new Response('ok') };
`;

const config = {
  name: 'families',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'PARENTS', class_name: 'Parent' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Parent'] }],
};

interface Parent {
  at(path: string[], method: string, ...args: unknown[]): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  get(key: string): Promise<unknown>;
  alarmAt(ms: number): Promise<void>;
  remove(name: string): void;
  clone(from: string, to: string): void;
  mark(): Promise<string>;
  restore(bookmark: string): Promise<string>;
  die(): void;
  sectionWithTimer(): Promise<string>;
  together(): Promise<unknown[]>;
}
interface Env {
  PARENTS: DurableObjectNamespace<Parent>;
}

const { name: account, start } = accounts<Env>('facets', { modules: { 'index.js': PROGRAM }, config });

test('what they have stored is there when the page opens the account again, down to the last of them', async () => {
  const name = account();
  const first = await start({ name, storage: 'indexeddb' });
  const parent = first.env.PARENTS.getByName('p');
  await parent.put('k', 'own');
  await parent.at(['a'], 'put', 'k', 'of a');
  await parent.at(['b', 'below', 'deepest'], 'put', 'k', 'at the end');
  // Larger than what is folded at once, and written in several steps.
  const sizeBytes = (await parent.at(['large'], 'fill', 1_100)) as number;
  await parent.put('k', 'own again');
  await parent.at(['gone'], 'put', 'k', 'soon gone');
  await parent.remove('gone');
  await parent.clone('a', 'copy');
  await first.close();

  const second = await start({ name, storage: 'indexeddb' });
  const again = second.env.PARENTS.getByName('p');
  expect(await again.get('k')).toBe('own again');
  expect(await again.at(['a'], 'get', 'k')).toBe('of a');
  expect(await again.at(['copy'], 'get', 'k')).toBe('of a');
  expect(await again.at(['b', 'below', 'deepest'], 'get', 'k')).toBe('at the end');
  expect(await again.at(['b'], 'get', 'k')).toBeUndefined();
  expect(await again.at(['gone'], 'get', 'k')).toBeUndefined();
  expect(await again.at(['large'], 'get', 'row1099')).toHaveLength(4_000);
  const facets = await second.inspect.facets(again);
  // One that was only looked for is not among them.
  expect(facets.map(({ facet }) => facet.join('/')).sort()).toEqual([
    'a',
    'b',
    'b/below',
    'b/below/deepest',
    'copy',
    'large',
  ]);
  expect(facets.find(({ facet }) => facet[0] === 'large')?.sizeBytes).toBe(sizeBytes);
  const look = await second.inspect.entries(again, { facet: ['b', 'below', 'deepest'] });
  expect(look.map(({ key, value }) => [key, value])).toEqual([['k', 'at the end']]);
  const own = await second.inspect.entries(again);
  expect(own.map(({ key, value }) => [key, value])).toEqual([['k', 'own again']]);
});

test('they are evicted with their object, which sleeps only when none of them has anything to do', async () => {
  const sim = await start({ limits: 'workerd' }); // where a waitUntil promise keeps an object
  const parent = sim.env.PARENTS.getByName('p');
  await parent.at(['a'], 'put', 'k', 1);
  const before = await parent.at(['a'], 'instance');
  await parent.at(['a'], 'hold');
  expect((await sim.inspect.state(parent)).awake?.why).toBe('a timer of a facet is armed');
  await parent.at(['a'], 'release');
  await parent.at(['a'], 'background');
  expect((await sim.inspect.state(parent)).awake?.why).toBe('a waitUntil promise of a facet is pending');
  await parent.die().then(
    () => expect.unreachable(),
    () => {},
  );
  expect(await sim.env.PARENTS.getByName('p').at(['a'], 'get', 'k')).toBe(1);
  await sim.objects.hibernate(sim.env.PARENTS.getByName('p'));
  expect(await sim.env.PARENTS.getByName('p').at(['a'], 'get', 'k')).toBe(1);
  expect(await sim.env.PARENTS.getByName('p').at(['a'], 'instance')).not.toBe(before);
});

test('a machine that fails loses nothing that was told, of the object or of its facets', async () => {
  const sim = await start();
  const parent = sim.env.PARENTS.getByName('p');
  expect(await parent.together()).toEqual(['parent', 'kid']);
  await sim.objects.crash(parent);
  const again = sim.env.PARENTS.getByName('p');
  expect([await again.get('k'), await again.at(['a'], 'get', 'k')]).toEqual(['parent', 'kid']);
});

test('they go back in time with their object', async () => {
  const sim = await start();
  const parent = sim.env.PARENTS.getByName('p');
  await parent.put('k', 1);
  await parent.at(['a'], 'put', 'k', 1);
  const then = await parent.mark();
  await parent.at(['a'], 'put', 'k', 2);
  await parent.at(['later'], 'put', 'k', 2);
  await parent.put('k', 2);
  await parent.restore(then);
  await sim.objects.crash(parent);
  const again = sim.env.PARENTS.getByName('p');
  expect([await again.get('k'), await again.at(['a'], 'get', 'k')]).toEqual([1, 1]);
  expect(await again.at(['later'], 'get', 'k')).toBeUndefined();
});

test("a facet's deleteAll() empties itself, and leaves the alarm and the data of its object", async () => {
  const sim = await start();
  const parent = sim.env.PARENTS.getByName('p');
  const dueMs = Date.now() + 86_400_000;
  await parent.put('k', 1);
  await parent.alarmAt(dueMs);
  await parent.at(['a'], 'put', 'k', 1);
  await parent.at(['b'], 'put', 'k', 1);
  expect(await parent.at(['a'], 'clear')).toBe(0);
  expect([await parent.get('k'), await parent.at(['b'], 'get', 'k')]).toEqual([1, 1]);
  expect((await sim.inspect.state(parent)).alarmMs).toBe(dueMs);
});

test('each has its own timers: one that its object keeps waiting does not keep a facet waiting', async () => {
  const sim = await start();
  expect(await sim.env.PARENTS.getByName('p').sectionWithTimer()).toBe('slept');
});

test('the clock does not go on while a facet has something to do', async () => {
  const sim = await start();
  const parent = sim.env.PARENTS.getByName('p');
  await parent.at(['a'], 'put', 'k', 1);
  const call = parent.at(['a'], 'now');
  await sim.clock.advance(60_000);
  expect(await call).toBe('slept');
});
