/**
 * What one stub knows of its way: of which request it is, and how the connection that it used ended.
 *
 * Promise: a stub whose connection failed keeps failing in the same way. Knows nothing of how to connect.
 */
import type { Entry } from '../protocol/target.ts';
import { connectionLost, otherRequest } from './errors.ts';
import type { RpcCodecs, RpcSession } from './session.ts';

/** What one stub remembers of the connection it used. */
export class StubLease {
  readonly entry: Entry | undefined;
  readonly #isForeign: (() => boolean) | undefined;
  #used: RpcSession | undefined;
  #failure: (() => unknown) | undefined;

  constructor(isForeign?: () => boolean, entry?: Entry) {
    this.#isForeign = isForeign;
    this.entry = entry;
  }

  /** @throws Error with the platform's text, in a request that did not make the stub */
  assertOwn(): void {
    if (this.#isForeign?.()) throw otherRequest(this.entry ? 'SubrequestChannel' : 'OutgoingFactory');
  }

  use(session: RpcSession): void {
    this.#used = session;
  }

  fail(failure: () => unknown): void {
    this.#failure ??= failure;
  }

  /** How every further use of the stub fails; undefined while it works. */
  failure({ errors }: RpcCodecs): (() => unknown) | undefined {
    const ending = this.#used?.ending;
    if (ending?.state === 'broken') this.fail(() => errors.decode(ending.error));
    if (ending?.state === 'lost') this.fail(() => connectionLost());
    if (ending) this.#used = undefined;
    return this.#failure;
  }
}
