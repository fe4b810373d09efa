/**
 * Which requests of a Worker are over, and which of them made a stub.
 *
 * Promise: a stub that was made in a request is refused once that request is over, and never before. Who is running cannot
 * be told while several requests are under way (a browser has nothing like AsyncLocalStorage), so a stub that is made then belongs
 * to all of them, and is refused when all are over.
 *
 *     OPEN --answered, its waitUntil promises settled--> ENDED --no body of any request is open--> OVER     [sweep]
 *
 * DIFFERS: workerd refuses a stub of any other request, also while that one is under way.
 *
 * Knows nothing of what a request does.
 */
import { NativePromise } from '../base/primordials.ts';

export class RequestContext {
  #pending = 1;
  #isOver = false;
  #hasFailed = false;
  #onAlone: (() => void) | undefined;

  get isOver(): boolean {
    return this.#isOver;
  }

  get isEnded(): boolean {
    return this.#pending === 0;
  }

  /** Something more that it waits for. */
  hold(): void {
    this.#pending++;
  }

  release(): void {
    this.#pending--;
    if (this.#pending === 1) this.#onAlone?.();
  }

  /** A promise that it waited for rejected. */
  fail(): void {
    this.#hasFailed = true;
  }

  /** Waits until nothing but the event itself is left. True when none of the promises rejected. */
  async alone(): Promise<boolean> {
    while (this.#pending > 1) {
      await new NativePromise<void>((resolve) => {
        this.#onAlone = resolve;
      });
    }
    return !this.#hasFailed;
  }

  finish(): void {
    this.#isOver = true;
  }
}

export class RequestContexts {
  /** replaced and never changed: what is made meanwhile keeps it */
  #open: readonly RequestContext[] = [];
  #adopted: Adopted[] = [];

  /** The requests one of which runs now. */
  get open(): readonly RequestContext[] {
    return this.#open;
  }

  begin(): RequestContext {
    const context = new RequestContext();
    this.#open = [...this.#open, context];
    return context;
  }

  /** What is made now belongs to all who may have made it: `over` is called when they are over. Outside of a request never. */
  adopt(over: () => void): void {
    if (this.#open.length === 0) return;
    this.#adopted[this.#adopted.length] = { makers: this.#open, over };
  }

  /** Nothing that a request answered is still being read: those that have ended are over. True when any is. */
  sweep(): boolean {
    const open: RequestContext[] = [];
    for (let i = 0; i < this.#open.length; i++) {
      const context = this.#open[i] as RequestContext;
      if (context.isEnded) context.finish();
      else open[open.length] = context;
    }
    if (open.length === this.#open.length) return false;
    this.#open = open;
    this.#release();
    return true;
  }

  /** The last that came is disposed of first, as on the platform. */
  #release(): void {
    const left: Adopted[] = [];
    const over: Adopted[] = [];
    for (let i = 0; i < this.#adopted.length; i++) {
      const one = this.#adopted[i] as Adopted;
      const list = areOver(one.makers) ? over : left;
      list[list.length] = one;
    }
    this.#adopted = left;
    for (let i = over.length - 1; i >= 0; i--) (over[i] as Adopted).over();
  }

  /** For something that is made now: whether all who may have made it are over. Never so outside of a request. */
  bind(): () => boolean {
    const makers = this.#open;
    return () => makers.length > 0 && areOver(makers);
  }
}

interface Adopted {
  readonly makers: readonly RequestContext[];
  readonly over: () => void;
}

function areOver(makers: readonly RequestContext[]): boolean {
  for (let i = 0; i < makers.length; i++) if (!(makers[i] as RequestContext).isOver) return false;
  return true;
}
