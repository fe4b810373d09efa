/**
 * What happened in the account, as a page sees it: `sim.trace`.
 *
 * Promise: events of every thread of every machine, each once, in the order of the program's time and of what can have caused
 * what. The newest `EVENTS_MAX` are kept, as they came until somebody looks: a page pays for events by its looking. Nothing is
 * written anywhere before `start`; after it resolved, whatever this machine does is.
 *
 * Knows nothing of what events mean.
 */
import { must } from '../base/assert.ts';
import { isSimulatorError } from '../base/errors.ts';
import type { HostControl } from '../protocol/control.ts';
import { compareEvents, type TraceEvent } from '../protocol/trace.ts';
import type { TraceBatch } from '../protocol/trace-batch.ts';
import { readBatch } from '../protocol/trace-reader.ts';
import type { Tracer } from '../protocol/tracer.ts';

export interface TraceParts {
  control: Pick<HostControl, 'trace' | 'traced'>;
  /** the page's own events */
  tracer: Tracer;
}

/** What came, as who subscribed is told of it. Its events are made when somebody looks at them, which costs more than all else. */
export interface FreshEvents {
  readonly count: number;
  /** in order */
  readonly events: readonly TraceEvent[];
}

type Listener = (fresh: FreshEvents) => void;

/** Some 6 MB, once they were read. A timeline of more is not looked at. */
const EVENTS_MAX = 20_000;
const EVENTS_SLACK = 2_000;
/** Small ones are not kept as they came. */
const UNREAD_MAX = 500;

export class Trace {
  readonly #parts: TraceParts;
  readonly #listeners = new Set<Listener>();
  readonly #events: TraceEvent[] = [];
  /** What came since somebody looked; nobody may ever do it again. */
  #unread: Heard[] = [];
  #unreadCount = 0;
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

  /** The newest events, oldest first; always the same array, as of this look. */
  get events(): readonly TraceEvent[] {
    return this.#read();
  }

  /** Calls `listener` when events came, with what is new; starts the trace. Returns what ends it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    void this.start();
    return () => this.#listeners.delete(listener);
  }

  /** The first event, kept or to come, of which `matches` is true; starts the trace. */
  until(matches: (event: TraceEvent) => boolean): Promise<TraceEvent> {
    const known = this.#read().find(matches);
    if (known) return Promise.resolve(known);
    return new Promise((resolve) => {
      const stop = this.subscribe((fresh) => {
        const found = fresh.events.find(matches);
        if (!found) return;
        stop();
        resolve(found);
      });
    });
  }

  /** Forgets what is kept. */
  clear(): void {
    this.#events.length = 0;
    this.#unread = [];
    this.#unreadCount = 0;
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
    const heard = new Heard(batch);
    this.#keep(heard);
    for (const listener of [...this.#listeners]) listener(heard);
  }

  #keep(heard: Heard): void {
    this.#unread.push(heard);
    this.#unreadCount += heard.count;
    if (this.#unread.length > UNREAD_MAX) this.#read();
    // Some more than in the array: what came first may have the newest event.
    while (this.#unreadCount - (this.#unread[0]?.count ?? 0) > EVENTS_MAX + EVENTS_SLACK) {
      this.#unreadCount -= this.#unread.shift()?.count ?? 0;
    }
  }

  #read(): TraceEvent[] {
    const unread = this.#unread;
    this.#unread = [];
    this.#unreadCount = 0;
    for (const { events } of unread) this.#insert(events);
    return this.#events;
  }

  /** Both are in order, and overlap by little. */
  #insert(fresh: readonly TraceEvent[]): void {
    const all = this.#events;
    let last = all.length - 1;
    for (const event of fresh) all.push(event);
    if (last >= 0 && isAfter(all[last], fresh[0])) {
      let at = all.length - 1;
      for (let next = fresh.length - 1; next >= 0; at--) {
        const isOld = last >= 0 && isAfter(all[last], fresh[next]);
        all[at] = (isOld ? all[last--] : fresh[next--]) as TraceEvent;
      }
    }
    // Some more are kept for a while, because moving them all costs as much for one too many as for many.
    if (all.length > EVENTS_MAX + EVENTS_SLACK) all.splice(0, all.length - EVENTS_MAX);
  }
}

/** A batch, read at the first look. */
class Heard implements FreshEvents {
  readonly count: number;
  #batch: TraceBatch | undefined;
  #events: readonly TraceEvent[] | undefined;

  constructor(batch: TraceBatch) {
    this.count = batch.count;
    this.#batch = batch;
  }

  get events(): readonly TraceEvent[] {
    if (this.#batch) this.#events = readBatch(this.#batch);
    this.#batch = undefined;
    return must(this.#events, 'the events of a batch');
  }
}

function isAfter(a: TraceEvent | undefined, b: TraceEvent | undefined): boolean {
  return a !== undefined && b !== undefined && compareEvents(a, b) > 0;
}
