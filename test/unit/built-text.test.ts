import { describe, expect, test } from 'vitest';
import { buildRealm, type RealmFile } from '../../tools/realms.ts';

/** Those of which a page has one for each live object, or whose text is loaded into one. */
const OF_ISOLATES: readonly RealmFile[] = ['isolate.worker.js', 'node-modules.js', 'html-rewriter.js'];

// A browser keeps a script whose characters all fit into a byte at a byte each, any other one at two; and it keeps it twice.
describe('what isolates are made of', () => {
  test.each(OF_ISOLATES)('%s has no character that makes a browser keep all of it at two bytes each', async (file) => {
    const { code } = await buildRealm(file, { minify: true });
    const found = [...code.matchAll(/[^\0-\x7f]/g)].map(({ index }) => code.slice(Math.max(0, index - 30), index + 10));
    expect(found).toEqual([]);
  });
});
