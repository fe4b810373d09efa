/**
 * What the simulator holds in memory, as the operating system counts it: the renderer of a page of its own, in bytes that no
 * other process shares (PSS), after a collection of garbage.
 *
 * Promise: a row is a difference or a ratio of two readings of one process, so what a browser itself takes is not in it. Read
 * from `/proc`: elsewhere there is nothing to read, and that is said.
 */
import { readFile } from 'node:fs/promises';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { LIVE_OBJECTS } from '../../src/protocol/limits.ts';
import type { MemoryStep } from './page-memory.ts';

const MIB = 2 ** 20;
/** How often the highest reading is looked for. A reading takes the kernel a millisecond or two. */
const WATCH_MS = 25;
/** Between collections: what one frees (a worker's buffers) is what the next can free. */
const SETTLE_MS = 500;
/** It rests when so many readings in a row lie so close to the one before: a log that folds goes on for seconds. */
const SAME_MIB = 1;
const SAME_READINGS = 3;
const READINGS_MAX = 40;

export interface MemoryRow {
  readonly id: string;
  readonly work: string;
  readonly limit: string;
  /** measured once; MiB */
  measure(meter: Meter): Promise<{ readonly oursMib: number; readonly otherMib: number }>;
  readonly target: { readonly atMost: number };
  readonly long?: true;
}

const LARGE_MIB = 128;
const BURST_MIB = 100;

export const memoryRows: readonly MemoryRow[] = [
  {
    id: 'memory-open',
    work: `an object of ${LARGE_MIB} MiB, opened`,
    limit: 'its database',
    async measure(meter) {
      await meter.step('warmUp');
      await meter.step('fill', LARGE_MIB);
      await meter.step('evictLarge');
      const before = await meter.atRest();
      await meter.step('openLarge');
      return { oursMib: (await meter.atRest()) - before, otherMib: LARGE_MIB };
    },
    target: { atMost: 1.3 },
  },
  {
    id: 'memory-burst',
    work: `${BURST_MIB} MiB written in one transaction, at rest after it`,
    limit: 'its database',
    async measure(meter) {
      await meter.step('warmUp');
      const before = await meter.atRest();
      await meter.step('burst', BURST_MIB);
      return { oursMib: (await meter.atRest()) - before, otherMib: BURST_MIB };
    },
    target: { atMost: 1.3 },
  },
  {
    id: 'memory-burst-most',
    work: `${BURST_MIB} MiB written in one transaction, the most until it is at rest`,
    limit: 'its database',
    async measure(meter) {
      await meter.step('warmUp');
      const before = await meter.atRest();
      const most = await meter.most(async () => {
        await meter.step('burst', BURST_MIB);
        await meter.atRest();
      });
      return { oursMib: most - before, otherMib: BURST_MIB };
    },
    target: { atMost: 1.3 },
  },
  {
    id: 'memory-many',
    work: 'a page that has called 10,000 objects in turn',
    limit: 'that has called 500, as many awake',
    async measure(meter) {
      await meter.step('visit', 500);
      const few = await meter.atRestAwake(LIVE_OBJECTS);
      await meter.step('visit', 10_000);
      return { oursMib: await meter.atRestAwake(LIVE_OBJECTS), otherMib: few };
    },
    target: { atMost: 1.2 },
    long: true,
  },
];

/** Reads one page's renderer. */
export class Meter {
  readonly #page: Page;
  readonly #session: CDPSession;
  readonly #pid: number;

  private constructor(page: Page, session: CDPSession, pid: number) {
    this.#page = page;
    this.#session = session;
    this.#pid = pid;
  }

  /** @throws Error where the operating system does not tell */
  static async of(page: Page, browser: BrowserContext): Promise<Meter> {
    const session = await browser.newCDPSession(page);
    const pid = await rendererOf(page, browser);
    await pss(pid);
    return new Meter(page, session, pid);
  }

  async step(step: MemoryStep, count = 0): Promise<void> {
    await this.#page.evaluate(([name, given]) => globalThis.bench?.memory(name, given), [step, count] as const);
  }

  /** MiB, when all that can be collected is. */
  async atRest(): Promise<number> {
    let last = Number.POSITIVE_INFINITY;
    let same = 0;
    for (let i = 0; ; i++) {
      // Reaches the workers' heaps too, which a page's own collection does not.
      await this.#session.send('Memory.simulatePressureNotification', { level: 'critical' });
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      const reading = await pss(this.#pid);
      same = Math.abs(reading - last) < SAME_MIB ? same + 1 : 0;
      if (same === SAME_READINGS || i === READINGS_MAX) return reading;
      last = reading;
    }
  }

  /**
   * The same, with so many objects awake: most of what a page holds is theirs, and goes when they fall asleep.
   *
   * @throws Error when there were more or fewer
   */
  async atRestAwake(count: number): Promise<number> {
    const reading = await this.atRest();
    const awake = await this.#page.evaluate(() => globalThis.bench?.countAwake());
    if (awake !== count) throw new Error(`memory: ${awake} objects were awake at the end of a reading, not ${count}.`);
    return reading;
  }

  /** The highest reading while `work` goes on, MiB. */
  async most(work: () => Promise<void>): Promise<number> {
    let most = 0;
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        most = Math.max(most, await pss(this.#pid));
        await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
      }
    })();
    try {
      await work();
    } finally {
      isOver = true;
      await watching;
    }
    return most;
  }
}

/** The process that the page alone makes busy. */
async function rendererOf(page: Page, browser: BrowserContext): Promise<number> {
  const session = await browser.browser()?.newBrowserCDPSession();
  if (!session) throw new Error('memory: this browser does not name its processes.');
  const renderers = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
  };
  const before = await renderers();
  await page.evaluate(() => {
    for (const end = performance.now() + 300; performance.now() < end; );
  });
  const grown = [...(await renderers())].map(([id, cpu]) => ({ id, cpu: cpu - (before.get(id) ?? 0) }));
  grown.sort((a, b) => b.cpu - a.cpu);
  const [first] = grown;
  if (!first) throw new Error('memory: the browser names no renderer.');
  return first.id;
}

/** Proportional set size of a process, MiB. */
async function pss(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => {
    throw new Error('memory: read from /proc/<pid>/smaps_rollup, which this system does not have.');
  });
  const kib = /^Pss:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kib === undefined) throw new Error('memory: smaps_rollup has no line "Pss".');
  return (Number(kib) * 1024) / MIB;
}
