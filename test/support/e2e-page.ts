/**
 * The half of the end-to-end tests that lives in the page: accounts by name, and traffic that keeps a record.
 *
 * Promise: it uses the public interface and nothing else. What it returns is plain data, so node can judge it.
 */
import {
  type Durability,
  type NetworkMode,
  Simulator,
  type SimulatorOptions,
  type WranglerConfig,
} from '../../src/index.ts';
import { pageSockets } from './e2e-sockets.ts';
import { type Failure, failureOf } from './failure.ts';

/** What an increment answers: whose memory it ran in, and the value it wrote. */
export interface Increment {
  readonly nonce: string;
  readonly value: number;
}

export interface Traffic {
  /** answers, in the order asked by one stub after the other */
  readonly answers: Increment[];
  readonly failures: Failure[];
}

export interface OpenOrder {
  name: string;
  /** left out: joins what is deployed */
  program?: string;
  network?: NetworkMode;
  storage?: 'auto' | 'indexeddb' | 'memory';
  durability?: Durability;
  config?: SimulatorOptions['config'];
  machine?: string;
}

interface CounterStub {
  increment(): Promise<Increment>;
  read(): Promise<Increment>;
}

interface Running {
  stopAt: number;
  readonly traffic: Traffic;
  readonly done: Promise<Traffic>;
}

const simulators = new Map<string, Simulator>();
const running = new Map<string, Running>();
const heard: { account: string; name: string; event: unknown }[] = [];

const CONFIG = {
  name: 'worker',
  compatibility_date: '2026-07-01',
  durable_objects: { bindings: [{ name: 'COUNTERS', class_name: 'Counter' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Counter'] }],
};

const page = {
  ...pageSockets((name) => find(name)),

  async open({ name, program, config, ...rest }: OpenOrder): Promise<Simulator['storage']> {
    const code =
      program === undefined ? {} : { modules: { 'index.js': program }, main: 'index.js', config: config ?? CONFIG };
    const simulator = await Simulator.open({ name, ...code, ...rest });
    simulators.set(name, simulator);
    for (const kind of ['deploy', 'storage'] as const) {
      simulator.on(kind, (event) => heard.push({ account: name, name: kind, event }));
    }
    simulator.on('log', (line) =>
      heard.push({ account: name, name: 'log', event: `${line.level} ${line.source}: ${line.text}` }),
    );
    return simulator.storage;
  },

  /** How `open` fails: its class, code and sentence. */
  async openFailure(options: SimulatorOptions): Promise<Failure> {
    try {
      const simulator = await Simulator.open(options);
      await simulator.close({ delete: true });
    } catch (error) {
      return failureOf(error);
    }
    return { name: 'none', message: 'it opened' };
  },

  /** @param config  what of the usual one is different */
  async deploy(
    name: string,
    program: string,
    config: WranglerConfig = {},
  ): Promise<{ number: number } | { failure: Failure }> {
    try {
      const changed = { ...CONFIG, ...config };
      return await find(name).deploy({ modules: { 'index.js': program }, main: 'index.js', config: changed });
    } catch (error) {
      return { failure: failureOf(error) };
    }
  },

  heard: (account: string, kind: string) =>
    heard.filter((one) => one.account === account && one.name === kind).map((one) => one.event),

  /** What a stub gives is no plain promise: it must not leave the page. */
  increment: async (name: string, object: string): Promise<Increment> => await counter(name, object).increment(),

  read: async (name: string, object: string): Promise<Increment> => await counter(name, object).read(),

  async fetchText(name: string, path: string): Promise<string> {
    const response = await find(name).fetch(path);
    return `${response.status} ${await response.text()}`;
  },

  /** Calls a method of an object with plain arguments; `stub.method(...args)`. */
  async call(
    name: string,
    object: string,
    method: string,
    ...args: unknown[]
  ): Promise<{ value: unknown } | { failure: Failure }> {
    try {
      const stub = counter(name, object) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
      return { value: await stub[method]?.(...args) };
    } catch (error) {
      return { failure: failureOf(error) };
    }
  },

  /**
   * Starts `lanes` stubs that increment one after the other until together they have `count` answers. A call that failed
   * is told and not repeated; the lane goes on with a new stub, as the platform advises.
   *
   * `go`, when given, is a channel on which the start is announced: two pages that wait for it run at the same time. Where one of
   * them may be done before the other has begun, `meet` is another channel: whoever has half of its answers waits there until the
   * other page has as many.
   */
  async start(order: {
    name: string;
    object: string;
    count: number;
    lanes: number;
    go?: string;
    meet?: string;
    report?: boolean;
  }): Promise<void> {
    const { name, object, count, lanes, go, meet, report } = order;
    const meeting = meet === undefined ? undefined : meetingAt(meet);
    const begin = go === undefined ? Promise.resolve() : announced(go);
    const traffic: Traffic = { answers: [], failures: [] };
    let asked = 0;
    const lane = async () => {
      await begin;
      let stub = counter(name, object);
      while (asked < mine.stopAt) {
        asked++;
        try {
          const answer = await stub.increment();
          traffic.answers.push(answer);
          if (report) await globalThis.acknowledge?.({ ...answer, object });
          if (traffic.answers.length >= count / 2) await meeting?.();
        } catch (error) {
          traffic.failures.push(failureOf(error));
          stub = counter(name, object);
        }
      }
    };
    const done = Promise.all(Array.from({ length: lanes }, lane)).then(() => traffic);
    const mine: Running = { stopAt: count, traffic, done };
    running.set(object === 'a' ? name : `${name} ${object}`, mine);
  },

  go(channel: string): void {
    const announcing = new BroadcastChannel(channel);
    announcing.postMessage('go');
    announcing.close();
  },

  /** How many answers and failures there are so far. */
  progress(name: string): { answers: number; failures: number } {
    const traffic = running.get(name)?.traffic;
    return { answers: traffic?.answers.length ?? 0, failures: traffic?.failures.length ?? 0 };
  },

  stop(name: string): void {
    const mine = running.get(name);
    if (mine) mine.stopAt = 0;
  },

  finish: async (name: string): Promise<Traffic> => (await running.get(name)?.done) ?? { answers: [], failures: [] },

  /**
   * One stub that increments `total` times in bursts, while the object is evicted at the numbers given.
   *
   * @param bursts how many calls are on their way at once, one number after the other, from the start again at the end
   */
  async incrementAndEvict(order: {
    name: string;
    object: string;
    total: number;
    bursts: number[];
    evictAt: number[];
    go?: string;
  }): Promise<{ answers: Increment[]; evictions: Failure[] }> {
    const { name, object, total, bursts, evictAt, go } = order;
    if (go !== undefined) await announced(go);
    const stub = counter(name, object);
    const answers: Increment[] = [];
    const evictions: Failure[] = [];
    const evicting: Promise<void>[] = [];
    const points = new Set(evictAt);
    for (let asked = 0, round = 0; asked < total; round++) {
      const burst: Promise<Increment>[] = [];
      for (let i = bursts[round % bursts.length] ?? 1; i > 0 && asked < total; i--) {
        asked++;
        burst.push(stub.increment());
        if (!points.has(asked)) continue;
        evicting.push(
          find(name)
            .objects.evict(stub)
            .catch((error: unknown) => void evictions.push(failureOf(error))),
        );
      }
      answers.push(...(await Promise.all(burst)));
    }
    await Promise.all(evicting);
    return { answers, evictions };
  },

  async evict(name: string, object: string): Promise<void> {
    await find(name).objects.evict(counter(name, object));
  },

  async crash(name: string, object: string): Promise<void> {
    await find(name).objects.crash(counter(name, object));
  },

  inspect: (name: string) => find(name).inspect.objects(),

  entries: (name: string, object: string) => find(name).inspect.entries(counter(name, object)),

  /** All objects as a zip, in base64. */
  async exportAll(name: string): Promise<string> {
    return toBase64(await find(name).objects.exportAll());
  },

  /** @param zip  in base64 */
  async importAll(name: string, zip: string): Promise<{ value: unknown } | { failure: Failure }> {
    try {
      const bytes = Uint8Array.from(atob(zip), (letter) => letter.charCodeAt(0));
      return { value: await find(name).objects.importAll(bytes) };
    } catch (error) {
      return { failure: failureOf(error) };
    }
  },

  async close(name: string, options?: { delete?: boolean }): Promise<void> {
    const simulator = find(name);
    simulators.delete(name);
    await simulator.close(options);
  },

  /** What an account may leave behind in a browser, as far as a page can see it. */
  async leftovers(name: string): Promise<{ databases: string[]; locks: string[] }> {
    const [databases, locks] = await Promise.all([indexedDB.databases(), navigator.locks.query()]);
    const names = [...(locks.held ?? []), ...(locks.pending ?? [])].map((lock) => lock.name ?? '');
    return {
      databases: databases.map((one) => one.name ?? '').filter((one) => one.includes(name)),
      locks: names.filter((one) => one.includes(name)),
    };
  },

  /** Whether the storage of an account and of its objects can be written now, or somebody has a transaction open there. */
  async isStorageFree(name: string, withinMs: number): Promise<boolean> {
    const probe = async (): Promise<boolean> => {
      const all = (await indexedDB.databases()).map((one) => one.name ?? '');
      const ofObject = (one: string) => one.includes(`:${name}:`) && /[0-9a-f]{64}$/.test(one);
      const own = all.filter((one) => one.endsWith(`:${name}`) || ofObject(one));
      const free = await Promise.all(own.map((one) => isDatabaseFree(one, withinMs)));
      return free.every(Boolean);
    };
    // Listing and opening can wait for the one who is stopped, too.
    const silence = new Promise<boolean>((resolve) => setTimeout(resolve, 2 * withinMs, false));
    return Promise.race([probe(), silence]);
  },

  /** Starts workers that do nothing, so that this page's process can be told from the others by its threads. */
  async startMarks(count: number): Promise<void> {
    const url = URL.createObjectURL(new Blob(['postMessage(0)']));
    const started = Array.from({ length: count }, () => {
      const mark = new Worker(url);
      marks.push(mark);
      return new Promise((resolve) => {
        mark.onmessage = resolve;
      });
    });
    await Promise.all(started);
    URL.revokeObjectURL(url);
  },

  endMarks(): void {
    for (const mark of marks.splice(0)) mark.terminate();
  },
};

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function isDatabaseFree(name: string, withinMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction([...database.objectStoreNames], 'readwrite');
      const told = (isFree: boolean) => {
        clearTimeout(timer);
        database.close();
        resolve(isFree);
      };
      const timer = setTimeout(() => {
        try {
          transaction.abort();
        } catch {
          // It has finished on a busy page, and its event is still on the way: that tells.
        }
      }, withinMs);
      transaction.oncomplete = () => told(true);
      transaction.onabort = () => told(false);
    };
  });
}

const marks: Worker[] = [];

/** Resolves when `go` is called in any page, this one included. */
function announced(name: string): Promise<void> {
  const channel = new BroadcastChannel(name);
  return new Promise((resolve) => {
    channel.onmessage = () => {
      channel.close();
      resolve();
    };
  });
}

/** Of two pages: what it gives resolves when it was called in both. Both must have opened it before. */
function meetingAt(name: string): () => Promise<void> {
  const channel = new BroadcastChannel(name);
  const other = new Promise<void>((resolve) => {
    channel.onmessage = () => resolve();
  });
  let isHere = false;
  return () => {
    if (!isHere) channel.postMessage('here');
    isHere = true;
    return other;
  };
}

function find(name: string): Simulator {
  const simulator = simulators.get(name);
  if (!simulator) throw new Error(`No account "${name}" is open in this page.`);
  return simulator;
}

function counter(name: string, object: string): CounterStub {
  const namespace = find(name).env['COUNTERS'];
  if (!namespace) throw new Error('The program has no binding COUNTERS.');
  return namespace.getByName(object) as unknown as CounterStub;
}

export type EndToEndPage = typeof page;

declare global {
  /** set by this module in the page */
  var e2e: EndToEndPage;
  /** set by a test that wants to hear of each answer in node, in the order in which the page got them */
  var acknowledge: ((answer: Increment & { object: string }) => Promise<void>) | undefined;
}

globalThis.e2e = page;
