/**
 * The half of the crash test that lives in the page: work that never ends, and a look at what a killed browser left.
 *
 * Promise: work goes through the public interface, and node hears of each answer before the next call is made. What was left
 * is read from the log itself, before anything is opened that could mend it.
 */
import { Simulator } from '../../src/index.ts';
import { asAccount, databaseNames } from '../../src/protocol/names.ts';
import { readTail } from '../../src/storage/log-state.ts';
import type { ObjectStore, StoreHead } from '../../src/storage/object-store.ts';
import { openVault } from '../../src/storage/vault.ts';
import {
  countAfter,
  type Found,
  type Judgement,
  type Left,
  type LeftMoment,
  type Mark,
  type Order,
  type Told,
} from './crash-words.ts';
import { base64, leftFile } from './left-file.ts';

interface Stub {
  increment(isLarge: boolean): Promise<number>;
  wipe(): Promise<number>;
  mark(): Promise<string>;
  restore(bookmark: string): Promise<{ readonly undo: string | undefined }>;
  die(): Promise<void>;
  /** the count when there is no such state any more; else it ends the object */
  leave(isLarge: boolean, bookmark: string): Promise<number>;
  judge(): Promise<Judgement>;
}

const CONFIG = {
  name: 'worker',
  compatibility_date: '2026-07-01',
  durable_objects: { bindings: [{ name: 'COUNTERS', class_name: 'Counter' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Counter'] }],
};
/** Bookmarks from so far back are mostly expired for the objects that write much. */
const MARKS_MAX = 5;
/** Before a restore is asked for, and while it waits, there are up to so many commits. */
const COMMITS_MAX = 4;

let simulator: Simulator | undefined;

function stubOf(object: string): Stub {
  const namespace = simulator?.env['COUNTERS'];
  if (!namespace) throw new Error('The account is not open.');
  return namespace.getByName(object) as unknown as Stub;
}

/** What is there is told first; so no call is made before node knows the state that it changes. */
async function begin(order: Order, marks: readonly Mark[]): Promise<void> {
  const { object, lanes } = order;
  const found = await stubOf(object).judge();
  await globalThis.told({ object, state: 'opened', found });
  for (let i = 0; i < lanes; i++) void lane(order, found.count, [...marks]);
}

async function lane(order: Order, found: number, marks: Mark[]): Promise<never> {
  let count = found;
  for (let turn = 0; ; turn++) {
    count = await step(order, count);
    switch (order.work) {
      case 'commits':
        break;
      case 'reopening':
        await simulator?.objects.evict(stubOf(order.object) as never);
        break;
      case 'restoring':
        count = await goBack(order, { count, turn, marks });
        break;
      default:
        order.work satisfies never;
    }
  }
}

/** One commit. */
async function step(order: Order, count: number): Promise<number> {
  const { object, isLarge = false } = order;
  void globalThis.told({ object, state: 'begun' });
  const stub = stubOf(object);
  const next = countAfter(count, order) === 0 ? await stub.wipe() : await stub.increment(isLarge);
  await globalThis.told({ object, state: 'done', count: next });
  return next;
}

/** Marks where we are, counts on, and has an earlier state restored, or one that was undone by a restore. */
async function goBack(
  order: Order,
  lane: { readonly count: number; readonly turn: number; readonly marks: Mark[] },
): Promise<number> {
  const { object } = order;
  const { turn, marks } = lane;
  let { count } = lane;
  const keep = async (mark: Mark) => {
    marks.push(mark);
    if (marks.length > MARKS_MAX) marks.shift();
    await globalThis.told({ object, state: 'marked', marks });
  };
  await keep({ bookmark: await stubOf(object).mark(), count });
  for (let i = turn % COMMITS_MAX; i >= 0; i--) count = await step(order, count);
  // From where we are, nothing but the restore leads to the count that it restores.
  const ahead = [count];
  for (let i = 0; i < COMMITS_MAX; i++) ahead.push(countAfter(ahead[i] as number, order));
  const able = marks.filter((mark) => !ahead.includes(mark.count));
  const mark = able[turn % Math.max(1, able.length)];
  if (!mark) return count;
  const isLeaving = (turn + count) % 2 === 0 && countAfter(count, order) !== 0;
  const after = await (isLeaving ? leave : stay)(order, { count, turn, mark });
  if (after.isRefused) {
    marks.splice(marks.indexOf(mark), 1);
    return after.count;
  }
  if (after.undo !== undefined) await keep({ bookmark: after.undo, count: after.count });
  return countOn(order, turn);
}

interface GoingBack {
  readonly count: number;
  readonly turn: number;
  /** the state that is asked for */
  readonly mark: Mark;
}

interface Gone {
  /** that state was given up, and the session goes on */
  readonly isRefused: boolean;
  readonly undo?: string | undefined;
  readonly count: number;
}

/** Has the state restored after a few more commits. A restore can be in effect before its answer is heard, so node must know of it before. */
async function stay(order: Order, { count: before, turn, mark }: GoingBack): Promise<Gone> {
  const { object } = order;
  let count = before;
  await globalThis.told({ object, state: 'restore asked', to: mark.count });
  const { undo } = await stubOf(object).restore(mark.bookmark);
  if (undo === undefined) {
    await globalThis.told({ object, state: 'restore refused' });
    return { isRefused: true, count };
  }
  await globalThis.told({ object, state: 'restore pending' });
  for (let i = turn % COMMITS_MAX; i > 0; i--) count = await step(order, count);
  await globalThis.told({ object, state: 'restoring' });
  await stubOf(object)
    .die()
    .then(() => Promise.reject(new Error('The object outlived its abort.')), asTold);
  return { isRefused: false, undo, count };
}

/** Has the state restored after one more commit, and nothing is answered in between. */
async function leave(order: Order, { count, mark }: GoingBack): Promise<Gone> {
  const { object, isLarge = false } = order;
  await globalThis.told({ object, state: 'leaving', to: mark.count });
  const counted = await stubOf(object).leave(isLarge, mark.bookmark).catch(asTold);
  if (counted === undefined) {
    await globalThis.told({ object, state: 'restoring' });
    return { isRefused: false, count };
  }
  await globalThis.told({ object, state: 'restore refused' });
  await globalThis.told({ object, state: 'done', count: counted });
  return { isRefused: true, count: counted };
}

function asTold(error: unknown): undefined {
  if (!String(error).includes('as told')) throw error;
}

/** The next session is the restored one, and whatever comes after it is not. */
async function countOn(order: Order, turn: number): Promise<number> {
  const { object } = order;
  const found = await stubOf(object).judge();
  await globalThis.told({ object, state: 'restored', found });
  let { count } = found;
  for (let i = turn % 2; i >= 0; i--) count = await step(order, count);
  await globalThis.told({ object, state: 'counted on' });
  return count;
}

const page = {
  async open(name: string, program: string): Promise<void> {
    simulator = await Simulator.open({
      name,
      modules: { 'index.js': program },
      main: 'index.js',
      config: CONFIG,
      storage: 'indexeddb',
    });
  },

  judge: async (object: string): Promise<Judgement> => await stubOf(object).judge(),

  /** Starts the work and returns; it ends with the browser. */
  start(orders: readonly (Order & { readonly marks: readonly Mark[] })[]): void {
    for (const { marks, ...order } of orders) void begin(order, marks);
  },

  async left(name: string): Promise<Found> {
    // First of all: opening an account makes its database.
    const { databases, damage } = await indexedDB.databases().then(
      (all) => ({ databases: all.map(({ name = '' }) => name).sort(), damage: undefined }),
      (error: unknown) => ({ databases: [], damage: String(error) }),
    );
    const account = asAccount(name);
    const { vault } = await openVault({ mode: 'indexeddb', account });
    const objects: Left[] = [];
    for (const { address, name: object = '' } of await vault.listObjects()) {
      const store = await vault.findObject(address);
      objects.push({ object, database: databaseNames.object(account, address), ...(await leftOf(object, store)) });
      await store?.close();
    }
    vault.close();
    return { databases, damage, objects };
  },
};

async function leftOf(object: string, store: ObjectStore | undefined): Promise<Omit<Left, 'object' | 'database'>> {
  const head = await store?.readHead();
  if (!store || !head) return { sequence: undefined, bytes: undefined, wanted: undefined, moments: [] };
  const { sequence, restoreTo } = head;
  const moments = [...(await checkpointMoments(store, head)), ...(await restoreMoments(store, head))];
  return {
    sequence,
    bytes: await databaseOf(store),
    wanted: restoreTo === null ? undefined : await databaseOf(store, { at: restoreTo }),
    moments: moments.map(([kind, at]) => ({ kind, id: `${object} ${kind} ${at}` })),
  };
}

async function databaseOf(store: ObjectStore, options: { readonly at?: number } = {}): Promise<string | undefined> {
  const file = await leftFile(store, options);
  return file && base64(file);
}

type MomentAt = [kind: LeftMoment['kind'], at: number];

/** The step of a checkpoint that was never finished. */
async function checkpointMoments(store: ObjectStore, { base }: StoreHead): Promise<MomentAt[]> {
  const { keys } = await store.extentKeys({ firstPage: 1, untilPage: 2 ** 31 });
  const young = keys.findLast((key) => key.sequence > base.sequence);
  if (young) return [['fold', young.sequence]];
  return base.collectedTo < base.floor ? [['collect', base.floor]] : [];
}

/** The restore that still waits, or that the newest record is. */
async function restoreMoments(store: ObjectStore, { base, sequence, restoreTo }: StoreHead): Promise<MomentAt[]> {
  const [before, last] = ((await readTail(store, { after: base.sequence, upTo: sequence })) ?? []).slice(-2);
  if (restoreTo !== null) {
    const isFenced = (last ?? before)?.kind === 'fence';
    return [[isFenced ? 'restoring open, fenced' : 'restore pending', sequence]];
  }
  return before?.kind === 'fence' && before.restoreTo !== null ? [['restoring open, restored', sequence]] : [];
}

export type CrashPage = typeof page;

declare global {
  /** set by this module in the page */
  var crash: CrashPage;
  /** set by the test: hears what a lane does, in its order */
  var told: (what: Told) => Promise<void>;
}

globalThis.crash = page;
