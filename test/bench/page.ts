/**
 * The half of the benchmark that lives in the page: what is measured there, by name, one sample a call.
 *
 * Promise: the library is used through its public interface, as it was built; a raw limit is the least code that does the
 * same over the platform alone. Every subject answers in milliseconds of one piece of work.
 */
import { Simulator } from '../../src/index.ts';
import { countAwake, type MemoryStep, memoryStep } from './page-memory.ts';
import { socketEcho, wake } from './page-sockets.ts';
import { COUNTS, config, program, type Route } from './program.ts';
import type { RawOrder } from './raw.worker.ts';
import type { SqlOrder, SqlWork } from './raw-sql.worker.ts';

interface Stub {
  add(a: number, b: number): Promise<number>;
  prepare(): Promise<void>;
  fill(blobs: number, sizeBytes: number): Promise<number>;
  bump(): Promise<void>;
  commitMany(count: number): Promise<number>;
  sqlPrepare(): Promise<void>;
  timed(work: Route | 'readClock', count: number): Promise<number>;
  timerChain(count: number): Promise<number>;
  commitFor(ms: number, pauseMs: number): Promise<[beganMs: number, tookMs: number][]>;
}

interface Env {
  BENCH: { getByName(name: string): Stub };
}

type Network = 'auto' | 'channel';

const ROUND_TRIPS = 100;
const COMMITS = 40;
/** In eight turns so many that what the browser does beside (it writes its tables now and then) falls on every pair. */
const AWAITED_COMMITS = 80;
const PAGE_BYTES = 4096;
/** Browsers let four milliseconds go by between nested timers. */
const TIMERS = 25;
const CLOCK_READINGS = 1_000_000;
const TOGETHER = 64;
const MIB = 2 ** 20;
const LARGE_MIB = 128;
/** Long enough for some openings, each with its pause before. */
const BESIDE_MS = 3000;
/** A pool refills when an object has started; nobody outside sees when it is done. */
const REFILL_MS = 400;

const simulators = new Map<Network, Promise<Simulator<Env>>>();
const run = `${performance.timeOrigin}`;

function simulator(network: Network): Promise<Simulator<Env>> {
  const known = simulators.get(network);
  if (known) return known;
  const opened = Simulator.open<Env>({
    name: `bench ${network} ${run}`,
    modules: { 'index.js': program },
    config: structuredClone(config) as never,
    network,
    limits: 'workerd',
  });
  simulators.set(network, opened);
  return opened;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function stub(network: Network, name: string): Promise<Stub> {
  return (await simulator(network)).env.BENCH.getByName(name);
}

let pageWorker: Promise<Worker> | undefined;
const rawChannel = `bench ${run}`;

function rawWorker(): Worker {
  return new Worker(new URL('./raw.worker.ts', import.meta.url), { type: 'module' });
}

function order(worker: Worker, body: RawOrder): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data as number);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(body, 'on' in body && typeof body.on !== 'string' ? [body.on] : []);
  });
}

/** A worker that echoes on the run's channel. */
function echo(): Promise<Worker> {
  pageWorker ??= (async () => {
    const worker = rawWorker();
    await order(worker, { do: 'echo', on: rawChannel });
    return worker;
  })();
  return pageWorker;
}

const once = <T>(make: () => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
const sqlWorker = once(async () => new Worker(new URL('./raw-sql.worker.ts', import.meta.url), { type: 'module' }));
const asker = once(async () => rawWorker());
const adder = once(async () => rawWorker());

/** Milliseconds of one `work`, of `count` in a row. */
async function timed(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i++) await work();
  return (performance.now() - start) / count;
}

async function pageRoundTrip(network: Network): Promise<number> {
  const subject = await stub(network, 'subject');
  for (let i = 0; i < 20; i++) await subject.add(i, 1);
  return timed(ROUND_TRIPS, () => subject.add(1, 2));
}

/** With nobody who listens to what happens, with somebody who counts what came, or who looks at every event. */
async function traced(listener: 'nobody' | 'counts' | 'looks', route: Route): Promise<number> {
  const { trace } = await simulator('auto');
  if (listener === 'nobody') return inWorker('auto', route);
  let heard = 0;
  const stop = trace.subscribe((fresh) => {
    heard += listener === 'looks' ? fresh.events.filter(({ number }) => number > 0).length : fresh.count;
  });
  await trace.start();
  const ms = await inWorker('auto', route);
  await trace.until((event) => event.kind === 'answer' && event.actor.kind === 'worker');
  stop();
  await trace.stop();
  trace.clear();
  if (heard === 0) throw new Error('The trace was silent.');
  return ms;
}

/** Between the page and a worker that echoes. */
async function pagePingPong(network: Network): Promise<number> {
  const carrier = network === 'channel' ? new BroadcastChannel(rawChannel) : await echoingPort();
  let heard = () => {};
  carrier.onmessage = () => heard();
  const call = () =>
    new Promise<void>((resolve) => {
      heard = resolve;
      carrier.postMessage({ id: 1, args: [1, 2] });
    });
  await echo();
  for (let i = 0; i < 20; i++) await call();
  const ms = await timed(ROUND_TRIPS, call);
  carrier.close();
  return ms;
}

/** Between two workers; of a port, each was handed its end by the page. */
async function workerPingPong(network: Network, inFlight = 1, sizeBytes?: number): Promise<number> {
  await echo();
  const on = network === 'channel' ? rawChannel : await echoingPort();
  const size = sizeBytes === undefined ? {} : { sizeBytes };
  return order(await asker(), { do: 'ping', on, count: ROUND_TRIPS * Math.min(inFlight, 16), inFlight, ...size });
}

/** One end of a port whose other end echoes in a worker. */
async function echoingPort(): Promise<MessagePort> {
  const { port1, port2 } = new MessageChannel();
  await order(await echo(), { do: 'echo', on: port1 });
  return port2;
}

/** The wasm that the library was built with, and the least worker around it. */
const spawning = once(async () => {
  const [wasm, text] = await Promise.all([
    WebAssembly.compileStreaming(fetch(new URL('sql-wasm.wasm', location.href))),
    fetch(new URL('spawn.worker.js', location.href)).then((response) => response.text()),
  ]);
  return { wasm, url: URL.createObjectURL(new Blob([text], { type: 'text/javascript' })) };
});

async function spawn(): Promise<Worker> {
  const { wasm, url } = await spawning();
  const worker = new Worker(url, { type: 'module' });
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(wasm);
  });
  return worker;
}

let fresh = 0;

/** The first call to objects that never were, all at once; they are evicted afterwards. */
async function coldObjects(count: number): Promise<number> {
  const sim = await simulator('auto');
  await pause(REFILL_MS);
  const stubs = Array.from({ length: count }, () => sim.env.BENCH.getByName(`fresh ${++fresh}`));
  const start = performance.now();
  await Promise.all(stubs.map((one) => one.add(1, 2)));
  const ms = performance.now() - start;
  await Promise.all(stubs.map((one) => sim.objects.evict(one)));
  return ms;
}

async function spawnMany(count: number): Promise<number> {
  await spawning();
  await pause(REFILL_MS);
  const start = performance.now();
  const workers = await Promise.all(Array.from({ length: count }, spawn));
  const ms = performance.now() - start;
  for (const worker of workers) worker.terminate();
  return ms;
}

const databases = new Map<number, Promise<Stub>>();

/** An object whose database is filled to a size. */
function sized(sizeMib: number): Promise<Stub> {
  const known = databases.get(sizeMib);
  if (known) return known;
  const filled = (async () => {
    const subject = await stub('auto', `of ${sizeMib} MiB`);
    await subject.prepare();
    for (let size = 0; size < sizeMib * MIB; ) size = await subject.fill(8, MIB / 16);
    // The log folds what was filled meanwhile; that is not what is measured.
    await pause(1000);
    for (let i = 0; i < 200; i++) await subject.bump();
    return subject;
  })();
  databases.set(sizeMib, filled);
  return filled;
}

async function callWithCommit(sizeMib: number): Promise<number> {
  const subject = await sized(sizeMib);
  return timed(COMMITS, () => subject.bump());
}

async function commit(sizeMib: number): Promise<number> {
  const subject = await sized(sizeMib);
  return (await subject.commitMany(AWAITED_COMMITS)) / AWAITED_COMMITS;
}

/** As the log stores what nobody rewrites. */
const EXTENT_BYTES = 256 * 1024;
const reader = once(async () => {
  const worker = rawWorker();
  await order(worker, { do: 'fill', database: `${rawChannel} extents`, count: LARGE_MIB * 4, sizeBytes: EXTENT_BYTES });
  return worker;
});

/** The first call to an object of this size after it was evicted. */
async function openLarge(): Promise<number> {
  const subject = await sized(LARGE_MIB);
  await (await simulator('auto')).objects.evict(subject);
  await pause(REFILL_MS);
  return timed(1, () => subject.add(1, 2));
}

/** The same bytes, read as extents. */
async function readExtents(): Promise<number> {
  return order(await reader(), { do: 'read', database: `${rawChannel} extents`, count: LARGE_MIB * 4 });
}

/**
 * The slowest hundredth of another object's commits that were under way while `work` was, which is done again and again; or of
 * all, when nothing is. Before each opening the object is put to sleep and the pool has its isolates again; one that is inspected
 * sleeps on.
 *
 * @returns milliseconds
 */
async function commitsBeside(work: 'nothing' | 'opening' | 'inspecting'): Promise<number> {
  const sim = await simulator('auto');
  const large = await sized(LARGE_MIB);
  const other = await sized(1);
  let isOver = false;
  const spans: [fromMs: number, toMs: number][] = [];
  const now = () => performance.timeOrigin + performance.now();
  const busy = async () => {
    if (work === 'inspecting') await sim.objects.evict(large);
    while (!isOver) {
      if (work === 'opening') await sim.objects.evict(large);
      if (work !== 'inspecting') await pause(REFILL_MS);
      const fromMs = now();
      if (work === 'opening') await large.add(1, 2);
      else if (work === 'inspecting') await sim.inspect.entries(large as never);
      if (work !== 'nothing') spans.push([fromMs, now()]);
    }
  };
  const working = busy();
  const samples = await other.commitFor(BESIDE_MS, 2);
  isOver = true;
  await working;
  const isBeside = ([began, took]: readonly [number, number]) =>
    work === 'nothing' || spans.some(([from, to]) => began < to && began + took > from);
  const counted = samples.filter(isBeside).map(([, took]) => took);
  if (counted.length === 0) throw new Error('No commit was under way while the work was.');
  counted.sort((a, b) => a - b);
  return counted[Math.floor(counted.length * 0.99)] ?? Number.NaN;
}

async function inWorker(network: Network, route: Route): Promise<number> {
  const sim = await simulator(network);
  const count = COUNTS[route];
  const response = await sim.fetch(`/${route}?count=${count}`);
  if (response.status !== 200) throw new Error(await response.text());
  return ((await response.json()) as number) / count;
}

const SQL_WORK: Partial<Record<Route, SqlWork>> = { sqlSelect: 'select', sqlInsert: 'insert', sqlScan: 'scan' };

/** The work alone, without what makes it durable: raw sql.js does not do that either. */
async function sqlInObject(route: Route): Promise<number> {
  const subject = await stub('auto', 'sql');
  await subject.sqlPrepare();
  return (await subject.timed(route, COUNTS[route])) / COUNTS[route];
}

/** The same SQL on stock sql.js, in a worker. */
async function rawSql(route: Route): Promise<number> {
  const work = SQL_WORK[route];
  if (!work) throw new Error(`${route} is not about SQL`);
  const worker = await sqlWorker();
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data as number);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage({ work, count: COUNTS[route] } satisfies SqlOrder);
  });
}

const subjects = {
  pageRoundTrip: (network: Network) => pageRoundTrip(network),
  pagePingPong: (network: Network) => pagePingPong(network),
  workerPingPong: (network: Network, inFlight?: number, sizeBytes?: number) =>
    workerPingPong(network, inFlight, sizeBytes),
  /** One way of 1 MiB, as chunks of 64 KiB that are echoed: the half of the round trip. */
  rawMib: async (network: Network) => (await workerPingPong(network, 8, 65_536)) * 8,
  socketEcho: async (network: Network) => socketEcho(await simulator(network)),
  wake: async (count: number) => wake(await simulator('auto'), count, () => pause(REFILL_MS)),
  inWorker: (network: Network, route: Route) => inWorker(network, route),
  traced: (...how: Parameters<typeof traced>) => traced(...how),
  sqlInObject: (route: Route) => sqlInObject(route),
  rawSql: (route: Route) => rawSql(route),
  coldObject: () => coldObjects(1),
  coldObjects: () => coldObjects(TOGETHER),
  spawn: () => spawnMany(1),
  spawnMany: () => spawnMany(TOGETHER),
  callWithCommit: (sizeMib: number) => callWithCommit(sizeMib),
  commit: (sizeMib: number) => commit(sizeMib),
  openLarge: () => openLarge(),
  readExtents: () => readExtents(),
  commitsBeside: (work: 'nothing' | 'opening' | 'inspecting') => commitsBeside(work),
  async timerChain() {
    return (await (await stub('auto', 'clock')).timerChain(TIMERS)) / TIMERS;
  },
  rawTimerChain: async () => order(await asker(), { do: 'timers', count: TIMERS }),
  async readClock() {
    return (await (await stub('auto', 'clock')).timed('readClock', CLOCK_READINGS)) / CLOCK_READINGS;
  },
  rawReadClock: async () => order(await asker(), { do: 'clock', count: CLOCK_READINGS }),
  async addOne() {
    return order(await adder(), { do: 'add', database: rawChannel, count: AWAITED_COMMITS, sizeBytes: PAGE_BYTES });
  },
};

export type Subjects = typeof subjects;
export type Subject = keyof Subjects;

const control = {
  sample(subject: Subject, args: readonly unknown[]): Promise<number> {
    return (subjects[subject] as (...given: readonly unknown[]) => Promise<number>)(...args);
  },
  async memory(step: MemoryStep, count: number): Promise<void> {
    return memoryStep(await simulator('auto'), step, count);
  },
  async countAwake(): Promise<number> {
    return countAwake(await simulator('auto'));
  },
  async close(): Promise<void> {
    for (const opened of simulators.values()) await (await opened).close({ delete: true });
  },
};

declare global {
  /** set by this module in the page */
  var bench:
    | {
        sample(subject: string, args: readonly unknown[]): Promise<number>;
        memory(step: MemoryStep, count: number): Promise<void>;
        countAwake(): Promise<number>;
        close(): Promise<void>;
      }
    | undefined;
}

globalThis.bench = control as unknown as NonNullable<typeof globalThis.bench>;
