import { expect, test } from 'vitest';
import { deferred } from '../../src/base/async.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { ERASURE_PATIENCE_MS, Erasure, LEASE_PATIENCE_MS } from '../../src/host/erasure.ts';
import { SoleLeases } from '../../src/network/lease.ts';
import { asAccount, lockNames, type ObjectAddress, objectAddress, uniqueKey } from '../../src/protocol/names.ts';
import { openVault, type Vault } from '../../src/storage/vault.ts';

const ACCOUNT = asAccount('erasure');
const GONE = uniqueKey('s', 'Gone');
const KEPT = uniqueKey('s', 'Kept');

async function open() {
  const { vault } = await openVault({ mode: 'memory', account: ACCOUNT });
  const leases = new SoleLeases();
  const clock = new ManualClock();
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const erasure = () => new Erasure({ account: ACCOUNT, vault, leases, clock, onError });
  return { vault, leases, clock, erasure, errors };
}

async function store(vault: Vault, namespace: typeof GONE, digit: string): Promise<ObjectAddress> {
  const id = digit.repeat(64);
  const address = objectAddress(namespace, id);
  const opened = await vault.openObject(address, { address, uniqueKey: namespace, id, className: 'C' });
  await opened.openForWriting({ timeMs: 0, durability: 'relaxed' });
  await opened.close();
  return address;
}

const settled = async () => {
  for (let i = 0; i < 50; i++) await Promise.resolve();
};

test('the objects of a namespace are erased and forgotten, and no other', async () => {
  const { vault, erasure } = await open();
  const gone = [await store(vault, GONE, '1'), await store(vault, GONE, '2')];
  const kept = await store(vault, KEPT, '1');
  await erasure().erase([GONE]);
  for (const object of gone) expect(await vault.findObject(object)).toBeUndefined();
  expect(await vault.findObject(kept)).toBeDefined();
  expect((await vault.listObjects()).map(({ address }) => address)).toEqual([kept]);
});

test('a holder is waited for, so that what it writes last is erased too', async () => {
  const { vault, leases, clock, erasure } = await open();
  const object = await store(vault, GONE, '1');
  const held = await leases.acquire(lockNames.object(ACCOUNT, object));
  const erasing = erasure().erase([GONE]);
  await settled();
  expect(await vault.findObject(object)).toBeDefined();
  held.release();
  await erasing;
  expect(await vault.findObject(object)).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test('a holder that does not let go is robbed', async () => {
  const { vault, leases, clock, erasure } = await open();
  const object = await store(vault, GONE, '1');
  const held = await leases.acquire(lockNames.object(ACCOUNT, object));
  const erasing = erasure().erase([GONE]);
  await settled();
  await clock.advance(LEASE_PATIENCE_MS - 1, settled);
  expect(held.isHeld).toBe(true);
  await clock.advance(1, settled);
  await erasing;
  expect(held.isHeld).toBe(false);
  expect(await vault.findObject(object)).toBeUndefined();
});

test('what an interruption left is erased by the next who opens the account', async () => {
  const { vault, leases, erasure } = await open();
  const objects = await Promise.all(Array.from({ length: 9 }, (_, index) => store(vault, GONE, String(index + 1))));
  const held = await leases.acquire(lockNames.object(ACCOUNT, objects[4] as ObjectAddress));
  const first = erasure();
  const interrupted = first.erase([GONE]);
  await settled();
  first.close();
  await interrupted;
  expect((await vault.listObjects()).map(({ address }) => address)).toEqual([objects[4]]);
  held.release();
  await erasure().erase([GONE]);
  expect(await vault.listObjects()).toEqual([]);
});

test('a failure is told, and tried again the next time', async () => {
  const { vault, erasure, errors } = await open();
  await store(vault, GONE, '1');
  const find = vault.findObject.bind(vault);
  vault.findObject = () => Promise.reject(new Error('no'));
  const one = erasure();
  await one.erase([GONE]);
  expect(errors).toEqual([new Error('no')]);
  vault.findObject = find;
  await one.erase([GONE]);
  expect(await vault.listObjects()).toEqual([]);
});

test('a deletion that a frozen tab delays is not waited for without end, and not begun twice', async () => {
  const { vault, clock, erasure, errors } = await open();
  await store(vault, GONE, '1');
  const find = vault.findObject.bind(vault);
  const thaw = deferred();
  let begun = 0;
  vault.findObject = async (object) => {
    begun++;
    await thaw.promise;
    return find(object);
  };
  const one = erasure();
  const erasing = one.erase([GONE]);
  await settled();
  await clock.advance(ERASURE_PATIENCE_MS, settled);
  await erasing;
  const again = one.erase([GONE]);
  thaw.resolve();
  await again;
  expect([begun, await vault.listObjects(), errors]).toEqual([1, [], []]);

  await store(vault, KEPT, '1');
  vault.findObject = () => new Promise(() => {});
  const closing = one.erase([KEPT]);
  await settled();
  one.close();
  await closing;
});
