/**
 * What leaves in a turn: first the output gate, then the turn itself.
 *
 * Promise: what a turn sends and the object does not live to mean is never seen by anybody. workerd posts nothing while
 * JavaScript runs, so an `abort()`, or a commit that is refused, takes back what the turn had sent, also before its write.
 * Waiting for the end of each turn would cost every answer a task, so a message waits a few microtasks only, and for the
 * end of the turn when that has begun to write by then. What earlier turns sent waits for the gate alone.
 *
 *     leave() --gate open, or opened--> turn over?  yes: posted
 *                                           no: kept --microtasks, nothing written--> posted
 *                                                  \---turn ended, its commit made--> posted    [turnEnded]
 *                                                   \--broken---------------------------> dropped    [drop]
 *      leave() in a turn that broke, not yet out of the gate ---------------------------> dropped
 *
 * DIFFERS: what a turn sent leaves after a few microtasks although the turn, later still, aborts or writes what cannot be
 * committed.
 *
 * Knows neither links nor storage.
 */
import type { OutputGate } from '../gates/output-gate.ts';

export interface OutboxOptions {
  gate: Pick<OutputGate, 'send'>;
  /** the number of the turn that runs now */
  turn(): number | undefined;
  /** the turn that runs has written what is not committed yet */
  isWriting(): boolean;
  /** called whenever the last kept message has left */
  onEmpty(): void;
}

/** Storage promises settle two or three hops after they were asked for: this is two of them awaited, and some more. */
const HOPS = 8;

export class Outbox {
  readonly #options: OutboxOptions;
  #kept: (() => void)[] = [];
  /** the same, of what a later write of the turn does not hold up */
  #free: (() => void)[] = [];
  #isHopping = false;
  /** the turn in which it broke: what that sent is not meant any more */
  #brokenTurn: number | undefined;
  #isLast = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#kept.length === 0 && this.#free.length === 0;
  }

  leave(post: () => void): void {
    const { gate, turn } = this.#options;
    const sentIn = turn();
    if (this.#isLast) post();
    else if (sentIn === undefined) gate.send(post);
    else {
      gate.send(() => {
        if (turn() === sentIn) this.#keep(post);
        else if (sentIn !== this.#brokenTurn) post();
      });
    }
  }

  /**
   * For a WebSocket: waits for the commits staged before, and not for what the turn writes later, even if that is refused
   * (seen). What is sent before an `abort()` in the same task is not sent.
   */
  leaveFree(post: () => void): void {
    const { gate, turn } = this.#options;
    const sentIn = turn();
    if (sentIn === undefined) gate.send(post);
    else {
      gate.send(() => {
        if (sentIn === this.#brokenTurn) return;
        if (turn() !== sentIn) return post();
        this.#free[this.#free.length] = post;
        if (!this.#isHopping) void this.#hop();
      });
    }
  }

  /** The turn is over and its commit is made. */
  turnEnded(): void {
    this.#postFree();
    const kept = this.#kept;
    if (kept.length === 0) return;
    this.#kept = [];
    for (let i = 0; i < kept.length; i++) (kept[i] as () => void)();
    this.#options.onEmpty();
  }

  /** What `say` lets leave waits for nothing: it is what callers are told of an instance that has ended. */
  lastWords(say: () => void): void {
    this.#isLast = true;
    say();
    this.#isLast = false;
  }

  /** The turn that runs breaks it. */
  drop(): void {
    this.#brokenTurn = this.#options.turn();
    this.#kept = [];
    this.#free = [];
  }

  #postFree(): void {
    const free = this.#free;
    if (free.length === 0) return;
    this.#free = [];
    for (let i = 0; i < free.length; i++) (free[i] as () => void)();
    if (this.isEmpty) this.#options.onEmpty();
  }

  #keep(post: () => void): void {
    this.#kept[this.#kept.length] = post;
    if (!this.#isHopping) void this.#hop();
  }

  async #hop(): Promise<void> {
    this.#isHopping = true;
    for (let i = 0; i < HOPS; i++) await undefined;
    this.#isHopping = false;
    this.#postFree();
    if (!this.#options.isWriting()) this.turnEnded();
  }
}
