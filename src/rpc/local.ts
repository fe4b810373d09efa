/**
 * Things of this realm that others may use: the hooks on them, and what a call of one comes to.
 *
 * Promise: a call of such a thing runs where the thing was made: through the input gate. The first call enters the critical section
 * that made it; each later one waits until that is over, as whatever comes from outside.
 * Arguments and results are copied, also when the caller is at home. The disposer runs on a later turn, once nobody has a
 * handle any more and no call is under way. A result is serialised in the turn in which the method settles, and stubs in
 * the arguments are disposed of then.
 *
 *     WAITING --run()--> RUNNING --settled--> VALUE        what is asked of the result is walked on the value
 *                           |------forward--> FORWARDED    the path led through a stub: it is asked there
 *                           \------threw----> FAILED       and so does what is asked of it
 *
 * Knows neither links nor numbers.
 */
import { NativePromise, promiseResolve, promiseThen } from '../base/primordials.ts';
import type { Arrived } from '../protocol/trace.ts';
import type { Keep, RpcContext } from './context.ts';
import type { ErrorCodec } from './errors.ts';
import { disposeParcel, ErrorHook, Failure, type Outcome, type Parcel, type Path, StubHook } from './hook.ts';
import type { PayloadCodec } from './payload.ts';
import type { MemberWalker } from './target.ts';

/** What things of a realm have in common. */
export interface LocalRealm {
  readonly context: RpcContext;
  readonly payload: PayloadCodec;
  readonly errors: ErrorCodec;
  readonly walker: MemberWalker;
}

/**
 * By which way a call comes to a thing: into the section that made it, for the first one; from outside, as any event; or past the
 * gates, because no code of the program's runs.
 */
export type Entry = 'section' | 'outside' | 'free';

export interface LocalThingOptions {
  /** called on a later turn when the last handle is gone */
  readonly release?: (() => unknown) | undefined;
  /** of the event that gives it away: it goes on as long as there is a handle */
  readonly keep?: Keep | undefined;
  readonly entry?: Entry;
}

type Deliver = (run: () => void, arrived?: Arrived) => void;

/**
 * The way into the critical section in which something was made: for one delivery. workerd takes the section out of its callback
 * at the first call, and so a section that waits for a second one waits for itself (workerd: io/io-context.h,
 * `makeReentryCallback`; measured in 1.20260730).
 */
class WayIn {
  readonly #context: RpcContext;
  #within: Deliver | undefined;

  /** @param entry  `outside`: there is no way in; it waits until the section is over */
  constructor(context: RpcContext, entry: Exclude<Entry, 'free'> = 'section') {
    this.#context = context;
    this.#within = entry === 'section' ? context.capture() : undefined;
  }

  deliver(run: () => void, arrived?: Arrived): void {
    const within = this.#within;
    this.#within = undefined;
    if (within) within(run, arrived);
    else this.#context.arrive(run, arrived);
  }
}

const FREE = { deliver: (run: () => void) => run() };

/** What every handle on one thing shares. */
class LocalThing {
  readonly value: unknown;
  readonly way: { deliver: Deliver };
  readonly deliver: Deliver;
  readonly realm: LocalRealm;
  readonly keep: Keep | undefined;
  isOver = false;
  readonly #release: (() => unknown) | undefined;
  readonly #letGo: (() => void) | undefined;
  #holdCount = 1;

  constructor(realm: LocalRealm, value: unknown, { release, keep, entry = 'section' }: LocalThingOptions) {
    this.realm = realm;
    this.value = value;
    this.#release = release;
    this.keep = keep;
    this.#letGo = keep?.();
    this.way = entry === 'free' ? FREE : new WayIn(realm.context, entry);
    this.deliver = entry === 'section' ? realm.context.capture() : (run, arrived) => this.way.deliver(run, arrived);
    // The request that made it will be over; what it gave away cannot be reached then.
    realm.context.adopt?.(() => {
      this.isOver = true;
    });
  }

  hold(): void {
    this.#holdCount++;
  }

  /** @param isAway  a peer let go of it, in a message: no turn of the program's is to be waited for, and what came after it waits */
  drop(isAway = false): void {
    const { context } = this.realm;
    const release = this.#release;
    if (--this.#holdCount > 0) return;
    if (!release || this.isOver) {
      this.#letGo?.();
      return;
    }
    const dispose = () =>
      this.deliver(() => {
        try {
          release();
        } catch (error) {
          context.report?.(error);
        }
        this.#letGo?.();
      });
    if (isAway) dispose();
    else context.afterTurn(dispose);
  }
}

/** A handle on a thing of this realm. */
export class LocalHook extends StubHook {
  readonly #thing: LocalThing;
  #isDisposed = false;

  private constructor(thing: LocalThing) {
    super();
    this.#thing = thing;
  }

  static of(realm: LocalRealm, value: unknown, options: LocalThingOptions = {}): LocalHook {
    return new LocalHook(new LocalThing(realm, value, options));
  }

  override call(path: Path, args: Parcel): StubHook {
    return this.#atHome(path, args);
  }

  override get(path: Path): Promise<Outcome> {
    return this.#atHome(path, undefined).pull();
  }

  override async pull(): Promise<Outcome> {
    return this.get([]);
  }

  /** The caller is at home: it goes on before the call begins, and gets an error as the other end of a link would. */
  #atHome(path: Path, args: Parcel | undefined): StubHook {
    const thing = this.#thing;
    const result = new LocalResult(thing.realm, { isCallerLocal: true, keep: thing.keep });
    thing.hold();
    thing.realm.context.afterTurn(() => this.#begin(result, path, args));
    return result;
  }

  override receive(path: Path, args: Parcel | undefined, arrived?: Arrived): StubHook {
    const result = new LocalResult(this.#thing.realm, { keep: this.#thing.keep });
    this.#thing.hold();
    this.#begin(result, path, args, arrived);
    return result;
  }

  override get isOver(): boolean {
    return this.#thing.isOver;
  }

  override dup(): StubHook {
    this.#thing.hold();
    return new LocalHook(this.#thing);
  }

  override dispose(): void {
    this.#drop(false);
  }

  override letGo(): void {
    this.#drop(true);
  }

  #drop(isAway: boolean): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#thing.drop(isAway);
  }

  /** The thing is held while it runs. */
  #begin(result: LocalResult, path: Path, args: Parcel | undefined, arrived?: Arrived): void {
    const thing = this.#thing;
    if (thing.isOver) {
      if (args) disposeParcel(args);
      result.fail(new Failure(contextIsOver));
      return;
    }
    thing.way.deliver(() => void result.run(thing.value, path, args, () => thing.drop()), arrived);
  }
}

type ResultState =
  | { readonly state: 'waiting'; readonly next: (() => void)[] }
  | { readonly state: 'value'; readonly value: unknown; readonly way: WayIn }
  | { readonly state: 'forwarded'; readonly hook: StubHook }
  | { readonly state: 'failed'; readonly failure: Failure };

/**
 * What a link leads to: an instance, whose class must be one that takes RPC; a Worker's export that is no class, with what
 * its handlers are given beside the caller's argument; or an object of ours, to which an event is told.
 */
export type Main = 'instance' | 'event' | readonly unknown[];

/** Who asks, and of what. */
export interface LocalResultOptions {
  readonly isCallerLocal?: boolean;
  readonly keep?: Keep | undefined;
}

/** What a call of a thing of this realm comes to. */
export class LocalResult extends StubHook {
  readonly #realm: LocalRealm;
  readonly #isCallerLocal: boolean;
  #keep: Keep | undefined;
  #state: ResultState = { state: 'waiting', next: [] };
  #outcome: Outcome | undefined;
  #onOutcome: ((outcome: Outcome) => void) | undefined;
  /** stubs that went away with the result: not the program's any more, once nothing can be asked of the result */
  #given: (() => void)[] = [];

  constructor(realm: LocalRealm, { isCallerLocal = false, keep }: LocalResultOptions = {}) {
    super();
    this.#realm = realm;
    this.#isCallerLocal = isCallerLocal;
    this.#keep = keep;
  }

  override get isLocal(): boolean {
    return true;
  }

  /** The event that it is an answer of goes on as long as somebody has something of the answer's. */
  keptBy(keep: Keep | undefined): this {
    this.#keep = keep;
    return this;
  }

  /**
   * Calls the member of `root` at `path`, or reads it when there are no arguments. Never rejects.
   *
   * @param main  `root` is what a link leads to
   */
  async run(
    root: unknown,
    path: Path,
    args: Parcel | undefined,
    done?: (outcome: Outcome) => void,
    main?: Main,
  ): Promise<void> {
    const { payload, walker, context } = this.#realm;
    // Taken now: what settles the result may be a promise of the browser's own, in the middle of somebody else's section.
    const way = new WayIn(context);
    let opened: { value: unknown; release: (() => void) | undefined } | undefined;
    let isTaken = false;
    let outcome: Outcome;
    try {
      const handlers = typeof main === 'string' ? undefined : main;
      if (main === 'instance') walker.assertEntrypoint(root as object);
      const found = walker.find(root, path, handlers !== undefined);
      if ('hook' in found) {
        isTaken = true;
        outcome = await this.#forward(found.hook, found.rest, args);
      } else if (args) {
        isTaken = true;
        opened = payload.open(args);
        const given = opened.value as unknown[];
        const value = await (handlers ? walker.applyHandler(found, given, handlers) : walker.apply(found, given));
        outcome = payload.encodeResult(value, this.#given, this.#keep);
        this.#settle({ state: 'value', value, way });
      } else {
        const value = await found.value;
        outcome = payload.encodeResult(value, this.#given, this.#keep);
        this.#settle({ state: 'value', value, way });
      }
    } catch (error) {
      if (args && !isTaken) disposeParcel(args);
      outcome = new Failure(() => error);
    }
    opened?.release?.();
    this.#conclude(outcome);
    done?.(outcome);
  }

  async #forward(hook: StubHook, rest: Path, args: Parcel | undefined): Promise<Outcome> {
    if (!args) return hook.get(rest);
    const result = hook.call(rest, args);
    this.#settle({ state: 'forwarded', hook: result });
    return result.pull();
  }

  fail(failure: Failure): void {
    this.#conclude(failure);
  }

  #conclude(outcome: Outcome): void {
    const told = outcome instanceof Failure && this.#isCallerLocal ? this.#asRemote(outcome) : outcome;
    this.#outcome = told;
    if (outcome instanceof Failure && this.#state.state === 'waiting') {
      this.#settle({ state: 'failed', failure: told as Failure });
    }
    this.#onOutcome?.(told);
  }

  #settle(state: Exclude<ResultState, { state: 'waiting' }>): void {
    const before = this.#state;
    this.#state = state;
    if (before.state !== 'waiting') return;
    for (let i = 0; i < before.next.length; i++) (before.next[i] as () => void)();
  }

  /** What the other end of a link would be told. */
  #asRemote(failure: Failure): Failure {
    const { errors } = this.#realm;
    if (failure.make === contextIsOver) return failure;
    const wire = errors.encodeAnswer(failure.make(), { remote: true });
    return new Failure(() => errors.decode(wire));
  }

  override call(path: Path, args: Parcel): StubHook {
    return this.receive(path, args);
  }

  override get(path: Path): Promise<Outcome> {
    return this.receive(path, undefined).pull();
  }

  /** Asked of a result that may not be there yet: each such question is an event of its own. */
  override receive(path: Path, args: Parcel | undefined, arrived?: Arrived): StubHook {
    const result = new LocalResult(this.#realm, { isCallerLocal: this.#isCallerLocal });
    const go = () => {
      const state = this.#state;
      switch (state.state) {
        case 'value':
          result.keptBy(this.#keep);
          state.way.deliver(() => void result.run(state.value, path, args), arrived);
          return;
        case 'forwarded':
          result.follow(state.hook, path, args);
          return;
        case 'failed':
          if (args) disposeParcel(args);
          result.fail(state.failure);
          return;
        case 'waiting':
          state.next[state.next.length] = go;
          return;
        default:
          state satisfies never;
      }
    };
    go();
    return result;
  }

  follow(hook: StubHook, path: Path, args: Parcel | undefined): void {
    void promiseThen(this.#forward(hook, path, args), (outcome) => this.#conclude(outcome));
  }

  override pull(): Promise<Outcome> {
    if (this.#outcome) return promiseResolve(this.#outcome);
    return new NativePromise((resolve) => {
      this.#onOutcome = resolve;
    });
  }

  override dup(): StubHook {
    return new ErrorHook(() => new TypeError('a result has one owner'));
  }

  /** Nothing more will be asked of it. */
  override dispose(): void {
    const given = this.#given;
    this.#given = [];
    for (let i = 0; i < given.length; i++) (given[i] as () => void)();
    if (this.#state.state === 'forwarded') this.#state.hook.dispose();
  }
}

/** @see workerd: io/io-context.c++ (the text is measured) */
export function contextIsOver(): Error {
  return new Error('The execution context which hosts this callback is no longer running.');
}
