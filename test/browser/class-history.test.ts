/**
 * What a deployment does to classes and their data, as an embedder sees it.
 */
import { afterEach, expect, test, vi } from 'vitest';
import { type AnyEnv, Simulator, type SimulatorOptions } from '../../src/index.ts';
import { asAccount, databaseNames, objectAddress, type UniqueKey } from '../../src/protocol/names.ts';
import { openVault } from '../../src/storage/vault.ts';
import { rejection } from '../support/rejection.ts';

/** A Worker that exports one class, and bound as `name` one that it or another script has. */
interface Parts {
  name?: string;
  className?: string;
  binds?: { name?: string; class_name: string; script_name?: string }[];
  migrations?: object[];
  exports?: object;
  update?: object;
}

const CODE = (className: string) => `
import { DurableObject } from 'cloudflare:workers';
export class ${className} extends DurableObject {
  nonce = crypto.randomUUID();
  async increment() {
    const n = ((await this.ctx.storage.get('n')) ?? 0) + 1;
    await this.ctx.storage.put('n', n);
    return n;
  }
  who() { return '${className} ' + this.nonce }
  identity() { return this.ctx.id.toString() }
  async hold() { await new Promise(() => {}) }
}
export default {};
`;

function worker({ name = 's', className, binds, migrations, exports, update }: Parts) {
  const bindings = (binds ?? (className ? [{ class_name: className }] : [])).map((one) => ({ name: 'OBJ', ...one }));
  const modules = { 'index.js': className ? CODE(className) : 'export default {};' };
  const objects = { bindings, ...(update ? { code_update_strategy: update } : {}) };
  return {
    modules,
    config: {
      name,
      main: 'index.js',
      durable_objects: objects,
      ...(migrations ? { migrations } : {}),
      ...(exports ? { exports } : {}),
    },
  };
}

interface Obj {
  increment(): Promise<number>;
  who(): Promise<string>;
  identity(): Promise<string>;
  hold(): Promise<void>;
}

let lastAccount = 0;
const account = (): string => `history-${lastAccount++}-${performance.timeOrigin}`;
const open: Simulator[] = [];

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await Simulator.open({ name: account(), storage: 'memory', ...options });
  open.push(simulator);
  return simulator;
}

/** The object `a` under a binding of the page's env, asked for anew. */
const obj = (sim: Simulator, binding = 'OBJ'): Obj => {
  const namespace = (sim.env as AnyEnv)[binding] as { getByName(name: string): unknown };
  return namespace.getByName('a') as Obj;
};

/** Addresses of the account's objects that have a database. */
async function stored(name: string): Promise<string[]> {
  const prefix = databaseNames.objectPrefix(asAccount(name));
  const all = (await indexedDB.databases()).map((one) => one.name ?? '');
  return all.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
}

afterEach(async () => {
  const closed = open.splice(0);
  for (const simulator of closed) await simulator.close();
  for (const name of new Set(closed.map((one) => one.name))) await Simulator.delete(name);
});

const V1 = { tag: 'v1', new_sqlite_classes: ['Counter'] };
const COUNTER = worker({ className: 'Counter', migrations: [V1] });
const RENAMED = worker({
  className: 'Tally',
  migrations: [V1, { tag: 'v2', renamed_classes: [{ from: 'Counter', to: 'Tally' }] }],
});
const DELETED = worker({ migrations: [V1, { tag: 'v2', deleted_classes: ['Counter'] }] });

test('a renamed class keeps its data, its ids and its stubs', async () => {
  const sim = await start(COUNTER);
  const before = obj(sim);
  const id = await before.identity();
  expect(await before.increment()).toBe(1);
  await sim.deploy(RENAMED);
  expect(await obj(sim).who()).toMatch(/^Tally /);
  expect([await obj(sim).increment(), await before.increment(), await before.identity()]).toEqual([2, 3, id]);
  expect(await sim.inspect.objects()).toMatchObject([{ className: 'Tally', name: 'a' }]);
});

test('the same by the exports map', async () => {
  const declare = (exports: object, className: string) => worker({ className, exports });
  const live = { type: 'durable-object', storage: 'sqlite' };
  const sim = await start(declare({ Counter: live }, 'Counter'));
  expect(await obj(sim).increment()).toBe(1);
  const renamed = { Counter: { type: 'durable-object', state: 'renamed', renamed_to: 'Tally' }, Tally: live };
  await sim.deploy(declare(renamed, 'Tally'));
  expect([await obj(sim).increment(), (await obj(sim).who()).split(' ')[0]]).toEqual([2, 'Tally']);
  await sim.deploy(worker({ exports: { Tally: { type: 'durable-object', state: 'deleted' } } }));
  expect(await sim.inspect.objects()).toEqual([]);
});

test('a deleted class is erased, on every machine that runs an object of it; one of its name starts empty', async () => {
  const name = account();
  const one = await start({ ...COUNTER, name, storage: 'indexeddb', machine: 'one' });
  const two = await start({ name, storage: 'indexeddb', machine: 'two' });
  const namespaces = [one, two].map(({ env }) => (env as AnyEnv)['OBJ'] as { getByName(name: string): unknown });
  const [here, there] = namespaces.map((each, index) => each.getByName(index === 0 ? 'a' : 'b')) as [Obj, Obj];
  const id = await here.identity();
  await Promise.all([here.increment(), there.increment()]);
  // work that never ends delays nothing
  const held = [rejection(here.hold()), rejection(there.hold())];
  expect(await stored(name)).toHaveLength(2);
  await one.deploy(DELETED);
  expect([await stored(name), await one.inspect.objects()]).toEqual([[], []]);
  for (const error of await Promise.all(held)) {
    expect(error).toMatchObject({ message: 'Durable Object reset because its code was updated.' });
  }
  const later = namespaces[1]?.getByName('b') as Obj;
  const gone = await rejection(later.increment());
  expect(gone.message).toBe('No deployed class has the namespace "s-Counter" any more.');
  const again = { tag: 'v3', new_sqlite_classes: ['Counter'] };
  const { migrations } = DELETED.config as { migrations: object[] };
  await two.deploy(worker({ className: 'Counter', migrations: [...migrations, again] }));
  expect(await obj(two).increment()).toBe(1);
  expect(await obj(two).identity()).not.toBe(id);
});

test('what a crash left of a deleted class is erased when the account is opened next', async () => {
  const name = account();
  const sim = await start({ ...COUNTER, name, storage: 'indexeddb' });
  const id = await obj(sim).identity();
  await sim.deploy(DELETED);
  await sim.close();
  // as if the machine had ended between the commit of the deployment and the erasure
  const uniqueKey = 's-Counter' as UniqueKey;
  const address = objectAddress(uniqueKey, id);
  const { vault } = await openVault({ mode: 'indexeddb', account: asAccount(name) });
  const store = await vault.openObject(address, { address, uniqueKey, id, className: 'Counter' });
  await store.close();
  vault.close();
  expect(await stored(name)).toEqual([address]);
  const again = await start({ name, storage: 'indexeddb' });
  await vi.waitFor(async () => expect(await stored(name)).toEqual([]), { timeout: 5_000 });
  expect(await again.inspect.objects()).toEqual([]);
});

test.each([
  [
    'The migration "v1" of "s" was applied and is not in its config any more: put back {"tag":"v1","new_sqlite_classes":["Counter"]}.',
    worker({ className: 'Counter', migrations: [] }),
  ],
  [
    'Cannot apply new_sqlite_classes migration to existing class Counter, which "s" has already: give the one in the migration "v2" of "s" another name, or leave it out.',
    worker({ className: 'Counter', migrations: [V1, { tag: 'v2', new_sqlite_classes: ['Counter'] }] }),
  ],
  [
    'config: "migrations" makes the class "Counter", which index.js does not export.',
    worker({ className: 'Tally', migrations: [V1] }),
  ],
  [
    'The binding OBJ of "s" names the script "elsewhere", which is not among the Workers: s.',
    worker({ className: 'Counter', binds: [{ class_name: 'C', script_name: 'elsewhere' }], migrations: [V1] }),
  ],
])('a bad history changes nothing: %s', async (sentence, project) => {
  const name = account();
  const sim = await start({ ...COUNTER, name, storage: 'indexeddb' });
  await obj(sim).increment();
  const [instance, deployment] = [await obj(sim).who(), sim.deployment];
  expect(await rejection(sim.deploy(project))).toMatchObject({ code: 'config_invalid', message: sentence });
  expect([await obj(sim).who(), await obj(sim).increment(), sim.deployment]).toEqual([instance, 2, deployment]);
  const other = await start({ name, storage: 'indexeddb', machine: 'other' });
  expect([other.deployment, await obj(other).increment()]).toEqual([deployment, 3]);
});

test('a transferred class takes its data along to the other script', async () => {
  const giver = { ...COUNTER, config: { ...COUNTER.config, durable_objects: { bindings: [] } } };
  const taker = worker({
    ...{ name: 't', className: 'Taken' },
    migrations: [{ tag: 'v1', transferred_classes: [{ from: 'Counter', from_script: 's', to: 'Taken' }] }],
  });
  const sim = await start({ workers: [COUNTER] });
  const before = obj(sim);
  const id = await before.identity();
  await before.increment();
  await sim.deploy({ workers: [taker, giver] });
  expect([await obj(sim).increment(), await obj(sim).identity()]).toEqual([2, id]);
  expect(await before.who()).toMatch(/^Taken /);
  expect(await sim.inspect.objects()).toMatchObject([{ className: 'Taken', name: 'a' }]);
});

test('a transfer by the exports map takes place when both sides say so', async () => {
  const declare = (name: string, entry: object, more: Parts = {}) =>
    worker({ name, ...more, exports: { Counter: { type: 'durable-object', ...entry } } });
  const live = declare('s', { storage: 'sqlite' }, { className: 'Counter' });
  const expecting = { state: 'expecting-transfer', storage: 'sqlite', transfer_from: 's' };
  const sim = await start({ workers: [live] });
  await obj(sim).increment();
  await sim.deploy({ workers: [live, declare('t', expecting, { className: 'Counter', binds: [] })] });
  expect(await obj(sim).increment()).toBe(2);
  const given = declare('s', { state: 'transferred', transferred_to: 't' });
  await sim.deploy({ workers: [declare('t', expecting, { className: 'Counter' }), given] });
  expect(await obj(sim).increment()).toBe(3);
});

test('of two that deploy at once one comes after the other, and a migration is applied once', async () => {
  const name = account();
  const one = await start({ ...COUNTER, name, storage: 'indexeddb', machine: 'one' });
  const two = await start({ name, storage: 'indexeddb', machine: 'two' });
  await obj(one).increment();
  const other = { ...RENAMED, modules: { 'index.js': `${RENAMED.modules['index.js']}\n// another` } };
  const numbers = await Promise.all([one.deploy(RENAMED), two.deploy(other)]);
  expect(numbers.map(({ number }) => number).sort()).toEqual([2, 3]);
  expect([await obj(one).increment(), await obj(two).increment()]).toEqual([2, 3]);
});

test('of two that deploy histories which contradict each other at once, one is refused', async () => {
  const name = account();
  const one = await start({ ...COUNTER, name, storage: 'indexeddb', machine: 'one' });
  const two = await start({ name, storage: 'indexeddb', machine: 'two' });
  await obj(one).increment();
  const results = await Promise.allSettled([one.deploy(RENAMED), two.deploy(DELETED)]);
  const refused = results.filter((one) => one.status === 'rejected').map(({ reason }) => reason as Error);
  expect(refused.map(({ message }) => message.split(':')[0]?.split(' as ')[0])).toEqual([
    'The migration "v2" of "s" was applied',
  ]);
  const isRenamed = results[0]?.status === 'fulfilled';
  const classes = (await one.inspect.objects()).map(({ className }) => className);
  expect(classes).toEqual(isRenamed ? ['Tally'] : []);
  if (isRenamed) expect(await obj(one).increment()).toBe(2);
});

test('a class keeps the storage that it was made with, and in production that has the platform\u2019s bounds', async () => {
  const kv = { tag: 'v1', new_classes: ['Counter'] };
  const sim = await start(worker({ className: 'Counter', migrations: [kv] }));
  expect(await obj(sim).increment()).toBe(1);
  const renamed = { tag: 'v2', renamed_classes: [{ from: 'Counter', to: 'Tally' }] };
  const next = worker({ className: 'Tally', migrations: [kv, renamed] });
  const code = next.modules['index.js']?.replace(
    'who() {',
    `async tried(what) {
    const { storage } = this.ctx;
    if (what === 'sql') return storage.sql.exec('select 1').one();
    if (what === 'sync') return storage.transactionSync(() => 1);
    if (what === 'key') return storage.put('k'.repeat(2049), 1);
    if (what === 'value') return storage.put('v', new Uint8Array(131_100));
    return storage.transaction((txn) => txn.put('v', new Uint8Array(131_100)));
  }
  who() {`,
  ) as string;
  await sim.deploy({ ...next, modules: { 'index.js': code } });
  const tally = obj(sim) as Obj & { tried(what: string): Promise<unknown> };
  expect(await tally.increment()).toBe(2);
  const said = async (what: string) => (await rejection(tally.tried(what))).message;
  expect(await said('sql')).toMatch(/^SQL is not enabled for this Durable Object class\./);
  expect(await said('sync')).toBe('Durable Object is not backed by SQL.');
  expect(await said('key')).toBe('Keys cannot be larger than 2048 bytes. A key of size 2049 was provided.');
  const tooLarge = /^Values cannot be larger than 131072 bytes\. A value of size 1311\d\d was provided\.$/;
  for (const what of ['value', 'transaction']) expect(await said(what)).toMatch(tooLarge);
  expect(await tally.increment()).toBe(3);
});

test('an update that is to be immediate waits for nothing', async () => {
  const immediate = { mode: 'immediate' };
  const sim = await start(worker({ className: 'Counter', migrations: [V1], update: immediate }));
  const held = rejection(obj(sim).hold());
  await obj(sim).increment();
  const next = worker({ className: 'Counter', migrations: [V1], update: immediate });
  await sim.deploy({ ...next, modules: { 'index.js': `${next.modules['index.js']}\n// next` } });
  expect(await held).toMatchObject({ message: 'Durable Object reset because its code was updated.' });
  expect(await obj(sim).increment()).toBe(2);
});
