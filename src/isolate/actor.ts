/**
 * The life of one object's instance in its isolate.
 *
 * Promise: the constructor runs once, as part of the first event and before it; events are delivered in order through the
 * input gate; a reset happens once, fails whatever waits, breaks every link with the same error, and after it no user
 * code of this instance is delivered anything.
 *
 *     COLD --first event--> RUNNING --reset(error)--> BROKEN
 *       \---constructor threw-----------------------> BROKEN
 *
 * Knows nothing of storage or links: what a reset must undo and who must be told is given.
 */
import { must } from '../base/assert.ts';
import { type HandlerName, instanceHandler, takeHandlers } from '../base/instance-handlers.ts';
import { each } from '../base/lists.ts';
import { Numbered } from '../base/numbered.ts';
import { promiseThen } from '../base/primordials.ts';
import type { Follows } from '../gates/input-gate.ts';
import type { ErrorFlags } from '../rpc/errors.ts';
import type { Delivery, SessionMain } from '../rpc/session.ts';
import type { IoContext } from './io-context.ts';

/** What callers of an instance that was reset see on its error. */
const RESET: ErrorFlags = { durableObjectReset: true };

/** What an instance is given: a delivery of a link, or an alarm. Exactly one of the two is called, once. */
export type Event = Pick<Delivery, 'run' | 'fail' | 'arrived'>;

export interface ActorOptions {
  io: IoContext;
  /** makes the instance; user code */
  construct(): object;
  /**
   * Drops what the turn that ends it was to send; from now on nothing is sent but what `lastWords` says. What earlier turns sent
   * leaves when it may, or is dropped too if the end is `atOnce`. Called inside that turn.
   */
  onBreaking(atOnce: boolean): void;
  /** Runs `say` while what leaves does so at once. */
  lastWords(say: () => void): void;
  /** Resolves when the turns that ended before are durable: they outlive the instance. */
  flushed(): Promise<void>;
  /** False: callers are not told why, they only lose their connection. */
  isTold(error: unknown): boolean;
  /** Breaks the links, tells the host; the isolate is terminated after it. */
  onReset(error: unknown, flags: ErrorFlags, isTold: boolean): void;
  onQuiet(): void;
}

type ActorState =
  | { readonly state: 'cold' }
  | { readonly state: 'running'; readonly instance: object }
  | { readonly state: 'broken'; readonly error: unknown; readonly flags: ErrorFlags };

export class Actor implements SessionMain {
  readonly #options: ActorOptions;
  #state: ActorState = { state: 'cold' };
  #isConstructing = false;
  /** queued behind the input gate, not yet begun */
  readonly #waiting = new Numbered<Event>();
  #runningCount = 0;
  #lastNumber = 0;

  constructor(options: ActorOptions) {
    this.#options = options;
  }

  /** Events that wait or run. */
  get eventCount(): number {
    return this.#waiting.size + this.#runningCount;
  }

  get isBroken(): boolean {
    return this.#state.state === 'broken';
  }

  /** Whether the instance has a handler of this name; undefined while there is none. */
  hasHandler(name: HandlerName): boolean | undefined {
    if (this.#state.state !== 'running') return undefined;
    return typeof instanceHandler(this.#state.instance, name) === 'function';
  }

  deliver(delivery: Event, follows?: Follows): void {
    if (this.#state.state === 'broken') {
      const { error, flags } = this.#state;
      if (this.#options.isTold(error)) this.#options.lastWords(() => delivery.fail(error, flags));
      return;
    }
    const number = ++this.#lastNumber;
    this.#waiting.set(number, delivery);
    if (!this.#isConstructing) {
      this.#isConstructing = true;
      this.#options.io.arrive(() => this.#construct());
    }
    this.#options.io.arrive(() => this.#run(number), delivery.arrived, follows);
  }

  /**
   * Ends the instance: nothing more is delivered. `error` is what every caller gets that was not answered in an earlier turn,
   * marked by `flags`. They hear of it when the turns before are durable and what those sent has left, so that the next
   * instance finds what this one's committed turns left.
   */
  reset(error: unknown, flags: ErrorFlags = RESET): void {
    if (!this.#break(error, flags, false)) return;
    void promiseThen(this.#options.flushed(), () => this.#tell(error, flags));
  }

  /** The same at once, for a thread that is about to stop for good. */
  resetNow(error: unknown, flags: ErrorFlags = RESET): void {
    if (this.#break(error, flags, true)) this.#tell(error, flags);
  }

  #break(error: unknown, flags: ErrorFlags, atOnce: boolean): boolean {
    if (this.#state.state === 'broken') return false;
    this.#state = { state: 'broken', error, flags };
    this.#options.onBreaking(atOnce);
    this.#options.io.break();
    return true;
  }

  #tell(error: unknown, flags: ErrorFlags): void {
    const waiting = this.#waiting.drain();
    const isTold = this.#options.isTold(error);
    if (isTold) {
      this.#options.lastWords(() => {
        each(waiting, (delivery) => delivery.fail(error, flags));
      });
    }
    this.#options.onReset(error, flags, isTold);
  }

  #construct(): void {
    try {
      const instance = this.#options.construct();
      takeHandlers(instance);
      this.#state = { state: 'running', instance };
    } catch (error) {
      this.reset(error);
    }
  }

  #run(number: number): void {
    if (this.#state.state !== 'running') return;
    const delivery = must(this.#waiting.take(number), 'the event that begins');
    this.#runningCount++;
    void promiseThen(delivery.run(this.#state.instance), () => {
      this.#runningCount--;
      this.#options.onQuiet();
    });
  }
}
