/**
 * This thread's SQLite engine, or its place in the line for one.
 *
 * Promise: whoever must have the engine gets it, at the latest when the host has room; it is given up only while the object rests,
 * and only because others need its place. What the object has stored lies in our own memory all the while.
 *
 *     NONE --take--> HELD --others need it, and the object rests--> NONE
 *       \--somebody here waits--> WAITING --the host has room--> HELD
 *                                 '--the host has none, or the browser, and none will come--> NONE
 *
 * Knows nothing of who the others are. @see host/engine-room.ts
 */
import { type Deferred, deferred } from '../base/async.ts';
import { isSimulatorError, SimulatorError } from '../base/errors.ts';
import type { EngineNews, EngineOrder } from '../protocol/control.ts';
import type { Engine, EngineMaker } from '../storage/engine.ts';

/** The object that uses the engine. */
export interface EngineLender {
  /** Lets go of the engine, if nothing needs it now. */
  lendEngine(): boolean;
  /** There is one again. */
  useEngine(engine: Engine): void;
}

type Seat =
  | { readonly state: 'none' }
  | { readonly state: 'waiting'; readonly came: Deferred<Engine> }
  | { readonly state: 'held'; readonly engine: Engine };

const NONE: Seat = { state: 'none' };

/** Allocating this much makes Chromium collect garbage at once (2 to 6 ms, measured); the bytes are never touched. */
const NUDGE_BYTES = 2 ** 30;
const OwnArrayBuffer = ArrayBuffer;

const ALL_IN_USE =
  'There is no SQLite engine for this object: others use all that the browser has room for, in cursors and transactions that ' +
  'stay open. Read cursors to their end, and do not wait for other objects inside of transactions.';

const NO_ROOM =
  'There is no SQLite engine for this object: the browser gives this page no memory for another one. Close other simulators of ' +
  'the page, or tabs that need much memory, and call again.';

export class EngineSeat {
  readonly #maker: EngineMaker;
  readonly #tell: (news: EngineNews) => void;
  #lender: EngineLender | undefined;
  #seat: Seat = NONE;
  /** others need its place */
  #isWished = false;

  constructor(maker: EngineMaker, tell: (news: EngineNews) => void) {
    this.#maker = maker;
    this.#tell = tell;
  }

  get engine(): Engine | undefined {
    return this.#seat.state === 'held' ? this.#seat.engine : undefined;
  }

  /** At boot, where the host has counted it already. False when the browser has no room. */
  begin(): boolean {
    return this.#make() !== undefined;
  }

  /** From now on the engine is lent only as this object allows. */
  lendBy(lender: EngineLender): void {
    this.#lender = lender;
  }

  /** Resolves when there is one. @throws SimulatorError `overloaded` when all are in use and none comes */
  ensure(): Promise<Engine> {
    const seat = this.#seat;
    switch (seat.state) {
      case 'held':
        return Promise.resolve(seat.engine);
      case 'waiting':
        return seat.came.promise;
      case 'none': {
        const came = deferred<Engine>();
        this.#seat = { state: 'waiting', came };
        this.#tell('wanted');
        return came.promise;
      }
      default:
        return seat satisfies never;
    }
  }

  /** For code that cannot wait. @throws SimulatorError `overloaded` when the browser has no room for it */
  takeNow(): void {
    if (this.#seat.state === 'held') return;
    this.#come(this.#maker.make());
    this.#tell('held');
  }

  obey(order: EngineOrder): void {
    switch (order) {
      case 'take':
        if (this.#seat.state === 'held' || this.#make()) this.#tell('held');
        else this.#tell('none');
        return;
      case 'lend':
        this.#isWished = true;
        this.rest();
        if (this.#seat.state === 'held') this.#tell('held');
        return;
      case 'keep':
        this.#isWished = false;
        return;
      case 'refuse':
        this.#refuse(ALL_IN_USE);
        return;
      case 'no room':
        this.#refuse(NO_ROOM);
        return;
      default:
        order satisfies never;
    }
  }

  /** The object may be at rest. */
  rest(): void {
    if (!this.#isWished || this.#seat.state !== 'held' || !this.#lender?.lendEngine()) return;
    this.#isWished = false;
    this.close();
    collectGarbage();
    this.#tell('none');
  }

  /** Gives it up for good: this thread needs none. */
  close(): void {
    const { engine } = this;
    this.#seat = NONE;
    engine?.close();
  }

  #refuse(why: string): void {
    const seat = this.#seat;
    if (seat.state !== 'waiting') return;
    this.#seat = NONE;
    seat.came.reject(new SimulatorError('overloaded', why));
  }

  #make(): Engine | undefined {
    try {
      const engine = this.#maker.make();
      this.#come(engine);
      return engine;
    } catch (error) {
      if (isSimulatorError(error, 'overloaded')) return undefined;
      throw error;
    }
  }

  #come(engine: Engine): void {
    const before = this.#seat;
    this.#seat = { state: 'held', engine };
    this.#lender?.useEngine(engine);
    if (before.state === 'waiting') before.came.resolve(engine);
  }
}

/** The memory of a closed engine counts until it is collected, and nothing else in a thread that rests would do that soon. */
function collectGarbage(): void {
  try {
    new OwnArrayBuffer(NUDGE_BYTES);
  } catch {
    // Less than that is free: then the browser has just collected what it could.
  }
}
