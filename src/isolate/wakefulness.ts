/**
 * Whether an object has to stay in memory, and what for.
 *
 * Promise: what is under way keeps it for good; what only goes on beside its events (timers, calls to others, `waitUntil`,
 * sockets that it opened) keeps it for the time that the platform gives such things. Looking never moves that time.
 *
 * Knows nothing of how an object ends: it is asked, and tells when nothing has kept it for the whole idle time.
 */
import { must } from '../base/assert.ts';
import type { Awake, DrainReason } from '../protocol/control.ts';
import { IO_TASK_MS, type Limits } from '../protocol/limits.ts';
import type { Alarms } from './alarms.ts';
import type { Callers } from './callers.ts';
import { IdleWatch } from './idle-watch.ts';
import type { InstanceGates } from './instance-gates.ts';
import type { ObjectFacets } from './object-facets.ts';
import type { ObjectStorage } from './object-storage.ts';
import type { Runtime } from './runtime.ts';

export interface WakefulnessParts {
  gates: InstanceGates;
  callers: Callers;
  alarms(): Alarms | undefined;
  storage(): ObjectStorage | undefined;
  facets(): Pick<ObjectFacets, 'whyHeld' | 'whyIo'> | undefined;
  limits: Limits;
  /** nothing has kept the object for the whole idle time */
  onIdle(): void;
}

/** What a started object has beside its events. */
type Surroundings = Pick<Runtime, 'after' | 'compatibility' | 'networkWaits' | 'random'> & {
  readonly virtualClock: Pick<Runtime['virtualClock'], 'now'>;
  readonly sockets: Pick<Runtime['sockets'], 'count' | 'ownCount'>;
  readonly connector: Pick<Runtime['connector'], 'isHolding'>;
  readonly channels: Pick<Runtime['channels'], 'isQuiet' | 'isNeeded' | 'isHolding' | 'isBodyAwaited'>;
  readonly timers: Pick<Runtime['timers'], 'activeCount'>;
};

export class Wakefulness {
  readonly #parts: WakefulnessParts;
  #surroundings: Surroundings | undefined;
  #idle: IdleWatch | undefined;
  /** when the last of it began, by the virtual clock */
  #ioBegunMs = Number.NEGATIVE_INFINITY;
  #socketBegunMs = Number.NEGATIVE_INFINITY;

  constructor(parts: WakefulnessParts) {
    this.#parts = parts;
  }

  /** The idle time begins. */
  start(surroundings: Surroundings): void {
    const { limits, onIdle } = this.#parts;
    const { ioTasksPreventEviction } = surroundings.compatibility;
    // Before the flag a promise given to waitUntil keeps nothing, but in local workerd.
    const isKeptByPromises = ioTasksPreventEviction || limits.idleIoLeastMs === Number.POSITIVE_INFINITY;
    this.#surroundings = surroundings;
    this.#idle = new IdleWatch({
      after: (delayMs, fire) => surroundings.after(delayMs, fire),
      now: () => surroundings.virtualClock.now(),
      whyHeld: () => this.#whyHeld(),
      whyIo: () => this.#whyIo(isKeptByPromises),
      ioUntilMs: () => this.#ioUntilMs,
      limits,
      random: surroundings.random,
      onIdle,
    });
    this.#idle.touch();
  }

  /** Something began or ended: looks again at what keeps the object. */
  touch(): void {
    this.#idle?.touch();
  }

  /** An event was for the program: the idle time begins anew. */
  used(): void {
    this.#idle?.used();
  }

  /** A timer was armed, another object called, a promise given to `waitUntil`. */
  ioBegan(): void {
    if (this.#surroundings) this.#ioBegunMs = this.#surroundings.virtualClock.now();
  }

  /** The program reached somebody else by a WebSocket, or began to. */
  socketOpened(): void {
    if (this.#surroundings) this.#socketBegunMs = this.#surroundings.virtualClock.now();
  }

  /**
   * Each thing of I/O keeps it for so long by itself: a socket at every date, all else since the flag.
   *
   * @see https://developers.cloudflare.com/durable-objects/release-notes/ of 2026-06-19 and 2026-10-01
   */
  get #ioUntilMs(): number {
    const { compatibility, sockets } = must(this.#surroundings, 'the surroundings of a started object');
    const begunMs = Math.max(
      compatibility.ioTasksPreventEviction ? this.#ioBegunMs : Number.NEGATIVE_INFINITY,
      sockets.ownCount > 0 ? this.#socketBegunMs : Number.NEGATIVE_INFINITY,
    );
    return begunMs + IO_TASK_MS;
  }

  /** Only looked at: the idle time goes on. */
  get awake(): Awake {
    return { why: this.#idle?.why, untilMs: this.#idle?.dueMs };
  }

  /** What forbids that the object ends now in good order; undefined when nothing does. */
  whyNotDrained(reason: DrainReason): string | undefined {
    const idle = must(this.#idle, 'the idle time of a started object');
    const unused = reason !== 'asked' && !idle.isUsed ? 'nobody has reached it yet' : undefined;
    const busy = this.#whyHeld() ?? unused ?? (idle.isOver ? undefined : this.#whyIo(true));
    if (busy !== undefined && reason === 'pressed') idle.hurry();
    return busy;
  }

  #whyHeld(): string | undefined {
    const { gates, alarms, storage, callers, facets } = this.#parts;
    const { actor, io } = gates;
    if (actor.eventCount > 0 || !io.isQuiet) return 'an event is under way';
    if (!gates.isSettled) return 'messages wait to leave';
    if (this.#surroundings?.connector.isHolding) return 'a fault holds messages back';
    if (alarms()?.isBusy) return 'an alarm is under way';
    if (!storage()?.committer.isIdle) return 'a commit is pending';
    if (!callers.isIdle) return 'a call or a body is open';
    if (!callers.isQuiet || this.#surroundings?.channels.isNeeded) return 'a stub is held';
    if (this.#servedSockets > 0) return 'a WebSocket is open that does not hibernate';
    return facets()?.whyHeld;
  }

  /** Sockets that others came by, and that its program accepted itself. */
  get #servedSockets(): number {
    const { sockets } = this.#surroundings ?? {};
    return sockets ? sockets.count - sockets.ownCount : 0;
  }

  #whyIo(isKeptByPromises: boolean): string | undefined {
    const { timers, channels, networkWaits, sockets } = must(
      this.#surroundings,
      'the surroundings of a started object',
    );
    if (timers.activeCount > 0) return 'a timer is armed';
    if (isKeptByPromises && this.#parts.gates.waitUntil.count > 0) return 'a waitUntil promise is pending';
    if (!channels.isQuiet) return 'a call of its own is open';
    if (channels.isBodyAwaited) return 'a body of a call of its own is being read';
    if (networkWaits > 0) return 'a request to the outside is open';
    if (sockets.ownCount > 0) return 'a WebSocket of its own is open';
    if (channels.isHolding) return 'a stub of another object is held';
    return this.#parts.facets()?.whyIo(isKeptByPromises);
  }
}
