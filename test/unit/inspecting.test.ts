/** Looking at an object is no event of it: beside the same object that nobody looks at, nothing is different. */

import { serialize } from 'node:v8';
import { expect, test } from 'vitest';
import { entriesOf, queryOf, tablesOf } from '../../src/inspector/reader.ts';
import { Snapshots } from '../../src/inspector/snapshots.ts';
import type { ObjectAddress } from '../../src/protocol/names.ts';
import { MemoryObject, MemoryObjectStore } from '../../src/storage/vault-memory.ts';
import { openHeldObject } from '../support/held-object.ts';
import { settle } from '../support/rpc-realm.ts';
import { sharedEngine } from '../support/storage.ts';

const ADDRESS = 'worker-Counter/x' as ObjectAddress;

async function live(look: ((stored: MemoryObject) => Promise<void>) | undefined) {
  const stored = new MemoryObject();
  const { clock, idleAt, role, store, stub } = await openHeldObject(stored);
  store.isHolding = false;
  const object = stub();
  await object.put(1);
  await clock.advance(3_000, async () => {});
  await object.put(2);
  for (let second = 0; second < 30; second++) {
    await look?.(stored);
    await clock.advance(1_000, settle);
  }
  return { idleAt, deliveries: role.io.deliveryCount, records: stored.sequence, epoch: stored.epoch };
}

test('it is evicted at the same moment, has had the same events and the same records', async () => {
  const unseen = await live(undefined);
  expect(unseen.idleAt.length).toBeGreaterThan(0);
  let looks = 0;
  const engine = await sharedEngine();
  let snapshots: Snapshots | undefined;
  const seen = await live(async (stored) => {
    snapshots ??= new Snapshots({
      engine,
      find: async () => new MemoryObjectStore({ address: ADDRESS, object: stored, onDestroy: () => {} }),
    });
    await snapshots.read(ADDRESS, {}, (database) => {
      expect(entriesOf(database, {})).toEqual([{ key: 'value', value: new Uint8Array(serialize(2)) }]);
      expect(tablesOf(database, true)).toHaveLength(1);
      expect(queryOf(database, { sql: 'SELECT count(*) FROM _cf_KV', bindings: [], limit: 1 }).rows).toEqual([[1]]);
    });
    looks++;
  });
  await snapshots?.forget();
  expect(looks).toBe(30);
  expect(seen).toEqual(unseen);
});

test('a reader sees one state, and what was committed since the last time', async () => {
  const stored = new MemoryObject();
  const { store, stub } = await openHeldObject(stored);
  store.isHolding = false;
  const object = stub();
  let reads = 0;
  const snapshots = new Snapshots({
    engine: await sharedEngine(),
    find: async () => {
      reads++;
      return new MemoryObjectStore({ address: ADDRESS, object: stored, onDestroy: () => {} });
    },
  });
  const value = () => snapshots.read(ADDRESS, {}, (database) => [...(entriesOf(database, {})[0]?.value ?? [])]);
  expect(await value()).toEqual([]);
  for (const next of [1, 2, 3]) {
    await object.put(next);
    expect(await value()).toEqual([...serialize(next)]);
  }
  expect(reads, 'the object is read once and then only its new records').toBeLessThanOrEqual(2);
  await snapshots.forget();
});
