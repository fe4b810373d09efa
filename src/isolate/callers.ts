/**
 * Those that call this isolate: one session for each link that was opened to it.
 *
 * Promise: a session that has ended and has nothing under way is forgotten. Knows nothing of what is called.
 */
import { setAdd, setDelete, setForEach } from '../base/primordials.ts';
import type { LinkEnd, WireError } from '../protocol/link.ts';
import { type Beside, type RpcCodecs, type RpcContext, RpcSession, type SessionMain } from '../rpc/session.ts';

export interface CallersOptions {
  context: RpcContext;
  codecs(): RpcCodecs;
  /** what else they speak of on their link */
  beside(link: LinkEnd): Beside;
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
    const { context, codecs, main, onQuiet, beside } = this.#options;
    const session: RpcSession = new RpcSession({
      link,
      context,
      codecs: codecs(),
      main,
      beside: beside(link),
      onQuiet: () => {
        if (session.ending) setDelete(this.#sessions, session);
        onQuiet();
      },
    });
    setAdd(this.#sessions, session);
  }

  /** No call, and nothing that came with one, is open. */
  get isQuiet(): boolean {
    let isQuiet = true;
    setForEach(this.#sessions, (session) => {
      isQuiet &&= session.isQuiet;
    });
    return isQuiet;
  }

  /** @param error  what they are told; undefined: they lost their connection */
  break(error: WireError | undefined): void {
    setForEach(this.#sessions, (session) => session.link.break(error));
  }
}
