import { afterEach, expect, test } from 'vitest';
import { type DurableObjectNamespace, Simulator, type SimulatorOptions, type TraceEvent } from '../../src/index.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
export class Counter extends DurableObject {
  async increment() { const n = ((await this.ctx.storage.get('n')) ?? 0) + 1; await this.ctx.storage.put('n', n); return n }
  relay(name) { return this.env.COUNTERS.getByName(name).increment() }
  hold() { return this.ctx.blockConcurrencyWhile(() => new Promise((go) => { this.go = () => go('held'); setTimeout(this.go, 1) })) }
  later() { setTimeout(() => console.log('it rang'), 1) }
  die() { this.ctx.abort('told to') }
}
export default {
  async fetch(request, env) { return Response.json(await env.COUNTERS.getByName('a').increment()) },
};
`;

interface Counter {
  increment(): Promise<number>;
  relay(name: string): Promise<number>;
  hold(): Promise<string>;
  later(): void;
  die(): void;
}
interface Env {
  COUNTERS: DurableObjectNamespace<Counter>;
}

let lastAccount = 0;
const open: Simulator<Env>[] = [];

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator<Env>> {
  const simulator = await Simulator.open<Env>({
    name: `trace-${lastAccount++}-${performance.timeOrigin}`,
    modules: { 'index.js': PROGRAM },
    config: {
      name: 'counters',
      main: 'index.js',
      compatibility_date: '2026-07-30',
      durable_objects: { bindings: [{ name: 'COUNTERS', class_name: 'Counter' }] },
      migrations: [{ tag: 'v1', new_sqlite_classes: ['Counter'] }],
    },
    storage: 'memory',
    ...options,
  });
  open.push(simulator);
  return simulator;
}

afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close();
});

/** The causes of an event, itself first: each thread tells what it did in its own time, so a cause may come after its effect. */
async function causes(sim: Simulator<Env>, event: TraceEvent): Promise<TraceEvent[]> {
  const chain = [event];
  for (let at = event; at.cause; chain.push(at)) {
    const { actor, number }: { actor: string; number: number } = at.cause;
    at = await sim.trace.until((one) => one.actor.id === actor && one.number === number);
  }
  return chain;
}

const say = (event: TraceEvent) =>
  [
    event.actor.label,
    event.kind,
    ...('what' in event ? [event.what] : []),
    ...('name' in event && event.name ? [event.name] : []),
  ].join(' ');

const isDelivery = (what: string, label: string) => (event: TraceEvent) =>
  event.kind === 'deliver' && event.what === what && event.actor.label === label;

test('an answer leads back to the question, through every thread that it went by', async () => {
  const sim = await start();
  await sim.trace.start();
  await (await sim.fetch('/')).text();
  const answered = await sim.trace.until(isDelivery('answer', 'client'));
  await sim.trace.until((event) => event.kind === 'deliver' && event.actor.label === 'Counter:a');
  await sim.trace.until((event) => event.kind === 'answer' && event.actor.label === 'Counter:a');
  await sim.trace.until((event) => event.kind === 'answer' && event.actor.label === 'counters');
  expect((await causes(sim, answered)).map(say).reverse()).toEqual([
    'client ask fetch GET',
    'counters deliver fetch GET',
    'counters ask call increment',
    'Counter:a deliver call increment',
    'Counter:a answer value increment',
    'counters deliver answer increment',
    'counters answer response',
    'client deliver answer GET',
  ]);
});

test('a write is told with its commit, which closes the output gate until it is durable', async () => {
  const sim = await start();
  await sim.trace.start();
  await sim.env.COUNTERS.getByName('a').increment();
  await sim.trace.until((event) => event.kind === 'gate' && event.state === 'open');
  const own = sim.trace.events.filter(({ actor }) => actor.label === 'Counter:a');
  const kinds = own.map((event) =>
    event.kind === 'gate' || event.kind === 'commit' ? `${event.kind} ${event.state}` : event.kind,
  );
  const order = kinds.filter((kind) => /gate|commit|answer/.test(kind));
  expect(order.indexOf('gate closed')).toBeGreaterThanOrEqual(0);
  expect(order.indexOf('commit began')).toBeLessThan(order.indexOf('commit durable'));
  expect(order.indexOf('commit durable')).toBeLessThan(order.indexOf('gate open'));
  expect(own.map(({ number }) => number)).toEqual(own.map((_, index) => index + 1));
  // It names the state that it made, as the inspector does.
  const durable = own.find((event) => event.kind === 'commit' && event.state === 'durable');
  const history = await sim.inspect.moments(sim.env.COUNTERS.getByName('a'));
  expect(durable).toMatchObject({ moment: history?.moments.find(({ pages }) => pages > 0)?.at });
});

test('what waits for a critical section is told as waiting, and delivered after the gate opened', async () => {
  const sim = await start();
  await sim.trace.start();
  const stub = sim.env.COUNTERS.getByName('a');
  await Promise.all([stub.hold(), stub.increment()]);
  await sim.trace.until((event) => event.kind === 'commit' && event.state === 'durable');
  const own = sim.trace.events
    .filter(({ actor }) => actor.label === 'Counter:a')
    .filter(
      (event) => (event.kind === 'gate' && event.gate === 'input') || ('name' in event && event.name === 'increment'),
    );
  expect(own.map((event) => (event.kind === 'gate' ? `${event.state} ${event.reason}` : event.kind))).toEqual([
    'closed blockConcurrencyWhile',
    'wait',
    'open blockConcurrencyWhile',
    'deliver',
    'answer',
  ]);
});

test('a timer leads back to the event that armed it', async () => {
  const sim = await start();
  await sim.trace.start();
  await sim.env.COUNTERS.getByName('a').later();
  const rang = await sim.trace.until((event) => event.kind === 'log' && event.text === 'it rang');
  expect((await causes(sim, rang)).map(say).reverse()).toEqual([
    'client ask call later',
    'Counter:a deliver call later',
    'Counter:a timer setTimeout',
    'Counter:a deliver timer setTimeout',
    'Counter:a log',
  ]);
});

test('instances of an object come and go on one lane', async () => {
  const sim = await start();
  await sim.trace.start();
  const stub = sim.env.COUNTERS.getByName('a');
  await stub.increment();
  await sim.objects.evict(stub);
  await sim.env.COUNTERS.getByName('a').increment();
  await sim.env.COUNTERS.getByName('a')
    .die()
    .then(
      () => {},
      () => {},
    );
  await sim.trace.until((event) => event.kind === 'life' && event.step === 'reset');
  const lives = sim.trace.events.filter((event) => event.kind === 'life' && event.actor.kind === 'object');
  expect(new Set(lives.map(({ actor }) => actor.lane)).size).toBe(1);
  expect(new Set(lives.map(({ actor }) => actor.id)).size).toBe(2);
  expect(lives.map((event) => event.kind === 'life' && `${event.step}${event.reason && `: ${event.reason}`}`)).toEqual([
    'start',
    'construct',
    'sleep',
    'start',
    'construct',
    'reset: Error: told to',
  ]);
});

test('one tab sees what happens on another, and nothing is written when nobody looks any more', async () => {
  const name = `trace-tabs-${performance.timeOrigin}`;
  const storage = 'indexeddb';
  const here = await start({ name, storage, machine: 'here' });
  const there = await start({ name, storage, machine: 'there' });
  // `start` speaks for its own machine; the other hears of it a little later.
  const untilHeard = async () => {
    let heard: TraceEvent | undefined;
    const hearing = here.trace.until(
      (event) => isDelivery('answer', 'client')(event) && event.actor.machine === 'there',
    );
    void hearing.then((event) => {
      heard = event;
    });
    while (!heard) await there.env.COUNTERS.getByName('a').increment();
    return heard;
  };
  await here.trace.start();
  const answered = await untilHeard();
  expect((await causes(here, answered)).map(say).reverse()).toEqual([
    'client ask call increment',
    'Counter:a deliver call increment',
    'Counter:a answer value increment',
    'client deliver answer increment',
  ]);
  await here.trace.stop();
  here.trace.clear();
  await there.env.COUNTERS.getByName('a').increment();
  expect(here.trace.events).toEqual([]);
  await here.trace.start();
  await untilHeard();
  await here.close();
  await there.close({ delete: true });
});
