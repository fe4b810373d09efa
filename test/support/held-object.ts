/**
 * One object with the isolate's real gates, turns, committer and log, on a vault whose commits the test lets go one by one.
 *
 * Everything that can leave it is recorded in one list, in the order in which it left.
 */

import { deserialize, serialize } from 'node:v8';
import { expect } from 'vitest';
import { deferred } from '../../src/base/async.ts';
import { ManualClock, type VirtualMs } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { schedule } from '../../src/base/schedule.ts';
import { seal } from '../../src/base/sealed.ts';
import { promiseOf } from '../../src/base/thenables.ts';
import { ObjectRole } from '../../src/isolate/object-role.ts';
import { compatibilityOf } from '../../src/protocol/compatibility.ts';
import type { AssignedObject, Plan } from '../../src/protocol/control.ts';
import { type Limits, resolveLimits } from '../../src/protocol/limits.ts';
import type { LinkEnd, WireError } from '../../src/protocol/link.ts';
import type { SessionMessage } from '../../src/protocol/messages.ts';
import { type ObjectAddress, uniqueKey } from '../../src/protocol/names.ts';
import { Tracer } from '../../src/protocol/tracer.ts';
import { ObjectChannels } from '../../src/rpc/object-channels.ts';
import { RpcSession } from '../../src/rpc/session.ts';
import type { LogRecord } from '../../src/storage/object-store.ts';
import { MemoryObject, MemoryObjectStore } from '../../src/storage/vault-memory.ts';
import { memoryLinkPair } from './memory-link.ts';
import { type AnyStub, DurableObject, hostObject, makeCodecs, openContext } from './rpc-realm.ts';
import { seenError } from './seen-error.ts';
import { sharedEngine } from './storage.ts';

/** Stores what it is given when the test says so, and fails it when the test says that. */
export class HeldStore extends MemoryObjectStore {
  readonly #waiting: { record: LogRecord; go: () => void }[] = [];
  isHolding = true;
  #failure: unknown;

  get waitingCount(): number {
    return this.#waiting.length;
  }

  override async append(record: LogRecord): Promise<void> {
    if (this.isHolding) {
      const held = deferred();
      this.#waiting.push({ record, go: held.resolve });
      await held.promise;
    }
    if (this.#failure) throw this.#failure;
    await super.append(record);
  }

  release(): void {
    this.#waiting.shift()?.go();
  }

  /** What waits fails, and so does everything later (a commit that finds no room is tried twice). */
  fail(error: unknown): void {
    this.#failure = error;
    this.isHolding = false;
    for (const { go } of this.#waiting.splice(0)) go();
  }
}

export interface HeldObject {
  readonly store: HeldStore;
  readonly role: ObjectRole;
  /** kinds of what left, in order: `result`, `response`, `error`, `call other`, `fetch` */
  readonly left: string[];
  /** reasons of resets */
  readonly resets: { message: string; error: WireError }[];
  readonly clock: ManualClock<VirtualMs>;
  /** when it said that it had nothing to do */
  readonly idleAt: number[];
  /** Settles what the program takes for a promise of the platform: nothing delivers it. */
  readonly wakeUp: () => void;
  /** what the program noted by `env.note` */
  readonly noted: string[];
  /** Every link that it has ends in good order, as when whoever is at its other end goes to sleep. */
  endLinks(): void;
  stub(): AnyStub;
}

const UNIQUE_KEY = uniqueKey('worker', 'Counter');
const ID = '0'.repeat(64);
const ADDRESS = `${UNIQUE_KEY}/${ID}` as ObjectAddress;

const WHAT: AssignedObject = {
  kind: 'object',
  className: 'Program',
  namespace: UNIQUE_KEY,
  address: ADDRESS,
  id: ID,
  name: 'a',
  backend: 'sqlite',
  storage: 'memory',
  durability: 'relaxed',
  storageLatencyMs: 0,
};

class Program extends DurableObject {
  declare ctx: AnyStub;
  declare env: AnyStub;

  put(value: number) {
    this.ctx.storage.put('value', value);
    return value;
  }

  putUnconfirmed(value: number) {
    this.ctx.storage.put('value', value, { allowUnconfirmed: true });
    return value;
  }

  async read() {
    return await this.ctx.storage.get('value');
  }

  async putAndSync(value: number) {
    this.ctx.storage.put('value', value);
    await this.ctx.storage.sync();
    return value;
  }

  throwAfterPut(value: number) {
    this.ctx.storage.put('value', value);
    throw new RangeError('after a write');
  }

  async putAndCall(value: number) {
    this.ctx.storage.put('value', value);
    return await this.env.OTHER.getByName('b').note(value);
  }

  /** Reads and writes by every face of the storage when `wakeUp` is called, and before it in the same turn. */
  async outlives() {
    const { storage } = this.ctx;
    storage.sql.exec('create table if not exists t(x); insert into t values (1), (2)');
    storage.kv.put('value', 1);
    const cursor = storage.sql.exec('select x from t');
    const keys = storage.kv.list();
    await this.env.woken;
    const faces: Record<string, () => unknown> = {
      get: () => storage.get('value'),
      put: () => storage.put('value', 2),
      list: () => storage.list(),
      delete: () => storage.delete('value'),
      deleteAll: () => storage.deleteAll(),
      'kv.get': () => storage.kv.get('value'),
      'kv.put': () => storage.kv.put('value', 2),
      'kv.list': () => [...keys],
      exec: () => storage.sql.exec('select x from t'),
      'exec of what is new': () => storage.sql.exec('select 1'),
      cursor: () => cursor.toArray(),
      databaseSize: () => storage.sql.databaseSize,
      transactionSync: () => storage.transactionSync(() => {}),
      transaction: () => storage.transaction(async () => {}),
      getAlarm: () => storage.getAlarm(),
      setAlarm: () => storage.setAlarm(1),
      deleteAlarm: () => storage.deleteAlarm(),
      sync: () => storage.sync(),
      getCurrentBookmark: () => storage.getCurrentBookmark(),
      getBookmarkForTime: () => storage.getBookmarkForTime(1),
    };
    for (const [name, use] of Object.entries(faces)) this.env.note(name, use);
  }

  async waitsInSection(ms: number) {
    await this.ctx.blockConcurrencyWhile(() => this.env.sleep(ms));
    return 'over';
  }

  outlivesUnawaited() {
    void this.outlives();
  }

  /** A critical section that throws, and code of the same turn that goes on. */
  failsInSection() {
    const { storage } = this.ctx;
    const goOn = async () => {
      await this.env.note('in the turn', () => storage.kv.put('value', 1));
      await this.env.note('one hop later', () => storage.kv.put('value', 2));
      await this.env.note('two hops later', () => storage.kv.get('value'));
    };
    return this.ctx.blockConcurrencyWhile(async () => {
      void goOn();
      throw new Error('in a section');
    });
  }

  alarm() {}

  async putAndSend(value: number) {
    this.ctx.storage.put('value', value);
    return await this.env.send(value);
  }

  fetch() {
    this.ctx.storage.put('value', 'fetched');
    return new Response('stored');
  }
}

/** @param stored what an earlier instance left, to open the next one on it */
export async function openHeldObject(stored = new MemoryObject(), changed: Partial<Limits> = {}): Promise<HeldObject> {
  const left: string[] = [];
  const resets: HeldObject['resets'] = [];
  const idleAt: number[] = [];
  const noted: string[] = [];
  const peers: LinkEnd[] = [];
  const woken = deferred();
  const limits = resolveLimits(changed);
  const codecs = makeCodecs();
  const store = new HeldStore({ address: ADDRESS, object: stored, onDestroy: () => {} });
  const clock = new ManualClock<VirtualMs>(1_000_000);
  const role = new ObjectRole({
    plan: {
      ...{ script: {} as Plan['script'], entry: 'worker', deployment: 1, limits, debug: false },
      ...{ namespaces: [], ownNamespaces: [], routes: [], hasOutside: false },
    },
    schedule,
    tracer: new Tracer({ now: () => 0, realNow: () => 0, later: () => {}, hand: () => {} }),
    onReset: (message, error) => resets.push({ message, error }),
    onIdle: () => idleAt.push(clock.now()),
    onRest: () => {},
    wantEngine: () => {},
    takeEngine: () => {},
    saySockets: () => {},
    halt: () => {
      throw new Error('this test aborts nothing');
    },
  });
  // What the object calls: another one, behind a link in memory.
  const channels = new ObjectChannels({
    context: role.context,
    codecs,
    limits,
    clock: new ManualClock(),
    connect: async () => {
      const [mine, theirs] = memoryLinkPair();
      peers.push(theirs);
      new RpcSession({
        link: theirs,
        context: openContext(),
        codecs,
        limits,
        main: { deliver: (delivery) => void delivery.run(new Other()) },
      });
      const { send } = mine;
      mine.send = (body, transfer) => {
        left.push(`${(body as SessionMessage).m} other`);
        return send.call(mine, body, transfer);
      };
      return seal(mine);
    },
    probe: () => {},
    randomBytes: (length) => new Uint8Array(length),
    onQuiet: () => role.onQuiet(),
  });
  await role.open({
    what: WHAT,
    store,
    engine: await sharedEngine(),
    alarms: { note: async () => {} },
    now: () => clock.now(),
  });
  role.start(
    {
      after: (delayMs, fire) => ({ dueMs: clock.now() + delayMs, ...clock.after(delayMs, fire) }),
      codecs,
      bindings: { ctxExports: {} } as never,
      props: {} as never,
      values: {
        serialize: (value: unknown) => serialize(value) as Uint8Array,
        deserialize: (bytes: Uint8Array) => deserialize(bytes) as unknown,
        clone: (value: unknown) => structuredClone(value),
      },
      linkSetting: {
        account: 'held' as never,
        clock: new ManualClock(),
        decodeError: (error) => error,
        onFault: () => {},
      },
      makeMember: () => expect.unreachable('no facet is started here'),
      env: {
        OTHER: channels.namespace(uniqueKey('worker', 'Other')),
        // As a timer of the program's: it belongs to the section that armed it.
        sleep: (ms: number) =>
          new Promise<void>((resolve) => {
            const arrive = role.context.capture();
            clock.after(ms, () => arrive(resolve));
          }),
        woken: woken.promise,
        note: async (name: string, use: () => unknown) => {
          try {
            await use();
            noted.push(`${name}: fine`);
          } catch (error) {
            noted.push(`${name}: ${JSON.stringify(seenError(error))}`);
          }
        },
        // As the global `fetch` does it: leaves by the output gate, comes back by the input gate.
        send: (value: unknown) =>
          new Promise((resolve) => {
            const arrive = role.context.capture();
            role.context.leave(() => {
              left.push('fetch');
              arrive(() => resolve(value));
            });
          }),
      },
      log: () => {},
      compatibility: compatibilityOf({ date: '2026-11-01', flags: [] }),
      random: seededRandom(1),
      virtualClock: clock,
      channels,
      // Nothing of it uses WebSockets.
      sockets: {
        count: 0,
        ownCount: 0,
        beside: () => ({ receive: () => false, ended: () => {} }),
        hibernatable: () => ({}) as never,
        classes: {} as never,
      },
      connector: { close: () => {}, isHolding: false },
      stillness: { touch: () => {} },
      timers: { activeCount: 0, isHeldBack: false } as never,
      networkWaits: 0,
      promiseOf: (given) => promiseOf(given, true),
    },
    { Program },
  );
  const caller = hostObject(undefined, {
    codecs,
    connect: async () => {
      const [theirs, mine] = memoryLinkPair({ decodeError: (error) => codecs.errors.decode(error) });
      const { send } = mine;
      mine.send = (body, transfer) => {
        left.push((body as SessionMessage).m);
        return send.call(mine, body, transfer);
      };
      role.onLink(mine);
      peers.push(theirs);
      return seal(theirs);
    },
  });
  return {
    store,
    role,
    left,
    resets,
    clock,
    idleAt,
    noted,
    endLinks: () => {
      for (const peer of peers) peer.goaway();
    },
    wakeUp: woken.resolve,
    stub: () => caller.stub(),
  };
}

class Other extends DurableObject {
  note(value: number) {
    return `noted ${value}`;
  }
}
