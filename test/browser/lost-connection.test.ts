/**
 * An object that dies without a word: what whoever was connected to it sees. Row 3.disconnect-error: local workerd loses no
 * connection between objects, so no transcript can show this; class, text and flags are those of a connection that it does lose
 * (an outgoing fetch that nobody answers), with `indeterminate` where the call may have run.
 */
import { expect, test } from 'vitest';
import type { DurableObjectNamespace } from '../../src/index.ts';
import { accounts } from '../support/accounts.ts';
import { patiently } from '../support/patiently.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

const tell = (promise) => promise.then((value) => value, (error) => [error.constructor.name, error.message, { ...error }]);
export class Obj extends DurableObject {
  count() { return (this.n = (this.n ?? 0) + 1) }
  async write(value) { await this.ctx.storage.put('value', value); return value }
  stored() { return this.ctx.storage.get('value') }
  endless() { return new Promise(() => {}) }
  async endlessAfter(value) { await this.write(value); return this.endless() }
  fetch(request) {
    if (request.url.endsWith('/body')) return new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('first')) } }));
    return this.endless();
  }
  /** As an object that calls others does. */
  async meet(name) { this.kept = this.env.OBJ.getByName(name); return this.kept.count() }
  call() { return tell(this.kept.endless()) }
  again() { return tell(this.kept.count()) }
  async retries(name, value) {
    for (;;) {
      try { return [await this.env.OBJ.getByName(name).endlessAfter(value)] }
      catch (error) { if (!error.retryable) throw error; return ['retried', await this.env.OBJ.getByName(name).stored()] }
    }
  }
}
export default { fetch: async (request, env) => Response.json(await tell(env.OBJ.getByName('of the Worker').endless())) };
`;

interface Obj {
  count(): Promise<number>;
  write(value: string): Promise<string>;
  stored(): Promise<unknown>;
  endless(): Promise<never>;
  fetch(url: string): Promise<Response>;
  meet(name: string): Promise<number>;
  call(): Promise<unknown>;
  again(): Promise<unknown>;
  retries(name: string, value: string): Promise<unknown>;
}
interface Env {
  OBJ: DurableObjectNamespace<Obj>;
}

const project = {
  modules: { 'index.js': PROGRAM },
  config: {
    name: 'lost',
    main: 'index.js',
    compatibility_date: '2026-07-30',
    durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
  },
};

const { start } = accounts<Env>('lost', project);

const failure = (promise: Promise<unknown>): Promise<unknown[]> =>
  promise.then(
    (value) => Promise.reject(new Error(`it did not fail but gave ${value}`)),
    (error: Error) => [error.constructor.name, error.message, { ...error }],
  );

const lost = (flags: object) => ['Error', 'Network connection lost.', { retryable: true, ...flags }];

test('what was under way, the old stubs, another object and a Worker are told that the connection is lost; a new stub works', async () => {
  const sim = await start();
  const at = (name: string) => sim.env.OBJ.getByName(name);
  const [stub, other, friend] = [at('a'), at('a'), at('friend')];
  await stub.write('kept');
  await friend.meet('a');
  const [call, fetched, friends] = [failure(stub.endless()), failure(other.fetch('http://x/')), friend.call()];
  const reader = (await other.fetch('http://x/body')).body?.getReader();
  await reader?.read();
  const body = failure(reader?.read() as Promise<unknown>);
  expect(await other.count()).toBe(2);
  await sim.objects.crash(stub);
  expect(await call).toEqual(lost({ indeterminate: true }));
  expect(await fetched).toEqual(lost({ remote: true, indeterminate: true }));
  expect(await body).toEqual(lost({ remote: true }));
  expect(await friends).toEqual(lost({ indeterminate: true }));
  expect(await failure(stub.count())).toEqual(lost({}));
  expect(await failure(other.count())).toEqual(lost({}));
  expect(await friend.again()).toEqual(lost({}));
  expect([await at('a').count(), await at('a').stored(), await friend.meet('a')]).toEqual([1, 'kept', 2]);

  const answered = sim.fetch('/');
  await patiently(async () => expect((await sim.inspect.objects()).length).toBe(3));
  await at('of the Worker').count();
  await sim.objects.crash(at('of the Worker'));
  expect(await (await answered).json()).toEqual(lost({ indeterminate: true }));
});

test('a program that tries again what is `retryable` goes on, also when the object was on another machine', async () => {
  const shared = { name: `lost-machines-${performance.timeOrigin}`, storage: 'indexeddb' as const };
  const one = await start({ ...shared, machine: 'one' });
  const two = await start({ ...shared, machine: 'two' });
  const far = two.env.OBJ.getByName('far');
  await far.count();
  const answer = one.env.OBJ.getByName('near').retries('far', 'written before it died');
  await patiently(async () => expect(await far.stored()).toBe('written before it died'));
  await two.objects.crash(far);
  expect(await answer).toEqual(['retried', 'written before it died']);
});
