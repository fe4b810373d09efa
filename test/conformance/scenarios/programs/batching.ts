import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A buffer gathers events, waits for quiet or for a full batch, flushes in its alarm to another object, and keeps the batch when that fails.',
  rows: ['11.set-alarm', '11.retry', '11.set-inside-handler', '6.write-coalescing', '7.put-entries', '7.list'],
  config: objects({ BUFFER: 'Buffer', SINK: 'Sink' }),
  program: `
import { DurableObject } from 'cloudflare:workers';

const QUIET_MS = 600;
const MAX_WAIT_MS = 2000;
const FULL = 5;
const key = (n) => 'event:' + String(n).padStart(6, '0');

export class Buffer extends DurableObject {
  #next; #log = [];
  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      const last = [...(await ctx.storage.list({ prefix: 'event:', reverse: true, limit: 1 })).keys()][0];
      this.#next = Math.max(last ? Number(last.slice(6)) + 1 : 0, (await ctx.storage.get('next')) ?? 0);
    });
  }
  async add(...events) {
    const entries = Object.fromEntries(events.map((event) => [key(this.#next++), event]));
    this.ctx.storage.put(entries);
    this.ctx.storage.put('next', this.#next);
    const waiting = (await this.ctx.storage.list({ prefix: 'event:' })).size;
    const now = Date.now();
    const since = (await this.ctx.storage.get('since')) ?? now;
    if (since === now) await this.ctx.storage.put('since', now);
    if (waiting >= FULL) await this.ctx.storage.setAlarm(now);
    else await this.ctx.storage.setAlarm(Math.min(now + QUIET_MS, since + MAX_WAIT_MS));
    return waiting;
  }
  async alarm(info) {
    const { storage } = this.ctx;
    const batch = await storage.list({ prefix: 'event:', limit: FULL });
    this.#log.push(['flush', batch.size, info.retryCount]);
    if (batch.size === 0) return;
    const sink = this.env.SINK.get(this.env.SINK.idFromName('s'));
    const response = await sink.fetch('https://sink/batch', { method: 'POST', body: JSON.stringify([...batch.values()]), headers: { 'idempotency-key': [...batch.keys()].at(-1) } });
    if (!response.ok) throw new Error('the sink said ' + response.status + ' ' + (await response.text()));
    await storage.transaction(async (txn) => {
      const deleted = await txn.delete([...batch.keys()]);
      if (deleted !== batch.size) { txn.rollback(); this.#log.push(['odd', deleted]); }
      await txn.delete('since');
    });
    if ((await storage.list({ prefix: 'event:', limit: 1 })).size > 0) await storage.setAlarm(Date.now() + 10);
  }
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith('/add')) return Response.json({ waiting: await this.add(...(await request.json())) });
    if (pathname.endsWith('/burst')) {
      const all = await Promise.all(Array.from({ length: 12 }, (_, i) => this.add('burst ' + i)));
      return Response.json(all);
    }
    return Response.json({ log: this.#log, kept: [...(await this.ctx.storage.list()).keys()], alarm: (await this.ctx.storage.getAlarm()) !== null });
  }
}

export class Sink extends DurableObject {
  async fetch(request) {
    const { kv } = this.ctx.storage;
    const url = new URL(request.url);
    if (url.pathname === '/mode') { kv.put('failures', Number(url.searchParams.get('failures'))); return new Response('ok') }
    if (request.method === 'POST') {
      const failures = kv.get('failures') ?? 0;
      if (failures > 0) { kv.put('failures', failures - 1); return new Response('busy', { status: 503, headers: { 'retry-after': '1' } }) }
      const id = request.headers.get('Idempotency-Key');
      if (kv.get('seen:' + id)) return new Response(null, { status: 208 });
      kv.put('seen:' + id, true);
      kv.put('batches', [...(kv.get('batches') ?? []), await request.json()]);
      return new Response(null, { status: 204 });
    }
    return Response.json(kv.get('batches') ?? []);
  }
}

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/sink')) return env.SINK.getByName('s').fetch(new Request(request.url.replace('/sink', ''), request));
    return env.BUFFER.getByName(pathname.split('/')[1]).fetch(request);
  },
};
`,
  async steps(client) {
    const add = (name: string, ...events: unknown[]) =>
      client.fetch(`/${name}/add`, { method: 'POST', body: JSON.stringify(events) });
    await add('quiet', 1);
    await add('quiet', 2, { three: 3 });
    await client.fetch('/quiet');
    await client.wait(1500);
    await client.fetch('/quiet');
    await client.fetch('/sink/all');
    await add('full', 'a', 'b', 'c', 'd', 'e', 'f', 'g');
    await client.wait(1500);
    await client.fetch('/full');
    await client.fetch('/many/burst');
    await client.wait(1500);
    await client.fetch('/many');
    await client.fetch('/sink/all');
    await client.fetch('/sink/mode?failures=1');
    await add('failing', 'kept');
    await client.wait(1500);
    await client.fetch('/failing');
    await client.wait(2500);
    await client.fetch('/failing');
    await client.fetch('/sink/all');
  },
});
