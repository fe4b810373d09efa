/**
 * What a stub stands on: the contract between the proxies that user code holds and whatever is behind them.
 *
 * Promise: a hook never throws. Whatever goes wrong becomes a rejected promise, or a hook that only rejects, so that no
 * proxy has to tell a broken thing from a working one.
 *
 * Ownership: who makes a hook disposes of it, once; `dup` makes another one with a life of its own. A call lends its
 * arguments: they are read before `call` returns and never kept. What a call gives belongs to the caller.
 *
 * Knows neither links nor proxies.
 */

/** Names from a target to a member, outermost first. Empty means the thing itself. */
export type Path = readonly string[];

export abstract class StubHook {
  /**
   * Calls the member at `path` and gives a hook on the result, at once: what is asked of it waits for the answer.
   * The arguments are serialised before this returns. The caller owns the hook; disposing of it does not take the call back.
   */
  abstract call(path: Path, args: readonly unknown[]): StubHook;

  /** Reads the member at `path`, each time anew; an empty path pulls the value that the hook stands for. */
  abstract get(path: Path): Promise<unknown>;

  /** Takes what the platform's `fetch` takes, and gives a Response. Only what has a fetch handler can; others reject. */
  abstract fetch(input: unknown, init: unknown): Promise<unknown>;

  /** A second handle on the same thing; the two are disposed of separately. */
  abstract dup(): StubHook;

  /** Gives the handle up. What was asked through it before still gets its answer. */
  abstract dispose(): void;
}

/** A hook on something that failed: every use fails in the same way. `failure` makes the error anew for each use. */
export class ErrorHook extends StubHook {
  readonly #failure: () => unknown;

  constructor(failure: () => unknown) {
    super();
    this.#failure = failure;
  }

  override call(): StubHook {
    return this;
  }

  override async get(): Promise<unknown> {
    throw this.#failure();
  }

  override async fetch(): Promise<unknown> {
    throw this.#failure();
  }

  override dup(): StubHook {
    return this;
  }

  override dispose(): void {}
}

/** Reads or calls a member of a value that is here. @see MemberWalker in target.ts */
export interface Walker {
  get(root: unknown, path: Path): unknown;
  call(root: unknown, path: Path, args: readonly unknown[]): unknown;
}

/**
 * A hook on the answer of a call. Until by-reference values exist an answer is by value, so what is pipelined on it is
 * walked here once it came: the same members, texts and flags as if the callee had walked it.
 *
 * Whoever pulls the value gets the one promise; nobody pulling a failed answer is an unhandled rejection, as on the platform.
 */
export class AnswerHook extends StubHook {
  readonly #answer: Promise<unknown>;
  readonly #walker: Walker;
  #isDisposed = false;

  constructor({ answer, walker }: { answer: Promise<unknown>; walker: Walker }) {
    super();
    this.#answer = answer;
    this.#walker = walker;
  }

  override call(path: Path, args: readonly unknown[]): StubHook {
    return this.#derive(async () => this.#walker.call(await this.#pulled(), path, args));
  }

  override get(path: Path): Promise<unknown> {
    if (path.length === 0) return this.#answer;
    return this.#walk(async () => this.#walker.get(await this.#pulled(), path));
  }

  override async fetch(): Promise<unknown> {
    await this.#pulled();
    throw new TypeError('The RPC receiver does not implement the method "fetch".');
  }

  override dup(): StubHook {
    return new AnswerHook({ answer: this.#answer, walker: this.#walker });
  }

  override dispose(): void {
    this.#isDisposed = true;
  }

  async #pulled(): Promise<unknown> {
    if (this.#isDisposed) throw new Error('RPC promise used after being disposed.');
    return this.#answer;
  }

  #walk(walk: () => Promise<unknown>): Promise<unknown> {
    return walk();
  }

  #derive(walk: () => Promise<unknown>): StubHook {
    return new AnswerHook({ answer: this.#walk(walk), walker: this.#walker });
  }
}
