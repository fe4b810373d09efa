/**
 * Ends instances that compute on and on: the platform's limit on CPU time, as near as a page comes to it.
 *
 * Promise: whoever has given no sign of life for as long as its program may compute is ended, with the platform's text for its
 * callers; the next call starts anew. One that only waits answers at once and is never hit. Only time in which this thread ran
 * counts, so that a tab that was frozen, or a machine that slept, costs nobody its life; and when more are silent than there are
 * processors, each can have computed for its share of them only: a hundred objects that start together starve one another.
 *
 *     LIVELY --asked at a beat--> ASKED --answers--> LIVELY
 *                                   \--silent for too long--> ended
 *
 * DIFFERS: production counts the CPU time of each event. No browser tells a thread's CPU time, so here it is real time in which a
 * program gave its thread no pause. One that awaits the browser again and again, so that its thread never rests (thousands of
 * short digests in a row), gives none either.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { SimulatorError } from '../base/errors.ts';
import type { WireError } from '../protocol/link.ts';
import { ErrorCodec, type ErrorFlags } from '../rpc/errors.ts';
import { ExternalRegistry } from '../rpc/externals.ts';
import type { Container } from './container.ts';
import type { IsolateHandle } from './isolate-handle.ts';

/** Real ms between two looks: rare enough for dozens of objects that sleep. */
export const BEAT_MS = 5_000;
/** Less than this is no sign of anything on a busy machine, whatever a config says; real ms. */
export const SILENCE_MS_MIN = 1_000;
/** Looks within the time that a program may compute, so that it is not exceeded by much. */
const LOOKS = 4;

export type Watched = Pick<Container, 'isEnded' | 'assigned' | 'label' | 'end'> & {
  readonly isolate: Pick<IsolateHandle, 'pulse'>;
};

export interface WatchdogOptions {
  readonly clock: Clock;
  /** how many threads can compute at a time */
  readonly processors: number;
  /** what our log says of it */
  warn(text: string): void;
}

export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #watched = new Set<Watched>();
  /** those that have not answered, and for how long they may have computed meanwhile: real ms of this thread's */
  readonly #silentMs = new Map<Watched, number>();
  readonly #errors = new ErrorCodec({ registry: new ExternalRegistry([]), enhancedErrors: true });
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** From now on, until it ends. What it is must be known. */
  watch(watched: Watched): void {
    if (cpuMsOf(watched) === Number.POSITIVE_INFINITY) return;
    this.#watched.add(watched);
    this.#goOn();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #goOn(): void {
    if (this.#timer || this.#isClosed) return;
    if (this.#watched.size === 0) return;
    const strictestMs = Math.min(...[...this.#watched].map(cpuMsOf));
    const beatMs = Math.min(BEAT_MS, strictestMs / LOOKS);
    this.#timer = this.#options.clock.after(beatMs, () => {
      this.#timer = undefined;
      this.#look(beatMs);
      this.#goOn();
    });
  }

  /** @param beatMs  since the last look; what went by beyond it, this thread did not see */
  #look(beatMs: number): void {
    const shareMs = beatMs * Math.min(1, this.#options.processors / this.#silentMs.size);
    for (const watched of this.#watched) {
      const silentMs = this.#silentMs.get(watched);
      if (watched.isEnded) this.#forget(watched);
      else if (silentMs === undefined) this.#ask(watched);
      else if (silentMs + shareMs < cpuMsOf(watched)) this.#silentMs.set(watched, silentMs + shareMs);
      else this.#end(watched);
    }
  }

  #ask(watched: Watched): void {
    this.#silentMs.set(watched, 0);
    void watched.isolate.pulse().then(() => this.#silentMs.delete(watched));
  }

  #forget(watched: Watched): void {
    this.#watched.delete(watched);
    this.#silentMs.delete(watched);
  }

  #end(watched: Watched): void {
    const { label, assigned } = watched;
    const seconds = cpuMsOf(watched) / 1_000;
    const text = `${label} computed for ${seconds} s without a pause and was ended: limits.cpu_ms of its config says how long it may.`;
    this.#forget(watched);
    this.#options.warn(text);
    watched.end(this.#errorOf(assigned?.role.kind), new SimulatorError('bundle_failed', text));
  }

  #errorOf(kind: 'object' | 'worker' | undefined): WireError {
    const [text, flags]: [string, ErrorFlags] =
      kind === 'worker' ? [WORKER, {}] : [OBJECT, { durableObjectReset: true }];
    return this.#errors.encode(new Error(text), flags);
  }
}

/** How long a program may go on without a pause, real ms. */
function cpuMsOf({ assigned }: Watched): number {
  if (!assigned || assigned.debug || assigned.limits.cpuMs === Number.POSITIVE_INFINITY)
    return Number.POSITIVE_INFINITY;
  return Math.max(SILENCE_MS_MIN, assigned.script.limits.cpuMs ?? assigned.limits.cpuMs);
}

/** @see https://developers.cloudflare.com/durable-objects/observability/troubleshooting/ */
const OBJECT = 'Durable Object exceeded its CPU time limit and was reset.';
/** @see https://developers.cloudflare.com/workers/observability/errors/ (error 1102) */
const WORKER = 'Worker exceeded CPU time limit.';
