/**
 * Questions to something that is elsewhere, and what their answers can be asked before they are there.
 *
 * Promise: a question leaves through the output gate, one task after the turn that asked, in the order of the calls. What is
 * asked of an answer goes to where the answer is made, in the same order, and is walked there.
 *
 * Knows no links: a route posts.
 */
import { NativePromise } from '../base/primordials.ts';
import type { Limits } from '../protocol/limits.ts';
import type { Entry } from '../protocol/target.ts';
import type { RpcContext } from './context.ts';
import { disposeParcel, ErrorHook, Failure, nameOf, type Outcome, type Parcel, type Path, StubHook } from './hook.ts';
import { type Address, MemberQuestion, type QuestionCodecs } from './question.ts';
import type { Import } from './tables.ts';

export interface AskerOptions {
  context: RpcContext;
  codecs: QuestionCodecs;
  limits: Pick<Limits, 'rpcPathDepth'>;
  /** whose lane in the trace is asked */
  lane: string;
}

/** Where the questions of one stub go. */
export interface Route {
  /** Throws what every use of the stub throws where it must not be used. */
  assertOwn?(): void;
  /** A question begins; gives what is called when it is over. */
  begin?(): () => void;
  /** which export of a Worker the stub is of */
  readonly entry?: Entry | undefined;
  post(question: MemberQuestion): void;
}

export class Asker {
  readonly #options: AskerOptions;

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  call(route: Route, address: Address, path: Path, args: Parcel): StubHook {
    const asked = this.#ask(route, address, path, args);
    return asked instanceof Failure ? new ErrorHook(asked.make) : new RemoteResult(this, route, asked);
  }

  async get(route: Route, address: Address, path: Path): Promise<Outcome> {
    const asked = this.#ask(route, address, path, undefined);
    return asked instanceof Failure ? asked : asked.outcome;
  }

  #ask(route: Route, address: Address, path: Path, args: Parcel | undefined): Asked | Failure {
    const { context, codecs, limits, lane } = this.#options;
    try {
      route.assertOwn?.();
      if (path.length > limits.rpcPathDepth) {
        throw new TypeError(`RPC pipelined property path is too deep (max ${limits.rpcPathDepth}).`);
      }
    } catch (error) {
      if (args) disposeParcel(args);
      return new Failure(() => error);
    }
    // Nothing is put together for a trace that nobody keeps: this is every call's path.
    const { tracer } = context;
    const name = tracer?.isOn ? nameOf(path) : '';
    const cause = tracer?.isOn ? tracer.ask(args ? 'call' : 'get', name, lane) : undefined;
    const over = route.begin?.();
    let tell: (outcome: Outcome) => void = () => {};
    const outcome = new NativePromise<Outcome>((resolve) => {
      tell = resolve;
    });
    const settle = {
      resolve(answer: Outcome) {
        tell(answer);
        over?.();
      },
      fail: (failure: () => unknown) => settle.resolve(new Failure(failure)),
    };
    const { errors } = codecs;
    const { entry } = route;
    const question = new MemberQuestion({ address, path, args, context, codecs, errors, cause, name, settle, entry });
    context.leave(() => context.afterTurn(() => route.post(question)));
    return { question, outcome };
  }
}

interface Asked {
  readonly question: MemberQuestion;
  readonly outcome: Promise<Outcome>;
}

/** What a call of something elsewhere will give. */
class RemoteResult extends StubHook {
  readonly #asker: Asker;
  readonly #route: Route;
  readonly #asked: Asked;
  #isDisposed = false;

  constructor(asker: Asker, route: Route, asked: Asked) {
    super();
    this.#asker = asker;
    this.#route = route;
    this.#asked = asked;
    asked.question.hold();
  }

  override call(path: Path, args: Parcel): StubHook {
    return this.#asker.call(this.#route, { on: this.#asked.question }, path, args);
  }

  override get(path: Path): Promise<Outcome> {
    return this.#asker.get(this.#route, { on: this.#asked.question }, path);
  }

  override pull(): Promise<Outcome> {
    return this.#asked.outcome;
  }

  override dup(): StubHook {
    return new RemoteResult(this.#asker, this.#route, this.#asked);
  }

  /** Nothing more will be asked of it. */
  override dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#asked.question.drop();
  }
}

/** A handle on something that the peer keeps. */
export class ImportHook extends StubHook {
  readonly entry: Import;
  readonly #asker: Asker;
  readonly #route: Route;
  #isDisposed = false;

  /** @param entry  held once for this hook already */
  constructor(entry: Import, asker: Asker, route: Route) {
    super();
    this.entry = entry;
    this.#asker = asker;
    this.#route = route;
  }

  /** Whether it is the peer's behind this route. */
  isBehind(route: Route): boolean {
    return route === this.#route;
  }

  override call(path: Path, args: Parcel): StubHook {
    return this.#asker.call(this.#route, { import: this.entry }, path, args);
  }

  override get(path: Path): Promise<Outcome> {
    return this.#asker.get(this.#route, { import: this.entry }, path);
  }

  override async pull(): Promise<Outcome> {
    return new Failure(() => new TypeError('a stub is no result'));
  }

  override dup(): StubHook {
    this.entry.hold();
    return new ImportHook(this.entry, this.#asker, this.#route);
  }

  override dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.entry.drop();
  }
}
