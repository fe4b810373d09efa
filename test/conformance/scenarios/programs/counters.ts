import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Sharded counters fan out and in: a coordinator asks its shards together, settles what fails, merges by callbacks and by streams.',
  rows: [
    '2.new-unique-id',
    '2.id-from-string',
    '4.callbacks',
    '4.streams',
    '4.error-propagation',
    '3.serialising-a-stub',
    '13.instantiation',
  ],
  config: objects({ COUNTER: 'Counter', SHARD: 'Shard' }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { inspect, worker } from './prelude.js';

const hash = (text) => { let h = 2166136261; for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619); return h >>> 0 };

export class Shard extends DurableObject {
  #count = this.ctx.storage.kv.get('count') ?? 0;
  add(n, by) {
    if (!Number.isSafeInteger(n)) throw new TypeError('not a count: ' + n);
    this.#count += n;
    this.ctx.storage.kv.put('count', this.#count);
    this.ctx.storage.kv.put('by:' + by, (this.ctx.storage.kv.get('by:' + by) ?? 0) + n);
    return this.#count;
  }
  get count() { return this.#count }
  async slow(ms) { await scheduler.wait(ms); return [ms, this.#count] }
  fail(kind) { if (kind === 'abort') this.ctx.abort(new Error('shard gone')); throw Object.assign(new Error('shard failed'), { kind, at: 1n }) }
  async forEach(visit) { for (const [key, n] of this.ctx.storage.kv.list({ prefix: 'by:' })) if ((await visit(key.slice(3), n)) === 'stop') return 'stopped'; return 'all' }
  lines() {
    const rows = this.ctx.storage.kv.list({ prefix: 'by:' });
    return new ReadableStream({ type: 'bytes', pull(controller) { const { done, value } = rows.next(); if (done) controller.close(); else controller.enqueue(new TextEncoder().encode(value.join('=') + '\\n')) } });
  }
  self() { return this.env.SHARD.get(this.ctx.id) }
}

export class Counter extends DurableObject {
  #ids = (this.ctx.storage.kv.get('shards') ?? []).map((text) => this.env.SHARD.idFromString(text));
  open(count) {
    this.#ids = Array.from({ length: count }, () => this.env.SHARD.newUniqueId());
    this.ctx.storage.kv.put('shards', this.#ids.map(String));
    return new Set(this.#ids.map((id) => id.toString())).size;
  }
  #shards() { return this.#ids.map((id) => this.env.SHARD.get(id)) }
  add(who, n) { return this.#shards()[hash(who) % this.#ids.length].add(n, who) }
  async total() { return (await Promise.all(this.#shards().map((shard) => shard.count))).reduce((a, b) => a + b, 0) }
  async spread() { return (await Promise.all(this.#shards().map((shard) => shard.count))).filter((n) => n > 0).length > 1 }
  fastest() { return Promise.race(this.#shards().map((shard, i) => shard.slow(400 - i * 100))) }
  async any() { try { return await Promise.any(this.#shards().map((shard) => shard.fail('x'))) } catch (error) { return [error.constructor.name, error.errors.length, error.errors.map((e) => e.message + ' ' + e.remote + ' ' + e.at)] } }
  async settled() {
    const results = await Promise.allSettled(this.#shards().map((shard, i) => (i % 2 ? shard.fail('odd') : shard.count)));
    return results.map(({ status, reason }) => [status, reason && inspect(reason)]);
  }
  async lost() {
    const [first] = this.#shards();
    const failed = await first.fail('abort').catch(inspect);
    const again = await first.count.then(String, inspect);
    const anew = typeof (await this.#shards()[0].count);
    return [failed, again, anew];
  }
  async who() {
    const all = new Map();
    const visited = await Promise.all(this.#shards().map((shard) => shard.forEach((who, n) => { all.set(who, n) })));
    return [visited.every((v) => v === 'all'), [...all].sort()];
  }
  async firstOnly() { const seen = []; const ends = []; for (const shard of this.#shards()) ends.push(await shard.forEach((who) => { seen.push(who); return 'stop' })); return [seen.length, ends.sort()] }
  async text() {
    const parts = await Promise.all(this.#shards().map(async (shard) => new Response(await shard.lines()).text()));
    return parts.join('').trimEnd().split('\\n').sort().join(',');
  }
  async merged() {
    const { readable, writable } = new IdentityTransformStream();
    const pump = async () => { for (const shard of this.#shards()) await (await shard.lines()).pipeTo(writable, { preventClose: true }); await writable.close() };
    const [text] = await Promise.all([new Response(readable).text(), pump()]);
    return text.split('\\n').length;
  }
  async selves() { const stubs = await Promise.all(this.#shards().map((shard) => shard.self())); return stubs.every((stub, i) => stub.id.equals(this.#ids[i])) && (await stubs[0].count) >= 0 }
  async adopt(stub) { const before = await stub.count; await stub.add(5, 'adopted'); return [before, await stub.count, stub.name, stub.id.name] }
}

export default worker(async ({ say, env }) => {
  const counter = env.COUNTER.getByName('c');
  const names = ['ann', 'bob', 'cleo', 'dan', 'eve', 'fay', 'gus', 'hal'];
  await say('open', () => counter.open(4));
  await say('add', async () => (await Promise.all(names.map((name, i) => counter.add(name, i)))).length);
  for (const method of ['total', 'spread', 'fastest', 'any', 'settled', 'who', 'firstOnly', 'text', 'merged', 'selves']) await say(method, async () => { const value = await counter[method](); return method === 'fastest' ? value[0] : value });
  await say('not a count', () => counter.add('ann', 1.5));
  await say('lost', () => counter.lost());
  await say('the total is kept', () => counter.total());
  await say('a stub passed on', () => counter.adopt(env.SHARD.getByName('named')));
  await say('its own', () => env.SHARD.getByName('named').count);
});
`,
});
