/**
 * The half of the crash test that lives in the page: work that never ends, and a look at what a killed browser left.
 *
 * Promise: work goes through the public interface, and node hears of each answer before the next call is made. What was left
 * is read from the log itself, before anything is opened that could mend it.
 */
import { Simulator } from '../../src/index.ts';
import { asAccount } from '../../src/protocol/names.ts';
import { fill, readSnapshot, readTail } from '../../src/storage/log-state.ts';
import type { ObjectStore, StoreHead } from '../../src/storage/object-store.ts';
import { PageFile } from '../../src/storage/page-file.ts';
import { openVault } from '../../src/storage/vault.ts';
import { countAfter, type Judgement, type Mark, type Order, type Told } from './crash-words.ts';

/** One object as the killed browser left it. */
export interface Left {
  readonly object: string;
  /** its database, in base 64; undefined when nothing was ever committed */
  readonly bytes: string | undefined;
  /** as `bytes`, of the state that a restore still waits for */
  readonly wanted: string | undefined;
  /** what the browser was killed in the middle of, as the log has it */
  readonly moments: readonly LeftMoment[];
}

/** `id` is the same when the same moment is found again after the next kill. */
export interface LeftMoment {
  readonly kind: 'fold' | 'collect' | 'restore pending' | 'restoring open, fenced' | 'restoring open, restored';
  readonly id: string;
}

interface Stub {
  increment(isLarge: boolean): Promise<number>;
  wipe(): Promise<number>;
  mark(): Promise<string>;
  restore(bookmark: string): Promise<{ readonly undo: string | undefined }>;
  die(): Promise<void>;
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
  // A restore can be in effect before its answer is heard, so node must know of it before it is asked for.
  await globalThis.told({ object, state: 'restore asked', to: mark.count });
  const { undo } = await stubOf(object).restore(mark.bookmark);
  if (undo === undefined) {
    marks.splice(marks.indexOf(mark), 1);
    await globalThis.told({ object, state: 'restore refused' });
    return count;
  }
  await globalThis.told({ object, state: 'restore pending' });
  for (let i = turn % COMMITS_MAX; i > 0; i--) count = await step(order, count);
  await keep({ bookmark: undo, count });
  await globalThis.told({ object, state: 'restoring' });
  await stubOf(object)
    .die()
    .then(
      () => Promise.reject(new Error('The object outlived its abort.')),
      (error: unknown) => (String(error).includes('as told') ? undefined : Promise.reject(error)),
    );
  const found = await stubOf(object).judge();
  await globalThis.told({ object, state: 'restored', found });
  return found.count;
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

  async left(name: string): Promise<Left[]> {
    const { vault } = await openVault({ mode: 'indexeddb', account: asAccount(name) });
    const found: Left[] = [];
    for (const { address, name: object = '' } of await vault.listObjects()) {
      const store = await vault.findObject(address);
      const head = await store?.readHead();
      if (!store || !head) continue;
      const { restoreTo } = head;
      found.push({
        object,
        bytes: await databaseOf(store),
        wanted: restoreTo === null ? undefined : await databaseOf(store, { at: restoreTo }),
        moments: [...(await checkpointMoments(store, head)), ...(await restoreMoments(store, head))].map(
          ([kind, at]) => ({ kind, id: `${object} ${kind} ${at}` }),
        ),
      });
      await store.close();
    }
    vault.close();
    return found;
  },
};

async function databaseOf(store: ObjectStore, options: { readonly at?: number } = {}): Promise<string | undefined> {
  const state = await readSnapshot(store, options);
  const file = new PageFile();
  if (state) fill(file, state);
  return file.pageCount > 0 ? base64(file.toBytes()) : undefined;
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

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

export type CrashPage = typeof page;

declare global {
  /** set by this module in the page */
  var crash: CrashPage;
  /** set by the test: hears what a lane does, in its order */
  var told: (what: Told) => Promise<void>;
}

globalThis.crash = page;
