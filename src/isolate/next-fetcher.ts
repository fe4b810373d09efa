/**
 * The `fetcher` of a request that came: a stub by which one goes wherever `fetch` goes.
 *
 * Promise: `fetch` of it is the program's own way out, and any method of RPC fails as the platform's network does.
 *
 * DIFFERS: it does not travel over RPC: whoever had it would go out by another's way.
 */
import { addFlags } from '../rpc/errors.ts';
import { disposeParcel, ErrorHook, Failure, type Outcome, type Parcel, type Path, StubHook } from '../rpc/hook.ts';
import { makeServiceStub } from '../rpc/stub.ts';
import type { StubCodec } from '../rpc/stub-handlers.ts';

type Fetch = (...args: unknown[]) => Promise<unknown>;

export function makeNextFetcher(fetch: Fetch, codec: StubCodec): object {
  return makeServiceStub(new NextHook(fetch), codec);
}

class NextHook extends StubHook {
  readonly #fetch: Fetch;

  constructor(fetch: Fetch) {
    super();
    this.#fetch = fetch;
  }

  override get refusal(): string {
    return 'ServiceStub cannot be serialized in this context.';
  }

  override fetch(input: unknown, init: unknown): Promise<unknown> {
    return this.#fetch(input, init);
  }

  override call(path: Path, args: Parcel): StubHook {
    disposeParcel(args);
    return new ErrorHook(missing(path));
  }

  override async get(path: Path): Promise<Outcome> {
    return new Failure(missing(path));
  }

  override async pull(): Promise<Outcome> {
    return new Failure(missing([]));
  }

  override dup(): StubHook {
    return this;
  }

  override dispose(): void {}
}

const missing = (path: Path) => () =>
  addFlags(new TypeError(`The RPC receiver does not implement the method "${path[0] ?? ''}".`), { remote: true });
