/**
 * One facet that runs: an instance with gates, a database and an `env` of its own, in the thread of its object.
 *
 * Promise: to whoever calls it, it is an object: the constructor runs once, as part of the first event; nothing leaves before what it
 * depends on is durable; a reset fails what waits and breaks every link with the same error. Its commits go to the object's
 * log, in one order with the object's own. It ends with its parent.
 *
 *     LIVE --reset(error)--> BROKEN       what it had not committed is rolled back
 *       \---halt()---------> BROKEN       its parent is over, and nobody is told anything
 *
 * DIFFERS: `ctx.abort()` throws here, and code that catches it goes on until it waits for something; nothing of it leaves or is
 * stored. Knows nothing of how a facet is found, started or forgotten.
 */
import { isSimulatorError } from '../base/errors.ts';
import { promiseThen } from '../base/primordials.ts';
import type { OutputGate } from '../gates/output-gate.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { ErrorFlags } from '../rpc/errors.ts';
import { makeId } from '../rpc/namespace.ts';
import { Committer } from '../storage/committer.ts';
import { Database } from '../storage/database.ts';
import type { Engine } from '../storage/engine.ts';
import { Metadata } from '../storage/metadata.ts';
import type { VolumeFile } from '../storage/volume.ts';
import type { Actor } from './actor.ts';
import { Callers } from './callers.ts';
import { makeFacetApi } from './facet-api.ts';
import type { FacetIdentity, FacetOptions, FacetPlace, RunningFacet } from './facet-realm.ts';
import { Facets } from './facets.ts';
import { InstanceGates } from './instance-gates.ts';
import type { IoContext } from './io-context.ts';
import { abortError, noLongerAccessible } from './last-words.ts';
import { NoSockets } from './no-sockets.ts';
import type { Member } from './runtime.ts';
import { makeState } from './state.ts';
import { makeStorage } from './storage-api.ts';

type Class = new (ctx: object, env: object) => object;

/** @see workerd: io/actor-sqlite.c++; in later sources `Facets currently cannot set alarms.` */
const NO_ALARMS = 'alarms are not yet implemented for SQLite-backed Durable Objects';
const DELETED = 'Facet was deleted.';

export class Facet implements FacetPlace, RunningFacet {
  readonly member: Member;
  readonly io: IoContext;
  readonly gate: OutputGate;
  readonly file: VolumeFile;
  readonly depth: number;
  readonly identity: FacetIdentity['id'];
  readonly facets: Facets;
  readonly #options: FacetOptions;
  readonly #gates: InstanceGates;
  readonly #actor: Actor;
  readonly #callers: Callers;
  readonly #database: Database;
  readonly #metadata: Metadata;
  readonly #committer: Committer;

  constructor(options: FacetOptions) {
    const { realm, file, depth, what } = options;
    const { limits } = realm;
    this.#options = options;
    this.file = file;
    this.depth = depth;
    this.identity = what.id;
    this.#gates = this.#makeGates();
    const { actor, context, io, output, socketGates, waitUntil } = this.#gates;
    this.#actor = actor;
    this.io = io;
    this.gate = output;
    this.member = realm.makeMember({ context, waitUntil: (promise) => waitUntil.add(promise), socketGates });
    this.#callers = new Callers({
      context: this.member.context,
      codecs: () => this.member.codecs,
      beside: realm.beside,
      limits,
      main: this.#actor,
      onQuiet: realm.onQuiet,
    });
    this.#database = new Database({ engine: realm.engine(), file: file.file, limits, onNeeded: realm.takeEngine });
    this.#metadata = new Metadata(this.#database);
    this.#committer = this.#makeCommitter();
    this.facets = new Facets({ realm, parent: this });
  }

  accept(link: LinkEnd): void {
    this.#callers.accept(link);
  }

  /** Ends now, for all callers with this error, marked by `flags`. They hear of it when the turns before are durable. */
  reset(error: unknown, flags: ErrorFlags = RESET): void {
    this.#actor.reset(error, flags);
  }

  /** Ends with its parent: whoever called it is over too. */
  halt(): void {
    if (!this.io.isBroken) this.io.break();
    this.#breakOff(true);
  }

  /** Gives its memory back. */
  close(): void {
    this.facets.close();
    this.#database.close();
  }

  lendEngine(isDry: boolean): boolean {
    if (!this.#database.canSuspend || !this.io.isResting || !this.facets.lendEngine(isDry)) return false;
    if (!isDry) {
      this.#database.suspend();
      this.io.pause(this.#options.realm.wantEngine);
    }
    return true;
  }

  useEngine(engine: Engine): void {
    if (this.#database.isSuspended) this.#database.resume(engine);
    this.io.resume();
    this.facets.useEngine(engine);
  }

  /** Its database may be copied as it lies in its file. @throws Error when a transaction is open on it, or below it */
  settle(): void {
    this.#committer.endTurn();
    if (!this.#database.isSuspended && !this.#database.isAutocommit) throw new Error(OPEN_TRANSACTION);
    this.facets.settle();
  }

  get isStill(): boolean {
    if (!this.io.isResting || !this.facets.isStill) return false;
    return this.io.isBroken || (this.#gates.isSettled && this.#committer.isStored);
  }

  /** What of it keeps the object for good. */
  get whyHeld(): string | undefined {
    if (this.io.isBroken) return undefined;
    if (this.#actor.eventCount > 0 || !this.io.isQuiet) return 'an event of a facet is under way';
    if (!this.#gates.isSettled) return 'messages of a facet wait to leave';
    if (!this.#committer.isIdle) return 'a commit of a facet is pending';
    if (!this.#callers.isIdle) return 'a call of a facet or a body is open';
    if (!this.#callers.isQuiet || this.member.channels.isNeeded) return 'a stub of a facet is held';
    return this.facets.whyHeld;
  }

  /** What of it goes on beside events. */
  whyIo(isKeptByPromises: boolean): string | undefined {
    if (this.io.isBroken) return undefined;
    if (this.member.timers.activeCount > 0) return 'a timer of a facet is armed';
    if (isKeptByPromises && this.#gates.waitUntil.count > 0) return 'a waitUntil promise of a facet is pending';
    if (!this.member.channels.isQuiet) return 'a call that a facet made is open';
    if (this.member.channels.isBodyAwaited) return 'a body of a call that a facet made is being read';
    if (this.member.channels.isHolding) return 'a facet holds a stub of another object';
    return this.facets.whyIo(isKeptByPromises);
  }

  #makeGates(): InstanceGates {
    const { realm } = this.#options;
    return new InstanceGates({
      ...realm,
      committer: () => this.#committer,
      construct: () => this.#construct(),
      onTurn: () => realm.enter(this.member),
      onCommitFailed: () => {}, // the committer has told
      onBroken: (error, why) => this.reset(error, { ...(why === 'too long' ? { overloaded: true } : {}), ...RESET }),
      onBreaking: (atOnce) => this.#breakOff(atOnce),
      isTold: () => true,
      isOver: () => this.io.isBroken,
      onReset: (error, flags) => {
        const wire = this.member.codecs.errors.encode(error, flags);
        this.#callers.break(wire);
        this.member.channels.break(wire);
        realm.onQuiet();
      },
    });
  }

  #makeCommitter(): Committer {
    const { realm, file } = this.#options;
    const { volume, queue } = realm.storage;
    return new Committer({
      database: this.#database,
      refuseAlarm: () => (this.#metadata.alarm === null ? undefined : new Error(NO_ALARMS)),
      queue,
      place: (commit) => {
        if (!file.isGone) return volume.place(file.id, commit);
        // DIFFERS: its parent's deleteAll() took its file away. In workerd it goes on, and what it writes is lost unheard.
        this.reset(new Error(DELETED), {});
        return volume.nothing;
      },
      onWriteBegan: () => this.io.ensureTurn(),
      hold: (durable) => {
        void promiseThen(durable, undefined, () => {}); // told by onFailed
        this.gate.lock(durable);
      },
      onFailed: (error) => (isSimulatorError(error) ? realm.onLogFailed(error) : this.reset(error, {})),
    });
  }

  #construct(): object {
    const { realm, what } = this.#options;
    const { className, id, props } = what;
    const ctx = makeState({
      id: typeof id === 'string' ? id : makeId(id.hex, id.name, realm.limits.nameBytes),
      storage: this.#makeStorage(),
      exports: this.member.bindings.ctxExports,
      facets: makeFacetApi(this.facets),
      props,
      sockets: new NoSockets(),
      waitUntil: (promise) => this.#gates.waitUntil.add(promise),
      blockConcurrencyWhile: (callback) => this.io.criticalSection(callback),
      abort: (reason) => {
        const error = abortError(reason);
        this.reset(error);
        throw error;
      },
    });
    realm.tracer.note({ kind: 'life', step: 'construct', reason: `facet ${this.file.name}` });
    return new (realm.program[className] as Class)(ctx, this.member.env);
  }

  #makeStorage(): object {
    const { realm } = this.#options;
    return makeStorage({
      backend: 'sqlite',
      limits: realm.limits,
      database: this.#database,
      committer: this.#committer,
      metadata: this.#metadata,
      codec: realm.values,
      now: realm.now,
      hasAlarmHandler: () => this.#actor.hasHandler('alarm'),
      visibleAlarm: () => this.#metadata.alarm,
      onAlarmSet: () => {}, // the turn is refused
      // DIFFERS: deleteAll() works; local workerd has no alarm that it could delete, and fails.
      deleteAllDeletesAlarm: true,
      capture: () => this.io.capture(),
      comeBack: (deliver) => this.io.comeBack(deliver),
      criticalSection: (callback) => this.io.criticalSection(callback, 'transaction'),
    });
  }

  /** Nothing more of it is stored, and nothing leaves but what earlier turns sent, if that is not to end `atOnce` too. */
  #breakOff(atOnce: boolean): void {
    this.#gates.outbox.drop();
    if (atOnce) this.gate.break(undefined);
    else this.gate.close();
    this.member.timers.end();
    this.facets.halt();
    // What is running goes on until it waits; the next instance must not find what this one had not committed.
    this.#options.realm.schedule(() => {
      this.#database.shutDown(noLongerAccessible);
      this.#database.close();
    });
    this.#options.onEnded();
  }
}

const RESET: ErrorFlags = { durableObjectReset: true };
/** DIFFERS: workerd copies what was committed; here what a transaction wrote may lie in the file already. */
const OPEN_TRANSACTION = 'A facet cannot be cloned while a transaction is open in it.';
