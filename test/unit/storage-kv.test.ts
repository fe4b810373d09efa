/** The key-value storage against what workerd 1.20260730.1 answered to the same calls, and against a model. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { openStorage } from '../support/storage.ts';

type Call = [face: 'storage' | 'kv', method: 'get' | 'put' | 'delete' | 'list', args: unknown[], outcome: string];
type Method = (...args: unknown[]) => unknown;

/** Run in one object, in this order, after SEED was put. */
const recorded = JSON.parse(readFileSync(new URL('fixtures/kv-calls.json', import.meta.url), 'utf8')) as Call[];
const SEED = ['a', 'aa', 'ab', 'b', 'b\0', '\uff21', '\u{1f600}', '\ud800', ''];

const TOKENS: Record<string, unknown> = {
  undefined: undefined,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  bigint: 1n,
  symbol: Symbol('x'),
  'array-of-undefined': [undefined],
};

function decode(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(decode);
  if ('$' in value) return TOKENS[String(value.$)];
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decode(inner)]));
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return { map: [...value] };
  const isIterator = typeof value === 'object' && value !== null && 'next' in value;
  return isIterator ? { iterator: [...(value as unknown as Iterable<unknown>)] } : value;
}

function describe(error: unknown): string {
  const { name, message } = error as Error;
  return `${name}: ${message}`;
}

async function outcome(method: Method, args: unknown[]): Promise<string> {
  let result: unknown;
  try {
    result = method(...args);
  } catch (error) {
    return `throws ${describe(error)}`;
  }
  try {
    const value = plain(await result) ?? (await result);
    return JSON.stringify(value === undefined ? '<undefined>' : value, (_, inner) =>
      inner === undefined ? '<undefined>' : inner,
    );
  } catch (error) {
    return `rejects ${describe(error)}`;
  }
}

test('every recorded call gives workerd’s value or its very error', async () => {
  const opened = await openStorage();
  for (const key of SEED) opened.kv.put(key, key);
  const mine: Call[] = [];
  for (const [face, method, args] of recorded) {
    const call: Method = (...given) => (opened[face][method] as Method).apply(opened[face], given);
    mine.push([face, method, args, await outcome(call, decode(args) as unknown[])]);
  }
  expect(mine).toEqual(recorded);
});

test('list() orders by UTF-8 bytes, and put(undefined) differs between the faces (trap 19)', async () => {
  const { storage, kv } = await openStorage();
  await storage.put({ '\uff21': 1, '\u{1f600}': 2, b: 3, B: 4, '10': 5, '9': 6, gone: undefined });
  kv.put('u', undefined);
  expect([...(await storage.list()).keys()]).toEqual(['10', '9', 'B', 'b', 'u', '\uff21', '\u{1f600}']);
  await expect(storage.put('x', undefined)).rejects.toThrow(new TypeError('put() called with undefined value.'));
});

test('a value is copied when it is put and when it is read (trap 14)', async () => {
  const { storage } = await openStorage();
  const value = { list: [1] };
  const put = storage.put('k', value);
  value.list.push(2);
  await put;
  const [first, second] = [await storage.get('k'), await storage.get('k')];
  expect(first).toEqual({ list: [1] });
  expect(second).not.toBe(first);
});

test('a new kv.list() ends the iterator before it (trap 23), which is lazy and sees what is put ahead of it', async () => {
  const { kv } = await openStorage();
  for (const key of ['a', 'b', 'd']) kv.put(key, key);
  const first = kv.list();
  expect(Object.prototype.toString.call(first)).toBe('[object ListIterator]');
  expect(first[Symbol.iterator]()).toBe(first);
  expect(first.next()).toEqual({ done: false, value: ['a', 'a'] });
  kv.put('c', 'c');
  expect([...first].map(([key]) => key)).toEqual(['b', 'c', 'd']);
  const second = kv.list();
  second.next();
  kv.list().next();
  expect(() => second.next()).toThrow(
    'kv.list() iterator was invalidated because a new call to kv.list() was started. Only one kv.list() iterator can exist at a time.',
  );
  expect(first.next()).toEqual({ done: true, value: undefined });
});

test('the table appears with the first write, as workerd makes it', async () => {
  const { kv, sql, storage } = await openStorage();
  expect(kv.get('a')).toBe(undefined);
  expect([...kv.list()]).toEqual([]);
  expect(await storage.delete([])).toBe(0);
  expect(sql.databaseSize).toBe(4096);
  kv.delete('a');
  expect(sql.databaseSize).toBe(8192);
  expect(sql.exec('select sql from sqlite_master').one()['sql']).toBe(
    'CREATE TABLE _cf_KV (\n        key TEXT PRIMARY KEY,\n        value BLOB\n      ) WITHOUT ROWID',
  );
});

test('production allows 128 pairs, workerd any number', async () => {
  const entries = Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`k${i}`, i]));
  const strict = await openStorage({ limits: 'production' });
  await expect(strict.storage.put(entries)).rejects.toThrow(
    new RangeError('Maximum number of key value pairs is 128. 129 pairs were provided.'),
  );
  await expect(strict.storage.get(Object.keys(entries))).rejects.toThrow(RangeError);
  await expect(strict.storage.delete(Object.keys(entries))).rejects.toThrow(RangeError);
  const local = await openStorage({ limits: 'workerd' });
  await local.storage.put(entries);
  expect(await local.storage.delete(Object.keys(entries))).toBe(129);
});

test('put of many is all or none, whether a value cannot be cloned or is too big', async () => {
  const { storage, kv } = await openStorage({ limits: 'production' });
  await expect(storage.put({ a: 1, f: () => 1 })).rejects.toThrow('() => 1 could not be cloned.');
  await expect(storage.put({ a: 1, big: 'x'.repeat(3_000_000) })).rejects.toThrow(
    'string or blob too big: SQLITE_TOOBIG',
  );
  expect(kv.get('a')).toBe(undefined);
});

test('promises settle two microtask hops after a settled promise would', async () => {
  const { storage } = await openStorage();
  const log: string[] = [];
  const step = (name: string) => () => void log.push(name);
  Promise.resolve().then(step('1')).then(step('2')).then(step('3')).then(step('4'));
  storage.get('a').then(step('get'));
  storage.put('a', 1).then(step('put'));
  storage.list().then(step('list'));
  storage.delete('a').then(step('delete'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(log).toEqual(['1', '2', '3', 'get', 'put', 'list', 'delete', '4']);
});

test('list() is the model’s slice, whatever the keys and options', async () => {
  const key = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\u00e9', '\uff21', '\u{1f600}', '\uffff'), maxLength: 4 }),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  );
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const options = fc.record({
    bound: optional(fc.record({ kind: fc.constantFrom('start', 'startAfter'), key })),
    end: optional(key),
    prefix: optional(key),
    limit: optional(fc.integer({ min: 1, max: 5 })),
    reverse: fc.boolean(),
  });
  const compare = (a: string, b: string) => Buffer.compare(utf8(a), utf8(b));
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 20 }),
      fc.array(options, { maxLength: 8 }),
      async (keys, lists) => {
        const { storage, kv, database } = await openStorage();
        for (const name of keys) kv.put(name, name);
        for (const { bound, end, prefix, limit, reverse } of lists) {
          const inside = keys.filter((name) => {
            if (bound?.kind === 'start' && compare(name, bound.key) < 0) return false;
            if (bound?.kind === 'startAfter' && compare(name, bound.key) <= 0) return false;
            if (end !== undefined && compare(name, end) >= 0) return false;
            return prefix === undefined || name.startsWith(prefix);
          });
          const expected = inside.sort((a, b) => (reverse ? compare(b, a) : compare(a, b))).slice(0, limit);
          const given = { ...(bound && { [bound.kind]: bound.key }), end, prefix, limit, reverse };
          expect([...(await storage.list(given)).keys()]).toEqual(expected);
          expect([...kv.list(given)].map(([name]) => name)).toEqual(expected);
        }
        database.close();
      },
    ),
    { numRuns: 200 },
  );
});
