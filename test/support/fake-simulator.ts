/**
 * Something that does what the playground asks of a Simulator, inside the page and at once.
 *
 * Promise: accounts are told apart by name and live as long as the module. Its one program is a counter, whatever is
 * deployed; code that contains `FAULT` does not deploy and lies on line 2. Storage is fake-storage.ts.
 */
import type { Account, AccountClock, OpenAccount } from '../../playground/account.ts';
import type { DeployedInfo, InspectedObject, ObjectState, SimulatorOptions, TraceEvent } from '../../src/index.ts';
import { FakeError, FakeStorage } from './fake-storage.ts';

interface FakeObject {
  readonly id: string;
  readonly name: string;
  state: InspectedObject['state'];
  awake: NonNullable<ObjectState['awake']>;
  alarmMs: number | undefined;
  readonly stored: FakeStorage;
}

interface FakeAccount {
  deployment: DeployedInfo | undefined;
  readonly objects: Map<string, FakeObject>;
}

/** A cloud of its own: `open` for `mountPlayground`, and what a test wants to reach. */
export function fakeCloud(options: { storageReason?: string } = {}): {
  open: OpenAccount;
  log(text: string, level?: 'log' | 'error'): void;
  /** what an object has stored; it is made, sleeping, if there is none of that name */
  storage(account: string, object: string): FakeStorage;
  object(account: string, object: string): FakeObject;
  /** as if this had happened */
  trace(events: readonly TraceEvent[]): void;
  readonly clock: FakeClock;
  /** as if another tab had done something */
  changed(): void;
  /** as if the browser had said so */
  lost(words: string): void;
} {
  const accounts = new Map<string, FakeAccount>();
  const listeners = new Map<string, Set<(event: never) => void>>();
  const emit = (name: string, event: unknown): void => {
    for (const listener of listeners.get(name) ?? []) (listener as (event: unknown) => void)(event);
  };

  const clock = new FakeClock();
  const deploy = (account: FakeAccount, modules: SimulatorOptions['modules']): DeployedInfo => {
    for (const [file, text] of Object.entries(modules ?? {})) {
      if (String(text).includes('FAULT'))
        throw new FakeError('bundle_failed', 'Unexpected token.', { file, line: 2, column: 3 });
    }
    const hash = JSON.stringify(modules);
    if (account.deployment?.hash !== hash) account.deployment = { hash, number: (account.deployment?.number ?? 0) + 1 };
    return account.deployment;
  };

  const open: OpenAccount = async ({ name, modules }) => {
    const account: FakeAccount = accounts.get(name) ?? { deployment: undefined, objects: new Map() };
    if (modules) deploy(account, modules);
    else if (!account.deployment) throw new FakeError('config_invalid', 'Nothing was ever deployed.');
    accounts.set(name, account);
    return fakeAccount(account, {
      emit,
      deploy: (project) => deploy(account, project),
      on: (event, listener) => {
        const known = listeners.get(event) ?? new Set();
        listeners.set(event, known.add(listener));
        return () => known.delete(listener);
      },
      clock,
      storageReason: options.storageReason,
    });
  };
  return {
    open,
    log: (text, level = 'log') => emit('log', { level, text, source: 'Counter:home', atMs: 0 }),
    object: (account, object) => objectOf(accounts.get(account) as FakeAccount, object),
    storage: (account, object) => objectOf(accounts.get(account) as FakeAccount, object).stored,
    trace: (events) => emit('trace', events),
    clock,
    changed: () => emit('objects', undefined),
    lost: (words) => emit('storage', { mode: 'indexeddb', reason: undefined, lost: words }),
  };
}

function objectOf({ objects }: FakeAccount, name: string): FakeObject {
  const id = [...name]
    .map((char) => char.charCodeAt(0).toString(16))
    .join('')
    .padEnd(64, '0');
  const object: FakeObject = objects.get(id) ?? {
    ...{ id, name, state: 'sleeping', stored: new FakeStorage() },
    awake: { why: 'a timer is armed', untilMs: undefined },
    alarmMs: undefined,
  };
  objects.set(id, object);
  return object;
}

interface Wiring {
  emit(name: string, event: unknown): void;
  deploy(modules: SimulatorOptions['modules']): DeployedInfo;
  on(event: string, listener: (event: never) => void): () => void;
  clock: FakeClock;
  storageReason: string | undefined;
}

/** Stands still but for its steps: to the times of `due`, one after the other. */
export class FakeClock implements AccountClock {
  rate = 1;
  isPaused = false;
  nowMs = Date.now();
  readonly due: (number | Error)[] = [];

  now(): number {
    return this.nowMs;
  }

  async pause(): Promise<void> {
    this.isPaused = true;
  }

  async resume(): Promise<void> {
    this.isPaused = false;
  }

  async setRate(rate: number): Promise<void> {
    this.rate = rate;
  }

  async advanceToNextEvent(): Promise<number | undefined> {
    const next = this.due.shift();
    if (next instanceof Error) throw next;
    if (next !== undefined) this.nowMs = next;
    return next;
  }
}

function fakeAccount(account: FakeAccount, { emit, deploy, on, clock, storageReason }: Wiring): Account {
  const find = (key: object): FakeObject => account.objects.get((key as { id: string }).id) as FakeObject;
  const end = async (key: object): Promise<void> => {
    find(key).state = 'sleeping';
    emit('objects', undefined);
  };
  let traced: TraceEvent[] = [];
  return {
    clock,
    trace: {
      get events() {
        return traced;
      },
      subscribe: (listener) =>
        on('trace', (events: readonly TraceEvent[]) => {
          traced = [...traced, ...events];
          listener({ count: events.length, events });
        }),
      clear: () => {
        traced = [];
      },
    },
    get deployment() {
      return account.deployment as DeployedInfo;
    },
    storage: { mode: storageReason === undefined ? 'indexeddb' : 'memory', reason: storageReason, lost: undefined },
    async fetch(input) {
      const url = new URL(String(input), 'http://fake');
      if (url.pathname === '/throws') throw new Error('Network connection lost.');
      const name = url.searchParams.get('name');
      if (!name) return new Response('Which counter?', { status: 400 });
      const object = objectOf(account, name);
      object.state = 'live';
      const step = { '/increment': 1, '/decrement': -1 }[url.pathname] ?? 0;
      const value = Number(object.stored.keys.get('value') ?? 0) + step;
      if (step !== 0) object.stored.put('value', value);
      emit('objects', undefined);
      emit('log', {
        level: 'log',
        text: `${url.pathname} gives ${value}`,
        source: `Counter:${name}`,
        atMs: Date.now(),
      });
      return Response.json({ name, value });
    },
    deploy: async (project) => deploy('modules' in project ? project.modules : undefined),
    on: on as Account['on'],
    close: async () => {},
    inspect: {
      objects: async () =>
        [...account.objects.values()].map(({ id, name, state }) => ({
          ...{ className: 'Counter', id, name, state },
          key: { namespace: 'counter', id },
        })),
      state: async (key) => ({
        awake: find(key).state === 'live' ? find(key).awake : undefined,
        alarmMs: find(key).alarmMs,
      }),
      entries: async (key, range) => find(key).stored.entries(range),
      keys: async (key, range) =>
        find(key)
          .stored.entries(range)
          .map((entry) => entry.key),
      tables: async (key, options) => find(key).stored.tables(options),
      query: async (key, sql, _bindings, options) => find(key).stored.query(sql, options),
      moments: async (key) => find(key).stored.moments(),
    },
    objects: {
      evict: end,
      hibernate: end,
      crash: end,
      put: async (key, name, value) => find(key).stored.put(name, value),
      delete: async (key, name) => find(key).stored.delete(name),
      exec: async (key, sql) => find(key).stored.exec(sql),
      export: async (key, options) => find(key).stored.export(options),
      import: async (key, file) => find(key).stored.import(file),
    },
  };
}
