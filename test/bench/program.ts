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
const texts = ${JSON.stringify(sqlTexts)};

export class Bench extends DurableObject {
  add(a, b) {
    return a + b;
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

  /** Commits and pauses by turns, and says how long each commit took. */
  async commitFor(ms, pauseMs) {
    const { storage } = this.ctx;
    const samples = [];
    for (const end = performance.now() + ms; performance.now() < end; ) {
      const start = performance.now();
      storage.sql.exec('UPDATE counter SET value = value + 1 WHERE id = 1');
      await storage.sync();
      samples.push(performance.now() - start);
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

const routes = {
  async roundTrip(stub, count) {
    for (let i = 0; i < count; i++) await stub.add(i, 1);
  },
  async inFlight(stub, count) {
    let begun = 0;
    const go = async () => {
      while (begun < count) await stub.add(begun++, 1);
    };
    await Promise.all(Array.from({ length: 64 }, go));
  },
  putMany: (stub, count) => stub.putMany(count),
  kvPutMany: (stub, count) => stub.kvPutMany(count),
  sqlSelect: (stub, count) => stub.sqlSelect(count),
  sqlInsert: (stub, count) => stub.sqlInsert(count),
  sqlScan: (stub, count) => stub.sqlScan(count),
  async putOne(stub, count) {
    let begun = 0;
    const go = async () => {
      while (begun < count) await stub.putOne(begun++);
    };
    await Promise.all(Array.from({ length: 64 }, go));
  },
};

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const count = Number(searchParams.get('count'));
    const stub = env.BENCH.getByName('subject');
    await stub.sqlPrepare();
    const start = Date.now();
    await routes[pathname.slice(1)](stub, count);
    await stub.add(0, 0);
    return Response.json(Date.now() - start);
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
  putMany: 4000,
  kvPutMany: 8000,
  putOne: 2000,
  sqlSelect: 20_000,
  sqlInsert: 10_000,
  sqlScan: 50_000,
} as const;

export type Route = keyof typeof COUNTS;
