/**
 * Runs the alarms of an account, on the one machine of it that holds the lease `clock`.
 *
 * Promise: every alarm that an object's log has is run, at least once and never before its time, as long as some machine of the
 * account is awake; when this one dies, the next one goes on where it was. Alarms that failed come again after a pause that
 * doubles, up to six times if the failures count; then they are taken away.
 *
 *     FOLLOWING --lease--> LEADING --lost, yield()--> FOLLOWING      [follow, #lead; a leader that stands still is robbed]
 *         \------------------\------close()-----> CLOSED
 *
 * Knows nothing of isolates or placement: how an order reaches an object is given.
 * @see workerd: server/alarm-scheduler.c++ (what counts, the pauses; measured)
 */
import type { Clock, Timer, VirtualMs } from '../base/clock.ts';
import { isSimulatorError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { AlarmOrder, AlarmOutcome } from '../protocol/alarms.ts';
import type { ObjectAddress } from '../protocol/names.ts';
import type { ObjectTarget } from '../protocol/target.ts';
import type { AlarmEntry, AlarmIndex, AlarmRetry } from '../storage/alarm-index.ts';
import type { StoreHead } from '../storage/object-store.ts';
import { AlarmWatch, TIMER_MAX_MS } from './alarm-watch.ts';

/** The lease, as far as a runner needs it. */
export interface Leading {
  /** resolves only when another machine took it */
  readonly lost: Promise<void>;
  release(): void;
}

export interface AlarmRunnerOptions {
  readonly index: AlarmIndex;
  /** the program's: alarms are due by it */
  readonly clock: Clock<VirtualMs>;
  /** something begins that an event is not over without; what it returns is called when that is done */
  begin(): () => void;
  readonly random: Random;
  /** for patience with other machines */
  readonly realClock: Clock;
  /** Resolves when this machine is the one to run alarms; by theft at once. Rejects when the signal aborts. */
  lead(how: { readonly steal: boolean; readonly signal: AbortSignal }): Promise<Leading>;
  /** Asks the machine that runs alarms. False: it stays silent. */
  isLeaderAwake(): Promise<boolean>;
  /** What the object's log says, without waking the object; undefined when there is none. */
  readHead(object: ObjectAddress): Promise<Pick<StoreHead, 'alarm' | 'sequence' | 'restoreTo'> | undefined>;
  give(target: ObjectTarget, order: AlarmOrder): Promise<AlarmOutcome>;
  /** hears what no program did: an object that could not be started, an index that could not be read */
  onError(error: unknown): void;
}

/** @see workerd: io/worker-interface.h, server/alarm-scheduler.h */
const RETRY_START_MS = 2_000;
const RETRY_MAX = 6;
const DOUBLINGS_MAX = 9;
const JITTER_MAX = 0.25;

/** Alarms that are begun at once: each may need an isolate to be started. */
export const AT_ONCE = 32;
/** A handler that takes longer than this, virtual, no longer keeps others from being begun. */
const LONG_MS = 5_000;
/** The object did not agree that its alarm is due: its commit is under way, or its thread's clock a moment behind. */
const DISAGREED_MS = 10;
/** The handler's instance may be ending. */
const ENDING_MS = 10;
/** The index could not be read. */
const INDEX_FAILED_MS = 1_000;

type State =
  | { readonly state: 'following'; readonly waiting: AbortController | undefined }
  | { readonly state: 'leading'; readonly lease: Leading }
  | { readonly state: 'closed' };

/** An attempt that failed; `counted`: how many such there are by now that the limit counts. */
interface Failure {
  readonly scheduledMs: number;
  readonly retry: AlarmRetry | undefined;
  readonly counted: number;
}

export class AlarmRunner {
  readonly #options: AlarmRunnerOptions;
  #state: State = { state: 'following', waiting: undefined };
  readonly #running = new Set<ObjectAddress>();
  /** of those, the ones that have only just begun */
  readonly #fresh = new Set<ObjectAddress>();
  readonly #watch: AlarmWatch;
  #timer: Timer | undefined;
  #wakesAtMs = 0;
  #isLooking = false;
  #mustLookAgain = false;

  constructor(options: AlarmRunnerOptions) {
    this.#options = options;
    this.#watch = new AlarmWatch({ ...options, onSilent: () => this.#rob() });
  }

  get isLeading(): boolean {
    return this.#state.state === 'leading';
  }

  /** Wants the lease from now on. Nothing happens when it is wanted or held. */
  follow(): void {
    if (this.#state.state !== 'following' || this.#state.waiting) return;
    this.#want({ steal: false });
    this.#watch.start();
  }

  /** Gives the lease up, or the wish for it, until `follow`: this machine is about to stand still. What runs goes on. */
  yield(): void {
    this.#stop();
    if (this.#state.state !== 'closed') this.#state = { state: 'following', waiting: undefined };
  }

  close(): void {
    this.#stop();
    this.#state = { state: 'closed' };
  }

  /** An alarm was set for that time, here or on another machine. */
  poke(atMs: number): void {
    if (this.#state.state === 'following') this.#watch.poke(atMs);
    else if (this.#isLooking || !this.#timer || atMs < this.#wakesAtMs) this.#lookAgain();
  }

  #want({ steal }: { steal: boolean }): void {
    const waiting = new AbortController();
    this.#state = { state: 'following', waiting };
    this.#options.lead({ steal, signal: waiting.signal }).then(
      (lease) => this.#lead(lease, waiting),
      (error: unknown) => {
        if (!waiting.signal.aborted) this.#options.onError(error);
      },
    );
  }

  /** The machine that leads stands still. */
  #rob(): void {
    if (this.#state.state !== 'following') return;
    this.#state.waiting?.abort();
    this.#want({ steal: true });
  }

  #lead(lease: Leading, waiting: AbortController): void {
    if (this.#state.state !== 'following' || this.#state.waiting !== waiting) {
      lease.release();
      return;
    }
    this.#watch.stop();
    this.#state = { state: 'leading', lease };
    void lease.lost.then(() => {
      if (this.#state.state !== 'leading' || this.#state.lease !== lease) return;
      this.#stop();
      this.#state = { state: 'following', waiting: undefined };
      this.follow();
    });
    this.#lookAgain();
  }

  #stop(): void {
    this.#watch.stop();
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#state.state === 'leading') this.#state.lease.release();
    if (this.#state.state === 'following') this.#state.waiting?.abort();
  }

  #lookAgain(): void {
    this.#mustLookAgain = true;
    if (!this.#isLooking) void this.#counted(this.#look());
  }

  /** Begins what is due, as far as there is room, and sets the timer for what comes next. */
  async #look(): Promise<void> {
    const { index, clock } = this.#options;
    this.#isLooking = true;
    while (this.#mustLookAgain && this.isLeading) {
      this.#mustLookAgain = false;
      try {
        const nowMs = clock.now();
        const due = await index.dueAlarms(nowMs, this.#running.size + AT_ONCE);
        for (const entry of due) this.#begin(entry);
        const nextMs = await index.nextAlarm(nowMs);
        this.#wakeAt(nextMs);
      } catch (error) {
        if (!this.isLeading) break;
        this.#options.onError(error);
        this.#wakeAt(clock.now() + INDEX_FAILED_MS);
      }
    }
    this.#isLooking = false;
  }

  #wakeAt(timeMs: number | undefined): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (timeMs === undefined || !this.isLeading) return;
    const { clock } = this.#options;
    this.#wakesAtMs = timeMs;
    const delayMs = Math.min(Math.max(0, timeMs - clock.now()), TIMER_MAX_MS);
    this.#timer = clock.after(delayMs, () => this.#lookAgain());
  }

  #begin(entry: AlarmEntry): void {
    const { address } = entry;
    if (!this.isLeading || this.#running.has(address) || this.#fresh.size >= AT_ONCE) return;
    this.#running.add(address);
    this.#fresh.add(address);
    const long = this.#options.clock.after(LONG_MS, () => this.#age(address));
    void this.#run(entry)
      .catch((error: unknown) => {
        if (!this.isLeading) return undefined;
        this.#options.onError(error);
        return this.#pause(INDEX_FAILED_MS);
      })
      .finally(() => {
        long.cancel();
        this.#running.delete(address);
        this.#fresh.delete(address);
        this.#lookAgain();
      });
  }

  /** Of a run everything counts but what the handler itself takes, which may wait for the clock. */
  async #counted<T>(work: Promise<T>): Promise<T> {
    const end = this.#options.begin();
    return work.finally(end);
  }

  #age(address: ObjectAddress): void {
    this.#fresh.delete(address);
    this.#lookAgain();
  }

  async #run(entry: AlarmEntry): Promise<void> {
    const { index, clock, readHead } = this.#options;
    const head = await this.#counted(readHead(entry.address));
    if (!head) return this.#counted(index.noteAlarm({ ...entry, alarm: null }));
    const { alarm, sequence } = head;
    const isDue = alarm !== null && alarm <= clock.now();
    // An entry of a later commit than the newest one: it is about to be made, or its writer died. The object knows. So it
    // does when its next opening goes back in time.
    if (!isDue && head.restoreTo === null && entry.sequence <= sequence) {
      return this.#counted(index.noteAlarm({ ...entry, alarm, sequence }));
    }
    await this.#runTruth(entry, alarm ?? entry.timeMs);
  }

  /** DIFFERS: workerd runs an alarm that was set while a failed one waits for its retry at the time of the retry, as that. */
  async #runTruth(entry: AlarmEntry, scheduledMs: number): Promise<void> {
    const { index } = this.#options;
    const retry = entry.retry?.ofMs === scheduledMs ? entry.retry : undefined;
    const counted = retry?.counted ?? 0;
    const order: AlarmOrder =
      counted > RETRY_MAX ? { o: 'abandon', scheduledMs } : { o: 'run', scheduledMs, retryCount: counted };
    const outcome = await this.#give(entry, order);
    switch (outcome.did) {
      case 'run':
        return;
      case 'nothing':
        await this.#counted(index.noteAlarm({ ...entry, alarm: outcome.alarm, sequence: outcome.sequence }));
        if (outcome.alarm !== null && outcome.alarm <= this.#options.clock.now()) await this.#pause(DISAGREED_MS);
        return;
      case 'give-up':
        await this.#failed(entry, { scheduledMs, retry, counted: RETRY_MAX + 1 });
        return;
      case 'fail':
        await this.#failed(entry, { scheduledMs, retry, counted: counted + (outcome.isCounted ? 1 : 0) });
        return;
      case 'throw':
        throw new Error('only somebody who had the handler run is told what it threw');
      default:
        outcome satisfies never;
    }
  }

  /** An object that cannot be reached or started has failed, by no doing of its program. */
  async #give(entry: AlarmEntry, order: AlarmOrder): Promise<AlarmOutcome> {
    const { namespace, id, name } = entry;
    try {
      return await this.#options.give({ kind: 'object', namespace, id, name }, order);
    } catch (error) {
      if (!isSimulatorError(error, 'peer_gone') && !isSimulatorError(error, 'closed')) this.#options.onError(error);
      return { did: 'fail', isCounted: false };
    }
  }

  /** It is run again, or taken away after too many failures, unless the handler set another alarm or deleted this one. */
  async #failed(entry: AlarmEntry, failed: Failure): Promise<void> {
    // Of an instance that this failure ended, the host hears in a moment: until then it would be brought back there.
    await this.#pause(ENDING_MS);
    // From here on the clock must stand: the pause before the next attempt is counted from now.
    await this.#counted(this.#noteFailure(entry, failed));
  }

  async #noteFailure(entry: AlarmEntry, { scheduledMs, retry, counted }: Failure): Promise<void> {
    const { index, readHead, clock, random } = this.#options;
    const head = await readHead(entry.address);
    if (head && head.alarm !== scheduledMs && head.restoreTo === null) return;
    const failures = (retry?.failures ?? 0) + 1;
    const isOver = counted > RETRY_MAX && (retry?.counted ?? 0) <= RETRY_MAX;
    const pauseMs = isOver ? 0 : RETRY_START_MS * 2 ** Math.min(failures - 1, DOUBLINGS_MAX);
    const atMs = clock.now() + pauseMs + Math.floor(random.unit() * JITTER_MAX * pauseMs);
    await index.noteRetry(entry, { ofMs: scheduledMs, counted, failures, atMs });
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(delayMs, resolve));
  }
}
