/** The caches of a machine: what is stale by its clock is gone, and what was put first goes when there is too much. */
import { expect, test } from 'vitest';
import { Caches } from '../../src/host/caches.ts';
import type { CachedResponse } from '../../src/protocol/cache.ts';

function machine(bytesMax?: number) {
  let nowMs = 1_000_000;
  const caches = new Caches({ now: () => nowMs, newName: () => 'b', ...(bytesMax === undefined ? {} : { bytesMax }) });
  const at = (url: string) => ({ cache: '', url, headers: [] });
  return {
    put: (url: string, length: number, control = 'max-age=10') =>
      caches.obey({
        ...{ deed: 'put', ...at(url) },
        response: { status: 200, headers: [['cache-control', control]], body: new Uint8Array(length).fill(7) },
      }),
    size: (url: string) => (caches.obey({ deed: 'match', ...at(url) }) as CachedResponse | undefined)?.body.length,
    delete: (url: string) => caches.obey({ deed: 'delete', ...at(url) }),
    match: (url: string) => caches.obey({ deed: 'match', ...at(url) }) as CachedResponse,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('what is stale by the given clock is gone, to the millisecond', () => {
  const { put, size, pass, delete: remove } = machine();
  put('a', 1);
  pass(9_999);
  expect(size('a')).toBe(1);
  pass(1);
  expect(size('a')).toBeUndefined();
  put('a', 1);
  pass(10_000);
  expect(remove('a')).toBe(false);
});

test('when there is too much, what was put first goes first', () => {
  const { put, size } = machine(10);
  put('a', 4);
  put('b', 4);
  put('a', 3); // newer than b now
  put('c', 4);
  expect([size('a'), size('b'), size('c')]).toEqual([3, undefined, 4]);
  put('large', 11);
  expect([size('a'), size('c'), size('large')]).toEqual([3, 4, undefined]);
});

test('what was deleted or became stale leaves its room', () => {
  const { put, size, pass, delete: remove } = machine(10);
  put('a', 10);
  expect(remove('a')).toBe(true);
  put('b', 5, 'max-age=1');
  put('c', 5);
  pass(1_000);
  expect(size('b')).toBeUndefined();
  put('d', 5);
  expect([size('c'), size('d')]).toEqual([5, 5]);
});

test('what is given out is a copy', () => {
  const { put, match } = machine();
  put('a', 2);
  match('a').body.fill(0);
  expect([...match('a').body]).toEqual([7, 7]);
});

test('what must not be kept leaves what was there', () => {
  const { put, size } = machine();
  put('a', 2);
  put('a', 3, 'no-store');
  expect(size('a')).toBe(2);
});
