/**
 * The program that is measured, word for word the same on the simulator and on workerd.
 *
 * Promise: what a route answers is milliseconds, taken inside the Worker: how the request came to it is not in them. A
 * runtime's clock may stand still while code runs, so every measurement spans calls that end a turn.
 */
export const program = `
import { DurableObject } from 'cloudflare:workers';

const SPREAD = 100;

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
    await stub.add(0, 0);
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
} as const;

export type Route = keyof typeof COUNTS;
