/**
 * The half of the crash test that lives in the page: work that never ends, and a look at what a killed browser left.
 *
 * Promise: work goes through the public interface, and node hears of each answer before the next call is made. What was left
 * is read from the log itself, before anything is opened that could mend it.
 */
import { Simulator } from '../../src/index.ts';
import { asAccount } from '../../src/protocol/names.ts';
import { fill, readSnapshot } from '../../src/storage/log-state.ts';
import { PageFile } from '../../src/storage/page-file.ts';
import { openVault } from '../../src/storage/vault.ts';

/** What a lane does, over and over. */
export type Work =
  | 'small commits'
  /** of more than 1 MiB each: several values, and a checkpoint after each */
  | 'large commits'
  /** a commit, then the object is evicted: the next call opens it */
  | 'reopening'
  /** commits, and every few of them the object is emptied */
  | 'deleteAll';

export interface Order {
  readonly object: string;
  readonly work: Work;
  readonly lanes: number;
  /** of `deleteAll`: how many increments there are between two emptyings */
  readonly wipedAfter?: number;
}

export interface Judgement {
  readonly count: number;
  readonly wrong: readonly string[];
}

/** One object as the killed browser left it. */
export interface Left {
  readonly object: string;
  /** its database, in base 64; undefined when nothing was ever committed */
  readonly bytes: string | undefined;
  /** the step of a checkpoint that was never finished, named so that it is known again */
  readonly unfinished: { readonly kind: 'fold' | 'collect'; readonly id: string } | undefined;
}

interface Stub {
  increment(isLarge: boolean): Promise<number>;
  wipe(): Promise<number>;
  judge(): Promise<Judgement>;
}

const CONFIG = {
  name: 'worker',
  compatibility_date: '2026-07-01',
  durable_objects: { bindings: [{ name: 'COUNTERS', class_name: 'Counter' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Counter'] }],
};

let simulator: Simulator | undefined;

function stubOf(object: string): Stub {
  const namespace = simulator?.env['COUNTERS'];
  if (!namespace) throw new Error('The account is not open.');
  return namespace.getByName(object) as unknown as Stub;
}

/** What is there is told first; so no call is made before node knows the state that it changes. */
async function begin(order: Order): Promise<void> {
  const { object, lanes } = order;
  const found = await stubOf(object).judge();
  await globalThis.told({ object, state: 'opened', found });
  for (let i = 0; i < lanes; i++) void lane(order, found.count);
}

async function lane({ object, work, wipedAfter = 0 }: Order, found: number): Promise<never> {
  const stub = stubOf(object);
  let count = found;
  for (;;) {
    const isWipe = work === 'deleteAll' && count >= wipedAfter;
    void globalThis.told({ object, state: 'begun' });
    count = isWipe ? await stub.wipe() : await stub.increment(work === 'large commits');
    await globalThis.told({ object, state: 'done', count });
    if (work === 'reopening') await simulator?.objects.evict(stub as never);
  }
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
  start(orders: readonly Order[]): void {
    for (const order of orders) void begin(order);
  },

  async left(name: string): Promise<Left[]> {
    const { vault } = await openVault({ mode: 'indexeddb', account: asAccount(name) });
    const found: Left[] = [];
    for (const { address, name: object } of await vault.listObjects()) {
      const store = await vault.findObject(address);
      const head = await store?.readHead();
      if (!store || !head) continue;
      const { keys } = await store.extentKeys({ firstPage: 1, untilPage: 2 ** 31 });
      const young = keys.findLast((key) => key.sequence > head.base.sequence);
      const { floor, collectedTo } = head.base;
      const state = await readSnapshot(store);
      const file = new PageFile();
      if (state) fill(file, state);
      await store.close();
      found.push({
        object: object ?? '',
        bytes: file.pageCount > 0 ? base64(file.toBytes()) : undefined,
        unfinished: young
          ? { kind: 'fold', id: `${object} fold ${young.sequence}` }
          : collectedTo < floor
            ? { kind: 'collect', id: `${object} collect ${floor}` }
            : undefined,
      });
    }
    vault.close();
    return found;
  },
};

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

export type Told =
  | { readonly object: string; readonly state: 'opened'; readonly found: Judgement }
  | { readonly object: string; readonly state: 'begun' }
  | { readonly object: string; readonly state: 'done'; readonly count: number };

export type CrashPage = typeof page;

declare global {
  /** set by this module in the page */
  var crash: CrashPage;
  /** set by the test: hears what a lane does, in its order */
  var told: (what: Told) => Promise<void>;
}

globalThis.crash = page;
