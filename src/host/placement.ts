/**
 * Decides which machine runs an object: this one, under a lease, or the one whose host answers for it.
 *
 * Promise: an object has at most one container here; it exists only while the object's lock is held; a holder that
 * stays silent is robbed, and then everybody is told the new epoch. Safety does not rest on this but on the epoch in
 * the object's log: a robbed machine that still runs cannot write.
 *
 *     ask(X) --> lock free ------------------------> here
 *            \\-> lock held --> holder answers ------> there
 *                          \\-> holder silent twice -> steal, announce `moved` -> here
 *                          \\-> lock released -------> here
 *
 * Knows nothing of isolates: how a container is made is given.
 */
import { must } from '../base/assert.ts';
import { SimulatorError } from '../base/errors.ts';
import type { Leases } from '../network/lease.ts';
import { type Account, type Epoch, lockNames, type ObjectAddress } from '../protocol/names.ts';

/** The lock of one object, as `network/lease.ts` gives it. */
export interface HeldLease {
  /** resolves only when another machine stole it */
  readonly lost: Promise<void>;
  release(): void;
}

export interface PlacementLeases {
  tryAcquire(object: ObjectAddress): Promise<HeldLease | undefined>;
  acquire(object: ObjectAddress, options: { steal?: boolean; signal?: AbortSignal }): Promise<HeldLease>;
}

/** Those of one account. */
export function objectLeases(leases: Pick<Leases, 'acquire' | 'tryAcquire'>, account: Account): PlacementLeases {
  return {
    tryAcquire: (object) => leases.tryAcquire(lockNames.object(account, object)),
    acquire: (object, how) => leases.acquire(lockNames.object(account, object), how),
  };
}

export type DirectoryOutcome<Answer> =
  | { readonly outcome: 'answered'; readonly answer: Answer }
  /** nobody answered in time, twice: the holder is frozen */
  | { readonly outcome: 'silent' }
  | { readonly outcome: 'cancelled' };

/** One question to the other hosts, as `network/directory.ts` puts it. */
export interface DirectoryQuestion<Answer> {
  readonly answer: Promise<DirectoryOutcome<Answer>>;
  cancel(): void;
}

/** What runs an object here. */
export interface Placed {
  readonly isEnded: boolean;
  /** the epoch, or undefined when it ended in good order before a caller reached it */
  live(): Promise<Epoch | undefined>;
  end(error: undefined): void;
}

export interface PlacementOptions<Answer> {
  leases: PlacementLeases;
  ask(object: ObjectAddress): DirectoryQuestion<Answer>;
  announceMoved(object: ObjectAddress, epoch: Epoch): void;
  /** the lease of an object that slept here was stolen */
  robbed?(object: ObjectAddress): void;
}

export type Place<C, Answer> = { readonly at: 'here'; readonly container: C; readonly epoch: Epoch } | There<Answer>;

interface There<Answer> {
  readonly at: 'there';
  readonly answer: Answer;
}

/** Starts the object here. `wasFree`: nobody ran it, or was about to, when whoever looks for it began. */
export type Start<C> = (how: { readonly wasFree: boolean }) => C;

/** The lease was held for something else than running the object: begin anew. */
const OVER = { at: 'over' } as const;

/** `isNews`: others may be waiting for a holder, or hold links to one that is no more */
type Search<Answer> =
  | { readonly at: 'here'; readonly lease: HeldLease; readonly isNews: boolean }
  | { readonly at: 'there'; readonly answer: Answer };

interface Searching<C, Answer> {
  place: Promise<Place<C, Answer> | typeof OVER>;
  /** set while other hosts are asked; called when one of them says that the object moved */
  nudge: (() => void) | undefined;
}

interface Held<C> {
  readonly container: C;
  readonly lease: HeldLease;
}

export class Placement<C extends Placed, Answer> {
  readonly #options: PlacementOptions<Answer>;
  readonly #here = new Map<ObjectAddress, Held<C>>();
  /** questions under way, shared by all who ask for the same object */
  readonly #searching = new Map<ObjectAddress, Searching<C, Answer>>();

  readonly #closing = new AbortController();

  constructor(options: PlacementOptions<Answer>) {
    this.#options = options;
  }

  /** Gives up every search: they reject with `closed`. Containers are ended by who made them. */
  close(): void {
    this.#closing.abort(new SimulatorError('closed', 'The simulator is closing; open it again.'));
  }

  get containers(): C[] {
    return [...this.#here.values()].map((held) => held.container).filter((container) => !container.isEnded);
  }

  get(object: ObjectAddress): C | undefined {
    const container = this.#here.get(object)?.container;
    return container?.isEnded ? undefined : container;
  }

  /** Its instance has ended, and its lease is kept. */
  isAsleep(object: ObjectAddress): boolean {
    return this.#here.get(object)?.container.isEnded === true;
  }

  /** Objects that sleep here. */
  get asleep(): ObjectAddress[] {
    return [...this.#here.keys()].filter((object) => this.isAsleep(object));
  }

  /** Finds the object, or starts it here by `start`. Rejects with what `start` rejects with. */
  async find(object: ObjectAddress, start: Start<C>): Promise<Place<C, Answer>> {
    for (;;) {
      const held = this.#here.get(object);
      if (held && !held.container.isEnded) {
        const epoch = await held.container.live();
        if (epoch !== undefined) return { at: 'here', container: held.container, epoch };
        continue; // it ended in good order while we waited: begin anew
      }
      const place = await (this.#searching.get(object) ?? this.#begin(object, start)).place;
      if (place.at === 'over') continue;
      if (place.at === 'there' || !place.container.isEnded) return place;
    }
  }

  /**
   * Holds the object's lease for `work` without running the object. Who wants to run it waits meanwhile, here and on
   * other machines.
   *
   * @param work  gives the epoch under which it wrote, if it did
   * @returns `over` when `work` is done; else who runs the object, and `work` was not begun
   * @throws whatever `work` throws, after the lease was given back
   */
  async hold(
    object: ObjectAddress,
    work: () => Promise<Epoch | undefined>,
  ): Promise<{ readonly at: 'over' } | { readonly at: 'here'; readonly container: C } | There<Answer>> {
    for (;;) {
      const held = this.#here.get(object);
      if (held && !held.container.isEnded) return { at: 'here', container: held.container };
      const searching = this.#searching.get(object);
      if (!searching) break;
      const place = await searching.place.catch(() => OVER); // who searched was told
      if (place.at === 'there') return place;
    }
    const outcome: { failed?: { readonly error: unknown } } = {};
    const search: Searching<C, Answer> = { place: Promise.resolve(OVER), nudge: undefined };
    search.place = Promise.resolve()
      .then(async () => {
        const found = await this.#acquire(object, search);
        if (found.at === 'there') return found;
        try {
          const epoch = await work();
          if (found.isNews && epoch !== undefined) this.#options.announceMoved(object, epoch);
        } finally {
          // That of an object which sleeps here is kept.
          if (this.#here.get(object)?.lease !== found.lease) found.lease.release();
        }
        return OVER;
      })
      .catch((error: unknown) => {
        // Others who wait for this search have nothing to do with it: they begin anew.
        outcome.failed = { error };
        return OVER;
      })
      .finally(() => this.#searching.delete(object));
    this.#searching.set(object, search);
    const place = await search.place;
    if (outcome.failed) throw outcome.failed.error;
    return place as Exclude<typeof place, { at: 'here' }>;
  }

  /** What this machine answers when another asks: undefined when it does not hold the object. */
  async answer(object: ObjectAddress): Promise<{ container: C; epoch: Epoch } | undefined> {
    const search = this.#searching.get(object);
    // The lock may be ours already while its callback is still on its way: then the asker must not be left in silence.
    // But one who asks others himself has nothing to say: two who wait for each other would never rob a frozen third.
    if (search?.nudge) return undefined;
    await search?.place.catch(() => undefined);
    const container = this.#here.get(object)?.container;
    const epoch = await container?.live().catch(() => undefined);
    return container && epoch !== undefined ? { container, epoch } : undefined;
  }

  /** Another host announced that it runs the object now. */
  moved(object: ObjectAddress): void {
    this.#searching.get(object)?.nudge?.();
  }

  /**
   * To be called when a container ended, after its isolate was terminated: gives the lease back.
   *
   * @param isAsleep  it is kept, until the object runs here again or `forget` is called
   */
  ended(object: ObjectAddress, container: C, isAsleep = false): void {
    const held = this.#here.get(object);
    if (held?.container !== container || isAsleep) return;
    this.#here.delete(object);
    held.lease.release();
  }

  /** The object sleeps here and has no reason to: gives its lease back. */
  forget(object: ObjectAddress): void {
    const held = this.#here.get(object);
    if (!held?.container.isEnded) return;
    const searching = this.#searching.get(object);
    if (searching) {
      // Somebody is at work under it.
      const again = () => this.forget(object);
      searching.place.then(again, again);
      return;
    }
    this.#here.delete(object);
    held.lease.release();
  }

  #begin(object: ObjectAddress, start: Start<C>): Searching<C, Answer> {
    const begun: { search?: Searching<C, Answer> } = {};
    const place = Promise.resolve()
      .then(() => this.#search(object, start, must(begun.search, 'a search under way')))
      .finally(() => this.#searching.delete(object));
    const search: Searching<C, Answer> = { place, nudge: undefined };
    begun.search = search;
    this.#searching.set(object, search);
    return search;
  }

  async #search(object: ObjectAddress, start: Start<C>, search: Searching<C, Answer>): Promise<Place<C, Answer>> {
    const found = await this.#acquire(object, search);
    if (found.at === 'there') return found;
    const { lease, isNews } = found;
    let container: C;
    try {
      container = start({ wasFree: !isNews });
    } catch (error) {
      this.#here.delete(object);
      lease.release();
      throw error;
    }
    this.#here.set(object, { container, lease });
    // Robbed: before anything else is handled the instance ends, and its lease is no longer ours to give back.
    void lease.lost.then(() => this.#lost(object, lease));
    const epoch = await container.live();
    if (epoch === undefined) return this.#search(object, () => start({ wasFree: false }), search);
    if (isNews) this.#options.announceMoved(object, epoch);
    return { at: 'here', container, epoch };
  }

  #lost(object: ObjectAddress, lease: HeldLease): void {
    const held = this.#here.get(object);
    if (held?.lease !== lease) return;
    if (!held.container.isEnded) {
      held.container.end(undefined);
      return;
    }
    this.#here.delete(object);
    this.#options.robbed?.(object);
  }

  async #acquire(object: ObjectAddress, search: Searching<C, Answer>): Promise<Search<Answer>> {
    const asleep = this.#here.get(object);
    if (asleep) return { at: 'here', lease: asleep.lease, isNews: false };
    const { leases } = this.#options;
    const closing = this.#closing.signal;
    closing.throwIfAborted();
    const free = await leases.tryAcquire(object);
    if (free) return { at: 'here', lease: free, isNews: false };
    const waiting = new AbortController();
    const giveUp = () => waiting.abort();
    closing.addEventListener('abort', giveUp);
    const locked = leases.acquire(object, { signal: waiting.signal }).then(
      (lease) => ({ at: 'here', lease, isNews: true }) as const,
      (error: unknown) => {
        if (waiting.signal.aborted) return undefined;
        throw error;
      },
    );
    const asking = this.#askOthers(object, search);
    const first = await Promise.race([locked, asking.place]);
    closing.removeEventListener('abort', giveUp);
    asking.stop();
    if (first?.at === 'here') return first;
    waiting.abort();
    // The lock may have been granted in the moment we gave up waiting for it: then the holder that answered let go.
    const late = await locked;
    if (late) return late;
    closing.throwIfAborted();
    if (first?.at === 'there') return first;
    return { at: 'here', lease: await leases.acquire(object, { steal: true }), isNews: true };
  }

  /** Resolves with the holder's answer, or undefined when it stays silent; never after `stop`. */
  #askOthers(
    object: ObjectAddress,
    search: Searching<C, Answer>,
  ): { place: Promise<Extract<Search<Answer>, { at: 'there' }> | undefined>; stop: () => void } {
    let question: DirectoryQuestion<Answer>;
    let isNudged = false;
    const place = new Promise<Extract<Search<Answer>, { at: 'there' }> | undefined>((resolve, reject) => {
      const ask = async () => {
        isNudged = false;
        question = this.#options.ask(object);
        const outcome = await question.answer;
        switch (outcome.outcome) {
          case 'answered':
            resolve({ at: 'there', answer: outcome.answer });
            return;
          case 'silent':
            resolve(undefined);
            return;
          case 'cancelled':
            if (isNudged) await ask();
            return;
          default:
            outcome satisfies never;
        }
      };
      ask().catch(reject);
    });
    search.nudge = () => {
      isNudged = true;
      question.cancel();
    };
    return {
      place,
      stop: () => {
        search.nudge = undefined;
        question.cancel();
      },
    };
  }
}
