/** A value that is stored while the program has broken one built-in of the language: it is stored as it is, or not at all. */
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { deserialize } from '../../src/values/deserializer.ts';
import { serialize } from '../../src/values/serializer.ts';
import { breakBuiltIn, builtInsOf, languageGlobals, REPLACEMENTS, restoreBuiltIn } from '../support/each-built-in.ts';
import { openStorage } from '../support/storage.ts';

const BUILT_INS = builtInsOf(languageGlobals(runInNewContext('globalThis') as object));

/** Of the length that each way of writing a text and bytes is for. */
const VALUES = [
  { a: 1, text: 'short', wide: 'täglich \u4e2d' },
  ['x'.repeat(100), '\u4e2d'.repeat(100), 2.5, 12n ** 20n],
  new Uint8Array(100).fill(7),
];

test.each(Object.keys(REPLACEMENTS))('whatever %s', async (does) => {
  const { kv, sql } = await openStorage({ codec: { serialize, deserialize } });
  const wrong: string[] = [];
  for (const builtIn of BUILT_INS) {
    for (const value of VALUES) {
      kv.put('k', 'before');
      breakBuiltIn(builtIn, REPLACEMENTS[does]);
      try {
        kv.put('k', value);
      } catch {
        // Refused: then it must be as before.
      } finally {
        restoreBuiltIn(builtIn);
      }
      const stored = (() => {
        try {
          return kv.get('k');
        } catch (error) {
          return String(error);
        }
      })();
      try {
        expect(stored).toEqual(stored === 'before' ? 'before' : value);
      } catch {
        wrong.push(builtIn.name);
      }
    }
  }
  expect(sql.exec('PRAGMA quick_check').one()).toEqual({ quick_check: 'ok' });
  expect(wrong).toEqual([]);
});
