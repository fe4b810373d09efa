/**
 * Programs in a real browser that break built-ins, the browser's own too, and work on: what was acknowledged is stored and whole, and
 * nobody else notices.
 *
 * First a program tells which built-ins anything looks at while a deed is done and answered: to break any other changes nothing. Then each of
 * these is broken in each way, from before the deed until after its answer.
 */
import { afterEach, expect, test, vi } from 'vitest';
import type { DurableObjectNamespace, Simulator } from '../../src/index.ts';
import { accounts } from '../support/accounts.ts';
import { REPLACEMENTS } from '../support/each-built-in.ts';
import EACH_BUILT_IN from '../support/each-built-in.ts?raw';
import PROGRAM from '../support/programs/liar.js?raw';

interface Stored {
  readonly isWhole: boolean;
  readonly rows: number[];
  readonly keys: number[];
}

interface Attempt {
  readonly deed: string;
  readonly name?: string;
  readonly does?: string;
  readonly n: number;
}

interface Env {
  LIARS: DurableObjectNamespace<{
    watch(): number;
    touched(): string[];
    attempt(attempt: Attempt): number;
    mend(): void;
    stored(): Stored;
    facetStored(): Stored;
  }>;
  NEIGHBOURS: DurableObjectNamespace<{ add(n: number): void; stored(): Stored }>;
}

// Declared before those that close the simulators, so it runs after them.
afterEach(async () => {
  const held = async () => (await navigator.locks.query()).held?.map(({ name }) => name);
  await vi.waitFor(async () => expect(await held(), 'no thread has outlived its simulator').toEqual([]), 10_000);
});

const { start } = accounts<Env>('lying', {
  modules: { 'index.js': PROGRAM, 'each-built-in.ts': EACH_BUILT_IN },
  config: {
    name: 'lying',
    main: 'index.js',
    compatibility_date: '2026-07-01',
    durable_objects: {
      bindings: [
        { name: 'LIARS', class_name: 'Liar' },
        { name: 'NEIGHBOURS', class_name: 'Neighbour' },
      ],
    },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Liar', 'Neighbour'] }],
  },
});

type Sim = Simulator<Env>;

/** What is stored adds up. */
const ADDING = ['write', 'put', 'transaction', 'call', 'fetch', 'stream', 'digest', 'page', 'send', 'facet'];
const DOES = Object.keys(REPLACEMENTS);
/** An answer that has not come by then never comes: its object waits for what does not settle any more. */
const PATIENCE_MS = 2_000;

/** One object that does one deed again and again. */
class Lane {
  readonly acknowledged: number[] = [];
  /** no answer, or an error */
  readonly stopped = new Set<string>();
  readonly #sim: Sim;
  readonly #deed: string;
  readonly #object: string;
  tried = 0;

  constructor(sim: Sim, deed: string, object = deed) {
    this.#sim = sim;
    this.#deed = deed;
    this.#object = object;
  }

  get stub() {
    return this.#sim.env.LIARS.getByName(this.#object);
  }

  /** The names of what anybody looks at while it works. */
  async watch(): Promise<string[]> {
    await this.attempt();
    await this.stub.watch();
    await this.attempt();
    return await this.stub.touched();
  }

  async attempt(name?: string, does?: string): Promise<void> {
    const n = ++this.tried;
    const asked = this.stub.attempt({ deed: this.#deed, n, ...(name && does ? { name, does } : {}) });
    const answered = asked.then((answer) => ({ answer }), String);
    const outcome = await (name ? Promise.race([answered, late()]) : answered);
    if (typeof outcome === 'object') {
      expect(outcome.answer).toBe(n);
      this.acknowledged.push(n);
      return;
    }
    expect(name, outcome).toBeDefined();
    this.stopped.add(`${name} ${does}: ${outcome}`);
    // What was broken stays so, and whatever comes next by this link or another would meet it.
    if (outcome === LATE || /Network connection lost/.test(outcome)) await this.#sim.objects.crash(this.stub);
  }

  /** Of an instance that has broken nothing: the one before has gone in good order, if what it has broken lets it. */
  async stored(): Promise<Stored> {
    if (!(await this.#evicted())) await this.#sim.objects.crash(this.stub);
    return await this.stub.stored();
  }

  async #evicted(): Promise<boolean> {
    const going = this.#sim.objects.evict(this.stub).then(
      () => true,
      () => false,
    );
    const isGone = (await Promise.race([going, late()])) === true;
    if (isGone) evictions++;
    return isGone;
  }
}

/** of instances that had something broken */
let evictions = 0;

const LATE = 'no answer';
const late = () => new Promise<typeof LATE>((resolve) => setTimeout(() => resolve(LATE), PATIENCE_MS));

/** Somebody who has nothing to do with it. */
class Bystander {
  readonly added: number[] = [];
  readonly #sim: Sim;
  #isOver = false;
  readonly #running: Promise<void>;

  constructor(sim: Sim) {
    this.#sim = sim;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    for (let n = 1_000_000; !this.#isOver; n++) {
      await this.#sim.env.NEIGHBOURS.getByName('neighbour').add(n);
      this.added.push(n);
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }
}

async function sweep(lane: Lane): Promise<void> {
  const names = await lane.watch();
  for (const name of names) for (const does of DOES) await lane.attempt(name, does);
}

/** Runs `work` on each, some at once. */
async function onEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const next = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all([next(), next(), next(), next()]);
}

test('what a program goes back to is there, whatever it had broken when it asked for it and ended', async () => {
  const sim = await start({ storage: 'indexeddb' });
  const names = await new Lane(sim, 'back').watch();
  const tries = names.flatMap((name) => ['throws', 'gives nothing'].map((does) => ({ name, does })));
  const asked: string[] = [];
  evictions = 0;
  await onEach(tries, async ({ name, does }) => {
    const lane = new Lane(sim, 'back', `${name} ${does}`);
    await lane.attempt(name, does);
    if (lane.acknowledged.length === 0) return;
    asked.push(name);
    expect([name, does, await lane.stored()]).toEqual([name, does, { isWhole: true, rows: [1], keys: [1] }]);
  });
  expect(asked.length).toBeGreaterThan(tries.length / 2);
  expect(evictions).toBeGreaterThan(tries.length / 2);
});

test.each(['indexeddb', 'memory'] as const)('in %s: what was acknowledged is there and whole', async (storage) => {
  const sim = await start({ storage });
  const bystander = new Bystander(sim);
  const heard: string[] = [];
  const socket = new sim.WebSocket(new URL('/send', sim.origin));
  socket.onmessage = ({ data }: MessageEvent) => heard.push(String(data));
  // Only what is stored takes another way there.
  const deeds = storage === 'memory' ? ['write', 'transaction', 'clear'] : [...ADDING, 'clear'];
  const lanes = deeds.map((deed) => new Lane(sim, deed));
  try {
    await Promise.all(lanes.map(sweep));
  } finally {
    await bystander.end();
  }
  for (const [at, lane] of lanes.entries()) {
    const deed = deeds[at] as string;
    const { isWhole, rows, keys } = await lane.stored();
    expect([deed, isWhole]).toEqual([deed, true]);
    if (deed === 'clear') {
      for (const n of [...rows, ...keys]) expect(n).toBeGreaterThanOrEqual(lane.acknowledged.at(-1) as number);
      continue;
    }
    expect(rows).toEqual(expect.arrayContaining(lane.acknowledged));
    expect(keys).toEqual(expect.arrayContaining(lane.acknowledged));
    expect(rows.every((n) => n >= 1 && n <= lane.tried)).toBe(true);
  }
  if (storage === 'memory') return;
  const of = (deed: string) => lanes[deeds.indexOf(deed)] as Lane;
  const facet = await of('facet').stub.facetStored();
  expect(facet).toMatchObject({ isWhole: true, rows: expect.arrayContaining(of('facet').acknowledged) });
  const neighbour = await sim.env.NEIGHBOURS.getByName('neighbour').stored();
  const told = [...of('call').acknowledged, ...of('fetch').acknowledged, ...bystander.added];
  expect(neighbour).toMatchObject({ isWhole: true, rows: expect.arrayContaining(told) });
  expect(heard.every((data) => Number(data) >= 1 && Number(data) <= of('send').tried)).toBe(true);
});
