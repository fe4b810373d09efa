/**
 * A dress rehearsal of an object's first event, in an isolate that waits to become one.
 *
 * Promise: nothing of it stays but what the engines have compiled: the browser's, of our code, and SQLite's, of its own. The
 * same event costs several milliseconds the first time and a fraction of one the second. No code of the program runs.
 *
 * Knows nothing of the object that the isolate becomes; its log and its links are made up.
 */
import { deferred } from '../base/async.ts';
import { systemClock } from '../base/clock.ts';
import { makeAfterTurn, schedule } from '../base/schedule.ts';
import { OutputGate } from '../gates/output-gate.ts';
import { type Link, portLink } from '../network/link.ts';
import type { Account, Epoch, LinkId } from '../protocol/names.ts';
import { makeId } from '../rpc/namespace.ts';
import { MemberQuestion } from '../rpc/question.ts';
import { RpcSession, type RpcSessionOptions } from '../rpc/session.ts';
import { CommitQueue } from '../storage/commit-queue.ts';
import { Committer } from '../storage/committer.ts';
import { Database } from '../storage/database.ts';
import type { Engine } from '../storage/engine.ts';
import { Metadata } from '../storage/metadata.ts';
import { PageFile } from '../storage/page-file.ts';
import { Actor } from './actor.ts';
import { IoContext } from './io-context.ts';
import type { Runtime } from './runtime.ts';
import { makeState } from './state.ts';
import { makeStorage } from './storage-api.ts';

const ID = '0'.repeat(64);

type Base = new (ctx: object, env: object) => object;

/** Rejects only for bugs of ours, and where there is no room for an engine. */
export async function rehearse({ runtime, engine }: { runtime: Runtime; engine: Engine }): Promise<void> {
  const { codecs, plan } = runtime;
  const { limits } = plan;
  const database = new Database({ engine, file: new PageFile(), limits });
  const failed = deferred<never>();
  const gate = new OutputGate({ onBroken: failed.reject, onEmpty: () => {} });
  const io = new IoContext({
    schedule,
    endTurn: () => committer.endTurn(),
    after: (delayMs, fire) => runtime.after(delayMs, fire),
    onBroken: failed.reject,
    sectionDepthMax: limits.sectionDepth,
    sectionMsMax: limits.sectionMs,
  });
  const metadata = new Metadata(database);
  const committer: Committer = new Committer({
    database,
    readAlarm: () => metadata.alarm,
    queue: new CommitQueue(async () => {}),
    onWriteBegan: () => io.ensureTurn(),
    hold: (durable) => gate.lock(durable),
    onFailed: failed.reject,
  });
  const storage = makeStorage({
    backend: 'sqlite',
    limits,
    database,
    committer,
    metadata,
    codec: runtime.values,
    now: () => 0,
    hasAlarmHandler: () => false,
    visibleAlarm: () => metadata.alarm,
    onAlarmSet: () => {},
    deleteAllDeletesAlarm: true,
    capture: () => (deliver) => deliver(),
    criticalSection: (callback) => io.criticalSection(callback),
  });
  const actor = new Actor({
    io,
    construct: () => new (rehearsedClass(runtime.workers['DurableObject'] as Base))(stateOf(storage), runtime.env),
    onBreaking: () => {},
    lastWords: (say) => say(),
    flushed: () => Promise.resolve(),
    isTold: () => true,
    onReset: failed.reject,
    onQuiet: () => {},
  });
  const context = {
    leave: (post: () => void) => gate.send(post),
    capture: () => io.capture(),
    arrive: (run: () => void) => io.arrive(run),
    afterTurn: makeAfterTurn(schedule),
  };
  const [asking, answering] = linkPair();
  const asker = new RpcSession({ link: asking, context, codecs, limits });
  new RpcSession({ link: answering, context, codecs, limits, main: actor });
  const answered = ask(asker, { context, codecs }, failed.reject);
  try {
    await Promise.race([answered, failed.promise]);
  } finally {
    asking.break();
    io.break();
    database.close();
  }
}

function ask(
  asker: RpcSession,
  { context, codecs }: Pick<RpcSessionOptions, 'context' | 'codecs'>,
  giveBack: (reason: unknown) => void,
): Promise<unknown> {
  const answered = deferred<unknown>();
  asker.ask(
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

function stateOf(storage: object): object {
  const never = () => {
    throw new Error('a rehearsal does no such thing');
  };
  return makeState({
    id: makeId(ID, undefined, 0),
    storage,
    exports: {},
    facets: {},
    sockets: undefined as never, // nothing asks for them
    waitUntil: never,
    blockConcurrencyWhile: never,
    abort: never,
  });
}

/** Programs of older dates have none. */
const NativeChannel = MessageChannel;

function linkPair(): [Link, Link] {
  const { port1, port2 } = new NativeChannel();
  const setting = {
    account: 'rehearsal' as Account,
    clock: systemClock(),
    decodeError: (error: unknown) => error,
    onFault: (error: Error) => {
      throw error;
    },
    id: 'rehearsal' as LinkId,
    epoch: 1 as Epoch,
  };
  return [portLink({ ...setting, port: port1, end: 0 }), portLink({ ...setting, port: port2, end: 1 })];
}
