/**
 * The order in which an isolate's events happen: every arrival passes here, and every turn ends here.
 *
 * Promise: one delivery per task; when its microtasks are empty the turn is ended (its writes are committed) before the
 * next delivery is taken; what the input gate holds back waits in order. A failure of a critical section breaks the
 * context once and for all.
 *
 *     QUIET --arrive()--> TURN --task over--> QUIET        [#pump, #endTurn]
 *       \------ TURN -- break() --> BROKEN                  nothing is delivered any more
 *
 * Between turns it may be paused: then nothing is delivered until it is resumed, and whoever paused it hears that something waits.
 *
 * Two things end a turn, whichever comes first: the task of ours that was asked for when it began (`base/schedule`: behind the
 * microtasks, often still in the event that brought the delivery), or the next arrival. Both are needed: the browser's own tasks that
 * were queued earlier can run before ours.
 *
 * Knows nothing of storage, links or classes: what an arrival does, and what ending a turn does, are given.
 */
import { assert } from '../base/assert.ts';
import type { Timer } from '../base/clock.ts';
import { NativePromise } from '../base/primordials.ts';
import { type Follows, InputGate, Section, type SectionReason } from '../gates/input-gate.ts';
import type { Arrived } from '../protocol/trace.ts';
import type { Tracer } from '../protocol/tracer.ts';
import { Burst } from './burst.ts';
import { whenSettled } from './lost-promises.ts';

export interface IoContextOptions {
  /** Runs the callback in a task of its own, soon, in order. */
  schedule(task: () => void): void;
  /** A turn begins: code of this context runs from now on. */
  onTurn?(): void;
  /** The turn is over: commit what it wrote. */
  endTurn(): void;
  /** The program observes this clock. */
  after(delayMs: number, fire: () => void): Timer;
  /** A critical section failed, or took too long: the object must be reset with this error. */
  onBroken(error: unknown, why: 'failed' | 'too long'): void;
  sectionDepthMax: number;
  sectionMsMax: number;
  /** where deliveries and sections are written down */
  tracer?: Tracer;
}

interface Running<T> {
  section: Section;
  callback: () => T | Promise<T>;
  resolve: (value: T) => void;
  /** who asked for the section */
  reason: SectionReason;
  /** number of the event whose code asked for it, for the trace */
  begun: number;
}

type TurnState = { readonly state: 'quiet' } | { readonly state: 'turn' } | { readonly state: 'broken' };

const TURN: TurnState = { state: 'turn' };

export class IoContext {
  readonly #options: IoContextOptions;
  readonly #gate = new InputGate();
  #state: TurnState = { state: 'quiet' };
  #current: Section = this.#gate.root;
  #pumping = false;
  #turnCount = 0;
  #lastArrivalCount = 0;
  /** set while it is paused; called when something waits to be delivered */
  #onWanted: (() => void) | undefined;
  readonly #burst = new Burst();
  /** when the first arrival came that waits for nothing but the next turn, for the trace; 0: none did */
  #waitingSinceMs = 0;

  constructor(options: IoContextOptions) {
    this.#options = options;
  }

  /** Counts deliveries; a number that has not moved means that nothing happened. */
  get deliveryCount(): number {
    return this.#lastArrivalCount;
  }

  /** True when no turn runs, no arrival waits and no critical section is open. */
  get isQuiet(): boolean {
    return this.#state.state === 'quiet' && this.#gate.isQuiet;
  }

  /** True when no turn runs and nothing can be delivered: what waits, if anything, waits for a critical section. */
  get isResting(): boolean {
    return this.#state.state !== 'turn' && !this.#pumping && !this.#gate.hasNext;
  }

  get isBroken(): boolean {
    return this.#state.state === 'broken';
  }

  /** The number of the turn that runs now. */
  get turn(): number | undefined {
    return this.#state.state === 'turn' ? this.#turnCount : undefined;
  }

  /** Delivers a new event, begun by no code of ours: it belongs to the root. */
  arrive(run: () => void, arrived?: Arrived, follows?: Follows): void {
    this.#arrive(this.#gate.root, run, arrived, follows);
  }

  /**
   * Taken when code begins something that answers later (a timer, a call): the function it returns delivers the answer
   * where it belongs, inside the critical section that began it.
   */
  capture(): (run: () => void, arrived?: Arrived, follows?: Follows) => void {
    const section = this.#current;
    return (run, arrived, follows) => this.#arrive(section, run, arrived, follows);
  }

  /** Delivers `run` inside the critical section whose code runs now, as what comes back by itself because it waits for nothing. */
  comeBack(run: () => void): void {
    this.#arrive(this.#current, run, undefined, 'sync');
  }

  /** A write began outside any delivery (a platform promise settled by itself): that is a turn too. */
  ensureTurn(): void {
    if (this.#state.state !== 'quiet') return;
    this.#beginTurn();
    this.#schedulePump();
  }

  /**
   * Runs `callback` as a critical section. Never synchronously: it starts when the section takes the lock. It ends with the
   * turn in which the callback does, so that turn is committed; the awaiting code goes on in the next one, before any queued
   * event. Its failure breaks the context, and the promise never settles then. Only a section that would be nested too
   * deeply rejects: it does not begin.
   */
  criticalSection<T>(callback: () => T | Promise<T>, reason: SectionReason = 'blockConcurrencyWhile'): Promise<T> {
    const parent = this.#current.heir;
    if (parent.depth + 1 > this.#options.sectionDepthMax) {
      return Promise.reject(new Error('blockConcurrencyWhile() calls are nested too deeply.'));
    }
    const section = new Section(parent);
    const begun = this.#options.tracer?.current ?? 0;
    return new NativePromise<T>((resolve) => {
      this.#gate.arriveToStart(section, parent, () => this.#runSection({ section, callback, resolve, reason, begun }));
      this.#schedulePump();
    });
  }

  /**
   * True when more deliveries wait, a task each: then `go` is called once they are through, or the first few of them.
   * What answers a burst leaves together by it. Nothing that leaves is kept for a delivery that the gate holds back.
   */
  afterBurst(go: () => void): boolean {
    if (this.isBroken || !this.#pumping || this.#gate.waitingCount === 0) return false;
    this.#burst.wait(go);
    return true;
  }

  pause(onWanted: () => void): void {
    this.#onWanted = onWanted;
  }

  resume(): void {
    this.#onWanted = undefined;
    this.#schedulePump();
  }

  break(): void {
    this.#state = { state: 'broken' };
    this.#gate.break();
    this.#burst.end();
  }

  #runSection<T>({ section, callback, resolve, reason, begun }: Running<T>): void {
    const { tracer } = this.#options;
    tracer?.resume(begun);
    if (tracer?.isOn) this.#traceClosing(tracer, reason);
    this.#gate.begin(section);
    this.#current = section;
    const timer = this.#options.after(this.#options.sectionMsMax, () =>
      this.#fail(new Error(SECTION_TIMEOUT), 'too long'),
    );
    const end = (value: T) => {
      this.#gate.end(section);
      tracer?.resume(begun);
      tracer?.note({ kind: 'gate', gate: 'input', state: 'open', reason });
      this.#current = section.heir;
      resolve(value);
    };
    const finish = (value: T) => {
      timer.cancel();
      if (this.isBroken) return;
      this.#gate.arriveToEnd(section, reason, () => end(value));
      this.#schedulePump();
    };
    const fail = (error: unknown) => {
      timer.cancel();
      this.#fail(error);
    };
    try {
      whenSettled(callback(), finish, fail);
    } catch (error) {
      fail(error);
    }
  }

  /** What came before the section began waits for it now, like all that comes later. */
  #traceClosing(tracer: Tracer, reason: SectionReason): void {
    tracer.note({ kind: 'gate', gate: 'input', state: 'closed', reason });
    for (let node = this.#gate.root.heldBack.first; node; node = node.next) {
      const { arrived } = node.value;
      if (arrived) tracer.wait(arrived);
    }
  }

  #fail(error: unknown, why: 'failed' | 'too long' = 'failed'): void {
    if (this.isBroken) return;
    this.break();
    this.#options.onBroken(error, why);
  }

  /** @param follows  what it is, if the turn that runs now leads to it by itself */
  #arrive(section: Section, run: () => void, arrived: Arrived | undefined, follows?: Follows): void {
    if (this.isBroken) return;
    const { tracer } = this.#options;
    const isNow = this.#state.state === 'quiet' && !this.#pumping && follows === undefined;
    const arrival = tracer?.isOn ? { section, run, arrived, sinceMs: this.#sinceMs(tracer, isNow) } : { section, run };
    if (follows === undefined) this.#gate.arrive(arrival);
    else this.#gate.arriveSoon(arrival, follows);
    if (tracer?.isOn && arrived && this.#gate.isInside && section === this.#gate.root) tracer.wait(arrived);
    // An arrival is a task of its own when nothing runs and nothing waits before it: no need to post to ourselves first.
    if (isNow) this.#pump();
    else this.#schedulePump();
  }

  /** What comes between two turns came together: a clock is read once for it, which costs as much as all else that is noted. */
  #sinceMs(tracer: Tracer, isNow: boolean): number {
    if (this.#gate.isInside || this.#onWanted) return tracer.stamp();
    if (isNow) return 0;
    if (this.#waitingSinceMs === 0) this.#waitingSinceMs = tracer.stamp();
    return this.#waitingSinceMs;
  }

  #schedulePump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#options.schedule(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    this.#waitingSinceMs = 0;
    this.#endTurn();
    if (this.isBroken) return;
    if (this.#onWanted && this.#gate.hasNext) {
      this.#onWanted();
      return;
    }
    const next = this.#gate.next();
    if (!next) {
      this.#burst.end();
      return;
    }
    this.#burst.next();
    this.#beginTurn();
    this.#lastArrivalCount++;
    this.#current = next.section;
    this.#schedulePump();
    if (this.#options.tracer?.isOn) this.#options.tracer.deliver(next.arrived, next.sinceMs ?? 0);
    next.run();
  }

  #beginTurn(): void {
    this.#state = TURN;
    this.#turnCount++;
    this.#options.onTurn?.();
  }

  #endTurn(): void {
    switch (this.#state.state) {
      case 'quiet':
      case 'broken':
        return;
      case 'turn':
        this.#state = { state: 'quiet' };
        this.#current = this.#gate.root;
        this.#options.endTurn();
        this.#options.tracer?.rest();
        return;
      default:
        this.#state satisfies never;
        assert(false, 'unknown turn state');
    }
  }
}

/** @see workerd: io/io-context.h */
const SECTION_TIMEOUT =
  'A call to blockConcurrencyWhile() in a Durable Object waited for too long. The call was canceled and the Durable Object was reset.';
