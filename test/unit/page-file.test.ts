/** The database file in memory, against an array of pages; and that what it holds in memory follows what it is. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PageFile } from '../../src/storage/page-file.ts';
import { type LentCommit, PAGE_SIZE_BYTES, type PageCommit } from '../../src/storage/pages.ts';
import { commitOf, Model, pageOf, valuesOf } from '../support/log-model.ts';

const PAGES_MAX = 300;
const MIB = 2 ** 20;
const number = fc.integer({ min: 1, max: PAGES_MAX });
const run = fc.record({ first: number, length: fc.integer({ min: 1, max: 150 }) });
const step = fc.oneof(
  fc.record({ kind: fc.constant('apply' as const), runs: fc.array(run, { maxLength: 3 }), pageCount: number }),
  fc.record({ kind: fc.constant('write' as const), number }),
  fc.record({ kind: fc.constant('truncate' as const), pageCount: fc.integer({ min: 0, max: PAGES_MAX }) }),
  fc.record({ kind: fc.constant('set' as const), pageCount: fc.integer({ min: 0, max: PAGES_MAX }) }),
);

/** What `pageOf` was given, without a look at the rest of the page. */
const marksOf = (file: PageFile) =>
  Array.from({ length: file.pageCount }, (_, i) => new DataView(file.read(i + 1).slice(0, 4).buffer).getUint32(0));

const stepWithLoan = fc.record({ step, lends: fc.boolean(), ends: fc.boolean() });

test('whatever is replayed, written and cut, it holds the newest bytes of each page, and hands over what changed', () => {
  fc.assert(
    fc.property(fc.array(stepWithLoan, { minLength: 1, maxLength: 30 }), (steps) => {
      const file = new PageFile();
      const replica = new PageFile();
      const model = new Model();
      let value = 0;
      let loan: LentCommit | undefined;
      let later: PageCommit[] = [];
      let whenLent: number[] = [];
      const endLoan = () => {
        if (!loan) return;
        const { lent, pageCount } = loan;
        replica.apply({ pages: { numbers: lent.numbers, bytes: lent.read(0, lent.numbers.length) }, pageCount });
        expect(marksOf(replica)).toEqual(whenLent);
        lent.end();
        for (const commit of later) replica.apply(commit);
        loan = undefined;
        later = [];
      };
      for (const { step: each, lends, ends } of steps) {
        // What replays a log lends nothing.
        if (ends || each.kind === 'apply' || each.kind === 'set') endLoan();
        switch (each.kind) {
          case 'apply': {
            const numbers = each.runs.flatMap(({ first, length }) => Array.from({ length }, (_, i) => first + i));
            const pages = Object.fromEntries(numbers.map((n) => [n, ++value]));
            model.commit(pages, each.pageCount);
            file.apply(commitOf(pages, each.pageCount));
            replica.apply(commitOf(pages, each.pageCount));
            break;
          }
          case 'write':
            model.commit({ [each.number]: ++value }, Math.max(model.values.length, each.number));
            file.write(each.number, pageOf(value));
            break;
          case 'truncate':
            model.commit({}, each.pageCount);
            file.truncate(each.pageCount);
            break;
          case 'set':
            model.commit({}, each.pageCount);
            file.setPageCount(each.pageCount);
            replica.setPageCount(each.pageCount);
            break;
          default:
            each satisfies never;
        }
        // A commit of the log comes between two turns, never within one.
        if (lends && !loan) {
          loan = file.lendDirty();
          whenLent = [...model.values];
          continue;
        }
        const dirty = file.takeDirty();
        if (!dirty) continue;
        if (loan) later.push(dirty);
        else replica.apply(dirty);
      }
      endLoan();
      expect(valuesOf(file)).toEqual(model.values);
      expect(valuesOf(replica)).toEqual(model.values);
    }),
    { numRuns: 60, seed: 20_260_803 },
  );
});

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heldMib(): number {
  // Buffers are swept beside the program; the next collection waits for that.
  for (let i = 0; i < 3; i++) collectGarbage();
  return process.memoryUsage().arrayBuffers / MIB;
}

test('a large commit that is replayed is held once, and what is cut off is held no more', () => {
  const before = heldMib();
  const file = new PageFile();
  const count = (32 * MIB) / PAGE_SIZE_BYTES;
  // In a frame of its own, which keeps nothing alive once it is left.
  const replay = (value: number) => {
    const numbers = Uint32Array.from({ length: count }, (_, i) => i + 1);
    file.apply({ pages: { numbers, bytes: new Uint8Array(32 * MIB).fill(value) }, pageCount: count });
  };
  replay(7);
  expect(heldMib() - before).toBeLessThan(32 * 1.05);
  // The same pages again: each has its place.
  replay(8);
  expect(heldMib() - before).toBeLessThan(32 * 1.05);
  expect(file.read(count)[0]).toBe(8);
  file.truncate(0);
  expect(heldMib() - before).toBeLessThan(1);
  for (let number = 1; number <= count; number++) file.write(number, pageOf(number));
  expect(heldMib() - before).toBeLessThan(32 * 1.05);
  file.truncate(count / 4);
  file.takeDirty();
  expect(heldMib() - before).toBeLessThan(8 * 1.1);
  expect(file.pageCount).toBe(count / 4);
});

test('a large commit that is lent is not held twice, and only what changes meanwhile is copied', () => {
  const before = heldMib();
  const file = new PageFile();
  const count = (32 * MIB) / PAGE_SIZE_BYTES;
  for (let number = 1; number <= count; number++) file.write(number, pageOf(number));
  const { lent } = file.lendDirty() ?? expect.unreachable();
  for (let number = 1; number <= 256; number++) file.write(number, pageOf(0));
  expect(heldMib() - before).toBeLessThan(33 * 1.05);
  expect(lent.read(0, 2)).toEqual(new Uint8Array([...pageOf(1), ...pageOf(2)]));
  file.truncate(0);
  expect(heldMib() - before).toBeLessThan(33 * 1.05);
  expect(lent.read(count - 1, count)).toEqual(pageOf(count));
  lent.end();
  expect(heldMib() - before).toBeLessThan(1);
});
