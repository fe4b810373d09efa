/** Functions, targets and streams between a page and objects, on one machine and on two, and what keeps an object from sleeping. */
import { expect, test } from 'vitest';
import { accounts } from '../support/accounts.ts';
import { patiently } from '../support/patiently.ts';

const PROGRAM = `
import { DurableObject, RpcTarget } from 'cloudflare:workers';

class Counter extends RpcTarget {
  n = 0;
  add(by) { return (this.n += by) }
  hang() { return new Promise(() => {}) }
}
export class Obj extends DurableObject {
  count() { return (this.calls = (this.calls ?? 0) + 1) }
  counter() { return new Counter() }
  async call(f, ...args) { return f(...args) }
  async each(list, f) { const all = []; for (const one of list) all.push(await f(one)); return all }
  keep(f) { this.kept = f.dup() }
  use(...args) { return this.kept(...args) }
  drop() { this.kept[Symbol.dispose]() }
  other(name) { return this.env.OBJ.getByName(name) }
  counterOf(name) { return this.env.OBJ.getByName(name).counter() }
  callThrough(name, f, ...args) { return this.env.OBJ.getByName(name).call(f, ...args) }
  body(text) { return new Response(text, { headers: { 'x-made': 'there' } }) }
  async read(stream) { return await new Response(stream).text() }
  async whoIs(stub) { return stub.count() }
}
export default { fetch: () => new Response('hi') };
`;

// biome-ignore lint/suspicious/noExplicitAny: a stub has whatever members the program has
type Anything = any;
interface Env {
  OBJ: { getByName(name: string): Anything };
}

const project = {
  modules: { 'index.js': PROGRAM },
  config: {
    name: 'references',
    main: 'index.js',
    compatibility_date: '2026-07-30',
    durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
  },
};

const { start } = accounts<Env>('references', project);

const failure = (promise: Promise<unknown>): Promise<unknown[]> =>
  promise.then(
    (value) => Promise.reject(new Error(`it did not fail but gave ${value}`)),
    (error: Error) => [error.constructor.name, error.message, { ...error }],
  );

test('a page passes callbacks, takes targets, and pipelines on what calls will give', async () => {
  const o = (await start()).env.OBJ.getByName('a');
  const seen: number[] = [];
  expect(await o.each([1, 2, 3], (n: number) => seen.push(n))).toEqual([1, 2, 3]);
  expect(seen).toEqual([1, 2, 3]);
  const mine = () => {
    throw Object.assign(new RangeError('of the page'), { code: 7 });
  };
  expect(await failure(o.call(mine))).toEqual(['RangeError', 'of the page', { code: 7, remote: true }]);
  const counter = await o.counter();
  expect([await counter.add(2), await counter.add(3), await o.counter().add(4)]).toEqual([2, 5, 4]);
  const response = await o.body('a body');
  expect([response.headers.get('x-made'), await response.text()]).toEqual(['there', 'a body']);
  expect(await o.read(new Blob(['from the page']).stream())).toBe('from the page');
});

test('a stub of an object goes to others as the object itself, a stub of a target by way of who passed it', async () => {
  const { OBJ } = (await start()).env;
  const a = OBJ.getByName('a');
  expect(await a.whoIs(OBJ.getByName('b'))).toBe(1);
  expect(await (await a.other('b')).count()).toBe(2);
  expect(await OBJ.getByName('b').count()).toBe(3);
  const counter = await a.counterOf('c');
  expect([await counter.add(1), await a.call(counter.add, 1).catch((error: Error) => error.name)]).toEqual([
    1,
    'DataCloneError',
  ]);
  expect(await a.callThrough('d', (x: number) => x * 2, 21)).toBe(42);
});

test('an object sleeps when nobody has anything of it, and not before', async () => {
  const sim = await start();
  const o = sim.env.OBJ.getByName('a');
  const counter = await o.counter();
  await expect(sim.objects.hibernate(o)).rejects.toThrow('a stub is held');
  expect(await counter.add(1)).toBe(1);
  counter[Symbol.dispose]();
  await sim.env.OBJ.getByName('a').count();
  await sim.objects.hibernate(o);
  expect(await o.count()).toBe(1);
  await o.keep((x: number) => x + 1);
  await expect(sim.objects.hibernate(o)).rejects.toThrow('a stub is held');
  expect(await o.use(1)).toBe(2);
  await o.drop();
  await o.count();
  await sim.objects.hibernate(o);
  expect(await o.count()).toBe(1);
});

test('a crash fails the stubs of what died, at once, and no others', async () => {
  const sim = await start();
  const [a, b] = [sim.env.OBJ.getByName('a'), sim.env.OBJ.getByName('b')];
  const [counter, other, relayed] = await Promise.all([a.counter(), b.counter(), b.counterOf('a')]);
  const hanging = [failure(counter.hang()), failure(relayed.hang())];
  expect([await counter.add(1), await relayed.add(1)]).toEqual([1, 1]);
  await sim.objects.crash(a);
  const lost = ['Error', 'Network connection lost.', { remote: true, retryable: true, indeterminate: true }];
  expect(await Promise.all(hanging)).toEqual([lost, lost]);
  expect((await failure(counter.add(1)))[1]).toBe('Network connection lost.');
  expect((await failure(relayed.add(1)))[1]).toBe('Network connection lost.');
  expect(await other.add(1)).toBe(1);
});

test('a page that is gone takes its callbacks along: the object hears of it and sleeps', async () => {
  const shared = { name: `references-machines-${performance.timeOrigin}`, storage: 'indexeddb' as const };
  const stays = await start({ ...shared, machine: 'stays' });
  const goes = await start({ ...shared, machine: 'goes' });
  const o = stays.env.OBJ.getByName('a');
  await o.count();
  const there = goes.env.OBJ.getByName('a');
  await there.keep((x: number) => x + 1);
  expect([await o.use(1), await there.count()]).toEqual([2, 2]);
  const hanging = there.call(() => new Promise(() => {}));
  const ended = hanging.catch((error: Error) => error.message);
  await goes.close();
  await ended;
  expect((await failure(o.use(1)))[1]).toBe('Network connection lost.');
  // The call that hung fails in the object as well, a little sooner or later than this one.
  await patiently(() => stays.objects.hibernate(o));
  expect(await o.count()).toBe(1);
});

test('what nobody can reach any more is given back, also when nobody disposed of it', async () => {
  // The browser of these tests is started with `--expose-gc`.
  const collect = (globalThis as unknown as { gc: () => void }).gc;
  const sim = await start();
  const o = sim.env.OBJ.getByName('a');
  await (async () => void (await o.counter()))();
  for (let i = 0; i < 50; i++) {
    await new Promise((resolve) => setTimeout(resolve));
    collect();
    if (
      await sim.objects.hibernate(o).then(
        () => true,
        () => false,
      )
    )
      break;
  }
  expect(await o.count()).toBe(1);
});
