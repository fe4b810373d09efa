/**
 * What a stub stands on: the contract between the proxies that user code holds and whatever is behind them.
 *
 * Promise: a hook never throws. Whatever goes wrong becomes a `Failure`, or a hook that only fails, so that neither a proxy
 * nor a relay has to tell a broken thing from a working one.
 *
 * Ownership: who makes a hook disposes of it, once; `dup` makes another one with a life of its own. A call takes its
 * parcel over, whatever comes of it. What a call gives belongs to the caller, and so does the parcel that is pulled from it.
 *
 * Knows neither links nor proxies.
 */
import { arrayJoin } from '../base/primordials.ts';
import type { Callee } from '../protocol/target.ts';
import type { Arrived } from '../protocol/trace.ts';

/** Names from a target to a member, outermost first. Empty means the thing itself. */
export type Path = readonly string[];

/** As a trace names the member. */
export const nameOf = (path: Path): string => (path.length === 1 ? (path[0] as string) : arrayJoin(path, '.'));

/** A body that is read chunk by chunk; undefined at the end. Read by one reader. */
export interface ChunkSource {
  read(): Promise<Uint8Array | undefined>;
  cancel(reason: unknown): void;
  /** Whoever read it is gone. @param isTold  false: nobody tells the program's own code */
  lose(isTold: boolean): void;
}

/** A signal, wherever it is. */
export interface SignalSource {
  /** Calls `hear` once, or never: with the bytes of the reason, or undefined when it will not abort any more. */
  onAbort(hear: HearAbort): void;
}

export type HearAbort = (reason: Uint8Array | undefined) => void;

export type Reference =
  | { readonly kind: 'stub'; readonly hook: StubHook }
  /** an object or a Worker: whoever receives it finds its own way there */
  | { readonly kind: 'target'; readonly target: Callee }
  | { readonly kind: 'readable'; readonly source: ChunkSource }
  /** `hook` leads to something with `write`, `close` and `abort` */
  | { readonly kind: 'writable'; readonly hook: StubHook }
  | { readonly kind: 'signal'; readonly source: SignalSource }
  | { readonly kind: 'blob'; readonly blob: Blob };

/** Why there is no value. A value itself until it meets the promise that the program awaits: then `make` gives the error, anew each time. */
export class Failure {
  readonly make: () => unknown;

  constructor(make: () => unknown) {
    this.make = make;
  }
}

export type Outcome = Parcel | Failure;

/**
 * Arguments or a result on their way: bytes, and what those hold by reference. Whoever has one owns what is in it, and hands it
 * on or disposes of it, once. It knows no link: it can be opened where it was made, sent, or passed on from one link to another
 * unopened.
 */
export interface Parcel {
  readonly bytes: Uint8Array;
  /** large buffers, which the bytes name by number: whoever opens it has them */
  readonly buffers?: readonly ArrayBuffer[] | undefined;
  /** as long as that says so, somebody else is to read the bytes and buffers too: they are copied */
  readonly lentBy?: { readonly isAsked: boolean };
  readonly references: readonly Reference[];
  /** disposing of it runs the disposer of the plain object that the parcel is */
  readonly disposer?: StubHook | undefined;
}

export abstract class StubHook {
  /** What it gives is of this realm, and leaves it as all that the program sends does. */
  get isLocal(): boolean {
    return false;
  }

  /** Whoever made the thing is over: it fails from now on. */
  get isOver(): boolean {
    return false;
  }

  /** The object or Worker that it leads to, for those whom it is sent to: they find their own way. */
  get target(): Callee | undefined {
    return undefined;
  }

  /** Why a stub of it goes nowhere, in the platform's words; undefined: it may be sent. */
  get refusal(): string | undefined {
    return undefined;
  }

  /** @throws what the realm throws where nothing may be asked (module scope): the one thing that is thrown, at once */
  assertAllowed(): void {}

  /** Calls the member at `path` and gives a hook on the result, at once: what is asked of it need not wait for the answer. */
  abstract call(path: Path, args: Parcel): StubHook;

  /**
   * The same for what came over a link, in a task of its own already; without arguments the member is read. Only the
   * result of a call is asked for more than its value.
   */
  receive(path: Path, args: Parcel | undefined, _arrived?: Arrived): StubHook {
    return args ? this.call(path, args) : new ReadHook(this.get(path));
  }

  /** Reads the member at `path`, each time anew. */
  abstract get(path: Path): Promise<Outcome>;

  /** The value that a call gave. Asked for once. */
  abstract pull(): Promise<Outcome>;

  /** Takes what the platform's `fetch` takes, and gives a Response. Only what has a fetch handler can; others reject. */
  async fetch(_input: unknown, _init: unknown): Promise<unknown> {
    throw new TypeError('The RPC receiver does not implement the method "fetch".');
  }

  /** A second handle on the same thing; the two are disposed of separately. */
  abstract dup(): StubHook;

  /** Gives the handle up. What was asked through it before still gets its answer. */
  abstract dispose(): void;

  /** The same, when it was a peer's that lets go of it by a message. */
  letGo(): void {
    this.dispose();
  }
}

/** A hook on something that failed: every use fails in the same way. `failure` makes the error anew for each use. */
export class ErrorHook extends StubHook {
  readonly #failure: Failure;

  constructor(failure: () => unknown) {
    super();
    this.#failure = new Failure(failure);
  }

  override call(_path: Path, args: Parcel): StubHook {
    disposeParcel(args);
    return this;
  }

  override async get(): Promise<Outcome> {
    return this.#failure;
  }

  override async pull(): Promise<Outcome> {
    return this.#failure;
  }

  override async fetch(): Promise<unknown> {
    throw this.#failure.make();
  }

  override dup(): StubHook {
    return this;
  }

  override dispose(): void {}
}

/** What reading a member gives. */
class ReadHook extends ErrorHook {
  readonly #outcome: Promise<Outcome>;

  constructor(outcome: Promise<Outcome>) {
    super(() => new TypeError('nothing can be asked of what is being read'));
    this.#outcome = outcome;
  }

  override pull(): Promise<Outcome> {
    return this.#outcome;
  }
}

export const NO_REFERENCES: readonly Reference[] = [];

/** Nobody will open it. */
export function disposeParcel({ references, disposer }: Parcel): void {
  for (let i = 0; i < references.length; i++) disposeReference(references[i] as Reference);
  disposer?.dispose();
}

export function disposeReference(reference: Reference): void {
  switch (reference.kind) {
    case 'stub':
    case 'writable':
      reference.hook.dispose();
      return;
    case 'readable':
      reference.source.cancel(undefined);
      return;
    case 'target':
    case 'signal':
    case 'blob':
      return;
    default:
      reference satisfies never;
  }
}

/** By value alone: there is nothing in it to own. */
export function isPlain({ references, disposer }: Parcel): boolean {
  return references.length === 0 && disposer === undefined;
}
