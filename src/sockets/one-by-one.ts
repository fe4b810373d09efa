/**
 * What arrives on one WebSocket, on its way to its program: one thing at a time.
 *
 * Promise: in the order it came; the next one asks to be delivered when the one before has begun, and so goes behind whatever
 * asked meanwhile: other sockets that are as busy, and calls, come in between (as on workerd, which reads a socket's next message
 * when it has handed over the last; scenario `sockets/taking-turns`).
 *
 *     QUIET --add()--> UNDER WAY --begun, nothing follows--> QUIET        what came with it is added in its turn
 *
 * Knows nothing of messages, nor of gates.
 */
import { Queue } from '../base/queue.ts';

export interface OneByOneOptions<T> {
  /** Delivers one. @param begun  to be called when it has begun; @param isNext  it follows another at once */
  deliver(thing: T, begun: () => void, isNext: boolean): void;
  /** The number of the turn that runs now. Absent: there are no turns. */
  turn?(): number | undefined;
}

export class OneByOne<T> {
  readonly #options: OneByOneOptions<T>;
  readonly #waiting = new Queue<T>();
  #isUnderWay = false;
  /** in which the last one began */
  #turn: number | undefined;

  constructor(options: OneByOneOptions<T>) {
    this.#options = options;
  }

  add(thing: T): void {
    if (this.#isUnderWay) {
      this.#waiting.append(thing);
      return;
    }
    this.#isUnderWay = true;
    const isSameTurn = this.#turn !== undefined && this.#turn === this.#options.turn?.();
    this.#options.deliver(thing, this.#begun, isSameTurn);
  }

  readonly #begun = (): void => {
    if (this.#waiting.length > 0) {
      this.#options.deliver(this.#waiting.shift() as T, this.#begun, true);
      return;
    }
    this.#isUnderWay = false;
    this.#turn = this.#options.turn?.();
  };
}
