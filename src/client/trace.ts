/**
 * What happened in the account, as a page sees it: `sim.trace`.
 *
 * Promise: events of every thread of every machine, each once, in the order of the program's time and of what can have caused
 * what. The newest `EVENTS_MAX` are kept. Nothing is written anywhere before `start`; after it resolved, whatever this
 * machine does is.
 *
 * Knows nothing of what events mean.
 */
import { isSimulatorError } from '../base/errors.ts';
import type { HostControl } from '../protocol/control.ts';
import { compareEvents, type TraceEvent } from '../protocol/trace.ts';
import { readBatch, type TraceBatch } from '../protocol/trace-batch.ts';
import type { Tracer } from '../protocol/tracer.ts';

export interface TraceParts {
  control: Pick<HostControl, 'trace' | 'traced'>;
  /** the page's own events */
  tracer: Tracer;
}

type Listener = (events: readonly TraceEvent[]) => void;

/** Some 6 MB. A timeline of more is not looked at. */
const EVENTS_MAX = 20_000;
const EVENTS_SLACK = 2_000;

export class Trace {
  readonly #parts: TraceParts;
  readonly #listeners = new Set<Listener>();
  readonly #events: TraceEvent[] = [];
  #started: Promise<void> | undefined;

  constructor(parts: TraceParts) {
    this.#parts = parts;
  }

  /** From now on events are written down. Resolves when every thread of this machine has heard of it. */
  start(): Promise<void> {
    this.#parts.tracer.turn(true);
    this.#started ??= this.#parts.control.trace(true);
    return this.#started;
  }

  /** Nothing is written any more, unless another page listens. What was written is kept. */
  async stop(): Promise<void> {
    if (!this.#started) return;
    this.#started = undefined;
    await this.#parts.control.trace(false);
  }

  /** The newest events, oldest first; the array itself goes on. */
  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  /** Calls `listener` with what is new, in order within a call; starts the trace. Returns what ends it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    void this.start();
    return () => this.#listeners.delete(listener);
  }

  /** The first event, kept or to come, of which `matches` is true; starts the trace. */
  until(matches: (event: TraceEvent) => boolean): Promise<TraceEvent> {
    const known = this.#events.find(matches);
    if (known) return Promise.resolve(known);
    return new Promise((resolve) => {
      const stop = this.subscribe((events) => {
        const found = events.find(matches);
        if (!found) return;
        stop();
        resolve(found);
      });
    });
  }

  /** Forgets what is kept. */
  clear(): void {
    this.#events.length = 0;
  }

  /** Some other page of the account listens, or none does any more. */
  turned(isOn: boolean): void {
    this.#parts.tracer.turn(isOn || this.#started !== undefined);
  }

  /** The page's own events: for itself, and for whoever listens elsewhere, as long as there is a way to them. */
  own(batch: TraceBatch): void {
    this.heard(batch);
    this.#parts.control.traced(batch).catch((error: unknown) => {
      if (!isSimulatorError(error, 'closed') && !isSimulatorError(error, 'peer_gone')) throw error;
    });
  }

  /** What still comes after `stop` is for other pages, or too late. */
  heard(batch: TraceBatch): void {
    if (!this.#started) return;
    const fresh = readBatch(batch);
    this.#insert(fresh);
    for (const listener of [...this.#listeners]) listener(fresh);
  }

  /** Batches of different threads overlap by little: only the end is put in order anew. */
  #insert(fresh: readonly TraceEvent[]): void {
    const all = this.#events;
    const first = fresh[0];
    if (!first) return;
    let from = all.length;
    while (from > 0 && compareEvents(all[from - 1] as TraceEvent, first) > 0) from--;
    const tail = [...all.splice(from), ...fresh];
    if (tail.length > fresh.length) tail.sort(compareEvents);
    for (const event of tail) all.push(event);
    // Some more are kept for a while, because moving them all costs as much for one too many as for many.
    if (all.length > EVENTS_MAX + EVENTS_SLACK) all.splice(0, all.length - EVENTS_MAX);
  }
}
