/**
 * The half of the soak test that lives in a page: lanes that call, evict and crash, and a look at what lies on the disk.
 *
 * Promise: what a lane does follows from its seed and from how its calls went; nothing else is random. Node hears of every burst
 * before the next begins, so a closed page takes nothing with it but one burst of each lane.
 */
import { seededRandom } from '../../src/base/random.ts';
import { Simulator, type TraceEvent } from '../../src/index.ts';
import { asAccount } from '../../src/protocol/names.ts';
import { openVault } from '../../src/storage/vault.ts';
import { type Failure, failureOf } from './failure.ts';
import { SoakSocket } from './soak-sockets.ts';
import {
  type Answer,
  type Call,
  type LaneOrder,
  type LogMark,
  OBJECTS,
  type Outcome,
  type Statement,
  type Told,
} from './soak-words.ts';

interface Stub {
  increment(call: Call): Promise<Answer>;
  guarded(call: Call): Promise<Answer>;
  read(): Promise<Answer>;
  transfer(call: Call): Promise<Answer>;
  schedule(call: Call): Promise<Answer>;
  settle(): Promise<void>;
  statement(): Promise<Omit<Statement, 'object'>>;
}

const CONFIG = {
  name: 'bank',
  compatibility_date: '2026-07-01',
  durable_objects: { bindings: [{ name: 'ACCOUNTS', class_name: 'Account' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Account'] }],
};
const BURST_MAX = 8;
/** Of all calls. */
const SHARE = { read: 0.15, transfer: 0.25, schedule: 0.05, guarded: 0.15 };
const DELAY_MS_MAX = 500;
/** Of all bursts. An object is crashed more often than is kind: that is where most can be lost. */
const ACT_SHARE = { crash: 0.12, evict: 0.08, cut: 0.06, 'evict all': 0.02 };
/** Of all bursts: those in which a lane uses its WebSocket, and then those after which it closes it. */
const SOCKET_SHARE = { use: 0.4, close: 0.15 };
const MESSAGES_MAX = 4;
const AMOUNT_MAX = 20;
/** More would not fit in a head that looks for a cause. */
const EVENTS_KEPT = 3_000;

const machines = new Map<string, Simulator>();

function machine(name: string): Simulator {
  const found = machines.get(name);
  if (!found) throw new Error(`No machine "${name}" is open in this page.`);
  return found;
}

function stubOf(simulator: Simulator, object: string): Stub {
  const namespace = simulator.env['ACCOUNTS'];
  if (!namespace) throw new Error('The program has no binding ACCOUNTS.');
  return namespace.getByName(object) as unknown as Stub;
}

class Lane {
  readonly #simulator: Simulator;
  readonly #name: string;
  readonly #unit: () => number;
  readonly #stubs = new Map<string, { readonly name: string; readonly stub: Stub; calls: number }>();
  /** asked for, and nobody knows how it went */
  readonly #open: Required<Pick<Call, 'id' | 'payee' | 'amount' | 'object'>>[] = [];
  #made = 0;
  #socket: SoakSocket | undefined;

  constructor(simulator: Simulator, { lane, seed }: LaneOrder) {
    const random = seededRandom(seed);
    this.#simulator = simulator;
    this.#name = lane;
    this.#unit = () => random.unit();
  }

  async run(): Promise<void> {
    let told: Told = { lane: this.#name, outcomes: [] };
    try {
      while (await globalThis.soakTold(told)) told = await this.#burst();
      await this.#socket?.close();
      const heard = this.#socket && { heard: this.#socket.take() };
      await globalThis.soakTold({ lane: this.#name, outcomes: [], ...heard, isOver: true });
    } catch (error) {
      // Its machine was closed under it.
      if (failureOf(error).code !== 'closed') throw error;
    }
  }

  /** Calls of one stub, all at once; what is done to the object falls behind one of the answers, or before the first. */
  async #burst(): Promise<Told> {
    const object = this.#one(OBJECTS);
    const act = this.#act();
    const outcomes: Outcome[] = [];
    const calls = Array.from({ length: 1 + this.#below(BURST_MAX) }, () => this.#call(object));
    const actAfter = this.#below(calls.length + 1);
    let acting: Promise<Told['act']> | undefined;
    const next = () => {
      if (act && outcomes.length >= actAfter) acting ??= this.#do(act, object);
    };
    const mine = this.#stub(object);
    const asked = calls.map(async (call) => {
      const outcome = await answerOf(mine.stub, call);
      outcomes.push(outcome);
      next();
      this.#remember(outcome);
    });
    next();
    // Together: whichever fails first because the machine was closed is heard of.
    const [heard] = await Promise.all([this.#talk(object), ...asked]);
    const done = await acting;
    return { lane: this.#name, outcomes, ...(done ? { act: done } : {}), ...heard };
  }

  /** By its WebSocket, of which a lane has one at a time. */
  async #talk(object: string): Promise<Pick<Told, 'heard'>> {
    const [use, close, count] = [this.#unit(), this.#unit(), this.#below(MESSAGES_MAX)];
    if (use >= SOCKET_SHARE.use) return {};
    this.#socket ??= new SoakSocket(this.#simulator, { name: `${this.#name}~${++this.#made}`, object });
    const socket = this.#socket;
    await socket.say(count);
    if (close < SOCKET_SHARE.close) await socket.close();
    if (socket.isClosed) this.#socket = undefined;
    return { heard: socket.take() };
  }

  #call(object: string): Call {
    const mine = this.#stub(object);
    const common = { object, stub: mine.name, number: ++mine.calls };
    const again = this.#open.findIndex((one) => one.object === object);
    if (again >= 0) return { ...common, kind: 'transfer', ...this.#open.splice(again, 1)[0] };
    const kind = this.#kind();
    if (kind === 'schedule') return { ...common, kind, delayMs: this.#below(DELAY_MS_MAX) };
    if (kind !== 'transfer') return { ...common, kind };
    const payee = this.#one(OBJECTS.filter((other) => other !== object));
    const id = `${this.#name}#${++this.#made}`;
    return { ...common, kind, id, payee, amount: 1 + this.#below(AMOUNT_MAX) };
  }

  #kind(): Call['kind'] {
    let share = this.#unit();
    for (const kind of ['read', 'transfer', 'schedule', 'guarded'] as const) {
      share -= SHARE[kind];
      if (share < 0) return kind;
    }
    return 'increment';
  }

  #remember(outcome: Outcome): void {
    if (!('failure' in outcome)) return;
    const { call } = outcome;
    // A stub whose call failed is given up, as the platform advises.
    if (this.#stubs.get(call.object)?.name === call.stub) this.#stubs.delete(call.object);
    if (call.id === undefined || call.payee === undefined || call.amount === undefined) return;
    this.#open.push({ object: call.object, id: call.id, payee: call.payee, amount: call.amount });
  }

  #stub(object: string) {
    let mine = this.#stubs.get(object);
    if (!mine) {
      mine = { name: `${this.#name}.${++this.#made}`, stub: stubOf(this.#simulator, object), calls: 0 };
      this.#stubs.set(object, mine);
    }
    return mine;
  }

  #act(): keyof typeof ACT_SHARE | undefined {
    let share = this.#unit();
    for (const kind of ['crash', 'evict', 'cut', 'evict all'] as const) {
      share -= ACT_SHARE[kind];
      if (share < 0) return kind;
    }
    return undefined;
  }

  async #do(kind: keyof typeof ACT_SHARE, object: string): Promise<Told['act']> {
    try {
      const { objects, faults } = this.#simulator;
      if (kind === 'evict all') await objects.evictAll();
      else if (kind === 'cut') await faults.cut({ object: stubOf(this.#simulator, object) });
      else await objects[kind](stubOf(this.#simulator, object));
      return { kind };
    } catch (error) {
      return { kind, failure: failureOf(error) };
    }
  }

  #below(limit: number): number {
    return Math.floor(this.#unit() * limit);
  }

  #one<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T;
  }
}

async function answerOf(stub: Stub, call: Call): Promise<Outcome> {
  try {
    // The stub is not taken from a variable method: what it gives is no plain promise, and is awaited here.
    switch (call.kind) {
      case 'increment':
        return { call, answer: await stub.increment(call) };
      case 'guarded':
        return { call, answer: await stub.guarded(call) };
      case 'read':
        return { call, answer: await stub.read() };
      case 'transfer':
        return { call, answer: await stub.transfer(call) };
      case 'schedule':
        return { call, answer: await stub.schedule(call) };
      default:
        return call.kind satisfies never;
    }
  } catch (error) {
    return { call, failure: failureOf(error) };
  }
}

const page = {
  async open(account: string, name: string, program: string): Promise<void> {
    const code = { modules: { 'index.js': program }, main: 'index.js', config: CONFIG };
    machines.set(name, await Simulator.open({ name: account, machine: name, storage: 'indexeddb', ...code }));
  },

  /** Ends a machine in good order, whatever its lanes are doing. */
  async close(name: string): Promise<void> {
    const simulator = machine(name);
    machines.delete(name);
    await simulator.close();
  },

  /** From now on whatever passes between any two threads of the account is late by a little, each by another. */
  async jitter(name: string, seed: number): Promise<void> {
    await machine(name).faults.latency({ latencyMs: 0, jitterMs: 2, seed });
  },

  /** Starts lanes and returns; they end when node says so, or with the page. */
  start(name: string, orders: readonly LaneOrder[]): void {
    for (const order of orders) void new Lane(machine(name), order).run();
  },

  /** From now on this page remembers what happens in the account, on every machine of it. */
  listen: (name: string): Promise<void> => machine(name).trace.start(),

  traced: (name: string): readonly TraceEvent[] => machine(name).trace.events.slice(-EVENTS_KEPT),

  settle: async (name: string, object: string): Promise<Failure | undefined> => {
    try {
      await stubOf(machine(name), object).settle();
      return undefined;
    } catch (error) {
      return failureOf(error);
    }
  },

  statement: async (name: string, object: string): Promise<Statement> => ({
    object,
    ...(await stubOf(machine(name), object).statement()),
  }),

  /** How many alarms of an object have not rung. It is not woken. */
  async waiting(name: string, object: string): Promise<number> {
    const stub = stubOf(machine(name), object);
    const { rows } = await machine(name).inspect.query(stub, 'SELECT name FROM due');
    return rows.length;
  },

  /** The records of every object's log, read without disturbing who writes there. */
  async marks(account: string): Promise<LogMark[]> {
    const { vault } = await openVault({ mode: 'indexeddb', account: asAccount(account) });
    const found: LogMark[] = [];
    for (const { address, name: object = '' } of await vault.listObjects()) {
      const store = await vault.findObject(address);
      const head = await store?.readHead();
      if (!store || !head) continue;
      const moments = await store.readMoments({ after: 0, upTo: head.sequence, count: head.sequence });
      found.push(...moments.map((moment) => ({ object, ...moment })));
      await store.close();
    }
    vault.close();
    return found;
  },
};

export type SoakPage = typeof page;

declare global {
  /** set by this module in the page */
  var soak: SoakPage;
  /** set by the test: hears of a burst, and says whether there is to be another */
  var soakTold: (told: Told) => Promise<boolean>;
}

globalThis.soak = page;
