/**
 * WebSockets as an embedder has them: the class of a page, objects that sleep while their host keeps the sockets, and two
 * machines of one account. What programs see of each other is in the scenarios under conformance/scenarios/sockets.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { type DurableObjectNamespace, Simulator, type SimulatorOptions, type TraceEvent } from '../../src/index.ts';
import { assertNoSockets } from '../support/no-sockets.ts';
import { Ear } from '../support/socket-ear.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

export class Obj extends DurableObject {
  constructor(ctx, env) { super(ctx, env); this.starts = (ctx.storage.kv.get('starts') ?? 0) + 1; ctx.storage.kv.put('starts', this.starts) }
  fetch(request) {
    const url = new URL(request.url);
    const [client, server] = Object.values(new WebSocketPair());
    if (url.searchParams.has('standard')) {
      server.accept();
      server.addEventListener('message', (e) => this.webSocketMessage(server, e.data));
      server.addEventListener('close', (e) => this.webSocketClose(server, e.code, e.reason, e.wasClean));
    } else this.ctx.acceptWebSocket(server, ['t']);
    const protocol = url.searchParams.get('protocol');
    return new Response(null, { status: 101, webSocket: client, headers: protocol ? { 'sec-websocket-protocol': protocol } : {} });
  }
  async webSocketMessage(ws, message) {
    if (message === 'close') return ws.close(3001, 'bye');
    if (message === 'code') return ws.send(VERSION);
    if (message === 'abort') this.ctx.abort('over');
    if (message === 'limit') { this.ctx.setHibernatableWebSocketEventTimeout(1000); return ws.send('limited') }
    if (message === 'endless') return new Promise(() => {});
    if (message === 'broadcast') { for (const each of this.ctx.getWebSockets()) each.send('to all'); return }
    if (typeof message !== 'string') { ws.send(message instanceof Blob ? await message.arrayBuffer() : message); return }
    ws.send(message.length > 1000 ? message : message + ' ' + this.starts);
  }
  webSocketClose(ws, code, reason, wasClean) { this.ctx.storage.kv.put('closed', [code, reason, wasClean]); if (wasClean) ws.close(code === 1005 ? 1000 : code, reason) }
  webSocketError(ws, error) { this.ctx.storage.kv.put('error', error.message) }
  told() { return { starts: this.starts, listed: this.ctx.getWebSockets().length, closed: this.ctx.storage.kv.get('closed'), error: this.ctx.storage.kv.get('error') } }
  put() { this.ctx.storage.kv.put('k', 'v') }
  async toOwnRoute(path) {
    const ws = new WebSocket('ws://localhost:8787' + path, 'chat');
    return new Promise((resolve, reject) => {
      ws.addEventListener('open', () => ws.send('from inside'));
      ws.addEventListener('message', (e) => { resolve([e.data, ws.protocol, ws.readyState]); ws.close(1000) });
      ws.addEventListener('close', (e) => reject(new Error('closed ' + e.code + e.reason)));
    });
  }
}
export default {
  fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === '/headers') return Response.json(Object.fromEntries(request.headers));
    if (url.pathname === '/no') return new Response('no', { status: 403 });
    return env.OBJ.getByName(url.pathname.slice(1)).fetch(request);
  },
};
`;

interface Obj {
  told(): Promise<{ starts: number; listed: number; closed: unknown; error: unknown }>;
  put(): Promise<void>;
  toOwnRoute(path: string): Promise<unknown>;
}
interface Env {
  OBJ: DurableObjectNamespace<Obj>;
}

const project = (version = 1) => ({
  modules: { 'index.js': PROGRAM.replaceAll('VERSION', `'version ${version}'`) },
  config: {
    name: 'sockets',
    main: 'index.js',
    compatibility_date: '2026-07-30',
    durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
  },
});

/** Two hundred pass too, and take a minute. */
const SLEEPS = 25;

let lastAccount = 0;
const open: Simulator<Env>[] = [];

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator<Env>> {
  const name = `sockets-${lastAccount++}-${performance.timeOrigin}`;
  const sim = await Simulator.open<Env>({ name, storage: 'memory', ...project(), ...options });
  open.push(sim);
  return sim;
}

afterEach(async () => {
  try {
    Ear.closeAll();
    for (const sim of open) await expectNoSockets(sim);
    for (const sim of open) await assertNoSockets(sim);
  } finally {
    for (let sim = open.shift(); sim; sim = open.shift()) await sim.close({ delete: open.length === 0 });
  }
});

/** None is left anywhere: neither with an object, nor with the host, which would keep the lease of one that sleeps. */
async function expectNoSockets(sim: Simulator<Env>): Promise<void> {
  for (const { key } of await sim.inspect.objects()) {
    const object = sim.env.OBJ.getByName(key.name as string);
    const within = { timeout: 15_000, message: `${key.name}` };
    await expect.poll(async () => (await object.told()).listed, within).toBe(0);
    const asleep = async () => {
      await sim.objects.hibernate(object);
      return (await sim.inspect.objects()).find(({ key: { id } }) => id === key.id)?.state;
    };
    await expect.poll(() => asleep().catch(String), within).toBe('sleeping');
  }
}

async function opened(sim: Simulator<Env>, path: string): Promise<Ear> {
  const ear = new Ear(new sim.WebSocket(path));
  expect(await ear.next()).toBe('open');
  return ear;
}

/** What the first try gives; the socket is closed again. */
async function reach(sim: Simulator<Env>, path: string): Promise<string> {
  const ear = new Ear(new sim.WebSocket(path));
  const told = await ear.next();
  ear.socket.close(1000);
  return told;
}

describe('the class of a page', () => {
  test('connects, talks and closes as the standard says', async () => {
    const sim = await start();
    const { WebSocket } = sim;
    expect([WebSocket.CONNECTING, WebSocket.CLOSED, sim.WebSocket === WebSocket]).toEqual([0, 3, true]);
    const socket = new WebSocket('/a?protocol=chat', ['soap', 'chat']);
    expect([socket.readyState, socket.url, socket.protocol, socket.binaryType]).toEqual([
      0,
      'ws://localhost:8787/a?protocol=chat',
      '',
      'blob',
    ]);
    expect(() => socket.send('x')).toThrow("Failed to execute 'send' on 'WebSocket': Still in CONNECTING state.");
    const ear = new Ear(socket);
    expect([await ear.next(), socket.readyState, socket.protocol]).toEqual(['open', 1, 'chat']);
    // What a Blob holds leaves in its turn.
    socket.send(new Blob([new Uint8Array([1, 2])]));
    expect(socket.bufferedAmount).toBe(2);
    socket.send('text');
    socket.send(new Uint8Array([9, 3, 4]).subarray(1));
    expect([await ear.next(), await ear.next(), await ear.next()]).toEqual(['bytes 1,2', 'text 1', 'bytes 3,4']);
    expect(() => socket.close(1001)).toThrow('The close code must be either 1000, or between 3000 and 4999.');
    expect(() => socket.close(1000, 'x'.repeat(124))).toThrow(
      'The close reason must not be greater than 123 UTF-8 bytes.',
    );
    socket.close(3000, 'done');
    expect(socket.readyState).toBe(2);
    expect([await ear.next(), socket.readyState]).toEqual(['close 3000 done true', 3]);
    socket.send('late');
    expect(socket.bufferedAmount).toBe(4);
  });

  test.each([
    [['http://['], 'SyntaxError', "The URL 'http://[' is invalid."],
    [['ftp://x/'], 'SyntaxError', "'ftp' is not allowed."],
    [['ws://x/#a'], 'SyntaxError', "contains a fragment identifier ('a')"],
    [['/', ['a', 'a']], 'SyntaxError', "The subprotocol 'a' is duplicated."],
    [['/', 'a b'], 'SyntaxError', "The subprotocol 'a b' is invalid."],
    [[], 'TypeError', '1 argument required, but only 0 present.'],
  ] as [ConstructorParameters<typeof WebSocket>, string, string][])('refuses %j', async (args, name, text) => {
    const sim = await start();
    expect(() => new sim.WebSocket(...args)).toThrow(
      expect.objectContaining({ name, message: expect.stringContaining(text) }),
    );
  });

  test('is told nothing of why it was refused; a protocol that nobody wanted is a refusal', async () => {
    const sim = await start();
    const refused = [new sim.WebSocket('/no'), new sim.WebSocket('/a?protocol=chat'), new sim.WebSocket('/a', 'chat')];
    for (const ear of refused.map((socket) => new Ear(socket))) {
      expect([await ear.next(), await ear.next(), ear.socket.readyState]).toEqual(['error', 'close 1006  false', 3]);
    }
    const early = new Ear(new sim.WebSocket('/a'));
    early.socket.close();
    expect([await early.next(), await early.next()]).toEqual(['error', 'close 1006  false']);
  });

  test('sends the headers of a browser, and with connect() others too', async () => {
    const sim = await start();
    const response = await sim.fetch('/headers', {
      headers: { Upgrade: 'websocket', Cookie: 'a=b', 'Sec-WebSocket-Protocol': 'x' },
    });
    expect(await response.json()).toMatchObject({ upgrade: 'websocket', cookie: 'a=b', 'sec-websocket-protocol': 'x' });
    const ear = new Ear(sim.connect('/a?protocol=chat', 'chat', { headers: { authorization: 'me' } }));
    expect([await ear.next(), await ear.asks('hi')]).toEqual(['open', 'hi 1']);
  });

  test('takes messages of megabytes in order, and closes at what is too large', async () => {
    const sim = await start();
    const ear = await opened(sim, '/a');
    const large = 'x'.repeat(3_000_000);
    ear.socket.send(large);
    ear.socket.send('after');
    expect(ear.socket.bufferedAmount).toBeGreaterThan(0);
    expect([(await ear.next()).length, await ear.next(), ear.socket.bufferedAmount]).toEqual([
      large.length,
      'after 1',
      0,
    ]);
    ear.socket.send(new Uint8Array(32 * 1024 * 1024 + 1));
    expect(await ear.next()).toBe('close 1009 Message is too large: 33554433 > 33554432 true');
    await expect
      .poll(async () => (await sim.env.OBJ.getByName('a').told()).error)
      .toMatch('protocolError.statusCode = 1009');
  });
});

describe('an object with sockets', () => {
  test('sleeps when it is told to, and its sockets wake it; a standard one keeps it awake', async () => {
    const sim = await start();
    const object = sim.env.OBJ.getByName('a');
    const ear = await opened(sim, '/a');
    expect(await ear.asks('one')).toBe('one 1');
    await sim.objects.hibernate(object);
    expect((await sim.inspect.objects())[0]?.state).not.toBe('live');
    expect(await ear.asks('two')).toBe('two 2');
    await sim.objects.evict(object);
    expect([await ear.asks('three'), (await object.told()).listed]).toEqual(['three 3', 1]);
    const standard = await opened(sim, '/b?standard');
    expect(await standard.asks('x')).toBe('x 1');
    await expect(sim.objects.hibernate(sim.env.OBJ.getByName('b'))).rejects.toMatchObject({ code: 'not_hibernatable' });
    standard.socket.close(1000);
    expect(await standard.next()).toBe('close 1000  true');
    await expect
      .poll(() =>
        sim.objects.hibernate(sim.env.OBJ.getByName('b')).then(
          () => 'slept',
          () => 'awake',
        ),
      )
      .toBe('slept');
  });

  test('sleeps again and again under the same sockets, and none is lost or left behind', {
    timeout: 60_000,
  }, async () => {
    const sim = await start();
    const object = sim.env.OBJ.getByName('a');
    const [one, other] = [await opened(sim, '/a'), await opened(sim, '/a')];
    for (let n = 1; n <= SLEEPS; n++) {
      await sim.objects.hibernate(object);
      const ear = n % 2 === 0 ? one : other;
      expect(await ear.asks(`${n}`)).toBe(`${n} ${n + 1}`);
    }
    expect((await object.told()).listed).toBe(2);
    for (const ear of [one, other]) {
      ear.socket.close(1000);
      expect(await ear.next()).toBe('close 1000  true');
    }
    expect((await object.told()).listed).toBe(0);
  });

  test('is edited and called while it sleeps, and loses no socket by that', async () => {
    const sim = await start();
    const object = sim.env.OBJ.getByName('a');
    const ear = await opened(sim, '/a');
    await sim.objects.hibernate(object);
    await sim.objects.put(object, 'k', 1);
    expect((await object.told()).starts).toBe(2);
    await sim.objects.hibernate(object);
    await object.put();
    expect([await ear.asks('x'), (await object.told()).listed]).toEqual(['x 3', 1]);
  });

  test('loses them when it is evicted with them, awake or asleep, when it crashes and when it is reset', async () => {
    const sim = await start();
    const object = sim.env.OBJ.getByName('a');
    const lost = 'close 1006  false';
    const awake = await opened(sim, '/a');
    await sim.objects.evict(object, { webSockets: 'close' });
    expect(await awake.next()).toBe(lost);
    const asleep = await opened(sim, '/a');
    await sim.objects.hibernate(object);
    await sim.objects.evict(object, { webSockets: 'close' });
    expect(await asleep.next()).toBe(lost);
    const [crashed, standard] = [await opened(sim, '/a'), await opened(sim, '/a?standard')];
    await sim.objects.crash(object);
    expect([await crashed.next(), await standard.next()]).toEqual([lost, lost]);
    // The Worker may not have heard of the crash yet.
    await expect.poll(() => reach(sim, '/a')).toBe('open');
    const reset = await opened(sim, '/a');
    reset.socket.send('abort');
    expect([await reset.next(), (await object.told()).listed]).toEqual([lost, 0]);
  });

  test('begins anew with newer code, and its clients are told', async () => {
    const sim = await start();
    const [awake, asleep] = [await opened(sim, '/a'), await opened(sim, '/b')];
    expect(await awake.asks('code')).toBe('version 1');
    await sim.objects.hibernate(sim.env.OBJ.getByName('b'));
    await sim.deploy(project(2));
    const told = 'close 1006 Durable Object connection closed because the object was reset. false';
    expect([await awake.next(), await asleep.next()]).toEqual([told, told]);
    expect(await (await opened(sim, '/b')).asks('code')).toBe('version 2');
  });

  test('is left with none when each was closed, and gives its lease back while it sleeps', async () => {
    const sim = await start();
    const object = sim.env.OBJ.getByName('a');
    for (let i = 0; i < 5; i++) {
      const ear = await opened(sim, '/a');
      ear.socket.close(1000, `${i}`);
      expect(await ear.next()).toBe(`close 1000 ${i} true`);
    }
    expect((await object.told()).listed).toBe(0);
    await sim.objects.hibernate(object);
    expect((await sim.inspect.objects())[0]?.state).toBe('sleeping');
  });

  // Local workerd gives such an event up without a word: its handler never goes on, the client hears nothing, and the
  // instance answers others (seen; it complains of each handler that ends in time, too). So this is what is documented.
  test('is reset by a handler that takes longer than it may, by the clock of the account, also after it slept', async () => {
    const sim = await start();
    const object = sim.env.OBJ.getByName('a');
    const ear = await opened(sim, '/a');
    expect([await ear.asks('limit'), await ear.asks('quick')]).toEqual(['limited', 'quick 1']);
    await sim.objects.hibernate(object);
    expect(await ear.asks('quick')).toBe('quick 2');
    await sim.clock.pause();
    ear.socket.send('endless');
    const call = object.told();
    await sim.clock.advance(999);
    expect([ear.socket.readyState, (await call).starts]).toEqual([1, 2]);
    const told = ear.next();
    await sim.clock.advance(1);
    expect(await told).toBe('close 1006  false');
    await sim.clock.resume();
    expect((await sim.env.OBJ.getByName('a').told()).starts).toBe(3);
    const again = await opened(sim, '/a');
    expect(await again.asks('no limit any more')).toBe('no limit any more 3');
  });

  test('reaches its own routes from inside', async () => {
    const sim = await start();
    expect(await sim.env.OBJ.getByName('a').toOwnRoute('/b?protocol=chat')).toEqual(['from inside 1', 'chat', 1]);
  });

  test('appears in the trace: what was sent is the cause of what arrives', async () => {
    const sim = await start();
    await sim.trace.start();
    const ear = await opened(sim, '/a');
    await ear.asks('x');
    const isHere = (label: string, kind: 'deliver' | 'socket') => (event: TraceEvent) => {
      if (event.actor.label !== label || event.kind !== kind) return false;
      return event.kind === 'socket' || (event.kind === 'deliver' && event.what === 'socket');
    };
    const arrived = await sim.trace.until(isHere('Obj:a', 'deliver'));
    const answered = await sim.trace.until(isHere('Obj:a', 'socket'));
    const heard = await sim.trace.until(isHere('client', 'deliver'));
    const causeOf = ({ cause }: TraceEvent) =>
      sim.trace.events.find(({ actor, number }) => actor.id === cause?.actor && number === cause.number);
    expect(causeOf(arrived)).toMatchObject({ kind: 'socket', what: 'message', actor: { kind: 'client' } });
    expect([causeOf(answered), causeOf(heard)]).toEqual([arrived, answered]);
  });
});

test('two machines: clients of both reach one object, and when the machine that holds it goes, it is reached on the other', async () => {
  const name = `sockets two ${performance.timeOrigin}`;
  const one = await start({ name, storage: 'indexeddb', machine: 'one' });
  const two = await Simulator.open<Env>({ name, storage: 'indexeddb', machine: 'two' });
  open.push(two);
  const here = await opened(one, '/a');
  const there = await opened(two, '/a');
  expect([await here.asks('x'), await there.asks('y')]).toEqual(['x 1', 'y 1']);
  there.socket.send('broadcast');
  expect([await here.next(), await there.next()]).toEqual(['to all', 'to all']);
  // Asleep at its holder, it is woken from the other machine too.
  await two.objects.hibernate(two.env.OBJ.getByName('a'));
  expect(await there.asks('z')).toBe('z 2');
  await two.objects.hibernate(two.env.OBJ.getByName('a'));
  expect((await two.env.OBJ.getByName('a').told()).starts).toBe(3);
  await two.objects.hibernate(two.env.OBJ.getByName('a'));
  open.splice(open.indexOf(one), 1);
  await one.close();
  expect(await there.next()).toBe('close 1006  false');
  const again = await opened(two, '/a');
  expect(await again.asks('w')).toBe('w 4');
});
