/**
 * A dress rehearsal of an object's first event, in an isolate that waits to become one.
 *
 * Promise: nothing of it stays but what the engines have compiled: the browser's, of our code, and SQLite's, of its own. The
 * same event costs several milliseconds the first time and a fraction of one the second. No code of the program runs. All of it
 * happens in the task that began it, which asks the browser for nothing: if that is the task in which this file was evaluated,
 * Chromium keeps for all isolates to come, those that rehearse nothing too, what it has compiled for it.
 *
 *     a role like the real one --open, start--> its first call, by a link --drain--> nothing
 *
 * Knows nothing of the object that the isolate becomes; its log is made up, and nobody hears what it tells.
 */
import { deferred } from '../base/async.ts';
import type { Timer } from '../base/clock.ts';
import type { Schedule } from '../base/schedule.ts';
import { Link } from '../network/link.ts';
import type { Wire, WireHandler } from '../network/wire.ts';
import type { AssignedObject } from '../protocol/control.ts';
import type { Epoch, LinkId, ObjectAddress, UniqueKey } from '../protocol/names.ts';
import { Tracer } from '../protocol/tracer.ts';
import { MemberQuestion } from '../rpc/question.ts';
import { RpcSession } from '../rpc/session.ts';
import type { Engine } from '../storage/engine.ts';
import { EMPTY_BASE, type ObjectStore } from '../storage/object-store.ts';
import { ObjectRole } from './object-role.ts';
import type { ObjectRealm } from './object-role-options.ts';
import type { Runtime } from './runtime.ts';
import type { makeStorage } from './storage-api.ts';

const CLASS = 'Rehearsal';
const ID = '0'.repeat(64);
const NAMESPACE = 'rehearsal' as UniqueKey;
const EPOCH = 1 as Epoch;

const WHAT: AssignedObject = {
  kind: 'object',
  className: CLASS,
  namespace: NAMESPACE,
  address: `${NAMESPACE}/${ID}` as ObjectAddress,
  id: ID,
  name: CLASS,
  backend: 'sqlite',
  storage: 'memory',
  durability: 'relaxed',
  storageLatencyMs: 0,
};

type Base = new (ctx: object, env: object) => object;

/** Rejects only for bugs of ours, and where there is no room for an engine. */
export async function rehearse({ runtime, engine }: { runtime: Runtime; engine: Engine }): Promise<void> {
  const failed = deferred<never>();
  const timers: Timer[] = [];
  const soon = makeSoon(failed.reject);
  const role = roleLikeTheRealOne(runtime, { schedule: soon, onFailed: failed.reject });
  const epoch = await role.open({
    what: WHAT,
    store: emptyStore(),
    engine,
    alarms: { note: () => Promise.resolve() },
    now: () => runtime.virtualClock.now(),
  });
  const program = { [CLASS]: rehearsedClass(runtime.workers['DurableObject'] as Base), default: {} };
  role.start(realmOf(runtime, role, { program, timers }), program);
  const [asking, answering] = linkPair(runtime, epoch, soon);
  role.onLink(answering);
  try {
    await Promise.race([ask(asking, runtime, role, failed.reject), failed.promise]);
    asking.goaway();
    const ended = deferred();
    answering.whenEnded(() => ended.resolve());
    await Promise.race([ended.promise, failed.promise]);
    const busy = await role.drain();
    if (busy !== undefined) throw new Error(`a rehearsal does not end: ${busy}`);
  } finally {
    for (const timer of timers) timer.cancel();
  }
}

function roleLikeTheRealOne(
  { plan }: Runtime,
  { schedule, onFailed }: { schedule: Schedule; onFailed: (error: Error) => void },
): ObjectRole {
  const never = (): never => {
    throw new Error('a rehearsal does no such thing');
  };
  const unheard = () => {};
  return new ObjectRole({
    plan,
    schedule,
    tracer: new Tracer({ now: () => 0, realNow: () => 0, later: unheard, hand: unheard }),
    onReset: (message) => onFailed(new Error(message)),
    onIdle: unheard,
    onRest: unheard,
    wantEngine: never,
    takeEngine: never,
    saySockets: unheard,
    halt: never,
  });
}

/** The isolate's own realm, but for what would go on after the end or be seen outside. */
function realmOf(
  runtime: Runtime,
  role: ObjectRole,
  { program, timers }: { readonly program: Readonly<Record<string, unknown>>; readonly timers: Timer[] },
): ObjectRealm {
  const { compatibility, linkSetting, props, sockets, values, random, virtualClock } = runtime;
  const member = runtime.makeMember({ context: role.context, socketGates: role.socketGates, waitUntil: () => {} });
  member.bindings.loaded(program);
  return {
    ...{ ...member, compatibility, linkSetting, props, sockets, values, random, virtualClock },
    after(delayMs, fire) {
      const timer = runtime.after(delayMs, fire);
      timers[timers.length] = timer;
      return timer;
    },
    log: () => {},
    makeMember: (parts) => runtime.makeMember(parts),
    networkWaits: 0,
    promiseOf: (given) => runtime.promiseOf(given),
    connector: { close: () => {}, isHolding: false },
    stillness: { touch: () => {} },
  };
}

function ask(
  link: Link,
  { codecs, plan: { limits } }: Runtime,
  { context }: ObjectRole,
  giveBack: (reason: unknown) => void,
): Promise<unknown> {
  const answered = deferred<unknown>();
  new RpcSession({ link, context, codecs, limits }).ask(
    new MemberQuestion({
      context,
      codecs,
      errors: codecs.errors,
      address: 'main',
      cause: undefined,
      name: 'rehearse',
      settle: { resolve: answered.resolve, fail: (failure) => answered.reject(failure()) },
      path: ['rehearse'],
      args: codecs.payload.encodeArgs(['key', { a: [1, 'b', undefined, new Uint8Array(1)] }]),
    }),
    { giveBack },
  );
  return answered.promise;
}

function rehearsedClass(Base: Base): Base {
  return class extends Base {
    async rehearse(key: string, value: unknown): Promise<unknown> {
      const { storage } = (this as unknown as { ctx: { storage: ReturnType<typeof makeStorage> } }).ctx;
      await storage.put(key, value);
      storage.sql.exec('SELECT ? AS one', 1).toArray();
      return await storage.get(key);
    }
  };
}

/** Has nothing, takes everything and keeps none of it. */
function emptyStore(): ObjectStore {
  const head = { epoch: EPOCH, sequence: 1, timeMs: 0, pageCount: 0, alarm: null, restoreTo: null, base: EMPTY_BASE };
  const done = () => Promise.resolve();
  return {
    openForWriting: () => Promise.resolve(head),
    readHead: () => Promise.resolve(head),
    append: done,
    stage: done,
    unstage: done,
    readRecords: () => Promise.resolve([]),
    readPages: () => Promise.resolve(undefined),
    readExtents: () => Promise.resolve([]),
    extentKeys: () => Promise.resolve({ keys: [], next: undefined }),
    readMoments: () => Promise.resolve([]),
    findFence: () => Promise.resolve(1),
    writeExtent: done,
    deleteExtents: done,
    writeBase: done,
    deleteRecords: ({ upTo }) => Promise.resolve(upTo),
    close: done,
    destroy: done,
  };
}

const NativeStructuredClone = structuredClone;

/** The two ends of a wire within this thread: what is posted arrives a little later, as a copy. */
function wirePair(soon: Schedule): [Wire, Wire] {
  const handlers: (WireHandler | undefined)[] = [];
  const end = (here: number): Wire => ({
    transfers: true,
    post(message, transfer) {
      const copy = NativeStructuredClone(message, transfer === undefined ? undefined : { transfer });
      soon(() => handlers[1 - here]?.onMessage(copy));
    },
    start(handler) {
      handlers[here] = handler;
    },
    close: () => {},
    whenHeard: (go) => go(),
  });
  return [end(0), end(1)];
}

function linkPair({ linkSetting }: Runtime, epoch: Epoch, soon: Schedule): [Link, Link] {
  const [asking, answering] = wirePair(soon);
  const setting = { ...linkSetting, id: 'rehearsal' as LinkId, epoch };
  return [new Link({ ...setting, wire: asking, end: 0 }), new Link({ ...setting, wire: answering, end: 1 })];
}

/** So many microtasks that whatever a task of the rehearsal has asked for is over. */
const STEPS = 64;

/** A stand-in for tasks that asks the browser for none: each comes when the microtasks of the one before it must be over. */
function makeSoon(onError: (error: unknown) => void): Schedule {
  let last = Promise.resolve();
  return (task) => {
    last = last
      .then(async () => {
        for (let step = 0; step < STEPS; step++) await undefined;
        task();
      })
      .catch(onError);
  };
}
