/**
 * What keeps an object in memory, how long, and when it goes afterwards, by the date of the program: on a clock that stands still
 * but for the test.
 */
import { describe, expect, test } from 'vitest';
import type { DurableObjectNamespace, Simulator, SimulatorOptions } from '../../src/index.ts';
import { accounts } from '../support/accounts.ts';

const PROGRAM = `
import { DurableObject, RpcTarget } from 'cloudflare:workers';

class Handle extends RpcTarget {}
export class Obj extends DurableObject {
  instance = crypto.randomUUID();
  who() { return this.instance }
  timer(ms) { this.armed = setTimeout(() => {}, ms) }
  clear() { clearTimeout(this.armed) }
  background() { this.ctx.waitUntil(new Promise((resolve) => { this.release = resolve })) }
  released() { this.release() }
  fetches() { fetch('https://api.test/').then(async (response) => { this.response = response; this.text = await response.text() }) }
  leavesUnread() { fetch('https://api.test/').then((response) => { this.response = response }) }
  status() { return this.response?.status }
  read() { return this.text }
  handle() { return new Handle() }
  async asks() { this.asked = this.env.OBJ.getByName('peer').slow() }
  slow() { return new Promise((resolve) => { this.answer = resolve }) }
  answers() { this.answer() }
  async dials() {
    const { webSocket } = await this.env.OBJ.getByName('peer').fetch('http://peer/', { headers: { upgrade: 'websocket' } });
    webSocket.accept();
    this.outgoing = webSocket;
  }
  constructs() { this.outgoing = new WebSocket('ws://peer/') }
  closes() { this.outgoing.close(1000) }
  says(text) { this.server.send(text) }
  closed() { return this.closeCode }
  async fetch(request) {
    if (request.headers.get('upgrade') === 'websocket') {
      const { 0: client, 1: server } = new WebSocketPair();
      if (new URL(request.url).pathname === '/hibernates') this.ctx.acceptWebSocket(server);
      else server.accept();
      this.server = server;
      server.addEventListener('close', ({ code }) => { this.closeCode = code });
      return new Response(null, { status: 101, webSocket: client });
    }
    const { readable, writable } = new TransformStream();
    this.writer = writable.getWriter();
    this.writer.write(new TextEncoder().encode('first'));
    return new Response(readable);
  }
  webSocketClose(ws) { ws.close() }
  ends() { return this.writer.close() }
}
export default { fetch: (request, env) => env.OBJ.getByName(new URL(request.url).hostname).fetch(request) };
`;

interface Obj {
  who(): Promise<string>;
  timer(ms: number): Promise<void>;
  clear(): Promise<void>;
  background(): Promise<void>;
  released(): Promise<void>;
  fetches(): Promise<void>;
  leavesUnread(): Promise<void>;
  status(): Promise<number | undefined>;
  read(): Promise<string | undefined>;
  handle(): Promise<Disposable>;
  asks(): Promise<void>;
  answers(): Promise<void>;
  dials(): Promise<void>;
  constructs(): Promise<void>;
  closes(): Promise<void>;
  says(text: string): Promise<void>;
  closed(): Promise<number | undefined>;
  fetch(url: string): Promise<Response>;
  ends(): Promise<void>;
}
interface Env {
  OBJ: DurableObjectNamespace<Obj>;
}
type Sim = Simulator<Env>;

const config = (compatibility_date: string) => ({
  name: 'kept',
  main: 'index.js',
  compatibility_date,
  routes: ['peer/*'],
  durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
});
const BEFORE = '2026-09-30';
const SINCE = '2026-10-01';

const { start } = accounts<Env>('eviction', { modules: { 'index.js': PROGRAM }, config: config(BEFORE) });

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const IDLE_MS = 10 * SECOND_MS;

/** A simulator whose clock stands; every life of an object is written down. */
async function still(date: string, options: Partial<SimulatorOptions> = {}): Promise<Sim> {
  const sim = await start({ ...options, config: config(date) });
  await sim.clock.pause();
  await sim.trace.start();
  return sim;
}

const stub = (sim: Sim, name = 'a') => sim.env.OBJ.getByName(name);

/** What keeps it, and in how many ms it goes; undefined when it sleeps. The object tells both, and its being told takes a turn. */
async function awake(sim: Sim): Promise<{ why: string | undefined; goesIn: number | undefined } | undefined> {
  const { awake } = await sim.inspect.state(stub(sim));
  return awake && { why: awake.why, goesIn: awake.untilMs === undefined ? undefined : awake.untilMs - sim.clock.now() };
}

/** When the object went to sleep, in ms after `sinceMs`. */
function sleptAt(sim: Sim, sinceMs: number): number[] {
  return sim.trace.events
    .filter((event) => event.kind === 'life' && event.step === 'sleep' && event.actor.label === 'Obj:a')
    .map(({ atMs }) => atMs - sinceMs);
}

/** It is awake until just before, asleep right after, and it went at that very moment. */
async function goesIn(sim: Sim, ms: number): Promise<void> {
  const sinceMs = await sim.clock.advance(0);
  await sim.clock.advance(ms - 1);
  await expect.poll(() => awake(sim)).toMatchObject({ goesIn: 1 });
  expect(sleptAt(sim, sinceMs)).toEqual([]);
  await sim.clock.advance(1);
  await expect.poll(() => awake(sim)).toBeUndefined();
  expect(sleptAt(sim, sinceMs)).toEqual([ms]);
}

/** It stays however long that lasts. */
async function stays(sim: Sim, why: string): Promise<void> {
  await expect.poll(() => awake(sim)).toEqual({ why, goesIn: undefined });
  await sim.clock.advance(20 * HOUR_MS);
  await expect.poll(() => awake(sim)).toEqual({ why, goesIn: undefined });
}

/** It has gone between 70 and 140 s after its last event, which is now, with what is left of it. */
async function goesLate(sim: Sim, why: string): Promise<void> {
  await expect.poll(async () => (await awake(sim))?.why).toBe(why);
  const ms = (await awake(sim))?.goesIn ?? 0;
  expect(ms).toBeGreaterThanOrEqual(70 * SECOND_MS);
  expect(ms).toBeLessThanOrEqual(140 * SECOND_MS);
  await goesIn(sim, ms);
}

/** An outside that answers when it is told to, and ends the body when it is told to. */
function outside() {
  let answer: () => void = () => {};
  let end: () => void = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const outbound = async () => {
    await answered;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('first'));
        end = () => controller.close();
      },
    });
    return new Response(body);
  };
  return { outbound, answer: () => answer(), end: () => end() };
}

describe.each([BEFORE, SINCE])('with the date %s, whatever it has under way keeps an object for good', (date) => {
  test('nothing: it goes ten seconds after its last event', async () => {
    const sim = await still(date);
    const first = await stub(sim).who();
    await expect.poll(() => awake(sim)).toEqual({ why: undefined, goesIn: IDLE_MS });
    await sim.clock.advance(IDLE_MS - 1);
    expect(await stub(sim).who()).toBe(first);
    await goesIn(sim, IDLE_MS);
    expect(await stub(sim).who()).not.toBe(first);
  });

  test('a response that is being read', async () => {
    const sim = await still(date);
    const response = await stub(sim).fetch('http://a/');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('first');
    await stays(sim, 'a call or a body is open');
    await stub(sim).ends();
    expect((await reader.read()).done).toBe(true);
    await expect.poll(() => awake(sim)).toEqual({ why: undefined, goesIn: IDLE_MS });
    await goesIn(sim, IDLE_MS);
  });

  test('a WebSocket that it accepted itself; one that hibernates does not', async () => {
    const sim = await still(date);
    const sleeper = await sim.connect('http://a/hibernates');
    await expect.poll(() => awake(sim)).toEqual({ why: undefined, goesIn: IDLE_MS });
    const socket = await sim.connect('http://a/');
    await stays(sim, 'a WebSocket is open that does not hibernate');
    socket.close(1000);
    await expect.poll(() => awake(sim)).toEqual({ why: undefined, goesIn: IDLE_MS });
    await goesIn(sim, IDLE_MS);
    sleeper.close(1000);
  });

  test('a session of RPC that somebody has with it', async () => {
    const sim = await still(date);
    const handle = await stub(sim).handle();
    await stays(sim, 'a stub is held');
    handle[Symbol.dispose]();
    await expect.poll(() => awake(sim)).toEqual({ why: undefined, goesIn: IDLE_MS });
    await goesIn(sim, IDLE_MS);
  });
});

describe.each([BEFORE, SINCE])('with the date %s, a WebSocket of its own', (date) => {
  const why = 'a WebSocket of its own is open';
  const ways: [string, (object: Obj) => Promise<void>][] = [
    ['that a response brought', (object) => object.dials()],
    ['that it constructed', (object) => object.constructs()],
  ];

  test.each(ways)('%s keeps it for 15 minutes, and then the other side is told that it broke off', async (_, begin) => {
    const sim = await still(date);
    await begin(stub(sim));
    await expect.poll(() => awake(sim)).toEqual({ why, goesIn: 15 * MINUTE_MS });
    // What it hears prolongs nothing.
    await sim.clock.advance(5 * MINUTE_MS);
    await stub(sim, 'peer').says('hello');
    await expect.poll(() => awake(sim)).toEqual({ why, goesIn: 10 * MINUTE_MS });
    await goesIn(sim, 10 * MINUTE_MS);
    await expect.poll(() => stub(sim, 'peer').closed()).toBe(1006);
  });

  test.each(ways)('%s keeps it no more once it is closed', async (_, begin) => {
    const sim = await still(date);
    await begin(stub(sim));
    await expect.poll(() => awake(sim)).toEqual({ why, goesIn: 15 * MINUTE_MS });
    await stub(sim).closes();
    await expect.poll(() => stub(sim, 'peer').closed()).toBe(1000);
    await expect.poll(() => awake(sim)).toEqual({ why: undefined, goesIn: IDLE_MS });
    await goesIn(sim, IDLE_MS);
  });

  test.each(ways)('%s keeps it for ever with the limits of local workerd', async (_, begin) => {
    const sim = await still(date, { limits: 'workerd' });
    await begin(stub(sim));
    await stays(sim, why);
    await stub(sim).closes();
  });
});

describe('before I/O prevented eviction', () => {
  test.each<[what: string, why: string, begin: (object: Obj) => Promise<void>]>([
    ['a timer', 'a timer is armed', (object) => object.timer(HOUR_MS)],
    ['a call of another object', 'a call of its own is open', (object) => object.asks()],
  ])('%s: it goes 70 to 140 s after its last event', async (_, why, begin) => {
    const sim = await still(BEFORE, { outbound: outside().outbound });
    await begin(stub(sim));
    await goesLate(sim, why);
  });

  test('a WebSocket to somebody else that is over prolongs nothing that goes on', async () => {
    const sim = await still(BEFORE);
    await stub(sim).timer(HOUR_MS);
    await stub(sim).dials();
    await stub(sim).closes();
    await goesLate(sim, 'a timer is armed');
  });

  test('a request to the outside: it is to go then too, but the clock waits for it', async () => {
    const sim = await still(BEFORE, { outbound: outside().outbound });
    await stub(sim).fetches();
    await expect.poll(async () => (await awake(sim))?.why).toBe('a call of its own is open');
    const ms = (await awake(sim))?.goesIn;
    expect(ms).toBeGreaterThanOrEqual(70 * SECOND_MS);
    expect(ms).toBeLessThanOrEqual(140 * SECOND_MS);
  });

  test('a promise given to waitUntil keeps nothing', async () => {
    const sim = await still(BEFORE);
    await stub(sim).background();
    await expect.poll(() => awake(sim)).toEqual({ why: undefined, goesIn: IDLE_MS });
    await goesIn(sim, IDLE_MS);
  });
});

describe('since I/O prevents eviction', () => {
  const kinds: [string, (object: Obj) => Promise<void>, (object: Obj, peer: Obj) => Promise<void>][] = [
    ['a timer is armed', (object) => object.timer(HOUR_MS), (object) => object.clear()],
    ['a waitUntil promise is pending', (object) => object.background(), (object) => object.released()],
    ['a call of its own is open', (object) => object.asks(), (_, peer) => peer.answers()],
  ];

  test.each(kinds)('%s: it goes 15 minutes after that began', async (why, begin) => {
    const sim = await still(SINCE);
    await begin(stub(sim));
    await expect.poll(() => awake(sim)).toEqual({ why, goesIn: 15 * MINUTE_MS });
    // A later event prolongs nothing: it began when it began.
    await sim.clock.advance(5 * MINUTE_MS);
    await stub(sim).who();
    await expect.poll(() => awake(sim)).toEqual({ why, goesIn: 10 * MINUTE_MS });
    await goesIn(sim, 10 * MINUTE_MS);
  });

  test.each(kinds)('%s: it goes ten seconds after that ended', async (why, begin, end) => {
    const sim = await still(SINCE);
    await begin(stub(sim));
    await sim.clock.advance(5 * MINUTE_MS);
    await expect.poll(() => awake(sim)).toEqual({ why, goesIn: 10 * MINUTE_MS });
    await end(stub(sim), stub(sim, 'peer'));
    await expect.poll(() => awake(sim)).toEqual({ why: undefined, goesIn: IDLE_MS });
    await goesIn(sim, IDLE_MS);
  });

  test('a second thing has 15 minutes of its own', async () => {
    const sim = await still(SINCE);
    await stub(sim).background();
    await sim.clock.advance(5 * MINUTE_MS);
    await stub(sim).timer(HOUR_MS);
    await expect.poll(() => awake(sim)).toEqual({ why: 'a timer is armed', goesIn: 15 * MINUTE_MS });
    await goesIn(sim, 15 * MINUTE_MS);
  });

  test('a timer that fires before is over with that', async () => {
    const sim = await still(SINCE);
    await stub(sim).timer(MINUTE_MS);
    await sim.clock.advance(MINUTE_MS);
    await expect.poll(() => awake(sim)).toEqual({ why: undefined, goesIn: IDLE_MS });
    await goesIn(sim, IDLE_MS);
  });

  test('a request to the outside keeps it until it is answered, and its body until it was read', async () => {
    const { outbound, answer, end } = outside();
    const sim = await still(SINCE, { outbound });
    await stub(sim).fetches();
    await expect.poll(() => awake(sim)).toEqual({ why: 'a call of its own is open', goesIn: 15 * MINUTE_MS });
    answer();
    await expect.poll(() => stub(sim).status()).toBe(200);
    await expect.poll(async () => (await awake(sim))?.why).toBe('a body of a call of its own is being read');
    end();
    await expect.poll(() => awake(sim)).toEqual({ why: undefined, goesIn: IDLE_MS });
    expect(await stub(sim).read()).toBe('first');
    await goesIn(sim, IDLE_MS);
  });

  test('a body that nobody reads keeps nothing, whether it has ended or not', async () => {
    const { outbound, answer } = outside();
    const sim = await still(SINCE, { outbound });
    await stub(sim).leavesUnread();
    answer();
    await expect.poll(() => stub(sim).status()).toBe(200);
    await expect.poll(() => awake(sim)).toEqual({ why: undefined, goesIn: IDLE_MS });
    await goesIn(sim, IDLE_MS);
  });
});
