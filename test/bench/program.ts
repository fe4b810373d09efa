/**
 * The program that is measured, word for word the same on the simulator and on workerd.
 *
 * Promise: what a route answers is milliseconds, taken inside the Worker: how the request came to it is not in them. A
 * runtime's clock may stand still while code runs, so every measurement spans calls that end a turn.
 */

/** What the benchmark of SQL executes, here and on raw sql.js. `items` rows are there from the beginning. */
export const sqlTexts = {
  items: 1000,
  schema: [
    'CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, name TEXT, value REAL)',
    'CREATE TABLE IF NOT EXISTS grown (id INTEGER PRIMARY KEY, name TEXT, value REAL)',
    "INSERT OR IGNORE INTO item WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, 'name ' || i, i FROM n",
  ],
  clear: 'DELETE FROM grown',
  select: 'SELECT name, value FROM item WHERE id = ?',
  insert: 'INSERT INTO grown (name, value) VALUES (?, ?)',
  scan: 'SELECT id, name, value FROM item',
} as const;

export const program = `
import { DurableObject } from 'cloudflare:workers';

const SPREAD = 100;
const SLEEPERS = 4;
/** Longer than an object without events stays in memory. */
const ASLEEP_MS = 11_000;
const REST_MS = 400;
const texts = ${JSON.stringify(sqlTexts)};

export class Bench extends DurableObject {
  add(a, b) {
    return a + b;
  }

  echo(bytes) {
    return bytes;
  }

  /** A body of so many MiB, or a WebSocket that sleeps and wakes. */
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/stream') {
      let left = Number(searchParams.get('mib')) * 16;
      return new Response(new ReadableStream({
        pull(controller) {
          if (left-- > 0) controller.enqueue(new Uint8Array(65536));
          else controller.close();
        },
      }));
    }
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(ws, message) {
    if (message === 'wake') {
      ws.send(this.wasWoken ? 'was awake' : 'slept');
      this.wasWoken = true;
    } else if (message !== 'to all') ws.send(message);
    else for (const each of this.ctx.getWebSockets()) each.send(message);
  }

  webSocketClose(ws, code, reason, wasClean) {
    if (wasClean) ws.close(code, reason);
  }

  async putMany(count) {
    const { storage } = this.ctx;
    for (let i = 0; i < count; i++) await storage.put('key' + (i % SPREAD), i);
  }

  kvPutMany(count) {
    const { kv } = this.ctx.storage;
    for (let i = 0; i < count; i++) kv.put('key' + (i % SPREAD), i);
  }

  async putOne(i) {
    await this.ctx.storage.put('key' + (i % SPREAD), i);
  }

  sqlSelect(count) {
    const { sql } = this.ctx.storage;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += sql.exec(texts.select, 1 + (i % texts.items)).one().value;
    return sum;
  }

  sqlInsert(count) {
    const { sql } = this.ctx.storage;
    sql.exec(texts.clear);
    for (let i = 0; i < count; i++) sql.exec(texts.insert, 'name ' + i, i);
  }

  sqlScan(count) {
    const { sql } = this.ctx.storage;
    let sum = 0;
    for (let read = 0; read < count; read += texts.items) for (const row of sql.exec(texts.scan)) sum += row.value;
    return sum;
  }

  /** Milliseconds of the work alone: what it wrote is not durable yet. Only where the clock goes on while code runs. */
  timed(work, count) {
    const start = performance.now();
    this[work](count);
    return performance.now() - start;
  }

  readClock(count) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += Date.now() % 2;
    return sum;
  }

  /** Milliseconds of a chain of timers, each armed by the one before it. */
  async timerChain(count) {
    const start = performance.now();
    for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 0));
    return performance.now() - start;
  }

  sqlPrepare() {
    for (const text of texts.schema) this.ctx.storage.sql.exec(text);
  }

  prepare() {
    const { sql } = this.ctx.storage;
    sql.exec('CREATE TABLE IF NOT EXISTS filling (id INTEGER PRIMARY KEY, bytes BLOB)');
    sql.exec('CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY, value INTEGER)');
    sql.exec('INSERT OR IGNORE INTO counter VALUES (1, 0)');
  }

  fill(blobs, sizeBytes) {
    for (let i = 0; i < blobs; i++) {
      this.ctx.storage.sql.exec('INSERT INTO filling (bytes) VALUES (randomblob(?))', sizeBytes);
    }
    return this.ctx.storage.sql.databaseSize;
  }

  bump() {
    this.ctx.storage.sql.exec('UPDATE counter SET value = value + 1 WHERE id = 1');
  }

  /** Commits and pauses by turns, and says of each commit when it began (ms since 1970) and how long it took. */
  async commitFor(ms, pauseMs) {
    const { storage } = this.ctx;
    const samples = [];
    for (const end = performance.now() + ms; performance.now() < end; ) {
      const start = performance.now();
      storage.sql.exec('UPDATE counter SET value = value + 1 WHERE id = 1');
      await storage.sync();
      samples.push([performance.timeOrigin + start, performance.now() - start]);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return samples;
  }

  async commitMany(count) {
    const { storage } = this.ctx;
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      storage.sql.exec('UPDATE counter SET value = value + 1 WHERE id = 1');
      await storage.sync();
    }
    return performance.now() - start;
  }
}

const lanes = async (count, width, call) => {
  let begun = 0;
  const go = async () => {
    while (begun < count) await call(begun++);
  };
  await Promise.all(Array.from({ length: width }, go));
};

async function connect(stub) {
  const { webSocket } = await stub.fetch('http://bench.test/', { headers: { Upgrade: 'websocket' } });
  webSocket.accept();
  return webSocket;
}

const connectMany = (stub, count) => Promise.all(Array.from({ length: count }, () => connect(stub)));

/** Messages that come back, so many of them under way. */
const echoes = (width) => (stub, count, [socket]) =>
  new Promise((resolve) => {
    let sent = 0;
    let heard = 0;
    const send = () => socket.send('message ' + ++sent);
    socket.addEventListener('message', () => {
      if (++heard === count) resolve();
      else if (sent < count) send();
    });
    for (let i = 0; i < width; i++) send();
  });

const sleeper = (env, i) => env.BENCH.getByName('sleeper ' + i);

/** Sockets to objects that sleep under so many each. */
async function fallAsleep(env, count) {
  const sockets = [];
  for (let i = 0; i < SLEEPERS; i++) {
    // One after the other: in workerd an object whose sockets were opened at once does not fall asleep (seen).
    for (let k = 0; k < count; k++) sockets.push(await connect(sleeper(env, i)));
    // From now on it knows that it is awake.
    await reply(sockets[i * count], 'wake');
  }
  await scheduler.wait(ASLEEP_MS);
  return sockets;
}

const reply = (socket, text) =>
  new Promise((resolve) => {
    socket.addEventListener('message', ({ data }) => resolve(data), { once: true });
    socket.send(text);
  });

/** Milliseconds of a message to an object that sleeps, and its answer: with a rest between, for whoever has to make something ready. */
async function wake(sockets) {
  let ms = 0;
  for (let i = 0; i < SLEEPERS; i++) {
    await scheduler.wait(REST_MS);
    const start = Date.now();
    const said = await reply(sockets[(i * sockets.length) / SLEEPERS], 'wake');
    ms += Date.now() - start;
    if (said !== 'slept') throw new Error('sleeper ' + i + ' ' + said);
  }
  return { ms };
}

/** What routes have ready before the time is taken. */
const prepare = {
  socketEcho: (stub) => connectMany(stub, 1),
  socketEcho16: (stub) => connectMany(stub, 1),
  socketEcho64: (stub) => connectMany(stub, 1),
  socketRoom: (stub) => connectMany(stub, 100),
  wake: (stub, env) => fallAsleep(env, 1),
  wake1000: (stub, env) => fallAsleep(env, 1000),
};

const routes = {
  async roundTrip(stub, count) {
    for (let i = 0; i < count; i++) await stub.add(i, 1);
  },
  inFlight: (stub, count) => lanes(count, 64, (i) => stub.add(i, 1)),
  inFlight16: (stub, count) => lanes(count, 16, (i) => stub.add(i, 1)),
  async payload(stub, count) {
    const bytes = new Uint8Array(65536);
    for (let i = 0; i < count; i++) await stub.echo(bytes);
  },
  payload16: (stub, count) => lanes(count, 16, () => stub.echo(new Uint8Array(65536))),
  async stream(stub, mib) {
    const { body } = await stub.fetch('http://bench.test/stream?mib=' + mib);
    let bytes = 0;
    for await (const chunk of body) bytes += chunk.length;
    if (bytes !== mib * 1048576) throw new Error('read ' + bytes + ' bytes');
  },
  socketEcho: echoes(1),
  socketEcho16: echoes(16),
  socketEcho64: echoes(64),
  /** Each round goes to all, and the next begins when all have it. */
  socketRoom: (stub, count, sockets) =>
    new Promise((resolve) => {
      let heard = 0;
      for (const socket of sockets) {
        socket.addEventListener('message', () => {
          if (++heard === count) resolve();
          else if (heard % sockets.length === 0) sockets[0].send('to all');
        });
      }
      sockets[0].send('to all');
    }),
  wake: (stub, count, sockets) => wake(sockets),
  wake1000: (stub, count, sockets) => wake(sockets),
  putMany: (stub, count) => stub.putMany(count),
  kvPutMany: (stub, count) => stub.kvPutMany(count),
  sqlSelect: (stub, count) => stub.sqlSelect(count),
  sqlInsert: (stub, count) => stub.sqlInsert(count),
  sqlScan: (stub, count) => stub.sqlScan(count),
  putOne: (stub, count) => lanes(count, 64, (i) => stub.putOne(i)),
};

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/sockets') return env.BENCH.getByName('room ' + searchParams.get('room')).fetch(request);
    const count = Number(searchParams.get('count'));
    const stub = env.BENCH.getByName('subject');
    await stub.sqlPrepare();
    const route = pathname.slice(1);
    const sockets = (await prepare[route]?.(stub, env)) ?? [];
    const start = Date.now();
    const taken = await routes[route](stub, count, sockets);
    await stub.add(0, 0);
    // What rests in between says itself how long it took.
    const ms = taken?.ms ?? Date.now() - start;
    for (const socket of sockets) socket.close(1000);
    return Response.json(ms);
  },
};
`;

export const config = {
  name: 'bench',
  main: 'index.js',
  compatibility_date: '2026-07-01',
  durable_objects: { bindings: [{ name: 'BENCH', class_name: 'Bench' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Bench'] }],
} as const;

/** What the Worker measures, and how often it does it in one sample (tens of milliseconds each). */
export const COUNTS = {
  roundTrip: 400,
  inFlight: 3000,
  inFlight16: 2000,
  payload: 200,
  payload16: 400,
  /** MiB */
  stream: 32,
  socketEcho: 400,
  socketEcho16: 2000,
  socketEcho64: 3000,
  /** deliveries */
  socketRoom: 10_000,
  /** as many as there are sleepers */
  wake: 4,
  wake1000: 4,
  putMany: 4000,
  kvPutMany: 8000,
  putOne: 2000,
  sqlSelect: 20_000,
  sqlInsert: 10_000,
  sqlScan: 50_000,
} as const;

export type Route = keyof typeof COUNTS;
