/**
 * `node:perf_hooks`: marks and measures on the program's clock, and the names of what measures the process, which says
 * nothing here nor on the platform.
 *
 * Entries are kept until they are cleared. Observers are told nothing, as in workerd 1.20260730.
 */
import { hooks } from './hooks.ts';

interface Times {
  readonly startTime: number;
  readonly duration: number;
  readonly detail?: unknown;
}

type Moment = string | number | undefined;

interface MeasureOptions {
  start?: Moment;
  end?: Moment;
  duration?: number;
  detail?: unknown;
}

/** Only this module makes entries of its own. */
const MAKE = Symbol('make');

export class PerformanceEntry {
  readonly #name: string;
  readonly #entryType: string;
  readonly #times: Times;

  constructor(token: unknown, name = '', entryType = '', times: Times = { startTime: 0, duration: 0 }) {
    if (token !== MAKE) throw new TypeError('Illegal constructor');
    this.#name = name;
    this.#entryType = entryType;
    this.#times = times;
  }

  get name(): string {
    return this.#name;
  }
  get entryType(): string {
    return this.#entryType;
  }
  get startTime(): number {
    return this.#times.startTime;
  }
  get duration(): number {
    return this.#times.duration;
  }

  toJSON(): object {
    const { name, entryType, startTime, duration } = this;
    return { name, entryType, startTime, duration, ...detailOf(this) };
  }
}

function detailOf(entry: object): object {
  return 'detail' in entry ? { detail: entry.detail } : {};
}

export class PerformanceMark extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(name: unknown, options: { startTime?: number; detail?: unknown } = {}) {
    super(MAKE, String(name), 'mark', { startTime: options.startTime ?? hooks.now(), duration: 0 });
    this.#detail = options.detail ?? null;
  }

  get detail(): unknown {
    return this.#detail;
  }
}

export class PerformanceMeasure extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(token: unknown, name?: string, times?: Times) {
    super(token, name, 'measure', times);
    this.#detail = times?.detail ?? null;
  }

  get detail(): unknown {
    return this.#detail;
  }
}

export class PerformanceResourceTiming extends PerformanceEntry {}

export class PerformanceObserverEntryList {
  constructor() {
    throw new TypeError('Illegal constructor');
  }
}

export class PerformanceObserver {
  static readonly supportedEntryTypes: readonly string[] = ['measure', 'mark'];
  observe(): void {}
  disconnect(): void {}
  takeRecords(): unknown[] {
    return [];
  }
}

let entries: PerformanceEntry[] = [];

function momentOf(given: Moment, fallback: number): number {
  if (typeof given === 'number') return given;
  if (given === undefined) return fallback;
  return entries.findLast(({ name, entryType }) => entryType === 'mark' && name === given)?.startTime ?? fallback;
}

/** From `start` to `end`, or as long as it says from one of them. */
function timesOf({ start, end, duration, detail }: MeasureOptions): Times {
  const from = start === undefined && duration !== undefined ? momentOf(end, 0) - duration : momentOf(start, 0);
  const length = duration ?? momentOf(end, hooks.now()) - from;
  return { startTime: from, duration: length, detail };
}

function without(entryType: string, name: unknown): PerformanceEntry[] {
  return entries.filter((one) => one.entryType !== entryType || (name !== undefined && one.name !== String(name)));
}

const methods = {
  mark(name: unknown, options?: { startTime?: number; detail?: unknown }): PerformanceMark {
    const mark = new PerformanceMark(name, options);
    entries.push(mark);
    return mark;
  },
  measure(name: unknown, given?: Moment | MeasureOptions, end?: Moment): PerformanceMeasure {
    const options = typeof given === 'object' && given !== null ? given : { start: given, end };
    if (options.detail !== undefined && (typeof options.detail !== 'object' || options.detail === null)) {
      throw new TypeError(
        "Incorrect type for the 'detail' field on 'Options': the provided value is not of type 'JsObject'.",
      );
    }
    const measure = new PerformanceMeasure(MAKE, String(name), timesOf(options));
    entries.push(measure);
    return measure;
  },
  getEntries: () => [...entries],
  getEntriesByName: (name: unknown, type?: string) =>
    entries.filter((one) => one.name === String(name) && (type === undefined || one.entryType === type)),
  getEntriesByType: (type: string) => entries.filter((one) => one.entryType === type),
  clearMarks(name?: unknown): void {
    entries = without('mark', name);
  },
  clearMeasures(name?: unknown): void {
    entries = without('measure', name);
  },
  clearResourceTimings(): void {},
  setResourceTimingBufferSize(): void {},
  eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }),
  timerify: <T>(call: T): T => call,
  toJSON: () => ({ timeOrigin: 0 }),
};

export const { eventLoopUtilization, timerify } = methods;
export const performance = globalThis.performance;
export const Performance = performance.constructor;

for (const One of [PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver]) {
  Object.defineProperty(One.prototype, Symbol.toStringTag, { value: One.name, configurable: true });
}
if (hooks.hasPerformance) {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(Performance.prototype, name, { value, writable: true, configurable: true, enumerable: true });
  }
}
