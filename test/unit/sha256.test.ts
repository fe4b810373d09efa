/** Ids of objects: the hash that they are made of is that of everybody, whatever a program has broken. */
import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hmacSha256, sha256 } from '../../src/base/sha256.ts';
import { IdFactory } from '../../src/protocol/ids.ts';
import type { UniqueKey } from '../../src/protocol/names.ts';
import { withBrokenBuiltIns } from '../support/broken-built-ins.ts';

test('as node has them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 100 }), (bytes, key) => {
      expect(Buffer.from(sha256(bytes)).equals(createHash('sha256').update(bytes).digest())).toBe(true);
      expect(Buffer.from(hmacSha256(key, bytes)).equals(createHmac('sha256', key).update(bytes).digest())).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('a name is that of the same object while every built-in is broken', () => {
  const ids = new IdFactory('lying-Object' as UniqueKey);
  const before = ids.fromName('neighbour');
  expect(withBrokenBuiltIns(() => ids.fromName('neighbour'))).toBe(before);
  expect(withBrokenBuiltIns(() => ids.fromString(before))).toBe(before);
});
