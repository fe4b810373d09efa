import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asAccount, objectAddress, uniqueKey } from '../../src/protocol/names.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { openVault } from '../../src/storage/vault.ts';
import { commitOf, intercept, Model, openLog, valuesOfLog, valuesOfSnapshot } from '../support/log-model.ts';

const OBJECT = objectAddress(uniqueKey('worker', 'Counter'), 'a'.repeat(64));
const PAGES_MAX = 200;

/** A commit: which pages get a new value, and whether the database is cut or lengthened. */
const commit = fc.record({
  kind: fc.constant('commit' as const),
  numbers: fc.uniqueArray(fc.integer({ min: 1, max: PAGES_MAX }), { maxLength: 6 }),
  pageCount: fc.option(fc.integer({ min: 0, max: PAGES_MAX }), { freq: 3 }),
});
/** A checkpoint that stops before its n-th write, or never; `beside` commits while it runs. */
const checkpoint = fc.record({
  kind: fc.constant('checkpoint' as const),
  stopAt: fc.option(fc.integer({ min: 1, max: 30 })),
  beside: fc.boolean(),
});
const reopen = fc.record({ kind: fc.constant('reopen' as const), zombie: fc.boolean() });
const snapshot = fc.record({ kind: fc.constant('snapshot' as const) });
const step = fc.oneof(
  { arbitrary: commit, weight: 6 },
  { arbitrary: checkpoint, weight: 3 },
  { arbitrary: reopen, weight: 1 },
  { arbitrary: snapshot, weight: 1 },
);

test('whatever is committed, folded, stopped, reopened or fenced, the pages are those of the last commit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
      const { vault } = await openVault({ mode: 'memory', account: asAccount('property') });
      const model = new Model();
      let stopIn = 0;
      const open = async (): Promise<ObjectStore> =>
        intercept(await vault.openObject(OBJECT), (method, isWrite) => {
          if (isWrite && method !== 'append' && stopIn > 0 && --stopIn === 0) throw new Error('stopped');
        });
      let opened = await openLog(await open());
      let value = 0;
      const append = async (numbers: readonly number[], pageCount: number) => {
        const pages = Object.fromEntries(numbers.filter((number) => number <= pageCount).map((n) => [n, ++value]));
        model.commit(pages, pageCount);
        await opened.log.append(commitOf(pages, pageCount));
      };
      for (const each of steps) {
        switch (each.kind) {
          case 'commit':
            await append(each.numbers, each.pageCount ?? Math.max(model.values.length, ...each.numbers, 0));
            break;
          case 'checkpoint': {
            stopIn = each.stopAt ?? 0;
            const running = opened.log.checkpointIfDue().catch((error: Error) => {
              expect(error.message).toBe('stopped');
            });
            if (each.beside) await append([1 + (value % PAGES_MAX)], Math.max(model.values.length, PAGES_MAX / 2));
            await running;
            stopIn = 0;
            break;
          }
          case 'reopen': {
            const older = opened;
            if (!each.zombie) await older.log.close();
            opened = await openLog(await open());
            expect(valuesOfLog(opened)).toEqual(model.values);
            if (!each.zombie) break;
            await expect(older.log.append(commitOf({ 1: 0xdead }, 1))).rejects.toMatchObject({ code: 'fenced' });
            break;
          }
          case 'snapshot':
            expect(await valuesOfSnapshot(await open())).toEqual(model.values);
            break;
          default:
            each satisfies never;
        }
      }
      opened = await openLog(await open());
      expect(valuesOfLog(opened)).toEqual(model.values);
    }),
    { numRuns: Number(process.env['DURABOX_RUNS'] ?? 100) },
  );
});
