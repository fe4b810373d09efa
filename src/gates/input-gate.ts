/**
 * The input gate: decides which arrival may be delivered next.
 *
 * Promise: arrivals are delivered in the order they came, except that a critical section waiting to start goes before
 * ordinary arrivals, and the end of one before both; while a section runs, only what it began itself is delivered; when it
 * has ended, what it left behind belongs to its parent, and of the sections that it left the first starts before all but the
 * ends that are nearer. Broken once, for good: nothing is delivered any more.
 *
 *     OPEN --enter()--> in a section --leave()--> OPEN
 *      \------------------ break(error) ---------> BROKEN
 *
 * Knows nothing of tasks, promises or user code: it orders; `isolate/io-context.ts` delivers.
 * @see workerd: io/io-gate.h (Lock, CriticalSection)
 */
import { assert } from '../base/assert.ts';
import { Queue } from '../base/queue.ts';
import type { Arrived } from '../protocol/trace.ts';

/** Something that waits to run user code. */
export interface Arrival {
  readonly section: Section;
  readonly run: () => void;
  /** what it is, for the trace */
  readonly arrived?: Arrived | undefined;
  /** when it came, for the trace */
  readonly sinceMs?: number;
}

/**
 * How many steps of workerd's event loop lie between the last turn of a section and its end, by what began it; and
 * between an end and the start of what waited inside. Only their order shows (measured: scenario `gates/section-left-nested`).
 */
const STEPS_TO_END = { blockConcurrencyWhile: 1, transaction: 3 } as const;
const STEPS_TO_START = 1.5;

/** What a section was begun by. */
export type SectionReason = keyof typeof STEPS_TO_END;

/** An arrival that has its place among the steps. */
interface Due {
  readonly arrival: Arrival;
  /** in steps, from when the gate was made */
  readonly step: number;
  next: Due | undefined;
}

type SectionState =
  | { readonly state: 'waiting' }
  | { readonly state: 'running' }
  /** its arrivals belong to the parent now */
  | { readonly state: 'ended' };

/** The root, or one critical section: what its code begins is tagged with it. */
export class Section {
  #parent: Section | undefined;
  readonly depth: number;
  #state: SectionState;
  /** the one section that holds this one's lock */
  #child: Section | undefined;
  /** The start of a section that had the lock of one that has ended: only nearer ends are delivered before it. */
  #granted: Due | undefined;
  readonly #starting = new Queue<Arrival>();
  readonly #waiting = new Queue<Arrival>();

  constructor(parent?: Section) {
    this.#parent = parent;
    this.depth = parent ? parent.depth + 1 : 0;
    this.#state = parent ? { state: 'waiting' } : { state: 'running' };
  }

  /** This section, or the nearest one around it that has not ended. */
  get heir(): Section {
    let section: Section = this;
    while (section.#state.state === 'ended' && section.#parent) section = section.#parent;
    return section;
  }

  /** The innermost section that runs now, seen from here. */
  get leaf(): Section {
    let section: Section = this;
    while (section.#child) section = section.#child;
    return section;
  }

  enqueue(arrival: Arrival, startsSection: boolean): void {
    (startsSection ? this.#starting : this.#waiting).append(arrival);
  }

  take(): Arrival | undefined {
    return this.#starting.shift() ?? this.#waiting.shift();
  }

  get granted(): Due | undefined {
    return this.#granted;
  }

  takeGranted(): Due | undefined {
    const granted = this.#granted;
    this.#granted = undefined;
    return granted;
  }

  /** Something waits to be delivered in this very section. */
  get hasNext(): boolean {
    return this.#waitingHere > 0;
  }

  get waitingCount(): number {
    return this.#waitingHere + (this.#child?.waitingCount ?? 0);
  }

  get #waitingHere(): number {
    return this.#starting.length + this.#waiting.length + (this.#granted ? 1 : 0);
  }

  /** Ordinary arrivals that were not taken yet. */
  get heldBack(): Queue<Arrival> {
    return this.#waiting;
  }

  get isInside(): boolean {
    return this.#child !== undefined;
  }

  /** Takes the lock of the nearest section around it that still runs. */
  begin(): void {
    assert(this.#state.state === 'waiting' && this.#parent, 'a section begins once');
    this.#parent = this.#parent.heir;
    assert(this.#parent.#child === undefined, 'one section at a time holds its parent');
    this.#parent.#child = this;
    this.#state = { state: 'running' };
  }

  /**
   * Gives the lock back. What still waits or runs inside is adopted by the parent. The first section that waits to start was
   * given the lock when the last turn inside was over, before anybody knew that it was the last: it keeps it, the others go
   * behind. An answer that the last turn asked for came later than that.
   *
   * @param step  when that is
   */
  end(step: number): void {
    const parent = this.#parent;
    assert(this.#state.state === 'running' && parent, 'only a running section ends');
    if (!this.#child) {
      assert(parent.#granted === undefined, 'one arrival at a time has the lock');
      parent.#granted = this.takeGranted() ?? this.#grant(step);
    }
    parent.#child = this.#child;
    if (this.#child) this.#child.#parent = parent;
    this.#child = undefined;
    this.#state = { state: 'ended' };
    moveAll(this.#starting, parent.#starting);
    moveAll(this.#waiting, parent.#waiting);
  }

  #grant(step: number): Due | undefined {
    const arrival = this.#starting.shift();
    return arrival && { arrival, step: step + STEPS_TO_START, next: undefined };
  }
}

function moveAll(from: Queue<Arrival>, to: Queue<Arrival>): void {
  for (let arrival = from.shift(); arrival; arrival = from.shift()) to.append(arrival);
}

export class InputGate {
  readonly root = new Section();
  /** the nearest end of a section whose code is done, the others after it */
  #ending: Due | undefined;
  /** of what was delivered last and has one */
  #step = 0;
  #broken = false;

  /** Queues an arrival where its section's heir waits. */
  arrive(arrival: Arrival): void {
    arrival.section.heir.enqueue(arrival, false);
  }

  /** Queues the start of `section`; it goes before ordinary arrivals of the parent. */
  arriveToStart(section: Section, parent: Section, run: () => void): void {
    assert(section.depth > parent.depth, 'a section starts inside its parent');
    parent.heir.enqueue({ section: parent, run }, true);
  }

  /** Queues the end of `section`; it runs until then. @param run  calls `end` */
  arriveToEnd(section: Section, reason: SectionReason, run: () => void): void {
    const due: Due = { arrival: { section, run }, step: this.#step + STEPS_TO_END[reason], next: undefined };
    let before: Due | undefined;
    for (let at = this.#ending; at && at.step <= due.step; at = at.next) before = at;
    due.next = before ? before.next : this.#ending;
    if (before) before.next = due;
    else this.#ending = due;
  }

  /** The section is over, now. */
  end(section: Section): void {
    section.end(this.#step);
  }

  /** Takes the next arrival that may be delivered now, if any. */
  next(): Arrival | undefined {
    if (this.#broken) return undefined;
    const { leaf } = this.root;
    const due = this.#takeDue(leaf);
    if (!due) return leaf.take();
    this.#step = due.step;
    return due.arrival;
  }

  #takeDue(leaf: Section): Due | undefined {
    const ending = this.#ending;
    const { granted } = leaf;
    if (!ending || (granted && granted.step < ending.step)) return leaf.takeGranted();
    this.#ending = ending.next;
    return ending;
  }

  /** An arrival may be delivered now. */
  get hasNext(): boolean {
    return !this.#broken && (this.#ending !== undefined || this.root.leaf.hasNext);
  }

  break(): void {
    this.#broken = true;
  }

  get isBroken(): boolean {
    return this.#broken;
  }

  /** Arrivals that were not taken yet. */
  get waitingCount(): number {
    return this.root.waitingCount;
  }

  /** A critical section runs. */
  get isInside(): boolean {
    return this.root.isInside;
  }

  /** True when nothing waits and no section runs. */
  get isQuiet(): boolean {
    return this.root.waitingCount === 0 && !this.root.isInside;
  }
}
