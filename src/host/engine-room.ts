/**
 * Decides which isolates of this machine have an SQLite engine: a browser has room for fewer engines than for isolates.
 *
 * Promise: whoever needs an engine gets one as soon as there is room, in the order in which they came; nobody loses theirs while
 * it is in use, because an isolate gives it up by itself when it rests, and asks again when something arrives. Those that have had
 * theirs for longest are asked first.
 *
 *     (none) --wanted--> WAITING --room--> OFFERED --held--> HELD --lend, at rest--> (none)
 *        ^                   ^----------------/ none: the browser has less room than we thought; tried again after a while
 *        '--refuse, nobody got one for a minute: all are in use, and may wait for this very one
 *        '--no room, none of ours is there to be given up, and the browser has refused for long enough
 *
 * DIFFERS: on the platform any number of objects may have a cursor or a transaction open at once.
 *
 * Why: Chromium reserves 8 GiB of addresses for each WebAssembly memory, and refuses the 125th of a page (measured).
 * Knows nothing of what an isolate is.
 */
import type { Clock, Timer } from '../base/clock.ts';
import type { EngineNews, EngineOrder } from '../protocol/control.ts';
import { ENGINE_RETRY_MS, ENGINE_ROOM_WAIT_MS, ENGINE_WAIT_MS, ENGINES } from '../protocol/limits.ts';

/** As far as engines are concerned. */
export interface EngineUser {
  /** it runs an object, and so may have its engine at rest */
  readonly isLive: boolean;
  post(message: { c: 'engine'; order: EngineOrder }): void;
}

type Place = 'offered' | 'held';

export class EngineRoom {
  /** those that have one, or are about to; longest first */
  readonly #places = new Map<EngineUser, Place>();
  readonly #waiting = new Set<EngineUser>();
  /** those that were asked for theirs; false: it is in use, and comes later */
  readonly #asked = new Map<EngineUser, boolean>();
  readonly #most: number;
  readonly #clock: Pick<Clock, 'after'>;
  /** set while somebody waits; begins anew when one of them is served */
  #patience: Timer | undefined;
  /** set while somebody waits and the browser has refused: others of the page may have given some back */
  #retry: Timer | undefined;
  /** how many the browser has room for, as far as we know */
  #limit: number;

  constructor(clock: Pick<Clock, 'after'>, most = ENGINES) {
    this.#clock = clock;
    this.#most = most;
    this.#limit = most;
  }

  /** How many have one, or are about to. */
  get count(): number {
    return this.#places.size;
  }

  /** Whether one that boots may begin with an engine; then its place is taken. */
  reserve(user: EngineUser): boolean {
    if (this.#waiting.size > 0 || this.#places.size >= this.#limit) return false;
    this.#places.set(user, 'offered');
    return true;
  }

  hear(user: EngineUser, news: EngineNews): void {
    switch (news) {
      case 'wanted':
        if (!this.#places.has(user)) this.#waiting.add(user);
        break;
      case 'held':
        if (this.#places.get(user) === 'offered') this.#stopWaiting();
        if (this.#asked.has(user)) this.#asked.set(user, false);
        // Taken in need, without an offer: that counts all the same.
        else this.#hold(user);
        break;
      case 'none':
        this.#asked.delete(user);
        if (this.#places.get(user) === 'offered') this.#refused(user);
        else this.#places.delete(user);
        break;
      default:
        news satisfies never;
    }
    this.#serve();
  }

  /** It has ended: what it had is free for good. */
  gone(user: EngineUser): void {
    this.#waiting.delete(user);
    this.#asked.delete(user);
    if (this.#places.delete(user) && this.#limit < this.#most) this.#limit++;
    this.#serve();
  }

  #hold(user: EngineUser): void {
    this.#waiting.delete(user);
    this.#places.delete(user);
    this.#places.set(user, 'held');
  }

  /** Another simulator of the page has taken the room that we counted on. */
  #refused(user: EngineUser): void {
    this.#places.delete(user);
    this.#limit = this.#places.size;
    const others = [...this.#waiting];
    this.#waiting.clear();
    for (const one of [user, ...others]) this.#waiting.add(one);
  }

  #has(wanted: Place): boolean {
    for (const place of this.#places.values()) if (place === wanted) return true;
    return false;
  }

  #stopWaiting(): void {
    this.#patience?.cancel();
    this.#patience = undefined;
  }

  #wait(): void {
    // Nobody of ours could give one up: then only others of the page can, and they may never.
    const isOthers = this.#limit < this.#most && !this.#has('held');
    const patienceMs = isOthers ? ENGINE_ROOM_WAIT_MS : ENGINE_WAIT_MS;
    this.#patience ??= this.#clock.after(patienceMs, () => this.#refuse(isOthers ? 'no room' : 'refuse'));
    if (this.#limit >= this.#most) return;
    this.#retry ??= this.#clock.after(ENGINE_RETRY_MS, () => {
      this.#retry = undefined;
      if (this.#waiting.size === 0) return;
      this.#limit = Math.min(this.#most, this.#limit + 1);
      this.#serve();
    });
  }

  #refuse(order: 'refuse' | 'no room'): void {
    this.#patience = undefined;
    const refused = [...this.#waiting];
    this.#waiting.clear();
    for (const user of refused) user.post({ c: 'engine', order });
    this.#serve();
  }

  #serve(): void {
    for (const user of this.#waiting) {
      if (this.#places.size >= this.#limit) break;
      this.#waiting.delete(user);
      this.#places.set(user, 'offered');
      user.post({ c: 'engine', order: 'take' });
    }
    let missing = this.#waiting.size;
    if (missing === 0) {
      for (const user of this.#asked.keys()) user.post({ c: 'engine', order: 'keep' });
      this.#asked.clear();
      // One that was offered may not be there: who is refused by the browser goes on with the patience that was left.
      if (!this.#has('offered')) this.#stopWaiting();
      return;
    }
    this.#wait();
    for (const isComing of this.#asked.values()) if (isComing) missing--;
    for (const [user, place] of this.#places) {
      if (missing <= 0) return;
      if (place !== 'held' || !user.isLive || this.#asked.has(user)) continue;
      this.#asked.set(user, true);
      user.post({ c: 'engine', order: 'lend' });
      missing--;
    }
  }
}
