/**
 * What every vault must do; run for memory in node and for IndexedDB in a browser.
 *
 * `createVault` gives a vault of an account that is new; the suite deletes it after each test.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deferred } from '../../src/base/async.ts';
import { SimulatorError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import { type ObjectAddress, objectAddress, type UniqueKey, uniqueKey } from '../../src/protocol/names.ts';
import { ObjectLog } from '../../src/storage/log.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { PAGE_SIZE_BYTES } from '../../src/storage/pages.ts';
import type { Vault } from '../../src/storage/vault.ts';
import {
  commitOf,
  intercept,
  Model,
  openLog,
  rowsOf,
  tick,
  valuesOfLog,
  valuesOfSnapshot,
} from '../support/log-model.ts';

const KEY: UniqueKey = uniqueKey('worker', 'Counter');
const idOf = (digit: string) => digit.repeat(64);
const OBJECT: ObjectAddress = objectAddress(KEY, idOf('a'));
const NEVER = Number.MAX_SAFE_INTEGER;

export function vaultContract(name: string, createVault: () => Promise<Vault>): void {
  let vault: Vault;
  let open: () => Promise<ObjectStore>;

  beforeEach(async () => {
    vault = await createVault();
    open = () => vault.openObject(OBJECT);
  });
  afterEach(() => vault.deleteAll());

  /** Opens the object as the next instance would, and gives its pages. */
  async function reopened(): Promise<number[]> {
    const opened = await openLog(await open());
    const values = valuesOfLog(opened);
    await opened.log.close();
    return values;
  }

  describe(`${name}: a log`, () => {
    test('gives back what was appended: pages, page count and alarm', async () => {
      const first = await openLog(await open());
      expect(first.pageCount).toBe(0);
      expect(first.alarm).toBeNull();
      await first.log.append(commitOf({ 1: 11, 2: 12, 3: 13 }, 3, 5000));
      await first.log.append(commitOf({ 2: 22 }, 3));
      expect(first.log.alarm).toBe(5000);
      await first.log.close();
      const second = await openLog(await open());
      expect(valuesOfLog(second)).toEqual([11, 22, 13]);
      expect(second.pageCount).toBe(3);
      expect(second.alarm).toBe(5000);
      expect(second.log.epoch).toBe(first.log.epoch + 1);
      await second.log.append(commitOf({}, 3, null));
      await second.log.close();
      const third = await openLog(await open());
      expect(third.alarm).toBeNull();
      await third.log.close();
    });

    test('numbers records without gaps, the fence of each opening among them', async () => {
      const first = await openLog(await open());
      const start = first.log.head;
      for (let i = 1; i <= 20; i++) {
        await first.log.append(commitOf({ 1: i }, 1));
        expect(first.log.head).toBe(start + i);
      }
      await first.log.close();
      const second = await openLog(await open());
      expect(second.log.head).toBe(start + 21);
      expect(valuesOfLog(second)).toEqual([20]);
      await second.log.close();
    });

    test('takes a view of a larger buffer as what it shows', async () => {
      const { log } = await openLog(await open());
      const whole = commitOf({ 1: 1, 2: 2, 3: 3 }, 3).pages;
      const numbers = whole.numbers.subarray(1, 2);
      const bytes = whole.bytes.subarray(PAGE_SIZE_BYTES, 2 * PAGE_SIZE_BYTES);
      await log.append({ pages: { numbers, bytes }, pageCount: 2 });
      whole.bytes.fill(99);
      await log.close();
      expect(await reopened()).toEqual([0, 2]);
    });

    test('forgets what was cut off, also when the database grows over it again', async () => {
      const { log } = await openLog(await open());
      const pages = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i + 1, i + 1]));
      await log.append(commitOf(pages, 100));
      await log.checkpointIfDue();
      await log.append(commitOf({ 1: 200 }, 12));
      await log.append(commitOf({ 90: 290 }, 90));
      const expected = [200, ...Array.from({ length: 11 }, (_, i) => i + 2), ...new Array(77).fill(0), 290];
      expect(await valuesOfSnapshot(await open())).toEqual(expected);
      await log.checkpointIfDue();
      await log.close();
      expect(await reopened()).toEqual(expected);
    });

    test('stores a commit of 20 MiB whole, and folds it', async () => {
      const { log } = await openLog(await open(), 1024);
      const count = 5120;
      const pages = Object.fromEntries(Array.from({ length: count }, (_, i) => [i + 1, i + 7]));
      await log.append(commitOf(pages, count));
      const expected = Array.from({ length: count }, (_, i) => i + 7);
      expect(await valuesOfSnapshot(await open())).toEqual(expected);
      await log.checkpointIfDue();
      await log.close();
      const store = await open();
      expect(await rowsOf(store)).toMatchObject({ records: 0, extents: count / 64 });
      await store.close();
      expect(await reopened()).toEqual(expected);
    });

    test('never shows what a writer that was stopped had staged, and deletes it', async () => {
      const pages = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [i + 1, i + 1]));
      const store = await open();
      let stages = 0;
      const stopping = intercept(store, (method) => {
        if (method === 'stage' && ++stages === 3) throw new SimulatorError('storage_failed', 'stopped');
      });
      const stopped = await openLog(stopping);
      const { head } = stopped.log;
      await expect(stopped.log.append(commitOf(pages, 600))).rejects.toMatchObject({ message: 'stopped' });
      await stopped.log.close();
      const next = await openLog(await open());
      expect(next.log.head).toBe(head + 1);
      expect(valuesOfLog(next)).toEqual([]);
      await next.log.append(commitOf({ 1: 7 }, 1));
      await next.log.checkpointIfDue();
      await next.log.close();
      expect(await reopened()).toEqual([7]);
      const last = await open();
      const left = await last.readPages({ sequence: head + 1, from: 8, until: 16, asOf: NEVER });
      expect(left?.every((byte) => byte === 0)).toBe(true);
      await last.close();
    });

    test('is asked for one append at a time', async () => {
      const { log } = await openLog(await open());
      const first = log.append(commitOf({ 1: 1 }, 1));
      await expect(log.append(commitOf({ 1: 2 }, 1))).rejects.toThrow('one append at a time');
      await first;
      await log.close();
      await expect(log.append(commitOf({ 1: 3 }, 1))).rejects.toMatchObject({ code: 'closed' });
      expect(await reopened()).toEqual([1]);
    });
  });

  describe(`${name}: fencing`, () => {
    test('an older log meets the fence of a newer one and never writes again', async () => {
      const older = await openLog(await open());
      await older.log.append(commitOf({ 1: 1 }, 1));
      const newer = await openLog(await open());
      expect(valuesOfLog(newer)).toEqual([1]);
      const before = await rowsOf(await open());
      await expect(older.log.append(commitOf({ 1: 666 }, 1))).rejects.toMatchObject({ code: 'fenced' });
      await expect(older.log.append(commitOf({ 1: 667 }, 1))).rejects.toMatchObject({ code: 'fenced' });
      expect(await rowsOf(await open())).toEqual(before);
      await newer.log.append(commitOf({ 1: 2 }, 1));
      await older.log.close();
      await newer.log.close();
      expect(await reopened()).toEqual([2]);
    });

    test('a large commit of an older log leaves nothing behind', async () => {
      const older = await openLog(await open());
      const newer = await openLog(await open());
      const pages = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [i + 1, 666]));
      await expect(older.log.append(commitOf(pages, 1000))).rejects.toMatchObject({ code: 'fenced' });
      await newer.log.append(commitOf(pages, 1000));
      await newer.log.append(commitOf({ 1: 1 }, 1));
      await older.log.close();
      await newer.log.close();
      expect(await reopened()).toEqual([1]);
    });

    test('a writer that slept through checkpoints is still fenced, though its next key was deleted', async () => {
      const older = await openLog(await open());
      await older.log.append(commitOf({ 1: 1 }, 1));
      const newer = await openLog(await open());
      for (let i = 2; i < 200; i++) await newer.log.append(commitOf({ 1: i }, 1));
      await newer.log.checkpointIfDue();
      expect((await rowsOf(await open())).records).toBe(0);
      await newer.log.close();
      const newest = await openLog(await open());
      await expect(older.log.append(commitOf({ 1: 666 }, 1))).rejects.toMatchObject({ code: 'fenced' });
      expect(valuesOfLog(newest)).toEqual([199]);
      await older.log.close();
      await newest.log.close();
    });

    test('no step of a checkpoint writes under an old epoch', async () => {
      const store = await open();
      const old = await store.openForWriting({ timeMs: 1, durability: 'relaxed' });
      const newer = await openLog(await open());
      await newer.log.append(commitOf({ 1: 1 }, 1));
      const before = await rowsOf(await open());
      const { epoch, base } = old;
      const extent = { firstPage: 1, sequence: 9, pages: 8, bytes: new Uint8Array(PAGE_SIZE_BYTES) };
      const steps = [
        () => store.writeExtent({ epoch, extent }),
        () => store.deleteExtents({ epoch, keys: [extent] }),
        () => store.writeBase({ epoch, base: { ...base, sequence: 9, floor: 9 } }),
        () => store.deleteRecords({ epoch, after: 0, upTo: 9 }),
      ];
      for (const step of steps) await expect(step()).rejects.toMatchObject({ code: 'fenced' });
      expect(await rowsOf(await open())).toEqual(before);
      await store.close();
      await newer.log.close();
      expect(await reopened()).toEqual([1]);
    });

    test('a second writer that opens before any step of the first fences all that follow', async () => {
      const overtaken = new Set<string>();
      const pages = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i + 1, i + 1]));
      for (let at = 1, isOver = false; !isOver; at++) {
        const address = objectAddress(KEY, at.toString(16).padStart(64, '0'));
        const openOne = () => vault.openObject(address, { address, uniqueKey: KEY, id: '', className: 'Counter' });
        const model = new Model();
        let second: Awaited<ReturnType<typeof openLog>> | undefined;
        let steps = 0;
        const first = intercept(await openOne(), async (method, isWrite) => {
          if (!isWrite || ++steps !== at) return;
          overtaken.add(method);
          second = await openLog(await openOne(), NEVER);
          expect(valuesOfLog(second)).toEqual(model.values);
        });
        const { log } = await openLog(first);
        const play = async () => {
          for (const [changed, pageCount] of [
            [pages, 100],
            [{ 1: 201, 70: 270 }, 100],
            [{ 2: 302 }, 70],
          ] as const) {
            await log.append(commitOf(changed, pageCount));
            model.commit(changed, pageCount);
            await log.checkpointIfDue();
          }
        };
        const outcome = await play().then(
          () => undefined,
          (error: unknown) => error,
        );
        isOver = second === undefined;
        if (second) {
          expect(outcome).toMatchObject({ code: 'fenced' });
          await expect(log.append(commitOf({ 1: 666 }, 1))).rejects.toMatchObject({ code: 'fenced' });
          model.commit({ 3: 9003 }, Math.max(3, model.values.length));
          await second.log.append(commitOf({ 3: 9003 }, Math.max(3, second.pageCount)));
          await second.log.close();
        }
        await log.close();
        const last = await openLog(await openOne());
        expect(valuesOfLog(last)).toEqual(model.values);
        await last.log.close();
      }
      expect([...overtaken].sort()).toEqual([
        'append',
        'deleteExtents',
        'deleteRecords',
        'stage',
        'unstage',
        'writeBase',
        'writeExtent',
      ]);
    });

    test('a checkpoint that a newer log overtakes fails with `fenced`, and so does its log from then on', async () => {
      const store = await open();
      let atBase: (() => Promise<void>) | undefined;
      const older = await openLog(intercept(store, (method) => (method === 'writeBase' ? atBase?.() : undefined)));
      await older.log.append(commitOf({ 1: 1, 9: 2 }, 9));
      let newer: Awaited<ReturnType<typeof openLog>> | undefined;
      atBase = async () => {
        newer = await openLog(await open());
      };
      await expect(older.log.checkpointIfDue()).rejects.toMatchObject({ code: 'fenced' });
      await expect(older.log.append(commitOf({ 1: 3 }, 9))).rejects.toMatchObject({ code: 'fenced' });
      expect(newer && valuesOfLog(newer)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 2]);
      await older.log.close();
      await newer?.log.close();
    });
  });

  describe(`${name}: a checkpoint`, () => {
    /** Leaves a tail whose fold has every kind of step: cells, a cut, superseded rows, a group to cool. */
    async function history(openOne: () => Promise<ObjectStore>): Promise<Model> {
      const model = new Model();
      const play = async (tailBytes: number, commits: [Record<number, number>, number][]) => {
        const { log } = await openLog(await openOne(), tailBytes);
        for (const [pages, pageCount] of commits) {
          model.commit(pages, pageCount);
          await log.append(commitOf(pages, pageCount));
          await log.checkpointIfDue();
        }
        await log.close();
      };
      // The last cell of each group stays empty, so that a fold writes cells and not whole groups.
      const numbers = Array.from({ length: 200 }, (_, i) => i + 1).filter((number) => (number - 1) % 64 < 56);
      await play(1, [[Object.fromEntries(numbers.map((number) => [number, number])), 200]]);
      await play(NEVER, [
        [{ 70: 1070, 3: 1003, 180: 1180 }, 200],
        [{ 1: 2001 }, 131],
        [{ 140: 3140 }, 140],
      ]);
      return model;
    }

    test('stopped before any of its steps changes no page, and the next one finishes what it left', async () => {
      const tidy: string[] = [];
      let isWhole = false;
      for (let stopAt = 1; !isWhole; stopAt++) {
        const address = objectAddress(KEY, stopAt.toString(16).padStart(64, '0'));
        const openOne = () => vault.openObject(address, { address, uniqueKey: KEY, id: '', className: 'Counter' });
        const model = await history(openOne);
        let steps = 0;
        const stop = new Error('stopped here');
        const { log } = await openLog(
          intercept(await openOne(), (_method, isWrite) => {
            if (isWrite && ++steps >= stopAt) throw stop;
          }),
        );
        isWhole = await log.checkpointIfDue().then(
          () => true,
          (error: unknown) => {
            if (error !== stop) throw error;
            return false;
          },
        );
        await log.close();
        const next = await openLog(await openOne());
        expect(valuesOfLog(next)).toEqual(model.values);
        model.commit({ 2: 4002 }, 140);
        await next.log.append(commitOf({ 2: 4002 }, 140));
        while (next.log.isCheckpointDue) await next.log.checkpointIfDue();
        await next.log.close();
        const store = await openOne();
        expect(await valuesOfSnapshot(store)).toEqual(model.values);
        const { records, extents, cold } = await rowsOf(store);
        tidy.push(`${records} records, ${extents} extents, ${cold} cold`);
        await store.close();
      }
      // Once the base has moved, the next fold finds the second group untouched and cools it.
      expect(new Set(tidy)).toEqual(new Set(['0 records, 16 extents, 0 cold', '0 records, 10 extents, 1 cold']));
      expect(tidy.length).toBeGreaterThan(8);
    });

    test('writes only the cells that were touched', async () => {
      const pages = Object.fromEntries(Array.from({ length: 800 }, (_, i) => [i + 1, i + 1]));
      const first = await openLog(await open());
      await first.log.append(commitOf(pages, 800));
      await first.log.checkpointIfDue();
      await first.log.close();
      const written: string[] = [];
      const counted = async () =>
        intercept(await open(), (method) => {
          if (method === 'writeExtent') written.push(method);
        });
      const { log } = await openLog(await counted(), NEVER);
      for (let i = 0; i < 50; i++) await log.append(commitOf({ 5: i, 6: i, 500: i }, 800));
      await log.close();
      const folding = await openLog(await counted(), 1);
      while (folding.log.isCheckpointDue) await folding.log.checkpointIfDue();
      // two cells; the groups it did not touch become cold, one extent each: 13 groups, two of them touched, the last one half
      expect(written.length).toBeLessThanOrEqual(2 + 11);
      await folding.log.close();
    });

    test('reads only the records that hold the newest bytes of a page, and those between them', async () => {
      const model = new Model();
      let read: number[] = [];
      const counting = intercept(await open(), (method, _isWrite, argument) => {
        if (method === 'readRecords') read.push((argument as { upTo: number }).upTo);
      });
      const { log } = await openLog(counting, 1);
      const commit = async (pages: Record<number, number>) => {
        model.commit(pages, 100);
        await log.append(commitOf(pages, 100));
      };
      await commit({ 7: 1 });
      const first = log.head;
      for (let i = 2; i <= 200; i++) await commit({ 5: i });
      read = [];
      await log.checkpointIfDue();
      expect(read).toEqual([first, log.head]);
      for (let i = 0; i < 40; i++) await commit({ [10 + i]: i, 5: i });
      read = [];
      await log.checkpointIfDue();
      expect(new Set(read)).toEqual(new Set([log.head]));
      await log.close();
      expect(await reopened()).toEqual(model.values);
    });

    test('one that failed is made good by the next, with what was committed meanwhile', async () => {
      const model = new Model();
      const failure = new SimulatorError('storage_failed', 'once');
      let step = 0;
      let whenWriting: (() => Promise<void>) | undefined;
      const failing = intercept(await open(), async (method) => {
        if (method !== 'writeExtent' || !whenWriting) return;
        await whenWriting();
        throw failure;
      });
      const { log } = await openLog(failing, 1);
      const commit = async (pages: Record<number, number>, pageCount: number) => {
        model.commit(pages, pageCount);
        await log.append(commitOf(pages, pageCount));
      };
      await commit(Object.fromEntries(Array.from({ length: 90 }, (_, i) => [i + 1, i + 1])), 90);
      for (const meanwhile of [{ 80: 180, 3: 103 }, { 3: 203 }, {}]) {
        whenWriting = async () => {
          whenWriting = undefined;
          await commit(meanwhile, step === 0 ? 80 : 85);
        };
        await expect(log.checkpointIfDue()).rejects.toBe(failure);
        step++;
      }
      expect(step).toBe(3);
      await log.checkpointIfDue();
      await commit({ 4: 304 }, 85);
      await log.checkpointIfDue();
      expect(log.isCheckpointDue).toBe(false);
      await log.close();
      expect(await reopened()).toEqual(model.values);
    });

    test('joins what nobody touches into cold extents that read the same', async () => {
      const model = new Model();
      const opened = await openLog(await open());
      const commit = async (pages: Record<number, number>, pageCount: number) => {
        model.commit(pages, pageCount);
        await opened.log.append(commitOf(pages, pageCount));
        while (opened.log.isCheckpointDue) await opened.log.checkpointIfDue();
      };
      await commit(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [i + 1, i + 1])), 300);
      await commit({ 1: 1001 }, 300);
      const cold = await rowsOf(await open());
      // Four groups were written whole; the fifth, of which there are six cells, was joined.
      expect(cold).toMatchObject({ cold: 5, extents: 6 });
      await commit({ 70: 1070, 140: 1140 }, 300);
      await commit({ 2: 1002 }, 150);
      await commit({ 200: 1200 }, 210);
      await opened.log.close();
      expect(await reopened()).toEqual(model.values);
    });

    test('is not due while the tail is short', async () => {
      const { log } = await openLog(await open(), 64 * 1024);
      for (let i = 0; i < 15; i++) await log.append(commitOf({ 1: i }, 1));
      expect(log.isCheckpointDue).toBe(false);
      await log.append(commitOf({ 1: 16 }, 1));
      expect(log.isCheckpointDue).toBe(true);
      await log.checkpointIfDue();
      expect(log.isCheckpointDue).toBe(false);
      await log.close();
    });

    test('ends though commits never pause', async () => {
      const { log } = await openLog(await open());
      for (let page = 1; page <= 400; page += 16) await log.append(commitOf({ [page]: page }, 400));
      let isDone = false;
      const checkpoint = log.checkpointIfDue().finally(() => {
        isDone = true;
      });
      let commits = 0;
      while (!isDone && commits < 1000) await log.append(commitOf({ 1: ++commits }, 400));
      expect(isDone).toBe(true);
      await checkpoint;
      await log.close();
    });

    test('runs beside commits, which go first', async () => {
      const model = new Model();
      const opened = await openLog(await open());
      const running: Promise<void>[] = [];
      for (let i = 1; i <= 120; i++) {
        const pages = { [1 + (i % 40)]: i, [200 + (i % 7)]: i };
        model.commit(pages, 210);
        await opened.log.append(commitOf(pages, 210));
        running.push(opened.log.checkpointIfDue());
      }
      await Promise.all(running);
      await opened.log.close();
      expect(await reopened()).toEqual(model.values);
    });
  });

  describe(`${name}: failure`, () => {
    const quota = () => new SimulatorError('quota', 'full');

    test('on a full disk the log drops what it no longer needs, and tries once more', async () => {
      const keep = await openLog(await open());
      await keep.log.append(commitOf({ 1: 1 }, 1));
      await keep.log.close();
      const stop = new Error('before deleting');
      const half = await openLog(
        intercept(await open(), (method) => {
          if (method === 'deleteRecords') throw stop;
        }),
      );
      await half.log.append(commitOf({ 1: 2 }, 1));
      await expect(half.log.checkpointIfDue()).rejects.toBe(stop);
      await half.log.close();
      const store = await open();
      const full = await rowsOf(store);
      expect(full.records).toBe(2);
      let failures = 1;
      const opened = await openLog(
        intercept(store, (method) => {
          if (method === 'append' && failures-- > 0) throw quota();
        }),
      );
      await opened.log.append(commitOf({ 1: 3 }, 1));
      expect((await rowsOf(store)).records).toBe(1);
      await opened.log.close();
      expect(await reopened()).toEqual([3]);
    });

    test('the extents of a checkpoint that was never finished are history too', async () => {
      const stop = new Error('before the base moves');
      const half = await openLog(
        intercept(await open(), (method) => {
          if (method === 'writeBase') throw stop;
        }),
      );
      await half.log.append(commitOf({ 1: 1, 20: 20 }, 20));
      await expect(half.log.checkpointIfDue()).rejects.toBe(stop);
      await half.log.close();
      const store = await open();
      expect((await rowsOf(store)).extents).toBe(2);
      let failures = 1;
      const opened = await openLog(
        intercept(store, (method) => {
          if (method === 'append' && failures-- > 0) throw quota();
        }),
      );
      await opened.log.append(commitOf({ 1: 2 }, 1));
      expect((await rowsOf(store)).extents).toBe(0);
      await opened.log.close();
      expect(await reopened()).toEqual([2]);
    });

    test('when there is still no room, it fails with `quota` for good, and nothing is half-written', async () => {
      let isFull = false;
      const opened = await openLog(
        intercept(await open(), (_method, isWrite) => {
          if (isWrite && isFull) throw quota();
        }),
      );
      await opened.log.append(commitOf({ 1: 1 }, 1));
      isFull = true;
      await opened.log.checkpointIfDue();
      await expect(opened.log.append(commitOf({ 1: 2 }, 1))).rejects.toMatchObject({ code: 'quota' });
      isFull = false;
      await expect(opened.log.append(commitOf({ 1: 3 }, 1))).rejects.toMatchObject({ code: 'quota' });
      await opened.log.close();
      expect(await reopened()).toEqual([1]);
    });

    test('an append that finds no room stops a checkpoint that waits for it', async () => {
      const [extent, room] = [deferred(), deferred()];
      let isFull = false;
      let isFolding = false;
      const store = await open();
      const opened = await openLog(
        intercept(store, async (method) => {
          if (method === 'append' && isFull) {
            await room.promise;
            isFull = false;
            throw quota();
          }
          if (method === 'writeExtent' && !isFolding) {
            isFolding = true;
            await extent.promise;
          }
        }),
        // Of a tail twice too long no step would wait.
        30 * PAGE_SIZE_BYTES,
      );
      await opened.log.append(commitOf(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [i + 1, 1])), 40));
      const checkpoint = opened.log.checkpointIfDue();
      await expect.poll(() => isFolding).toBe(true);
      isFull = true;
      const append = opened.log.append(commitOf({ 1: 2 }, 40));
      extent.resolve();
      // The checkpoint's step ends, and its next one waits for the append, which now finds no room and wants it gone.
      await expect.poll(async () => (await rowsOf(store)).extents).toBe(1);
      room.resolve();
      await Promise.all([append, checkpoint]);
      await opened.log.close();
      expect(await reopened()).toEqual([2, ...new Array(39).fill(1)]);
    });

    test('a failed transaction ends the log; the state before it is what the next one opens', async () => {
      let isBroken = false;
      const opened = await openLog(
        intercept(await open(), (method) => {
          if (method === 'append' && isBroken) throw new SimulatorError('storage_failed', 'gone');
        }),
      );
      await opened.log.append(commitOf({ 1: 1 }, 1));
      isBroken = true;
      await expect(opened.log.append(commitOf({ 1: 2 }, 1))).rejects.toMatchObject({ code: 'storage_failed' });
      isBroken = false;
      await expect(opened.log.append(commitOf({ 1: 3 }, 1))).rejects.toMatchObject({ code: 'storage_failed' });
      await opened.log.close();
      expect(await reopened()).toEqual([1]);
    });
  });

  describe(`${name}: a snapshot`, () => {
    test('shows the newest commit and disturbs nobody', async () => {
      const { log } = await openLog(await open());
      await log.append(commitOf({ 1: 1, 2: 2 }, 2));
      const reader = must(await vault.findObject(OBJECT));
      const before = await rowsOf(reader);
      expect(await valuesOfSnapshot(reader)).toEqual([1, 2]);
      expect(await rowsOf(reader)).toEqual(before);
      await log.append(commitOf({ 1: 3 }, 2));
      expect(await valuesOfSnapshot(reader)).toEqual([3, 2]);
      await reader.close();
      await log.close();
    });

    test('begins again when a checkpoint collects what it reads', async () => {
      const { log } = await openLog(await open());
      await log.append(commitOf(Object.fromEntries(Array.from({ length: 70 }, (_, i) => [i + 1, i + 1])), 70));
      await log.checkpointIfDue();
      let overtakes = 2;
      let heads = 0;
      const reader = intercept(await open(), async (method) => {
        if (method === 'readHead') heads++;
        if (method !== 'readExtents' || overtakes-- <= 0) return;
        await log.append(commitOf({ 1: 100 - overtakes, 66: 100 - overtakes }, 70));
        await log.checkpointIfDue();
      });
      const values = await valuesOfSnapshot(reader);
      expect(heads).toBe(3);
      expect([values?.[0], values?.[65], values?.[69]]).toEqual([100, 100, 70]);
      await log.close();
    });

    test('beside an unfinished checkpoint shows its own head, not what is being folded', async () => {
      const { log } = await openLog(await open());
      await log.append(commitOf({ 1: 1, 2: 2 }, 2));
      await log.checkpointIfDue();
      await log.close();
      const writer = await openLog(
        intercept(await open(), (method) => {
          if (method === 'writeBase') throw new Error('unfinished');
        }),
      );
      // Between the head and the extents of this snapshot, another commit is made and almost folded.
      const beside = intercept(await open(), async (method) => {
        if (method !== 'readExtents') return;
        await writer.log.append(commitOf({ 1: 9, 2: 9 }, 2));
        await expect(writer.log.checkpointIfDue()).rejects.toThrow('unfinished');
      });
      expect(await valuesOfSnapshot(beside)).toEqual([1, 2]);
      expect(await valuesOfSnapshot(await open())).toEqual([9, 9]);
      await writer.log.close();
    });

    test('of an object that never was makes nothing', async () => {
      const other = objectAddress(KEY, idOf('b'));
      expect(await vault.findObject(other)).toBeUndefined();
      expect(await vault.findObject(other)).toBeUndefined();
    });
  });

  describe(`${name}: an account`, () => {
    test('knows the objects that were opened, and adds a name that it learns later', async () => {
      const record = { address: OBJECT, uniqueKey: KEY, id: idOf('a'), className: 'Counter' };
      await (await vault.openObject(OBJECT, record)).close();
      await (await vault.openObject(OBJECT, { ...record, name: 'a' })).close();
      await (await vault.openObject(OBJECT, record)).close();
      const other = { ...record, address: objectAddress(KEY, idOf('b')), id: idOf('b'), name: 'b' };
      await vault.account.recordObject(other);
      expect(await vault.listObjects()).toEqual([{ ...record, name: 'a' }, other]);
      expect(await vault.account.listObjects(KEY)).toHaveLength(2);
      expect(await vault.account.listObjects('nobody-Nothing' as UniqueKey)).toEqual([]);
      await vault.account.forgetObject(other.address);
      expect(await vault.listObjects()).toEqual([{ ...record, name: 'a' }]);
    });

    test('gives each deployment number to one deployer', async () => {
      expect(await vault.account.currentDeployment()).toBeUndefined();
      const first = { number: 1, hash: 'one', content: { modules: new Map([['a', new Uint8Array([1])]]) } };
      expect(await vault.account.putDeployment(first)).toBe(true);
      const rivals = ['left', 'right'].map((hash) => vault.account.putDeployment({ number: 2, hash, content: null }));
      const won = await Promise.all(rivals);
      expect(won.filter(Boolean)).toHaveLength(1);
      expect((await vault.account.currentDeployment())?.hash).toBe(won[0] ? 'left' : 'right');
      expect(await vault.account.putDeployment({ number: 4, hash: 'gap', content: null })).toBe(false);
      expect(await vault.account.putDeployment({ number: 3, hash: 'three', content: null })).toBe(true);
    });

    test('reads a deployment once, however often it is asked for', async () => {
      const { account } = vault;
      await account.putDeployment({ number: 1, hash: 'one', content: 'large' });
      const known = await account.currentDeployment();
      expect(await account.currentDeployment(known)).toBe(known);
      await account.putDeployment({ number: 2, hash: 'two', content: 'other' });
      expect(await account.currentDeployment(known)).toEqual({ number: 2, hash: 'two', content: 'other' });
    });

    test('keeps single values by name', async () => {
      expect(await vault.account.readMeta('clock')).toBeUndefined();
      await vault.account.writeMeta('clock', { anchorMs: 1 });
      await vault.account.writeMeta('clock', { anchorMs: 2 });
      expect(await vault.account.readMeta('clock')).toEqual({ anchorMs: 2 });
    });

    test('forgets an object that is destroyed; whoever still has it open cannot write', async () => {
      const opened = await openLog(await open());
      await opened.log.append(commitOf({ 1: 1 }, 1));
      await (await open()).destroy();
      await expect(opened.log.append(commitOf({ 1: 2 }, 1))).rejects.toMatchObject({ code: 'storage_failed' });
      await opened.log.close();
      expect(await vault.findObject(OBJECT)).toBeUndefined();
      expect(await reopened()).toEqual([]);
    });
  });

  describe(`${name}: any history`, () => {
    test.each([1, 2, 3, 4, 5, 6])(
      'of commits, checkpoints, crashes and reopenings keeps the pages (seed %i)',
      async (seed) => {
        const random = seededRandom(seed);
        const below = (limit: number) => Math.floor(random.unit() * limit);
        const model = new Model();
        let failAt = 0;
        const openNext = async () =>
          openLog(
            intercept(await open(), (method, isWrite) => {
              if (isWrite && method !== 'append' && failAt > 0 && --failAt === 0) throw new Error('crash');
            }),
            1 + below(400_000),
          );
        let opened = await openNext();
        for (let i = 0; i < 120; i++) {
          const action = below(10);
          if (action < 7) {
            const grow = below(4) === 0 ? below(150) : below(12);
            const pageCount = below(12) === 0 ? below(model.values.length + 1) : Math.max(model.values.length, grow);
            const pages: Record<number, number> = {};
            for (let n = below(6); n > 0 && pageCount > 0; n--) pages[1 + below(pageCount)] = 1 + below(1e6);
            model.commit(pages, pageCount);
            await opened.log.append(commitOf(pages, pageCount));
          } else if (action < 9) {
            failAt = below(3) === 0 ? 1 + below(8) : 0;
            await opened.log.checkpointIfDue().catch((error: Error) => expect(error.message).toBe('crash'));
            failAt = 0;
          } else {
            await opened.log.close();
            opened = await openNext();
            expect(valuesOfLog(opened)).toEqual(model.values);
          }
        }
        await opened.log.close();
        expect(await reopened()).toEqual(model.values);
      },
    );
  });

  test(`${name}: a log takes its time from the clock it is given`, async () => {
    const store = await open();
    const { log } = await ObjectLog.open({ store, now: tick });
    const from = tick();
    await log.append(commitOf({ 1: 1 }, 1));
    const [record] = (await store.readRecords({ after: log.head - 1, upTo: log.head, asOf: log.head })) ?? [];
    expect(record?.timeMs).toBe(from + 1);
    await log.close();
  });
}

function must<T>(value: T | undefined): T {
  expect(value).toBeDefined();
  return value as T;
}
