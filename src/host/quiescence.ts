/**
 * Finds the moment in which nothing moves any more in a whole account: every thread of every machine rests, and what was sent
 * on any link has come.
 *
 * Promise: a round is the reports of all machines, each made while that machine rested; two rounds that count the same frames,
 * with no frame between two ends, mean that nothing happened from the first to the second. A machine that died meanwhile
 * counts no longer. Nobody sleeps: what is not at rest yet says so by not having answered.
 *
 * Knows nothing of clocks: what moves again, and when, is not its business.
 */
import { type Deferred, deferred } from '../base/async.ts';
import { SimulatorError } from '../base/errors.ts';
import type { ClockAnnouncement, LinkTraffic, MachineReport, StillReport } from '../protocol/clock.ts';
import type { MachineId } from '../protocol/names.ts';

export interface QuiescenceOptions {
  /** Resolves when this machine rests. */
  soundHere(): Promise<MachineReport>;
  announce(announcement: ClockAnnouncement): void;
  /** the other machines that are awake */
  others(): Promise<MachineId[]>;
  /** resolves when that machine has gone */
  whenGone(machine: MachineId, signal: AbortSignal): Promise<void>;
  newId(): string;
}

export interface Rest {
  /** the latest time that any program was told */
  readonly lastMs: number;
  /** when the first timer of all is due */
  readonly nextDueMs: number | undefined;
}

interface Round {
  readonly answers: Map<MachineId, Deferred<MachineReport | undefined>>;
}

export class Quiescence {
  readonly #options: QuiescenceOptions;
  readonly #rounds = new Map<string, Round>();
  #machines: Set<MachineId> | undefined;

  constructor(options: QuiescenceOptions) {
    this.#options = options;
  }

  /** Looks who is there: at the beginning of a walk. Those that join later are heard of. */
  async begin(): Promise<void> {
    this.#machines = new Set(await this.#options.others());
  }

  /** Another machine spoke. */
  hear(announcement: ClockAnnouncement, machine: MachineId): void {
    switch (announcement.about) {
      case 'clock-joined':
        this.#machines?.add(machine);
        return;
      case 'clock-still':
        this.#rounds.get(announcement.id)?.answers.get(machine)?.resolve(announcement.report);
        return;
      case 'clock-ask':
      case 'clock':
        return;
      default:
        announcement satisfies never;
    }
  }

  /** One report of each machine. @throws whatever `signal` was aborted with */
  async round(signal: AbortSignal): Promise<MachineReport[]> {
    const { soundHere, announce, newId } = this.#options;
    const id = newId();
    const machines = [...(this.#machines ?? [])];
    const answers = new Map(machines.map((machine) => [machine, deferred<MachineReport | undefined>()]));
    this.#rounds.set(id, { answers });
    const over = new AbortController();
    const all = [soundHere(), ...machines.map((machine) => this.#answerOf(machine, answers, over.signal))];
    if (machines.length > 0) announce({ about: 'clock-ask', id });
    try {
      const reports = await abortable(Promise.all(all), signal);
      return reports.filter((report) => report !== undefined);
    } finally {
      over.abort();
      this.#rounds.delete(id);
    }
  }

  /** Resolves when nothing moves any more. @throws whatever `signal` was aborted with */
  async settle(signal: AbortSignal): Promise<Rest> {
    let before: MachineReport[] | undefined;
    for (;;) {
      const now = await this.round(signal);
      if (before && isSame(before, now) && hasAllArrived(now)) return restOf(now);
      before = now;
    }
  }

  async #answerOf(
    machine: MachineId,
    answers: ReadonlyMap<MachineId, Deferred<MachineReport | undefined>>,
    signal: AbortSignal,
  ): Promise<MachineReport | undefined> {
    const gone = this.#options.whenGone(machine, signal).then(
      () => {
        this.#machines?.delete(machine);
      },
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
    return Promise.race([answers.get(machine)?.promise, gone as Promise<undefined>]);
  }
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

const threadsOf = (reports: readonly MachineReport[]): StillReport[] => reports.flatMap(({ threads }) => threads);

function restOf(reports: readonly MachineReport[]): Rest {
  const all = [...reports, ...threadsOf(reports)];
  const due = all.map(({ nextDueMs }) => nextDueMs).filter((ms) => ms !== undefined);
  return {
    lastMs: Math.max(...all.map(({ lastMs }) => lastMs)),
    nextDueMs: due.length > 0 ? Math.min(...due) : undefined,
  };
}

/** The same threads, and no frame went anywhere between the two. */
export function isSame(before: readonly MachineReport[], now: readonly MachineReport[]): boolean {
  const counts = (reports: readonly MachineReport[]) =>
    threadsOf(reports)
      .map(({ endpoint, nextDueMs, links }) => `${endpoint} ${nextDueMs} ${links.map(countOf).sort().join()}`)
      .sort()
      .join('\n');
  return counts(before) === counts(now);
}

const countOf = ({ link, sent, taken }: LinkTraffic): string => `${link}:${sent}:${taken}`;

/** Of each link between two threads that are there, both ends are known, and each has taken what the other sent. */
export function hasAllArrived(reports: readonly MachineReport[]): boolean {
  const threads = new Map(threadsOf(reports).map((thread) => [thread.endpoint, thread]));
  for (const { endpoint, links } of threads.values()) {
    for (const { link, peer, sent } of links) {
      const other = threads.get(peer);
      if (!other) continue; // it is gone, and its last words are heard in time of their own
      const end = other.links.find((one) => one.link === link && one.peer === endpoint);
      if (end?.taken !== sent) return false;
    }
  }
  return true;
}

/** How long everything together may take to come to rest after one event, real ms: the real network is the slow part. */
export const SETTLE_PATIENCE_MS = 10_000;

export function stuck(busy: readonly string[], nowMs: number): SimulatorError {
  const who = busy.length > 0 ? busy.join(', ') : 'another machine of the account';
  return new SimulatorError(
    'clock_stuck',
    `The clock stopped at ${new Date(nowMs).toISOString()}: ${who} did not come to rest within ${SETTLE_PATIENCE_MS / 1_000} s of real time. ` +
      'What waits for the real network or computes without end cannot be hurried: let it end, or pause it, then advance again.',
  );
}
