/**
 * What every vault must do with the past; run for memory in node and for IndexedDB in a browser.
 *
 * `createVault` gives a vault of an account that is new; the suite deletes it after each test.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SimulatorError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import { type ObjectAddress, objectAddress, uniqueKey } from '../../src/protocol/names.ts';
import { type LogCommit, ObjectLog, type OpenedLog } from '../../src/storage/log.ts';
import { findSequence, listMoments } from '../../src/storage/log-history.ts';
import type { Retention } from '../../src/storage/log-retention.ts';
import { readSnapshot } from '../../src/storage/log-state.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import type { Vault } from '../../src/storage/vault.ts';
import {
  commitOf,
  historyBytesOf,
  intercept,
  Model,
  openLog,
  rowsOf,
  type StoreMethod,
  valuesOfLog,
  valuesOfSnapshot,
} from '../support/log-model.ts';

const OBJECT: ObjectAddress = objectAddress(uniqueKey('worker', 'Counter'), 'a'.repeat(64));
const EVERYTHING: Retention = { ageMs: Number.POSITIVE_INFINITY, bytesMax: () => Number.POSITIVE_INFINITY };
/** room for two of the floods of 70 pages, with what they replaced */
const BOUND = 1_300_000;
const NEVER = Number.MAX_SAFE_INTEGER;
const flood = (count: number, from: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [i + 1, from + i]));

export function historyContract(name: string, createVault: () => Promise<Vault>): void {
  let vault: Vault;
  let open: () => Promise<ObjectStore>;

  beforeEach(async () => {
    vault = await createVault();
    open = () => vault.openObject(OBJECT);
  });
  afterEach(() => vault.deleteAll());

  /** A log beside what each of its states should read as. */
  async function recorded(options: { tailBytes?: number; retention?: Retention; store?: ObjectStore } = {}) {
    const { tailBytes = 1, retention = EVERYTHING, store = await open() } = options;
    const opened = await openLog(store, tailBytes, retention);
    const model = new Model();
    model.values = valuesOfLog(opened);
    const states = new Map([[opened.log.head, [...model.values]]]);
    const commit = async (pages: Record<number, number>, pageCount: number, more: Partial<LogCommit> = {}) => {
      model.commit(pages, pageCount);
      await opened.log.append({ ...commitOf(pages, pageCount), ...more });
      states.set(opened.log.head, [...model.values]);
      return opened.log.head;
    };
    const fold = async () => {
      while (opened.log.isCheckpointDue) await opened.log.checkpointIfDue();
    };
    return { log: opened.log, states, commit, fold, values: () => [...model.values] };
  }

  async function expectStates(states: ReadonlyMap<number, number[]>): Promise<void> {
    const store = await open();
    for (const [at, values] of states) expect(await valuesOfSnapshot(store, at)).toEqual(values);
    await store.close();
  }

  /** Asks for a restore, ends the log, and opens the next. */
  async function restored(log: ObjectLog, pageCount: number, target: number): Promise<OpenedLog> {
    expect(log.pin(target)).toBe(true);
    await log.append({ ...commitOf({}, pageCount), restoreTo: target });
    await log.close();
    return openLog(await open(), 1, EVERYTHING);
  }

  describe(`${name}: the past`, () => {
    test('reads as it was: in the base, between two, in the tail, and across cuts', async () => {
      const { log, states, commit, fold } = await recorded();
      await commit(flood(200, 1), 200);
      await fold();
      await commit({ 1: 1001 }, 50);
      await fold();
      await commit({ 2: 1002 }, 150);
      await fold();
      await commit({ 140: 1140 }, 150);
      await commit({}, 30);
      await commit({ 160: 1160 }, 160);
      await fold();
      await commit({}, 0);
      await fold();
      await commit({ 7: 1007 }, 7);
      await log.close();
      await expectStates(states);
    });

    test('reads as it was also where groups were joined and large commits came in parts', async () => {
      const { log, states, commit, fold } = await recorded();
      for (let i = 1; i <= 6; i++) {
        await commit(flood(300, 1000 * i), 300);
        await fold();
        await commit({ 1: 1, 2: i }, 300);
        await fold();
        await commit({ 3: i }, 300);
        await fold();
      }
      await log.close();
      await expectStates(states);
    });

    test('before the first commit is empty; beyond both ends is an error that says how far one can go', async () => {
      const { log, commit } = await recorded();
      const head = await commit({ 1: 1 }, 1);
      expect(await valuesOfSnapshot(await open(), 0)).toEqual([]);
      expect(await valuesOfSnapshot(await open(), 1)).toEqual([]);
      const beyond = valuesOfSnapshot(await open(), head + 1);
      await expect(beyond).rejects.toThrow(
        /There is no point 3 .* one can go back to its beginning, and no further than now/,
      );
      await log.close();
    });

    test('says the page count, the time and the alarm of its moment', async () => {
      const { log, commit, fold } = await recorded();
      const first = await commit({ 1: 1, 2: 2 }, 2, { alarm: 5000 });
      await fold();
      const second = await commit({ 3: 3 }, 3, { alarm: null });
      const { head: then } = (await readSnapshot(await open(), { at: first })) ?? expect.fail('no state');
      const { head: now } = (await readSnapshot(await open(), { at: second })) ?? expect.fail('no state');
      expect(then).toMatchObject({ sequence: first, pageCount: 2, alarm: 5000 });
      expect(now).toMatchObject({ sequence: second, pageCount: 3, alarm: null });
      expect(then.timeMs).toBeLessThan(now.timeMs);
      await log.close();
    });

    test('that is given up while it is read ends the reading', async () => {
      const { log, commit, fold } = await recorded({ retention: { ageMs: NEVER, bytesMax: () => 0 } });
      const at = await commit(flood(70, 1), 70);
      await fold();
      let overtakes = 1;
      const reader = intercept(await open(), async (method) => {
        if (method !== 'readExtents' || overtakes-- <= 0) return;
        await commit(flood(70, 100), 70);
        await fold();
      });
      await expect(valuesOfSnapshot(reader, at)).rejects.toMatchObject({ code: 'bookmark_expired' });
      await log.close();
    });
  });

  describe(`${name}: a checkpoint that keeps the past`, () => {
    test('stopped before any of its steps loses no state', async () => {
      let isWhole = false;
      for (let stopAt = 1; !isWhole; stopAt++) {
        const address = objectAddress(uniqueKey('worker', 'Counter'), stopAt.toString(16).padStart(64, '0'));
        open = () =>
          vault.openObject(address, { address, uniqueKey: uniqueKey('worker', 'Counter'), id: '', className: '' });
        const retention: Retention = { ageMs: NEVER, bytesMax: () => BOUND };
        const before = await recorded({ retention });
        for (const from of [100, 200, 300]) {
          await before.commit(flood(70, from), 140);
          await before.fold();
        }
        await before.commit({ 3: 1003, 100: 1100 }, 90);
        // Not the whole of a group, which would be one step.
        await before.commit(flood(50, 400), 130);
        await before.log.close();
        let steps = 0;
        const stop = new Error('stopped here');
        const store = intercept(await open(), (_method, isWrite) => {
          if (isWrite && ++steps >= stopAt) throw stop;
        });
        const { log } = await openLog(store, 1, retention);
        isWhole = await log.checkpointIfDue().then(
          () => true,
          (error: unknown) => {
            if (error !== stop) throw error;
            return false;
          },
        );
        await log.close();
        const head = (await (await open()).readHead()) ?? expect.fail('a head');
        const readable = [...before.states].filter(([at]) => at >= head.base.floor);
        expect(readable.length).toBeGreaterThan(2);
        await expectStates(new Map(readable));
        const next = await openLog(await open(), 1, retention);
        await next.log.append(commitOf({}, 130));
        while (next.log.isCheckpointDue) await next.log.checkpointIfDue();
        await next.log.close();
        const after = (await (await open()).readHead()) ?? expect.fail('a head');
        await expectStates(new Map([...before.states].filter(([at]) => at >= after.base.floor)));
        expect(await historyBytesOf(await open())).toBeLessThanOrEqual(BOUND);
        if (isWhole) expect(stopAt).toBeGreaterThan(8);
      }
    });

    test('forgets by age what no state of the last days needs', async () => {
      let nowMs = 1000;
      const store = await open();
      const retention: Retention = { ageMs: 100, bytesMax: () => NEVER };
      const { log } = await ObjectLog.open({ store, now: () => nowMs, tailBytesMax: () => 1, retention });
      const at = new Map<number, number>();
      for (nowMs of [1000, 1050, 1120, 1200]) {
        await log.append(commitOf({ 1: nowMs }, 1));
        at.set(nowMs, log.head);
        while (log.isCheckpointDue) await log.checkpointIfDue();
      }
      const reader = await open();
      // 1100 is the edge: the state then was the one of 1050.
      expect(await findSequence(reader, 1100)).toBe(at.get(1050));
      expect(await valuesOfSnapshot(reader, at.get(1050))).toEqual([1050]);
      await expect(findSequence(reader, 1049)).rejects.toMatchObject({
        code: 'bookmark_expired',
        message: expect.stringContaining('1970-01-01T00:00:01.050Z'),
      });
      await expect(valuesOfSnapshot(reader, at.get(1000))).rejects.toMatchObject({ code: 'bookmark_expired' });
      expect((await rowsOf(reader)).records).toBe(2);
      await log.close();
    });

    test('forgets by size, from the oldest on', async () => {
      const bound = 10 * 45_000;
      const { log, states, commit, fold } = await recorded({ retention: { ageMs: NEVER, bytesMax: () => bound } });
      for (let i = 1; i <= 60; i++) {
        await commit({ 1: i, 2: i, 9: i }, 9);
        await fold();
      }
      const { base } = (await (await open()).readHead()) ?? expect.fail('a head');
      expect(base.earlier.length).toBeGreaterThan(3);
      expect(base.collectedTo).toBe(base.floor);
      expect(await historyBytesOf(await open())).toBeLessThanOrEqual(bound);
      await expectStates(new Map([...states].filter(([at]) => at >= base.floor)));
      expect((await rowsOf(await open())).records).toBe(base.sequence - base.floor);
      await log.close();
    });

    test('opens a database with a long past by reading little more than the present', async () => {
      const { log, commit, fold } = await recorded();
      for (let i = 1; i <= 20; i++) {
        await commit(flood(64, i * 100), 64);
        await fold();
      }
      await log.close();
      let bytes = 0;
      const store = await open();
      const counted = new Proxy(store, {
        get(target, key) {
          if (key !== 'readExtents') return (target[key as StoreMethod] as () => unknown).bind(target);
          return async (range: Parameters<ObjectStore['readExtents']>[0]) => {
            const extents = await target.readExtents(range);
            for (const extent of extents ?? []) bytes += extent.bytes.length;
            return extents;
          };
        },
      });
      await (await openLog(counted)).log.close();
      expect(bytes).toBe(64 * 4096);
    });
  });

  describe(`${name}: moments`, () => {
    test('are all listed while they are few, else evenly, with the head among them', async () => {
      const { log, commit } = await recorded({ tailBytes: NEVER });
      for (let i = 1; i <= 40; i++) await commit(flood((i % 3) + 1, i), 3);
      const store = await open();
      const all = (await listMoments(store, { limit: 1000 })) ?? expect.fail('no history');
      expect(all.floor).toEqual({ sequence: 0, epoch: 0, timeMs: undefined });
      expect(all.moments.map(({ sequence }) => sequence)).toEqual(Array.from({ length: log.head }, (_, i) => i + 1));
      expect(all.moments.map(({ pages }) => pages)).toEqual([
        0,
        ...Array.from({ length: 40 }, (_, i) => ((i + 1) % 3) + 1),
      ]);
      expect(all.moments.every(({ epoch }) => epoch === log.epoch)).toBe(true);
      const few = (await listMoments(store, { limit: 8 })) ?? expect.fail('no history');
      expect(few.moments).toHaveLength(8);
      expect(few.moments.at(-1)).toEqual({ sequence: log.head, timeMs: few.head.timeMs, pages: 2, epoch: log.epoch });
      const gaps = few.moments.slice(1).map(({ sequence }, i) => sequence - (few.moments[i]?.sequence ?? 0));
      expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
      for (const moment of few.moments) expect(all.moments).toContainEqual(moment);
      await log.close();
    });

    test('are found by time: the newest that is not later', async () => {
      let nowMs = 0;
      const store = await open();
      const { log } = await ObjectLog.open({
        store,
        now: () => nowMs,
        tailBytesMax: () => 50_000,
        retention: EVERYTHING,
      });
      const times = [100];
      const random = seededRandom(5);
      for (let i = 0; i < 100; i++) {
        nowMs = 110 + 10 * i + Math.floor(random.unit() * 9);
        times.push(nowMs);
        await log.append(commitOf({ 1: i }, 1));
        await log.checkpointIfDue();
      }
      const reader = await open();
      expect(await findSequence(reader, -5)).toBe(0);
      for (let t = 105; t < 1300; t += 7) {
        const expected = times.filter((time, i) => i > 0 && time <= t).length + 1;
        expect(await findSequence(reader, t)).toBe(expected);
      }
      await log.close();
    });

    test('never go back in time, whatever the clock does', async () => {
      let nowMs = 500;
      const first = await ObjectLog.open({ store: await open(), now: () => nowMs });
      nowMs = 400;
      await first.log.append(commitOf({ 1: 1 }, 1));
      await first.log.close();
      nowMs = 300;
      const second = await ObjectLog.open({ store: await open(), now: () => nowMs });
      const history = await listMoments(await open(), { limit: 9 });
      expect(history?.moments.map(({ timeMs }) => timeMs)).toEqual([500, 500, 500]);
      await second.log.close();
    });
  });

  describe(`${name}: a restore`, () => {
    test('gives the pages of its target, wherever that lies, and can be undone', async () => {
      const { log, states, commit, fold } = await recorded();
      await commit(flood(100, 1), 100);
      await fold();
      await commit({ 5: 1005 }, 20);
      await commit({ 70: 1070 }, 80);
      await fold();
      await commit({}, 0);
      const alarms = new Map([[0, null as number | null]]);
      for (const at of states.keys()) alarms.set(at, null);
      alarms.set(await commit(flood(130, 2000), 130, { alarm: 7000 }), 7000);
      const undo = log.head;
      const targets = [...states.keys(), 0];
      let current = log;
      for (const target of targets) {
        const there = await restored(current, 130, target);
        expect(valuesOfLog(there)).toEqual(states.get(target) ?? []);
        expect(there.alarm).toBe(alarms.get(target));
        const back = await restored(there.log, there.pageCount, undo);
        expect(valuesOfLog(back)).toEqual(states.get(undo));
        expect(back.alarm).toBe(7000);
        while (back.log.isCheckpointDue) await back.log.checkpointIfDue();
        current = back.log;
      }
      await current.close();
      await expectStates(states);
    });

    test('writes the pages that differ, and no others', async () => {
      const { log, commit, fold } = await recorded();
      const target = await commit(flood(600, 1), 600);
      await fold();
      await commit({ 3: 1003, 500: 1500 }, 600);
      const { log: next } = await restored(log, 600, target);
      const history = await listMoments(await open(), { limit: 1000 });
      expect(history?.moments.at(-1)).toMatchObject({ sequence: next.head, pages: 2 });
      await next.close();
    });

    test('is still to be done after a crash before its commit, and done once after one behind it', async () => {
      const { log, commit } = await recorded();
      const target = await commit({ 1: 1 }, 1);
      await commit({ 1: 2 }, 1);
      expect(log.pin(target)).toBe(true);
      await log.append({ ...commitOf({}, 1), restoreTo: target });
      await log.close();
      const crash = new Error('crash');
      for (let i = 0; i < 2; i++) {
        const store = intercept(await open(), (method) => {
          if (method === 'append') throw crash;
        });
        await expect(openLog(store, 1, EVERYTHING)).rejects.toBe(crash);
        expect(await valuesOfSnapshot(await open())).toEqual([2]);
      }
      const second = await openLog(await open(), 1, EVERYTHING);
      expect(valuesOfLog(second)).toEqual([1]);
      await second.log.append(commitOf({ 1: 3 }, 1));
      // It does not close: the next one takes over, as after a crash.
      const third = await openLog(await open(), 1, EVERYTHING);
      expect(valuesOfLog(third)).toEqual([3]);
      await second.log.close();
      await third.log.close();
    });

    test('that is taken back does not happen', async () => {
      const { log, commit } = await recorded();
      const target = await commit({ 1: 1 }, 1);
      await commit({ 1: 2 }, 1, { restoreTo: target });
      await commit({ 1: 3 }, 1, { restoreTo: null });
      await log.close();
      const next = await openLog(await open());
      expect(valuesOfLog(next)).toEqual([3]);
      await next.log.close();
    });

    test('keeps its target whatever retention says, and gives it up afterwards', async () => {
      const { log, commit, fold } = await recorded({ retention: { ageMs: 0, bytesMax: () => 0 } });
      const target = await commit({ 1: 1 }, 1);
      expect(log.pin(target)).toBe(true);
      await commit({ 1: 2 }, 1, { restoreTo: target });
      for (let i = 3; i < 20; i++) {
        await commit({ 1: i }, 1);
        await fold();
      }
      await log.close();
      const next = await openLog(await open());
      expect(valuesOfLog(next)).toEqual([1]);
      await next.log.append(commitOf({ 1: 2 }, 1));
      while (next.log.isCheckpointDue) await next.log.checkpointIfDue();
      expect(await historyBytesOf(await open())).toBe(0);
      expect(next.log.pin(target)).toBe(false);
      await next.log.close();
    });
  });

  describe(`${name}: a full disk`, () => {
    const quota = () => new SimulatorError('quota', 'full');

    test('costs history first, but not what a restore waits for', async () => {
      let isFull = false;
      const store = intercept(await open(), (method) => {
        if (method !== 'append' || !isFull) return;
        isFull = false;
        throw quota();
      });
      const { log, states, commit, fold } = await recorded({ store });
      const points: number[] = [];
      for (let i = 1; i <= 10; i++) {
        points.push(await commit(flood(20, i * 100), 20));
        await fold();
      }
      const target = points[5] ?? expect.fail('a point');
      expect(log.pin(target)).toBe(true);
      const before = await historyBytesOf(await open());
      isFull = true;
      await commit({ 1: 1 }, 20, { restoreTo: target });
      expect(await historyBytesOf(await open())).toBeLessThan(before);
      await expect(valuesOfSnapshot(await open(), target - 1)).rejects.toMatchObject({ code: 'bookmark_expired' });
      await log.close();
      isFull = true;
      const full = intercept(await open(), (method) => {
        if (method !== 'append' || !isFull) return;
        isFull = false;
        throw quota();
      });
      const next = await openLog(full, 1, EVERYTHING);
      expect(isFull).toBe(false);
      expect(valuesOfLog(next)).toEqual(states.get(target));
      await next.log.close();
    });

    test('that stops a checkpoint costs history too, and the next checkpoint has its room', async () => {
      const room = { extents: Number.POSITIVE_INFINITY };
      const store = intercept(await open(), async (method) => {
        if (method === 'writeExtent' && (await rowsOf(await open())).extents >= room.extents) throw quota();
      });
      const { log, commit, fold, values } = await recorded({ store });
      for (let i = 1; i <= 5; i++) {
        await commit(flood(20, i * 100), 20);
        await fold();
      }
      room.extents = (await rowsOf(await open())).extents + 1;
      await commit(flood(20, 900), 20);
      await fold();
      const { base } = (await (await open()).readHead()) ?? expect.fail('a head');
      expect(base.sequence).toBe(log.head);
      expect(await valuesOfSnapshot(await open())).toEqual(values());
      await log.close();
    });
  });

  test.each([1, 2, 3, 4])(
    `${name}: every state of any history reads as it was, after any restores (seed %i)`,
    async (seed) => {
      const random = seededRandom(seed);
      const below = (limit: number) => Math.floor(random.unit() * limit);
      const retention: Retention = { ageMs: NEVER, bytesMax: () => 1_000_000 };
      const states = new Map<number, number[]>([[0, []]]);
      const model = new Model();
      let failAt = 0;
      const openNext = async () => {
        const store = intercept(await open(), (method, isWrite) => {
          if (isWrite && method !== 'append' && failAt > 0 && --failAt === 0) throw new Error('crash');
        });
        return openLog(store, 1 + below(200_000), retention);
      };
      let opened = await openNext();
      const remember = () => states.set(opened.log.head, [...model.values]);
      remember();
      for (let i = 0; i < 60; i++) {
        const action = below(12);
        if (action < 8) {
          const pageCount = below(4) === 0 ? below(150) : model.values.length;
          const pages: Record<number, number> = {};
          for (let n = below(12) === 0 ? pageCount : below(6); n > 0 && pageCount > 0; n--)
            pages[1 + below(pageCount)] = 1 + below(1e6);
          model.commit(pages, pageCount);
          await opened.log.append(commitOf(pages, pageCount));
          remember();
        } else if (action < 11) {
          failAt = below(3) === 0 ? 1 + below(8) : 0;
          await opened.log.checkpointIfDue().catch((error: Error) => expect(error.message).toBe('crash'));
          failAt = 0;
        } else {
          const { base, sequence } = (await (await open()).readHead()) ?? expect.fail('a head');
          const target = base.floor + below(sequence - base.floor + 1);
          expect(opened.log.pin(target)).toBe(true);
          await opened.log.append({ ...commitOf({}, model.values.length), restoreTo: target });
          remember();
          await opened.log.close();
          opened = await openNext();
          states.set(opened.log.head - 1, [...model.values]);
          model.values = [...(states.get(target) ?? expect.fail('a target'))];
          remember();
          expect(valuesOfLog(opened)).toEqual(model.values);
        }
      }
      await opened.log.close();
      const { base } = (await (await open()).readHead()) ?? expect.fail('a head');
      await expectStates(new Map([...states].filter(([at]) => at >= base.floor)));
    },
  );
}
