/**
 * `sim.faults` of the network: calls, bodies and WebSockets on a way that breaks, is blocked or is long, in one machine and between
 * two. That a link and a single socket keep what passes whole and in order is in test/unit/network-link.test.ts.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { type DurableObjectNamespace, Simulator, type SimulatorOptions } from '../../src/index.ts';
import { STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import { assertNoSockets } from '../support/no-sockets.ts';
import { Ear } from '../support/socket-ear.ts';
import { takesSocket } from '../support/socket-program.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

export class Obj extends DurableObject {
  count() { return (this.n = (this.n ?? 0) + 1) }
  take(text) { return text.length }
  endless() { return new Promise(() => {}) }
  ask(name) { return this.env.OTHER.getByName(name).count() }
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === '/sent') return new Response(String((await request.text()).length));
    if (url.pathname.endsWith('/body')) {
      let left = 3;
      return new Response(new ReadableStream({ pull: (c) => { if (left-- > 0) c.enqueue(new TextEncoder().encode('piece ' + left)); else return new Promise(() => {}) } }));
    }${takesSocket("url.searchParams.has('standard')")}
  }
  webSocketMessage(ws, message) { ws.send(message.length > 100 ? 'long' : message) }
  webSocketClose(ws, code, reason, wasClean) { (this.closed ??= []).push([code, reason, wasClean]) }
  told() { return { closed: this.closed ?? [], open: this.ctx.getWebSockets().length } }
}
export class Other extends Obj {}
export default { fetch: (request, env) => env.OBJ.getByName(new URL(request.url).pathname.split('/')[1]).fetch(request) };
`;

interface Obj {
  count(): Promise<number>;
  endless(): Promise<never>;
  ask(name: string): Promise<number>;
  take(text: string): Promise<number>;
  fetch(url: string, init?: RequestInit): Promise<Response>;
  told(): Promise<{ closed: unknown[]; open: number }>;
}
interface Env {
  OBJ: DurableObjectNamespace<Obj>;
  OTHER: DurableObjectNamespace<Obj>;
}

const project = {
  modules: { 'index.js': PROGRAM },
  config: {
    name: 'faulty',
    main: 'index.js',
    compatibility_date: '2026-07-30',
    durable_objects: {
      bindings: [
        { name: 'OBJ', class_name: 'Obj' },
        { name: 'OTHER', class_name: 'Other' },
      ],
    },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj', 'Other'] }],
  },
};

let lastAccount = 0;
const open: Simulator<Env>[] = [];

const accountName = () => `faulty-${lastAccount++}-${performance.timeOrigin}`;

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator<Env>> {
  const sim = await Simulator.open<Env>({ name: accountName(), storage: 'memory', ...project, ...options });
  open.push(sim);
  return sim;
}

afterEach(async () => {
  try {
    for (const sim of open) await assertNoSockets(sim);
  } finally {
    for (let sim = open.shift(); sim; sim = open.shift()) await sim.close({ delete: open.length === 0 });
  }
});

async function opened(sim: Simulator<Env>, path: string): Promise<Ear> {
  const ear = new Ear(new sim.WebSocket(path));
  expect(await ear.next()).toBe('open');
  return ear;
}

const failure = (promise: Promise<unknown>): Promise<unknown[]> =>
  promise.then(
    (value) => Promise.reject(new Error(`it did not fail but gave ${value}`)),
    (error: Error) => [error.constructor.name, error.message, { ...error }],
  );

/** What has come of a promise so far, without waiting for it. */
function watched<T>(promise: PromiseLike<T>): { value?: T; error?: unknown } {
  const seen: { value?: T; error?: unknown } = {};
  promise.then(
    (value) => {
      seen.value = value;
    },
    (error) => {
      seen.error = error;
    },
  );
  return seen;
}

const LOST = ['Error', 'Network connection lost.', { retryable: true, indeterminate: true }];
const GONE = 'close 1006  false';
const NO_FRAME = [1006, 'WebSocket disconnected without sending Close frame.', false];

/** Where messages go straight between threads, and where everything goes over the bus. */
const carriers = [{ network: 'auto' }, { network: 'channel' }] as const;

describe('a cut', () => {
  test.each(carriers)('breaks what is connected to an object: $network', async ({ network }) => {
    const sim = await start({ network });
    const [stub, friend] = [sim.env.OBJ.getByName('a'), sim.env.OBJ.getByName('b')];
    const [kept, standard, other] = [
      await opened(sim, '/a'),
      await opened(sim, '/a?standard'),
      await opened(sim, '/b'),
    ];
    expect([await stub.count(), await friend.count()]).toEqual([1, 1]);
    const [call, elsewhere] = [failure(stub.endless()), watched(friend.endless())];
    const body = await stub.fetch('http://x/a/body');
    const reader = (body.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();

    await sim.faults.cut({ object: stub });
    expect(await call).toEqual(LOST);
    expect(await failure(stub.count()), 'the old stub stays broken').toEqual(['Error', LOST[1], { retryable: true }]);
    const readAll = async () => {
      for (;;) await reader.read();
    };
    expect((await failure(readAll()))[1]).toBe('Network connection lost.');
    expect([await kept.next(), await standard.next()]).toEqual([GONE, GONE]);
    const again = sim.env.OBJ.getByName('a');
    expect(await again.count(), 'the instance lives on').toBe(2);
    await expect.poll(async () => (await again.told()).closed).toEqual([NO_FRAME, NO_FRAME]);
    expect([await other.asks('still here'), await friend.count(), elsewhere]).toEqual(['still here', 2, {}]);
    expect(await (await opened(sim, '/a')).asks('anew')).toBe('anew');
  });

  test('of the clients breaks what pages have, and nothing between objects', async () => {
    const sim = await start();
    const [stub, ear] = [sim.env.OBJ.getByName('a'), await opened(sim, '/a')];
    await stub.ask('b');
    const call = failure(stub.endless());
    await sim.faults.cut({ clients: true });
    expect([await call, await ear.next()]).toEqual([LOST, GONE]);
    expect(await sim.env.OBJ.getByName('a').ask('b')).toBe(2);
  });

  test('of one socket leaves the others; a sleeping object is woken by it', async () => {
    const sim = await start();
    const [stub, one, two] = [sim.env.OBJ.getByName('a'), await opened(sim, '/a'), await opened(sim, '/a')];
    await sim.objects.hibernate(stub);
    await sim.faults.cut({ socket: one.socket });
    expect(await one.next()).toBe(GONE);
    await expect.poll(() => stub.told()).toEqual({ closed: [NO_FRAME], open: 1 });
    expect(await two.asks('x')).toBe('x');
    const opening = new Ear(new sim.WebSocket('/a'));
    await expect(sim.faults.cut({ socket: opening.socket })).rejects.toMatchObject({ code: 'config_invalid' });
    // Or it opens when all that was left open has been broken off, and is left over.
    expect(await opening.next()).toBe('open');
  });
});

describe('a stall', () => {
  test.each(carriers)(
    'holds calls, bodies and messages back, and lets them come in order: $network',
    async ({ network }) => {
      const sim = await start({ network });
      const stub = sim.env.OBJ.getByName('a');
      const [ear, other] = [await opened(sim, '/a'), await opened(sim, '/b')];
      const body = await stub.fetch('http://x/a/body');
      const stall = await sim.faults.stall({ object: stub });
      const calls = [stub.count(), stub.count(), stub.count()];
      const seen = calls.map(watched);
      const reading = watched((body.body as ReadableStream<Uint8Array>).getReader().read());
      for (const text of ['1', '2', '3']) ear.socket.send(text);
      const told = watched(ear.next());
      // What comes and goes beside it has gone round meanwhile.
      for (let i = 0; i < 5; i++)
        expect([await other.asks('x'), await sim.env.OBJ.getByName('b').count()]).toEqual(['x', i + 1]);
      expect([seen, told]).toEqual([[{}, {}, {}], {}]);
      await stall.lift();
      expect(await Promise.all(calls)).toEqual([1, 2, 3]);
      await expect.poll(() => told.value).toBe('1');
      expect([await ear.next(), await ear.next()]).toEqual(['2', '3']);
      await expect.poll(() => reading.value?.done).toBe(false);
    },
  );

  test('fills the way: then bufferedAmount grows, and is 0 again when all has left', async () => {
    const sim = await start();
    const ear = await opened(sim, '/a');
    const stall = await sim.faults.stall({ object: sim.env.OBJ.getByName('a'), direction: 'in' });
    const count = 4;
    const large = 'x'.repeat(STREAM_WINDOW_BYTES);
    for (let i = 0; i < count; i++) ear.socket.send(large);
    expect(ear.socket.bufferedAmount, 'all of it until the task is over').toBe(count * large.length);
    await expect.poll(() => ear.socket.bufferedAmount).toBe((count - 1) * large.length);
    await stall.lift();
    for (let i = 0; i < count; i++) expect(await ear.next()).toBe('long');
    expect(ear.socket.bufferedAmount).toBe(0);
  });

  test('of a socket that is cut: both sides are told, and what was on its way is gone', async () => {
    const sim = await start();
    const [stub, ear] = [sim.env.OBJ.getByName('a'), await opened(sim, '/a')];
    await sim.faults.stall({ socket: ear.socket });
    ear.socket.send('never seen');
    await sim.faults.cut({ socket: ear.socket });
    expect(await ear.next()).toBe(GONE);
    await expect.poll(() => stub.told()).toEqual({ closed: [NO_FRAME], open: 0 });
  });

  test('keeps an object awake for what it holds back', async () => {
    const sim = await start();
    const stub = sim.env.OBJ.getByName('a');
    await stub.count();
    const stall = await sim.faults.stall({ object: stub, direction: 'out' });
    const call = stub.count();
    await expect.poll(async () => (await sim.inspect.state(stub)).awake?.why).toBe('a fault holds messages back');
    await stall.lift();
    expect(await call).toBe(2);
  });
});

describe('latency', () => {
  test.each(carriers)("goes by the account's clock, in each direction, and adds up: $network", async ({ network }) => {
    const sim = await start({ network });
    const stub = sim.env.OBJ.getByName('a');
    const ear = await opened(sim, '/a');
    await stub.count();
    await sim.clock.pause();
    await sim.faults.latency({ latencyMs: 1_000, object: stub });
    const call = watched(stub.count());
    ear.socket.send('x');
    const told = watched(ear.next());
    await sim.clock.advance(1_990);
    expect([call, told]).toEqual([{}, {}]);
    await sim.clock.advance(20);
    expect([call, told]).toEqual([{ value: 2 }, { value: 'x' }]);
    await sim.faults.latency({ latencyMs: 500, className: 'Obj', direction: 'in' });
    const slower = watched(stub.count());
    await sim.clock.advance(2_490);
    expect(slower).toEqual({});
    await sim.clock.advance(20);
    expect(slower).toEqual({ value: 3 });
  });

  test('of the clients lies between page and cloud alone; everywhere it lies on each way', async () => {
    const sim = await start();
    const stub = sim.env.OBJ.getByName('a');
    await stub.ask('b');
    await sim.clock.pause();
    const clients = await sim.faults.latency({ latencyMs: 100, clients: true });
    const call = watched(stub.ask('b'));
    // Neither way counts whole milliseconds: what is late twice may come a little before twice the latency.
    await sim.clock.advance(190);
    expect(call).toEqual({});
    await sim.clock.advance(20);
    expect(call).toEqual({ value: 2 });
    await clients.lift();
    await sim.faults.latency({ latencyMs: 100 });
    const far = watched(stub.ask('b'));
    await sim.clock.advance(390);
    expect(far).toEqual({});
    await sim.clock.advance(20);
    expect(far).toEqual({ value: 3 });
  });

  test('with jitter keeps the order', async () => {
    const sim = await start();
    const ear = await opened(sim, '/a');
    await sim.faults.latency({ latencyMs: 1, jitterMs: 40, seed: 3, socket: ear.socket });
    const texts = Array.from({ length: 20 }, (_, i) => `${i}`);
    for (const text of texts) ear.socket.send(text);
    for (const text of texts) expect(await ear.next()).toBe(text);
  });
});

describe('a narrow way', () => {
  test.each(carriers)(
    "lets so much of calls, bodies and messages through by the account's clock, each with its last byte: $network",
    async ({ network }) => {
      const sim = await start({ network });
      const stub = sim.env.OBJ.getByName('a');
      const ear = await opened(sim, '/a');
      await stub.count();
      await sim.clock.pause();
      const narrow = await sim.faults.bandwidth({ bytesPerSecond: 1_000, object: stub, direction: 'in' });
      for (const text of ['x'.repeat(100), 'y'.repeat(50), 'z'.repeat(50)]) ear.socket.send(text);
      const told = watched(ear.next());
      const call = watched(stub.take('c'.repeat(1_000)));
      await sim.clock.advance(95);
      expect([told, call]).toEqual([{}, {}]);
      await sim.clock.advance(10);
      expect(told).toEqual({ value: 'x'.repeat(100) });
      const last = watched(ear.next().then(async (text) => [text, await ear.next()]));
      await sim.clock.advance(100);
      expect(last, 'one after the other').toEqual({ value: ['y'.repeat(50), 'z'.repeat(50)] });
      await sim.clock.advance(790); // the socket has its own way
      expect(call).toEqual({});
      await sim.clock.advance(150);
      expect(call).toEqual({ value: 1_000 });
      const sent = watched(
        stub.fetch('http://x/sent', { method: 'POST', body: 'b'.repeat(2_000) }).then((r) => r.text()),
      );
      await sim.clock.advance(1_990);
      expect(sent).toEqual({});
      await sim.clock.advance(150);
      expect(sent).toEqual({ value: '2000' });
      const late = watched(stub.take('d'.repeat(1_000_000)));
      await sim.clock.advance(1_000);
      expect(late).toEqual({});
      await narrow.lift();
      await expect.poll(() => late.value).toBe(1_000_000);
    },
  );

  test.each(['object', 'clients', 'socket'] as const)(
    'fills up, and bufferedAmount goes down as fast as it drains: of the %s',
    async (place) => {
      const sim = await start();
      const [ear, stub] = [await opened(sim, '/a'), sim.env.OBJ.getByName('a')];
      await sim.clock.pause();
      const size = STREAM_WINDOW_BYTES / 4;
      const where = { object: { object: stub }, clients: { clients: true }, socket: { socket: ear.socket } } as const;
      await sim.faults.bandwidth({
        bytesPerSecond: size,
        ...where[place],
        direction: place === 'object' ? 'in' : 'out',
      });
      const count = 10;
      const seen: number[] = [];
      for (let i = 0; i < count; i++) ear.socket.send('x'.repeat(size));
      await sim.clock.advance(500);
      for (let i = 0; i <= count; i++) {
        seen.push(ear.socket.bufferedAmount / size);
        await sim.clock.advance(1_000);
      }
      expect(seen[0], 'what is more than a window').toBe(count - 4);
      expect(seen, 'it only goes down').toEqual([...seen].sort((a, b) => b - a));
      expect(new Set(seen).size, 'by and by').toBeGreaterThanOrEqual(count - 4);
      expect(seen.at(-1)).toBe(0);
      for (let i = 0; i < count; i++) expect(await ear.next()).toBe('long');
    },
  );

  test('is as narrow as its narrowest place, and ends with all faults', async () => {
    const sim = await start();
    const stub = sim.env.OBJ.getByName('a');
    await stub.count();
    await sim.clock.pause();
    await sim.faults.bandwidth({ bytesPerSecond: 1_000, object: stub, direction: 'in' });
    await sim.faults.bandwidth({ bytesPerSecond: 100, className: 'Obj', direction: 'in' });
    const call = watched(stub.take('c'.repeat(1_000)));
    await sim.clock.advance(9_900);
    expect(call).toEqual({});
    await sim.clock.advance(500);
    expect(call).toEqual({ value: 1_000 });
    await sim.faults.bandwidth({ bytesPerSecond: 1e-3 });
    const late = watched(stub.take('d'.repeat(10)));
    await sim.clock.advance(1_000);
    expect(late).toEqual({});
    await sim.faults.clear();
    await expect.poll(() => late.value).toBe(10);
  });
});

describe('two machines', () => {
  async function both(): Promise<[Simulator<Env>, Simulator<Env>]> {
    const name = accountName();
    const one = await start({ name, storage: 'indexeddb', machine: 'one' });
    const two = await Simulator.open<Env>({ name, storage: 'indexeddb', machine: 'two' });
    open.push(two);
    return [one, two];
  }

  test('a partition lets each go on by itself, and heals', async () => {
    const [one, two] = await both();
    const [here, there] = [one.env.OBJ.getByName('a'), two.env.OBJ.getByName('a')];
    const [near, far] = [await opened(one, '/a'), await opened(two, '/a')];
    expect([await here.count(), await there.count()]).toEqual([1, 2]);
    const partition = await one.faults.partition(one.machine, two.machine);
    const call = watched(there.count());
    far.socket.send('from afar');
    const told = watched(far.next());
    expect([await here.count(), await near.asks('x'), await two.env.OBJ.getByName('b').count()]).toEqual([3, 'x', 1]);
    // Somebody who comes new waits as well, and is not told that the holder is dead.
    const late = watched(two.env.OBJ.getByName('a').count());
    expect([call, told, late]).toEqual([{}, {}, {}]);
    await partition.lift();
    await expect.poll(() => [call.value, late.value, told.value]).toEqual([4, 5, 'from afar']);
  });

  test('what one orders holds on the other, and on one that joins later; either ends it', async () => {
    const [one, two] = await both();
    const there = two.env.OBJ.getByName('c');
    await there.count();
    await one.faults.stall({ object: one.env.OBJ.getByName('c') });
    const call = watched(there.count());
    const three = await Simulator.open<Env>({ name: one.name, storage: 'indexeddb', machine: 'three' });
    open.push(three);
    await three.env.OTHER.getByName('c').count();
    await one.faults.stall({ className: 'Other' });
    const later = watched(three.env.OTHER.getByName('c').count());
    expect(await two.env.OBJ.getByName('d').count()).toBe(1);
    expect([call, later]).toEqual([{}, {}]);
    await two.faults.clear();
    await expect.poll(() => [call.value, later.value]).toEqual([2, 2]);
  });

  test('a cut between them breaks what crosses, and what is within a machine stays', async () => {
    const [one, two] = await both();
    const [near, far] = [await opened(one, '/a'), await opened(two, '/a')];
    const [inside, across] = [
      watched(one.env.OBJ.getByName('a').endless()),
      failure(two.env.OBJ.getByName('a').endless()),
    ];
    await two.env.OBJ.getByName('a').count();
    await two.faults.cut({ machine: one.machine });
    expect([await across, await far.next()]).toEqual([LOST, GONE]);
    expect([await near.asks('x'), inside]).toEqual(['x', {}]);
    await expect.poll(() => one.env.OBJ.getByName('a').told()).toEqual({ closed: [NO_FRAME], open: 1 });
  });
});

test('each order is an event of the trace, and so is a connection that it cuts', async () => {
  const sim = await start();
  await sim.trace.start();
  const stub = sim.env.OBJ.getByName('a');
  await stub.count();
  const fault = await sim.faults.latency({ latencyMs: 1, object: stub });
  await fault.lift();
  await sim.faults.stall({ clients: true });
  await sim.faults.bandwidth({ bytesPerSecond: 1e6, clients: true });
  await sim.faults.storage({ latencyMs: 1 });
  await sim.faults.clear();
  await sim.faults.cut({ className: 'Obj' });
  await sim.trace.until((event) => event.kind === 'fault' && event.actor.kind === 'object');
  const told = sim.trace.events.flatMap((event) =>
    event.kind === 'fault' ? [`${event.actor.label}: ${event.fault} ${event.place}`] : [],
  );
  expect(told.sort()).toEqual(
    [
      'client: latency faulty-Obj a',
      'client: lift faulty-Obj a',
      'client: stall clients',
      'client: bandwidth clients',
      'client: storage everywhere',
      'client: clear everywhere',
      'client: cut class Obj',
      'Obj:a: cut here',
    ].sort(),
  );
});

test('refuses what is no fault', async () => {
  const sim = await start();
  const stub = sim.env.OBJ.getByName('a');
  const refusals: [Promise<unknown>, string][] = [
    [sim.faults.latency({ latencyMs: -1 }), 'latencyMs is -1'],
    [sim.faults.latency({ latencyMs: 1, jitterMs: Number.NaN }), 'jitterMs is NaN'],
    [sim.faults.bandwidth({ bytesPerSecond: 0 }), 'bytesPerSecond is 0'],
    [sim.faults.bandwidth({ bytesPerSecond: Number.POSITIVE_INFINITY }), 'bytesPerSecond is Infinity'],
    [sim.faults.bandwidth({ bytesPerSecond: 1, direction: 'in' }), 'A direction is one of a place'],
    [sim.faults.stall({ object: stub, clients: true }), 'Give one place'],
    [sim.faults.stall({ direction: 'in' }), 'A direction is one of a place'],
    [sim.faults.cut({ object: {} }), 'Give a stub of this simulator'],
  ];
  for (const [refused, text] of refusals) {
    await expect(refused).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringContaining(text) });
  }
});
