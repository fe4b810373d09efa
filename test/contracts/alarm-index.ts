/**
 * What the alarm index of every vault must do; run for memory in node and for IndexedDB in a browser.
 *
 * `createVault` gives a vault of an account that is new; the suite deletes it after each test.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { objectAddress, uniqueKey } from '../../src/protocol/names.ts';
import type { AlarmEntry, AlarmNotes } from '../../src/storage/alarm-index.ts';
import { ObjectLog } from '../../src/storage/log.ts';
import type { Vault } from '../../src/storage/vault.ts';
import { commitOf, intercept, tick } from '../support/log-model.ts';

const KEY = uniqueKey('worker', 'Counter');
const idOf = (digit: string) => digit.repeat(64);
const objectOf = (digit: string) => ({
  address: objectAddress(KEY, idOf(digit)),
  namespace: KEY,
  id: idOf(digit),
});
const A = objectOf('a');
const EVER = Number.MAX_SAFE_INTEGER;

class Crash extends Error {}

export function alarmIndexContract(name: string, createVault: () => Promise<Vault>): void {
  let vault: Vault;

  beforeEach(async () => {
    vault = await createVault();
  });
  afterEach(() => vault.deleteAll());

  const entries = (untilMs = EVER): Promise<AlarmEntry[]> => vault.account.dueAlarms(untilMs, 100);

  describe(`${name}: the alarm index`, () => {
    test('lists what is due by its time, and says when the next is', async () => {
      const { account } = vault;
      await account.noteAlarm({ ...objectOf('b'), alarm: 300, sequence: 1 });
      await account.noteAlarm({ ...objectOf('c'), name: 'c', alarm: 100, sequence: 1 });
      await account.noteAlarm({ ...objectOf('a'), alarm: 200, sequence: 1 });
      expect((await entries(200)).map(({ id, timeMs }) => [id[0], timeMs])).toEqual([
        ['c', 100],
        ['a', 200],
      ]);
      expect(await account.dueAlarms(300, 1)).toEqual([
        { ...objectOf('c'), name: 'c', timeMs: 100, sequence: 1, dueMs: 100 },
      ]);
      expect(await account.dueAlarms(99, 9)).toEqual([]);
      expect(await account.nextAlarm(0)).toBe(100);
      expect(await account.nextAlarm(100)).toBe(200);
      expect(await account.nextAlarm(300)).toBeUndefined();
    });

    test('believes the newest commit, in whatever order it hears', async () => {
      const { account } = vault;
      await account.noteAlarm({ ...A, alarm: 500, sequence: 7 });
      await account.noteAlarm({ ...A, alarm: null, sequence: 6 });
      expect(await entries()).toMatchObject([{ timeMs: 500, sequence: 7 }]);
      await account.noteAlarm({ ...A, alarm: 900, sequence: 7 });
      expect(await entries()).toMatchObject([{ timeMs: 900, sequence: 7 }]);
      await account.noteAlarm({ ...A, alarm: null, sequence: 8 });
      expect(await entries()).toEqual([]);
    });

    test('a name that was once known stays', async () => {
      await vault.account.noteAlarm({ ...A, name: 'a', alarm: 500, sequence: 1 });
      await vault.account.noteAlarm({ ...A, alarm: 400, sequence: 2 });
      expect(await entries()).toMatchObject([{ name: 'a', timeMs: 400 }]);
    });

    test('a retry moves the look and not the alarm, and is of that alarm alone', async () => {
      const { account } = vault;
      await account.noteAlarm({ ...A, alarm: 500, sequence: 1 });
      const [seen] = (await entries()) as [AlarmEntry];
      await account.noteRetry(seen, { ofMs: 500, counted: 1, failures: 1, atMs: 2500 });
      expect(await entries(2499)).toEqual([]);
      expect(await account.nextAlarm(600)).toBe(2500);
      await account.noteAlarm({ ...A, alarm: 500, sequence: 2 });
      expect(await entries()).toMatchObject([{ timeMs: 500, retry: { counted: 1 }, dueMs: 2500 }]);
      await account.noteAlarm({ ...A, alarm: 700, sequence: 3 });
      const [after] = (await entries()) as [AlarmEntry];
      expect(after).toMatchObject({ timeMs: 700, dueMs: 700 });
      expect(after.retry).toBeUndefined();
      // What was seen then is not so any more.
      await account.noteRetry(seen, { ofMs: 500, counted: 2, failures: 2, atMs: 9000 });
      expect(await entries()).toEqual([after]);
    });

    test('forgets the alarm with its object', async () => {
      await vault.account.noteAlarm({ ...A, alarm: 500, sequence: 1 });
      await vault.account.noteAlarm({ ...objectOf('b'), alarm: 600, sequence: 1 });
      await vault.account.forgetObject(A.address);
      expect((await entries()).map(({ id }) => id[0])).toEqual(['b']);
    });

    test.each([1, 2, 3, 4])(
      'whatever step a crash falls on, no alarm is without an entry in time (seed %i)',
      async (seed) => {
        const random = seededRandom(seed);
        let stepsLeft = EVER;
        const step = () => {
          if (stepsLeft-- <= 0) throw new Crash('killed here');
        };
        const notes: AlarmNotes = {
          async note(alarm, sequence) {
            step();
            await vault.account.noteAlarm({ ...A, alarm, sequence });
            step();
          },
        };
        const open = async () => {
          const store = intercept(await vault.openObject(A.address), async (method) => {
            if (method === 'append') step();
          });
          return await ObjectLog.open({ store, now: tick, alarms: notes });
        };
        let crashes = 0;
        for (let round = 0; round < 25; round++) {
          stepsLeft = EVER;
          const { log } = await open();
          stepsLeft = Math.floor(random.unit() * 8);
          try {
            for (let i = 0; i < 4; i++) {
              const next = random.unit() < 0.3 ? null : 1 + Math.floor(random.unit() * 50);
              await log.append(commitOf({ 1: round }, 1, next));
            }
          } catch (error) {
            if (!(error instanceof Crash)) throw error;
            crashes++;
          }
          await log.close();
          const head = await (await vault.openObject(A.address)).readHead();
          if (typeof head?.alarm !== 'number') continue;
          const [entry] = await entries();
          expect(entry?.timeMs).toBeLessThanOrEqual(head.alarm);
        }
        expect(crashes).toBeGreaterThan(5);
      },
    );

    test('an alarm that a restore brings back is in the index before it counts', async () => {
      const heard: (readonly [number | null, number])[] = [];
      const isThere: boolean[] = [];
      const notes: AlarmNotes = {
        async note(alarm, sequence) {
          heard.push([alarm, sequence]);
          const store = await vault.findObject(A.address);
          isThere.push((await store?.readHead())?.alarm === alarm);
          await store?.close();
          await vault.account.noteAlarm({ ...A, alarm, sequence });
        },
      };
      const open = async () =>
        (await ObjectLog.open({ store: await vault.openObject(A.address), now: tick, alarms: notes })).log;
      const first = await open();
      await first.append(commitOf({ 1: 1 }, 1, 500));
      const withAlarm = first.head;
      await first.append(commitOf({ 1: 2 }, 1, null));
      await expect.poll(() => entries()).toEqual([]);
      await first.append({ ...commitOf({}, 1), restoreTo: withAlarm });
      await first.close();
      const second = await open();
      expect(second.alarm).toBe(500);
      await second.close();
      expect(await entries()).toMatchObject([{ timeMs: 500 }]);
      expect(heard).toEqual([
        [500, withAlarm],
        [null, withAlarm + 1],
        [500, second.head],
      ]);
      expect(isThere).toEqual([false, true, false]);
    });
  });
}
