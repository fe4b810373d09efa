/** Machines of one account that move their clock, with threads that exist only as reports. */
import { describe, expect, test, vi } from 'vitest';
import { ManualClock, type RealMs } from '../../src/base/clock.ts';
import { type ClockAnchors, VirtualClock } from '../../src/base/virtual-clock.ts';
import { HostClock } from '../../src/host/clock.ts';
import { hasAllArrived, isSame, Quiescence, SETTLE_PATIENCE_MS } from '../../src/host/quiescence.ts';
import { type Leases, SoleLeases } from '../../src/network/lease.ts';
import type { ClockAnnouncement, MachineReport, StillReport } from '../../src/protocol/clock.ts';
import type { HostEvent, ToIsolate } from '../../src/protocol/control.ts';
import type { Account, EndpointId, LinkId, MachineId } from '../../src/protocol/names.ts';
import { MemoryAccountStore } from '../../src/storage/vault-account.ts';

const START_MS = 1_800_000_000_000;
const ACCOUNT = 'test' as Account;

/** Lets every promise that can go on go on. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** One account: what its machines share. */
function cloud() {
  return {
    real: new ManualClock<RealMs>(START_MS),
    store: new MemoryAccountStore(),
    leases: new SoleLeases() as Leases,
    machines: new Map<MachineId, HostClock>(),
    lastId: 0,
  };
}

type Cloud = ReturnType<typeof cloud>;

/** A machine with one isolate, which is a clock and a list of what its timers did. */
async function join(all: Cloud, name: string) {
  const machine = name as MachineId;
  const isolate = new VirtualClock(all.real);
  const work = { isResting: true };
  const told: ClockAnchors[] = [];
  const waiting: (() => void)[] = [];
  const report = (clock: Pick<VirtualClock, 'lastMs' | 'nextDueMs'>, thread: string): StillReport => ({
    endpoint: `${name} ${thread}` as EndpointId,
    lastMs: clock.lastMs,
    nextDueMs: clock.nextDueMs,
    links: [],
  });
  const sound = async (): Promise<StillReport | undefined> => {
    while (isolate.isDue || !work.isResting) await new Promise<void>((again) => waiting.push(again));
    return report(isolate, 'isolate');
  };
  const host: HostClock = new HostClock({
    opening: { account: ACCOUNT, machine },
    vault: { account: all.store, mode: 'indexeddb' },
    leases: all.leases,
    real: all.real,
    newId: () => String(all.lastId++),
    containers: () => [{ isolate: { sound, isSounding: waiting.length > 0 } as never, label: `Class:${name}` }],
    idle: async () => {},
    reportOwn: () => report({ lastMs: 0, nextDueMs: undefined }, 'host'),
    tellIsolates: (message: ToIsolate) => {
      if (message.c === 'clock') isolate.follow(message.anchors);
    },
    tellPage: (event: HostEvent) => {
      if (event.e === 'clock') told.push(event.anchors);
      if (event.e === 'sound')
        queueMicrotask(() => host.pageStill(report({ lastMs: 0, nextDueMs: undefined }, 'page')));
    },
    announce: (announcement: ClockAnnouncement) => {
      if (!all.machines.has(machine)) return; // it is dead
      for (const [other, clock] of [...all.machines]) {
        if (other !== machine) queueMicrotask(() => clock.heard(announcement, machine));
      }
    },
    onError: (error) => {
      throw error;
    },
  });
  all.machines.set(machine, host);
  await host.open();
  /** Runs real timers that are due now, until the promise is settled; real time stands. */
  const settled = async <T>(promise: Promise<T>): Promise<T> => {
    const state = { isOver: false };
    const over = () => {
      state.isOver = true;
    };
    promise.then(over, over);
    while (!state.isOver) {
      await all.real.advance(0, settle);
      for (const again of waiting.splice(0)) again();
      for (const again of others(all, waiting)) again();
      await settle();
    }
    return promise;
  };
  waitings.set(all, [...(waitings.get(all) ?? []), waiting]);
  return { host, isolate, work, told, settled };
}

const waitings = new WeakMap<Cloud, (() => void)[][]>();
const others = (all: Cloud, own: (() => void)[]): (() => void)[] =>
  (waitings.get(all) ?? []).filter((one) => one !== own).flatMap((one) => one.splice(0));

describe('a walk', () => {
  test('goes through the timers of all machines in order, and leaves the clock as it was', async () => {
    const all = cloud();
    const a = await join(all, 'a');
    const b = await join(all, 'b');
    const seen: [string, number, number][] = [];
    const note = (who: string) => seen.push([who, a.isolate.now() - START_MS, b.isolate.now() - START_MS]);
    a.isolate.after(30, () => note('a 30'));
    b.isolate.after(10, () => {
      note('b 10');
      a.isolate.after(5, () => note('a 15'));
    });
    b.isolate.after(500, () => note('b 500'));
    const { nowMs } = await a.settled(a.host.move({ m: 'advance', ms: 100 }));
    expect(nowMs).toBe(START_MS + 100);
    // Every clock is at the time of the event when it happens.
    expect(seen).toEqual([
      ['b 10', 10, 10],
      ['a 15', 15, 15],
      ['a 30', 30, 30],
    ]);
    expect(b.host.virtual.anchors).toEqual(a.host.virtual.anchors);
    expect(a.host.virtual.anchors.isPaused).toBe(false);
    await all.real.advance(7);
    expect([a.isolate.now(), b.isolate.now()]).toEqual([START_MS + 107, START_MS + 107]);
  });

  test('begins at the latest time that anybody was told', async () => {
    const all = cloud();
    const a = await join(all, 'a');
    const ahead = START_MS + 250;
    a.isolate.follow({ ...a.host.virtual.anchors, number: 0.5, virtualMs: 250, realMs: 0 });
    expect(a.isolate.now()).toBe(ahead);
    const { nowMs } = await a.settled(a.host.move({ m: 'advance', ms: 100 }));
    expect(nowMs).toBe(ahead + 100);
  });

  test('stores every change before anybody goes by it, and never one in motion', async () => {
    const all = cloud();
    const a = await join(all, 'a');
    const stored: ClockAnchors[] = [];
    const write = all.store.writeMeta.bind(all.store);
    all.store.writeMeta = async (name, value) => {
      expect(a.told.length).toBe(stored.length);
      stored.push(value as ClockAnchors);
      await write(name, value);
    };
    a.isolate.after(10, () => {});
    await a.settled(a.host.move({ m: 'pause' }));
    await a.settled(a.host.move({ m: 'advance', ms: 100 }));
    expect(stored.map(({ number }) => number)).toEqual(stored.map((_, index) => index + 1));
    expect(stored.every((anchors) => !('motion' in anchors) && anchors.isPaused)).toBe(true);
    expect(a.told.some(({ motion }) => motion === 'held')).toBe(true);
    const b = await join(all, 'b');
    expect(b.host.virtual.anchors).toEqual(stored.at(-1));
    expect(b.host.virtual.now()).toBe(START_MS + 100);
  });

  test('that meets something without an end says who it is, and time goes on from there', async () => {
    const all = cloud();
    const a = await join(all, 'a');
    a.isolate.after(40, () => {
      a.work.isResting = false;
    });
    a.isolate.after(60, () => {});
    const moving = a.host.move({ m: 'advance', ms: 100 });
    moving.catch(() => {});
    for (let i = 0; i < 50; i++) await all.real.advance(0, settle);
    expect(a.isolate.now()).toBe(START_MS + 40);
    await all.real.advance(SETTLE_PATIENCE_MS, settle);
    await expect(moving).rejects.toMatchObject({ code: 'clock_stuck', message: expect.stringContaining('Class:a') });
    expect(a.host.virtual.anchors.motion).toBeUndefined();
    expect(a.host.virtual.now()).toBe(START_MS + 40);
    await all.real.advance(3);
    expect(a.host.virtual.now()).toBe(START_MS + 43);
  });

  test('of a machine that dies on the way does not leave time standing', async () => {
    const all = cloud();
    const a = await join(all, 'a');
    const b = await join(all, 'b');
    a.work.isResting = false;
    const moving = a.host.move({ m: 'advance', ms: 100 });
    moving.catch(() => {});
    for (let i = 0; i < 50; i++) await all.real.advance(0, settle);
    expect(b.host.virtual.anchors.motion).toBe('standing');
    // Its death: nothing of it is heard any more, and its leases fall free.
    all.machines.delete('a' as MachineId);
    const write = vi.spyOn(all.store, 'writeMeta').mockRejectedValueOnce(new Error('the dead do not write'));
    a.host.close();
    await expect(moving).rejects.toThrow('the dead do not write');
    expect(write).toHaveBeenCalled();
    for (let i = 0; i < 50; i++) await settle();
    expect(b.host.virtual.anchors.motion).toBeUndefined();
    await all.real.advance(5);
    expect(b.host.virtual.now()).toBe(START_MS + 5);
  });

  test('waits for no machine that has gone', async () => {
    const all = cloud();
    const a = await join(all, 'a');
    const b = await join(all, 'b');
    b.work.isResting = false;
    const moving = a.host.move({ m: 'advance', ms: 100 });
    for (let i = 0; i < 50; i++) await all.real.advance(0, settle);
    b.host.leave();
    expect((await a.settled(moving)).nowMs).toBe(START_MS + 100);
  });
});

const thread = (endpoint: string, links: [link: string, peer: string, sent: number, taken: number][]): StillReport => ({
  endpoint: endpoint as EndpointId,
  lastMs: 0,
  nextDueMs: undefined,
  links: links.map(([link, peer, sent, taken]) => ({ link: link as LinkId, peer: peer as EndpointId, sent, taken })),
});
const machine = (...threads: StillReport[]): MachineReport => ({ lastMs: 0, nextDueMs: undefined, threads });

describe('frames', () => {
  test('are on their way until the other end has taken them', () => {
    const a = thread('a', [['l', 'b', 3, 2]]);
    expect(hasAllArrived([machine(a, thread('b', [['l', 'a', 2, 3]]))])).toBe(true);
    expect(hasAllArrived([machine(a), machine(thread('b', [['l', 'a', 2, 2]]))])).toBe(false);
    expect(hasAllArrived([machine(a), machine(thread('b', []))])).toBe(false);
    expect(hasAllArrived([machine(a)])).toBe(true);
  });

  test('that came and went between two rounds are seen', () => {
    const one = [machine(thread('a', [['l', 'b', 3, 2]]), thread('b', [['l', 'a', 2, 3]]))];
    const two = [machine(thread('b', [['l', 'a', 2, 3]])), machine(thread('a', [['l', 'b', 3, 2]]))];
    expect(isSame(one, two)).toBe(true);
    expect(isSame(one, [machine(thread('a', [['l', 'b', 4, 3]]), thread('b', [['l', 'a', 3, 4]]))])).toBe(false);
    expect(isSame(one, [machine(thread('a', [['l', 'b', 3, 2]]))])).toBe(false);
  });

  test('are counted until two rounds agree', async () => {
    const counts = [
      [1, 0],
      [1, 1],
      [2, 2],
      [2, 2],
      [2, 2],
    ];
    let asked = 0;
    const quiescence = new Quiescence({
      soundHere: async () => {
        const [sent = 0, taken = 0] = counts[asked++] ?? [];
        return machine(thread('a', [['l', 'b', sent, 0]]), thread('b', [['l', 'a', 0, taken]]));
      },
      announce: () => {},
      others: async () => [],
      whenGone: () => new Promise(() => {}),
      newId: () => 'id',
    });
    await quiescence.settle(new AbortController().signal);
    expect(asked).toBe(4);
  });
});
