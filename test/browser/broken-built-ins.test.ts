/** An object goes on storing and answering when its program has broken built-ins of its isolate, for good. */
import { expect, test } from 'vitest';
import type { DurableObjectNamespace } from '../../src/index.ts';
import { accounts } from '../support/accounts.ts';

interface Env {
  OBJ: DurableObjectNamespace<{ break(): string; count(): number; filled(): number }>;
}

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

const [mapIterator, setIterator] = [new Map().keys(), new Set().keys()].map(Object.getPrototypeOf);
const BROKEN = [Map.prototype, Set.prototype, WeakMap.prototype, WeakSet.prototype, mapIterator, setIterator];

export class Obj extends DurableObject {
  break() {
    for (const target of BROKEN) {
      for (const key of Reflect.ownKeys(target)) {
        if (typeof Object.getOwnPropertyDescriptor(target, key).value !== 'function' || key === 'constructor') continue;
        const value = () => { throw new Error('a broken built-in was called'); };
        Object.defineProperty(target, key, { value });
      }
    }
    return 'broken';
  }
  count() {
    const { kv, sql } = this.ctx.storage;
    const count = (kv.get('count') ?? 0) + 1;
    kv.put('count', count);
    sql.exec('CREATE TABLE IF NOT EXISTS t(a)');
    sql.exec('INSERT INTO t VALUES (?)', count);
    return count;
  }
  filled() {
    return this.ctx.storage.sql.exec('SELECT count(*) AS n FROM t').one().n;
  }
}
export default { fetch: () => new Response('') };
`;

const { start } = accounts<Env>('broken', {
  modules: { 'index.js': PROGRAM },
  config: {
    name: 'broken',
    main: 'index.js',
    compatibility_date: '2026-07-01',
    durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
  },
});

test('when it breaks maps and sets', async () => {
  const sim = await start();
  const stub = sim.env.OBJ.getByName('a');
  await stub.count();
  expect(await stub.break()).toBe('broken');
  for (let i = 2; i < 6; i++) expect(await stub.count()).toBe(i);
  expect(await Promise.all([stub.count(), stub.count(), stub.count()])).toEqual([6, 7, 8]);
  await sim.objects.crash(stub);
  const next = sim.env.OBJ.getByName('a');
  expect([await next.count(), await next.filled()]).toEqual([9, 9]);
});
