import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asAccount, objectAddress, uniqueKey } from '../../src/protocol/names.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { openVault } from '../../src/storage/vault.ts';
import {
  commitOf,
  historyBytesOf,
  intercept,
  Model,
  openLog,
  valuesOfLog,
  valuesOfSnapshot,
} from '../support/log-model.ts';

const OBJECT = objectAddress(uniqueKey('worker', 'Counter'), 'a'.repeat(64));
const PAGES_MAX = 200;

/** A commit: which pages get a new value, and whether the database is cut or lengthened. */
const commit = fc.record({
  kind: fc.constant('commit' as const),
  numbers: fc.uniqueArray(fc.integer({ min: 1, max: PAGES_MAX }), { maxLength: 12 }),
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

/** Goes back to a state between the floor (0) and the head (1); the opening that does it may be stopped at its commit. */
const restore = fc.record({
  kind: fc.constant('restore' as const),
  to: fc.double({ min: 0, max: 1, noNaN: true }),
  stops: fc.boolean(),
});
const look = fc.record({ kind: fc.constant('look' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) });
/** Gives every page a value, so that what a later cut takes away is seen. */
const flood = fc.record({ kind: fc.constant('flood' as const), pageCount: fc.integer({ min: 1, max: PAGES_MAX }) });
type Travel = typeof travel extends fc.Arbitrary<infer One> ? One : never;
const travel = fc.oneof(
  { arbitrary: flood, weight: 1 },
  { arbitrary: commit, weight: 8 },
  { arbitrary: checkpoint, weight: 4 },
  { arbitrary: restore, weight: 1 },
  { arbitrary: look, weight: 2 },
);

/** A checkpoint that stops where it would have dropped the state that is gone back to next. */
const GIVEN_UP: [Travel[], number, number] = [
  [
    { kind: 'restore', to: 0, stops: false },
    { kind: 'checkpoint', stopAt: 2, beside: false },
    { kind: 'restore', to: 0, stops: false },
    { kind: 'commit', numbers: [], pageCount: null },
  ],
  0,
  1,
];

/** A checkpoint that has nothing to do while a state is still there that was gone back to. */
const NOT_DUE: [Travel[], number, number] = [
  [
    { kind: 'flood', pageCount: 5 },
    { kind: 'restore', to: 0, stops: false },
    { kind: 'commit', numbers: [1, 2, 3, 4, 5], pageCount: null },
    { kind: 'restore', to: 0, stops: false },
    { kind: 'checkpoint', stopAt: null, beside: false },
  ],
  0,
  20_000,
];

test('every state from the floor on reads as it was, and can be gone back to; what is kept stays within its bound', async () => {
  const property = fc.asyncProperty(
    fc.array(travel, { minLength: 1, maxLength: 60 }),
    fc.constantFrom(0, 100_000, 400_000, 1_500_000, Number.POSITIVE_INFINITY),
    fc.constantFrom(1, 20_000, 60_000),
    async (steps, bytesMax, tailBytes) => {
      const { vault } = await openVault({ mode: 'memory', account: asAccount('property') });
      const retention = { ageMs: Number.POSITIVE_INFINITY, bytesMax: () => bytesMax };
      const model = new Model();
      /** what each sequence should read as */
      const states = new Map<number, number[]>([[0, []]]);
      const stop = { at: 0, append: false };
      /** the log that is open has given up states that its stopped checkpoint has not dropped yet */
      let mayRefuse = false;
      const store = await vault.openObject(OBJECT);
      const open = async () =>
        openLog(
          intercept(await vault.openObject(OBJECT), (method, isWrite) => {
            if (method === 'append' && stop.append) throw new Error('stopped');
            if (isWrite && method !== 'append' && stop.at > 0 && --stop.at === 0) throw new Error('stopped');
          }),
          tailBytes,
          retention,
        );
      const remember = (sequence: number) => states.set(sequence, [...model.values]);
      let opened = await open();
      remember(opened.log.head);
      let value = 0;
      const append = async (numbers: readonly number[], pageCount: number, restoreTo?: number) => {
        const pages = Object.fromEntries(numbers.filter((number) => number <= pageCount).map((n) => [n, ++value]));
        model.commit(pages, pageCount);
        await opened.log.append({ ...commitOf(pages, pageCount), ...(restoreTo === undefined ? {} : { restoreTo }) });
        remember(opened.log.head);
      };
      const bounds = async () => {
        const head = (await store.readHead()) ?? expect.fail('a log that was opened has a head');
        return { floor: head.base.floor, head: head.sequence, base: head.base };
      };
      const pointAt = async (share: number) => {
        const { floor, head } = await bounds();
        return floor + Math.round(share * (head - floor));
      };
      const lookAt = async (at: number) => expect(await valuesOfSnapshot(store, at)).toEqual(states.get(at));
      for (const each of steps) {
        switch (each.kind) {
          case 'commit':
            await append(each.numbers, each.pageCount ?? Math.max(model.values.length, ...each.numbers, 0));
            break;
          case 'flood':
            await append(
              Array.from({ length: each.pageCount }, (_, i) => i + 1),
              each.pageCount,
            );
            break;
          case 'checkpoint': {
            stop.at = each.stopAt ?? 0;
            const { isCheckpointDue } = opened.log;
            const running = opened.log.checkpointIfDue().then(
              () => true,
              (error: Error) => {
                expect(error.message).toBe('stopped');
                return false;
              },
            );
            if (each.beside) await append([1 + (value % PAGES_MAX)], Math.max(model.values.length, PAGES_MAX / 2));
            const isWhole = await running;
            stop.at = 0;
            mayRefuse = !isWhole;
            // What a restore waited for goes with the fold after it.
            if (!isWhole || !isCheckpointDue) break;
            const { base } = await bounds();
            const newest = base.earlier.at(-1);
            const slack = newest ? newest.recordBytes + newest.extentBytes : 0;
            if (bytesMax < Number.POSITIVE_INFINITY && base.collectedTo === base.floor)
              expect(await historyBytesOf(store)).toBeLessThanOrEqual(bytesMax + slack);
            break;
          }
          case 'restore': {
            const target = await pointAt(each.to);
            const isPinned = opened.log.pin(target);
            expect(isPinned || mayRefuse).toBe(true);
            if (!isPinned) break;
            await append([], model.values.length, target);
            await opened.log.checkpointIfDue();
            await opened.log.close();
            if (each.stops) {
              stop.append = true;
              await expect(open()).rejects.toThrow('stopped');
              stop.append = false;
              remember((await bounds()).head);
            }
            opened = await open();
            mayRefuse = false;
            remember(opened.log.head - 1);
            model.values = [...(states.get(target) ?? expect.fail('a target was remembered'))];
            remember(opened.log.head);
            expect(valuesOfLog(opened)).toEqual(model.values);
            await lookAt(opened.log.head - 1);
            break;
          }
          case 'look':
            await lookAt(await pointAt(each.at));
            break;
          default:
            each satisfies never;
        }
      }
      const { floor, head } = await bounds();
      for (let at = floor; at <= head; at++) await lookAt(at);
      if (floor > 0)
        await expect(valuesOfSnapshot(store, floor - 1)).rejects.toMatchObject({ code: 'bookmark_expired' });
      await expect(valuesOfSnapshot(store, head + 1)).rejects.toMatchObject({ code: 'bookmark_expired' });
      expect(valuesOfLog(await open())).toEqual(model.values);
    },
  );
  await fc.assert(property, { numRuns: Number(process.env['DURABOX_RUNS'] ?? 40), examples: [GIVEN_UP, NOT_DUE] });
});
