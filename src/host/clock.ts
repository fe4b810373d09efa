/**
 * The account's clock, as one of its machines has it.
 *
 * Promise: every change has a number of its own, is stored before anybody goes by it, and then reaches every thread of every
 * machine; so time goes on after a reload from where it was, and never back. One machine changes it at a time, under the
 * lease `moving`; if that one dies on the way, another lets time go on.
 *
 *     advance:  stand still -> settle -> (move to the next event -> let it fire -> settle) until the target -> go on as before
 *
 * Knows nothing of what happens at an event; whether all of it is over is told by host/quiescence.ts.
 */
import { type Deferred, deferred } from '../base/async.ts';
import type { Clock, RealMs } from '../base/clock.ts';
import { type ClockAnchors, UNMOVED, VirtualClock } from '../base/virtual-clock.ts';
import type { Lease, Leases } from '../network/lease.ts';
import type { ClockAnnouncement, ClockMove, ClockMoved, MachineReport, StillReport } from '../protocol/clock.ts';
import type { HostEvent, HostOpening, ToIsolate } from '../protocol/control.ts';
import { lockNames, type MachineId } from '../protocol/names.ts';
import type { Vault } from '../storage/vault.ts';
import type { Container } from './container.ts';
import { Quiescence, type Rest, SETTLE_PATIENCE_MS, stuck } from './quiescence.ts';

export interface HostClockOptions {
  readonly opening: Pick<HostOpening, 'account' | 'machine'>;
  readonly vault: Pick<Vault, 'account' | 'mode'>;
  readonly leases: Leases;
  readonly real: Clock<RealMs>;
  newId(): string;
  /** those of this machine that run a program */
  containers(): readonly Pick<Container, 'isolate' | 'label'>[];
  /** resolves when nothing is under way that the host itself began */
  idle(): Promise<void>;
  /** all of this machine, those that are kept ready too */
  tellIsolates(message: ToIsolate): void;
  /** of the host's own links */
  reportOwn(lastMs: number): StillReport;
  tellPage(event: HostEvent): void;
  /** tells the other machines */
  announce(announcement: ClockAnnouncement): void;
  onError(error: unknown): void;
}

/** Name of the anchors among the account's values. */
const STORED = 'clock';

export class HostClock {
  /** what is due by the program's time in this host stands on it */
  readonly virtual: VirtualClock;
  readonly #options: HostClockOptions;
  readonly #quiescence: Quiescence;
  /** false for an account that lives in this machine's memory: others of its name have nothing to do with it */
  readonly #isShared: boolean;
  readonly #closing = new AbortController();
  #presence: Lease | undefined;
  #page: Deferred<StillReport> | undefined;
  /** true while somebody waits for the machine that steps through the events, to go on if it dies */
  #isWatching = false;
  #activities = 0;
  /** to be called when there is no activity */
  readonly #waiting: (() => void)[] = [];

  constructor(options: HostClockOptions) {
    const { leases, real, vault } = options;
    const { account } = options.opening;
    this.#options = options;
    this.#isShared = vault.mode !== 'memory';
    this.virtual = new VirtualClock(real);
    this.#quiescence = new Quiescence({
      soundHere: () => this.#sound(),
      announce: (announcement) => this.#announce(announcement),
      others: () => this.others(),
      whenGone: (other, signal) => leases.whenFree(lockNames.machine(account, other), { signal }),
      newId: options.newId,
    });
  }

  /** The other machines of the account that are awake. */
  async others(): Promise<MachineId[]> {
    if (!this.#isShared) return [];
    const { leases, opening } = this.#options;
    const prefix = lockNames.machinePrefix(opening.account);
    const machines = (await leases.held(prefix)).map((name) => name.slice(prefix.length) as MachineId);
    return machines.filter((other) => other !== opening.machine);
  }

  /** The host begins something that an event is not over without; call what this returns when it is done. */
  begin(): () => void {
    this.#activities++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--this.#activities === 0) for (const rested of this.#waiting.splice(0)) rested();
    };
  }

  /** Goes by what is stored; from then on this machine is asked. To be called before anything of a program runs. */
  async open(): Promise<void> {
    await this.enter();
    this.#follow(await this.#read());
  }

  /** This machine is awake: who moves the clock waits for it. Nothing happens when that is known. */
  async enter(): Promise<void> {
    if (this.#presence || this.#closing.signal.aborted) return;
    if (!this.#isShared) return;
    const { leases, opening } = this.#options;
    const { account, machine } = opening;
    this.#presence = await leases.acquire(lockNames.machine(account, machine), { shared: true });
    this.#announce({ about: 'clock-joined' });
  }

  /** This machine is about to stand still, perhaps in the middle of an answer: nobody is to wait for it. */
  leave(): void {
    this.#presence?.release();
    this.#presence = undefined;
  }

  close(): void {
    this.#closing.abort();
    this.leave();
  }

  /** Another machine spoke. */
  heard(announcement: ClockAnnouncement, machine: MachineId): void {
    if (!this.#isShared) return;
    switch (announcement.about) {
      case 'clock':
        this.#follow(announcement.anchors);
        if (announcement.anchors.motion) this.#watch();
        return;
      case 'clock-ask': {
        const { id } = announcement;
        this.#sound().then(
          (report) => this.#announce({ about: 'clock-still', id, report }),
          (error: unknown) => this.#options.onError(error),
        );
        return;
      }
      case 'clock-joined':
      case 'clock-still':
        this.#quiescence.hear(announcement, machine);
        return;
      default:
        announcement satisfies never;
    }
  }

  pageStill(report: StillReport): void {
    this.#page?.resolve(report);
    this.#page = undefined;
  }

  /** @throws SimulatorError `clock_stuck`: the clock stands where it came to, or goes on from there if it was not paused */
  async move(move: ClockMove): Promise<ClockMoved> {
    const { opening, leases } = this.#options;
    await this.enter();
    const lease = await leases.acquire(lockNames.moving(opening.account), { signal: this.#closing.signal });
    try {
      this.#follow(await this.#read()); // the last change may not have been heard of yet
      const found = await this.#move(move);
      return { anchors: this.virtual.anchors, nowMs: this.virtual.now(), found };
    } finally {
      lease.release();
    }
  }

  async #move(move: ClockMove): Promise<boolean> {
    switch (move.m) {
      case 'pause':
        await this.#change({ isPaused: true });
        return true;
      case 'resume':
        await this.#change({ isPaused: false });
        return true;
      case 'rate':
        await this.#change({ rate: move.rate });
        return true;
      case 'advance':
        await this.#walk(async (rest) => {
          const targetMs = rest.lastMs + move.ms;
          let next = rest;
          while (next.nextDueMs !== undefined && next.nextDueMs <= targetMs) next = await this.#stepTo(next.nextDueMs);
          return targetMs;
        });
        return true;
      case 'next': {
        let found = false;
        await this.#walk(async ({ nextDueMs }) => {
          found = nextDueMs !== undefined;
          if (nextDueMs !== undefined) await this.#stepTo(nextDueMs);
          return nextDueMs;
        });
        return found;
      }
      default:
        return move satisfies never;
    }
  }

  /** Time stands while `steps` go on; then it goes on as before, from where they say, or from where they failed. */
  async #walk(steps: (rest: Rest) => Promise<number | undefined>): Promise<void> {
    await this.#quiescence.begin();
    await this.#change({ motion: 'standing' });
    let endMs: number | undefined;
    try {
      const rest = await this.#settle();
      if (rest.lastMs > this.virtual.now()) await this.#change({ virtualMs: rest.lastMs, motion: 'standing' });
      endMs = await steps(rest);
    } finally {
      await this.#change(endMs === undefined ? {} : { virtualMs: endMs });
    }
  }

  /** Everybody is at the new time before anything happens there: no effect has an earlier time than its cause. */
  async #stepTo(dueMs: number): Promise<Rest> {
    await this.#change({ virtualMs: dueMs, motion: 'held' });
    await this.#bounded((signal) => this.#quiescence.round(signal));
    await this.#change({ motion: 'standing' });
    return this.#settle();
  }

  #settle(): Promise<Rest> {
    return this.#bounded((signal) => this.#quiescence.settle(signal));
  }

  async #bounded<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const timer = this.#options.real.after(SETTLE_PATIENCE_MS, () =>
      late.abort(stuck(this.#busy(), this.virtual.now())),
    );
    try {
      return await work(AbortSignal.any([late.signal, this.#closing.signal]));
    } finally {
      timer.cancel();
    }
  }

  /** Stored first, as it is to be if this machine dies now: not in motion. */
  async #change(changes: Partial<Pick<ClockAnchors, 'virtualMs' | 'rate' | 'isPaused' | 'motion'>>): Promise<void> {
    const { vault, real } = this.#options;
    const { motion, ...given } = changes;
    const { number, rate, isPaused } = this.virtual.anchors;
    const anchors = {
      rate,
      isPaused,
      virtualMs: this.virtual.now() as number,
      ...given,
      realMs: real.now() as number,
      number: number + 1,
    };
    await vault.account.writeMeta(STORED, anchors);
    const moving = motion ? { ...anchors, motion } : anchors;
    this.#follow(moving);
    this.#announce({ about: 'clock', anchors: moving });
  }

  #announce(announcement: ClockAnnouncement): void {
    if (this.#isShared) this.#options.announce(announcement);
  }

  #follow(anchors: ClockAnchors): void {
    if (!this.virtual.follow(anchors)) return;
    this.#options.tellIsolates({ c: 'clock', anchors });
    this.#options.tellPage({ e: 'clock', anchors });
  }

  async #read(): Promise<ClockAnchors> {
    return ((await this.#options.vault.account.readMeta(STORED)) as ClockAnchors | undefined) ?? UNMOVED;
  }

  /** Whoever steps through the events may die with time standing still: the first that gets the lease lets it go on. */
  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const { opening, leases, onError } = this.#options;
    leases
      .acquire(lockNames.moving(opening.account), { signal: this.#closing.signal })
      .then(async (lease) => {
        this.#isWatching = false;
        try {
          if (!this.virtual.anchors.motion) return;
          this.#follow(await this.#read());
          await this.#change({});
        } finally {
          lease.release();
        }
      })
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted) onError(error);
      });
  }

  /** Resolves when this machine rests. */
  async #sound(): Promise<MachineReport> {
    const { idle, containers, tellPage, real } = this.#options;
    do {
      while (this.virtual.isDue) await new Promise<void>((fired) => real.after(0, fired));
      if (this.#activities > 0) await new Promise<void>((rested) => this.#waiting.push(rested));
      await idle();
    } while (this.virtual.isDue || this.#activities > 0);
    const isolates = await Promise.all(containers().map(({ isolate }) => isolate.sound()));
    if (!this.#page) {
      this.#page = deferred<StillReport>();
      tellPage({ e: 'sound' });
    }
    const page = await this.#page.promise;
    const { lastMs, nextDueMs } = this.virtual;
    const all = [...isolates, page, this.#options.reportOwn(lastMs)];
    return { lastMs, nextDueMs, threads: all.filter((report) => report !== undefined) };
  }

  /** Who was asked and has not answered, as a person would name it. */
  #busy(): string[] {
    const busy = this.#options.containers().filter(({ isolate }) => isolate.isSounding);
    return [...busy.map(({ label }) => label), ...(this.#page ? ['this page'] : [])];
  }
}
