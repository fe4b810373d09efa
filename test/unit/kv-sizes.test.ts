/** What storage without SQLite bounds in production; local workerd bounds nothing, so no transcript shows it. */
import { expect, test } from 'vitest';
import { type LimitsOption, resolveLimits } from '../../src/protocol/limits.ts';
import { AsyncKv } from '../../src/storage/kv.ts';
import { openStorage } from '../support/storage.ts';

const production = resolveLimits('production');

async function open(limits: LimitsOption) {
  const { rows, kv } = await openStorage({ limits });
  const codec = { serialize: (value: unknown) => value as Uint8Array, deserialize: (bytes: Uint8Array) => bytes };
  return { storage: new AsyncKv({ rows, codec, sizes: resolveLimits(limits) }), kv };
}

test('keys have at most 2,048 bytes of UTF-8, in every method', async () => {
  const { storage } = await open('production');
  const value = new Uint8Array(1);
  for (const key of ['k'.repeat(2048), 'é'.repeat(1024), '\u{1f600}'.repeat(512)]) {
    await storage.put(key, value);
    expect(await storage.get(key)).toEqual(value);
    expect(await storage.delete(key)).toBe(true);
  }
  for (const [key, size] of [
    ['k'.repeat(2049), 2049],
    [`${'é'.repeat(1024)}x`, 2049],
    ['\u{1f600}'.repeat(600), 2400],
  ] as const) {
    const error = new RangeError(`Keys cannot be larger than 2048 bytes. A key of size ${size} was provided.`);
    for (const call of [
      () => storage.get(key),
      () => storage.get(['a', key]),
      () => storage.put(key, value),
      () => storage.put({ a: value, [key]: value }),
      () => storage.delete(key),
      () => storage.delete(['a', key]),
    ]) {
      await expect(call()).rejects.toThrow(error);
    }
  }
  expect(await storage.get('a')).toBeUndefined();
});

test('values have at most 131,072 bytes, and 34 more for their format', async () => {
  const { storage } = await open('production');
  const most = production.kvValueBytes + 34;
  await storage.put('a', new Uint8Array(most));
  const error = new RangeError(`Values cannot be larger than 131072 bytes. A value of size ${most + 1} was provided.`);
  await expect(storage.put('a', new Uint8Array(most + 1))).rejects.toThrow(error);
  await expect(storage.put({ b: new Uint8Array(1), c: new Uint8Array(most + 1) })).rejects.toThrow(error);
  expect([((await storage.get('a')) as Uint8Array).length, await storage.get('b')]).toEqual([most, undefined]);
});

test('at most 128 keys go in one call', async () => {
  const { storage } = await open('production');
  const pairs = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, new Uint8Array(1)]));
  await storage.put(pairs(128));
  const error = new RangeError('Maximum number of key value pairs is 128. 129 pairs were provided.');
  for (const method of ['get', 'delete'] as const) {
    await expect(storage[method](Object.keys(pairs(129)))).rejects.toThrow(error);
  }
  await expect(storage.put(pairs(129))).rejects.toThrow(error);
  expect(await storage.delete(Object.keys(pairs(128)))).toBe(128);
});

test('none of it holds where local workerd is the measure', async () => {
  const { storage } = await open('workerd');
  await storage.put('k'.repeat(3000), new Uint8Array(200_000));
  expect(((await storage.get('k'.repeat(3000))) as Uint8Array).length).toBe(200_000);
});
