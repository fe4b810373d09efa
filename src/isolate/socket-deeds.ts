/**
 * What an object tells its host of its hibernatable sockets, several deeds a post.
 *
 * Promise: the host hears every deed, in the order said. What was sent within a few microtasks leaves together, and with the
 * answers to the deliveries that wait behind it; that the program has an event leaves with what it sends on it, or at the end
 * of the turn. Everything else is told at once, after what was said before: somebody may be told of it by another way.
 *
 *     EMPTY --say--> WAITING --microtasks, burst over--> told        [#leaveSoon]
 *                      |-----a deed that does not wait-> told        [say]
 *                      \-----the instance ends---------> told        [flush]
 *
 * Knows neither sockets nor gates.
 */
import { arrayAppend } from '../base/primordials.ts';
import type { SocketDeed } from '../protocol/sockets.ts';

export interface SocketDeedsOptions {
  /** tells the host */
  post(deeds: readonly SocketDeed[]): void;
  /** True when more deliveries wait: then `go` is called once they are through. */
  afterBurst(go: () => void): boolean;
  /** nothing waits to be told any more */
  onEmpty(): void;
}

export class SocketDeeds {
  readonly #options: SocketDeedsOptions;
  #waiting: SocketDeed[] = [];
  #isLeaving = false;

  constructor(options: SocketDeedsOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  say(deed: SocketDeed): void {
    arrayAppend(this.#waiting, deed);
    switch (deed.o) {
      case 'taken':
        return;
      case 'send':
        if (!this.#isLeaving) void this.#leaveSoon();
        return;
      case 'accept':
      case 'close':
      case 'attach':
      case 'auto':
      case 'timeout':
      case 'over':
        this.flush();
        return;
      default:
        deed satisfies never;
    }
  }

  turnEnded(): void {
    if (this.isEmpty || this.#isLeaving) return;
    this.#isLeaving = true;
    this.#leave();
  }

  /** Tells what waits. */
  flush(): void {
    if (this.isEmpty) return;
    const deeds = this.#waiting;
    this.#waiting = [];
    this.#options.post(deeds);
    this.#options.onEmpty();
  }

  /** Three hops, as a link: what a handler sends one after another leaves in one post. */
  async #leaveSoon(): Promise<void> {
    this.#isLeaving = true;
    await undefined;
    await undefined;
    await undefined;
    this.#leave();
  }

  #leave(): void {
    if (!this.#options.afterBurst(this.#go)) this.#go();
  }

  readonly #go = (): void => {
    this.#isLeaving = false;
    this.flush();
  };
}
