import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Rate limiters hand out tokens from a bucket in memory, count a sliding window in SQL, and answer with the usual headers.',
  rows: ['6.interleaving', '6.storage-resolves-in-microtasks', '9.exec', '3.fetch', '4.by-value'],
  config: {
    ...objects({ BUCKET: 'Bucket', WINDOW: 'Window', GUARDED: 'Guarded' }),
    vars: { LIMITS: '{"capacity":3,"perSecond":1}' },
  },
  program: `
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';

export class Bucket extends DurableObject {
  #limits = JSON.parse(this.env.LIMITS);
  #tokens = this.#limits.capacity;
  #at = Date.now();
  take(count = 1) {
    const now = Date.now();
    const { capacity, perSecond } = this.#limits;
    this.#tokens = Math.min(capacity, this.#tokens + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
    if (count > capacity) throw new RangeError('never: ' + count + ' of ' + capacity);
    if (this.#tokens < count) return { allowed: false, retryAfterMs: Math.ceil(((count - this.#tokens) / perSecond) * 1000) };
    this.#tokens -= count;
    return { allowed: true, remaining: Math.floor(this.#tokens) };
  }
}

export class Window extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS hits (at INTEGER NOT NULL, who TEXT NOT NULL, weight INTEGER NOT NULL DEFAULT 1); CREATE INDEX IF NOT EXISTS hits_who ON hits (who, at)');
  }
  hit(who, { limit, windowMs, weight = 1 }) {
    const { sql } = this.ctx.storage;
    const now = Date.now();
    return this.ctx.storage.transactionSync(() => {
      const gone = sql.exec('DELETE FROM hits WHERE at <= ?', now - windowMs);
      const [used, first] = sql.exec('SELECT coalesce(sum(weight), 0), min(at) FROM hits WHERE who = ?', who).raw().next().value;
      if (used + weight > limit) return { allowed: false, used, retry: first + windowMs - now > 0 };
      sql.exec('INSERT INTO hits (at, who, weight) VALUES (?, ?, ?)', now, who, weight);
      return { allowed: true, used: used + weight, swept: gone.rowsWritten > 0 };
    });
  }
  top() {
    return this.ctx.storage.sql.exec('SELECT who, sum(weight) AS used, rank() OVER (ORDER BY sum(weight) DESC) AS place FROM hits GROUP BY who ORDER BY place, who').toArray();
  }
}

/** A read, an await, a write: the input gate keeps them together. */
export class Guarded extends DurableObject {
  peak = 0; now = 0;
  async allow(limit) {
    const used = (await this.ctx.storage.get('used')) ?? 0;
    if (used >= limit) return false;
    await this.ctx.storage.put('used', used + 1);
    return true;
  }
  /** A semaphore: with a timer in between nothing keeps them together. */
  async racy(limit) {
    const used = (await this.ctx.storage.get('racy')) ?? 0;
    if (used >= limit) return false;
    await scheduler.wait(1);
    await this.ctx.storage.put('racy', used + 1);
    return true;
  }
  async slots(max) {
    if (this.now >= max) return 'full';
    this.now += 1;
    this.peak = Math.max(this.peak, this.now);
    try { await scheduler.wait(20) } finally { this.now -= 1 }
    return 'done';
  }
  async counts() { return [this.peak, this.now, await this.ctx.storage.get('used'), await this.ctx.storage.get('racy')] }
}

export class Api extends WorkerEntrypoint {
  async limited(who) { return (await this.env.BUCKET.getByName(who).take()).allowed }
}

export default class extends WorkerEntrypoint {
  async fetch(request) {
    const { env } = this;
    const url = new URL(request.url);
    const who = request.headers.get('CF-Connecting-IP') === '198.51.100.1' ? 'vip' : (request.headers.get('X-Who') ?? 'anon');
    if (url.pathname === '/bucket') {
      const verdict = await env.BUCKET.getByName(who).take(Number(url.searchParams.get('n') ?? 1)).catch((error) => error);
      if (verdict instanceof Error) return Response.json({ error: verdict.message, range: verdict instanceof RangeError }, { status: 400 });
      if (verdict.allowed) return new Response('ok', { headers: { 'RateLimit-Remaining': verdict.remaining } });
      const slow = verdict.retryAfterMs > 0 && verdict.retryAfterMs <= 1000;
      return Response.json({ slow }, { status: 429, statusText: 'Slow down', headers: [['Retry-After', '1'], ['retry-after', '2']] });
    }
    if (url.pathname === '/window') {
      const window = env.WINDOW.getByName('w');
      const seen = [];
      for (const [name, weight] of [['a', 1], ['b', 2], ['a', 1], ['a', 2], ['b', 1], ['c', 4]]) seen.push(name, await window.hit(name, { limit: 3, windowMs: 600, weight }));
      await scheduler.wait(650);
      seen.push(await window.top(), await window.hit('a', { limit: 3, windowMs: 600 }), await window.top());
      return Response.json(seen);
    }
    if (url.pathname === '/guarded') {
      const guarded = env.GUARDED.getByName('g');
      const all = async (f) => (await Promise.all(Array.from({ length: 8 }, f))).map((x) => (x === true ? 'y' : x === false ? 'n' : x)).join('');
      return Response.json([await all(() => guarded.allow(3)), await all(() => guarded.racy(3)), await all(async () => (await guarded.slots(2))[0]), await guarded.counts()]);
    }
    if (url.pathname === '/api') return Response.json([await this.ctx.exports.Api.limited('api'), await Promise.all([1, 2, 3].map(() => this.ctx.exports.Api.limited('api')))]);
    return new Response('Not here', { status: 404, statusText: 'Nope' });
  }
}
`,
  async steps(client) {
    const showHeaders = ['ratelimit-remaining', 'retry-after'];
    for (const n of [1, 2, 3]) await client.fetch(`/bucket?n=${n}`, { showHeaders, headers: { 'x-who': 'ann' } });
    await client.fetch('/bucket?n=4', { showHeaders });
    await client.wait(3500);
    await client.fetch('/bucket?n=2', { showHeaders, headers: { 'X-Who': 'ann' } });
    for (const path of ['/window', '/guarded', '/api', '/nowhere']) await client.fetch(path);
  },
});
