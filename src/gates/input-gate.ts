/**
 * The input gate: decides which arrival may be delivered next.
 *
 * Promise: arrivals are delivered in the order they came, except that a critical section waiting to start goes before
 * ordinary arrivals, and the end of one before both; while a section runs, only what it began itself is delivered; when it
 * has ended, what it left behind belongs to its parent. Of what a program itself makes ready at once, what is fewer steps of
 * workerd's event loop away comes first. Broken once, for good: nothing is delivered any more.
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
 * Moments of workerd's event loop, in steps from the turn or the lock that leads to them. Only their order shows: measured
 * with every nesting of sections and transactions around what they leave (scenarios `gates/section-left-nested` and
 * `gates/sync-left-nested`).
 */
const STEPS = {
  /** the turn has given its lock back */
  released: 0.7,
  /** the same of the turn with which a section starts */
  releasedFirst: 0.4,
  /** What the turn leads to without anything from outside asks for the lock. */
  asked: {
    /** a `sync()` that has nothing to wait for */
    sync: 1.8,
    /** the next message of the socket whose message the turn was */
    message: 2.5,
    /** the same of a hibernatable socket */
    keptMessage: 4.5,
  },
  /** the lock was given to an arrival: it is delivered */
  delivered: 1,
  /** the lock was given to a section that waits: it starts */
  started: 2,
  /** a section's code is done: it has given its lock back, and is over */
  blockConcurrencyWhile: { released: 0.4, over: 1 },
  /** The same of a transaction, which commits before. */
  transaction: { released: 2.4, over: 3 },
} as const;

/** What a section was begun by. */
export type SectionReason = 'blockConcurrencyWhile' | 'transaction';

/** What a turn leads to by itself. */
export type Follows = keyof typeof STEPS.asked;

/** What has its place among the steps. */
interface Due {
  readonly what:
    | { readonly kind: 'release'; readonly section: Section }
    /** it asks for the lock */
    | { readonly kind: 'ask'; readonly arrival: Arrival }
    /** it has the lock */
    | { readonly kind: 'deliver'; readonly arrival: Arrival }
    | { readonly kind: 'end'; readonly arrival: Arrival };
  /** from when the gate was made */
  readonly step: number;
  next: Due | undefined;
}

type SectionState =
  | { readonly state: 'waiting' }
  | { readonly state: 'running' }
  /** its code is done: what comes for it now comes when it has ended */
  | { readonly state: 'ending' }
  /** its arrivals belong to the parent now */
  | { readonly state: 'ended' };

/** The root, or one critical section: what its code begins is tagged with it. */
export class Section {
  #parent: Section | undefined;
  readonly depth: number;
  #state: SectionState;
  /** the one section that holds this one's lock */
  #child: Section | undefined;
  /** how many turns, and arrivals on their way, have the lock besides; counted only while something is due */
  #lockCount = 0;
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

  /** The nearest section from here that will not end by itself now: where what comes from outside waits. */
  get receiver(): Section {
    let section: Section = this;
    while ((section.#state.state === 'ended' || section.#state.state === 'ending') && section.#parent)
      section = section.#parent;
    return section;
  }

  takeStart(): Arrival | undefined {
    return this.#starting.shift();
  }

  takeOrdinary(): Arrival | undefined {
    return this.#waiting.shift();
  }

  get isLocked(): boolean {
    return this.#lockCount > 0 || this.#child !== undefined;
  }

  lock(): void {
    this.#lockCount++;
  }

  release(): void {
    assert(this.#lockCount > 0, 'only a lock that was taken is given back');
    this.#lockCount--;
  }

  /** Something waits to be delivered in this very section. */
  get hasNext(): boolean {
    return this.#waitingHere > 0;
  }

  get waitingCount(): number {
    return this.#waitingHere + (this.#child?.waitingCount ?? 0);
  }

  get #waitingHere(): number {
    return this.#starting.length + this.#waiting.length;
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

  /** Its code is done. */
  beginToEnd(): void {
    assert(this.#state.state === 'running', 'only a running section ends');
    this.#state = { state: 'ending' };
  }

  /** Gives the lock back. What still waits or runs inside, or is on its way with a lock, is adopted by the parent. */
  end(): void {
    const parent = this.#parent;
    const { state } = this.#state;
    assert((state === 'running' || state === 'ending') && parent, 'only a running section ends');
    parent.#child = this.#child;
    if (this.#child) this.#child.#parent = parent;
    this.#child = undefined;
    parent.#lockCount += this.#lockCount;
    this.#lockCount = 0;
    this.#state = { state: 'ended' };
    moveAll(this.#starting, parent.#starting);
    moveAll(this.#waiting, parent.#waiting);
  }
}

function moveAll(from: Queue<Arrival>, to: Queue<Arrival>): void {
  for (let arrival = from.shift(); arrival; arrival = from.shift()) to.append(arrival);
}

export class InputGate {
  readonly root = new Section();
  /** the nearest of what is due, the rest after it */
  #due: Due | undefined;
  /** the farthest: most of what becomes due is farther still */
  #lastDue: Due | undefined;
  /** how many of them are arrivals */
  #dueArrivalCount = 0;
  /** that of what was delivered last and was due */
  #step = 0;
  /** where the turn ran that was delivered last */
  #turn: Section | undefined;
  /** a section started with it */
  #isFirst = false;
  #broken = false;

  /** Queues an arrival where its section's heir waits. */
  arrive(arrival: Arrival): void {
    arrival.section.receiver.enqueue(arrival, false);
  }

  /** The same for what the turn that runs now leads to by itself: it asks for the lock some steps later. */
  arriveSoon(arrival: Arrival, follows: Follows): void {
    this.#add(this.#step + STEPS.asked[follows], { kind: 'ask', arrival });
  }

  /** Queues the start of `section`; it goes before ordinary arrivals of the parent. @param run  calls `begin` */
  arriveToStart(section: Section, parent: Section, run: () => void): void {
    assert(section.depth > parent.depth, 'a section starts inside its parent');
    parent.heir.enqueue({ section: parent, run }, true);
  }

  /** Queues the end of `section`, whose code is done; it runs until then. @param run  calls `end` */
  arriveToEnd(section: Section, reason: SectionReason, run: () => void): void {
    section.beginToEnd();
    this.#lock(section, STEPS[reason].released);
    this.#add(this.#step + STEPS[reason].over, { kind: 'end', arrival: { section, run } });
  }

  /** The section starts, now. */
  begin(section: Section): void {
    section.begin();
    this.#turn = section;
    this.#isFirst = true;
  }

  /** The section is over, now. */
  end(section: Section): void {
    section.end();
    this.#turn = section.heir;
  }

  /** Takes the next arrival that may be delivered now, if any. */
  next(): Arrival | undefined {
    if (this.#broken) return undefined;
    if (this.#due && this.#turn) this.#lock(this.#turn.heir, this.#isFirst ? STEPS.releasedFirst : STEPS.released);
    this.#turn = undefined;
    this.#isFirst = false;
    const arrival = this.#takeDue() ?? this.#takeWaiting();
    this.#turn ??= arrival?.section;
    return arrival;
  }

  /** Nothing is due: who waits has the lock at once. */
  #takeWaiting(): Arrival | undefined {
    const { leaf } = this.root;
    return leaf.takeStart() ?? leaf.takeOrdinary();
  }

  #takeDue(): Arrival | undefined {
    for (let due = this.#due; due; due = this.#due) {
      this.#due = due.next;
      if (!due.next) this.#lastDue = undefined;
      this.#step = due.step;
      const arrival = this.#happen(due.what);
      if (arrival) return arrival;
    }
    return undefined;
  }

  /** @returns what is to be delivered */
  #happen(what: Due['what']): Arrival | undefined {
    switch (what.kind) {
      case 'release':
        what.section.heir.release();
        this.#grant(what.section.heir);
        return undefined;
      case 'ask':
        this.#dueArrivalCount--;
        what.arrival.section.heir.enqueue(what.arrival, false);
        this.#grant(what.arrival.section.heir);
        return undefined;
      case 'deliver':
        this.#dueArrivalCount--;
        what.arrival.section.heir.release();
        return what.arrival;
      case 'end':
        return what.arrival;
      default:
        what satisfies never;
        return undefined;
    }
  }

  /** Gives the section's lock to the first that waits for it, if it is free. */
  #grant(section: Section): void {
    if (section.isLocked) return;
    const start = section.takeStart();
    const arrival = start ?? section.takeOrdinary();
    if (!arrival) return;
    section.lock();
    this.#add(this.#step + (start ? STEPS.started : STEPS.delivered), { kind: 'deliver', arrival });
  }

  #lock(section: Section, steps: number): void {
    section.lock();
    this.#add(this.#step + steps, { kind: 'release', section });
  }

  #add(step: number, what: Due['what']): void {
    const due: Due = { what, step, next: undefined };
    if ('arrival' in what && what.kind !== 'end') this.#dueArrivalCount++;
    let before = this.#lastDue;
    if (before && before.step > step) {
      before = undefined;
      for (let at = this.#due; at && at.step <= step; at = at.next) before = at;
    }
    due.next = before ? before.next : this.#due;
    if (before) before.next = due;
    else this.#due = due;
    if (!due.next) this.#lastDue = due;
  }

  /** An arrival may be delivered now. */
  get hasNext(): boolean {
    return !this.#broken && (this.#due !== undefined || this.root.leaf.hasNext);
  }

  break(): void {
    this.#broken = true;
  }

  get isBroken(): boolean {
    return this.#broken;
  }

  /** Arrivals that were not taken yet. */
  get waitingCount(): number {
    return this.root.waitingCount + this.#dueArrivalCount;
  }

  /** A critical section runs. */
  get isInside(): boolean {
    return this.root.isInside;
  }

  /** True when nothing waits and no section runs. */
  get isQuiet(): boolean {
    return this.waitingCount === 0 && !this.root.isInside;
  }
}
