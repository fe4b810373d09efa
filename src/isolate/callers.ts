/**
 * Those that call this isolate: one session for each link that was opened to it.
 *
 * Promise: a session that has ended and has nothing under way is forgotten. Knows nothing of what is called.
 */
import { setAdd, setDelete, setForEach } from '../base/primordials.ts';
import type { Limits } from '../protocol/limits.ts';
import type { LinkEnd, WireError } from '../protocol/link.ts';
import { type Beside, type RpcCodecs, type RpcContext, RpcSession, type SessionMain } from '../rpc/session.ts';

export interface CallersOptions {
  context: RpcContext;
  codecs(): RpcCodecs;
  /** what else they speak of on their link */
  beside(link: LinkEnd): Beside;
  limits: Pick<Limits, 'rpcPathDepth'>;
  /** what they call */
  main: SessionMain;
  /** one of them has nothing under way any more */
  onQuiet(): void;
}

export class Callers {
  readonly #options: CallersOptions;
  readonly #sessions = new Set<RpcSession>();

  constructor(options: CallersOptions) {
    this.#options = options;
  }

  accept(link: LinkEnd): void {
    const { context, codecs, limits, main, onQuiet, beside } = this.#options;
    const session: RpcSession = new RpcSession({
      link,
      context,
      codecs: codecs(),
      limits,
      main,
      beside: beside(link),
      onQuiet: () => {
        if (session.ending) setDelete(this.#sessions, session);
        onQuiet();
      },
      // A peer that went to sleep used nothing: the idle time goes on.
      onGone: () => setDelete(this.#sessions, session),
    });
    setAdd(this.#sessions, session);
  }

  /** No call, and nothing that came with one, is open. */
  get isIdle(): boolean {
    return this.#all((session) => session.isIdle);
  }

  /** The same, and none has anything of this isolate's, nor this isolate of theirs. */
  get isQuiet(): boolean {
    return this.#all((session) => session.isQuiet);
  }

  #all(test: (session: RpcSession) => boolean): boolean {
    let isSo = true;
    setForEach(this.#sessions, (session) => {
      isSo &&= test(session);
    });
    return isSo;
  }

  /** @param error  what they are told; undefined: they lost their connection */
  break(error: WireError | undefined): void {
    setForEach(this.#sessions, (session) => session.link.break(error));
  }
}
