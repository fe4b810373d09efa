import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A lock service gives leases as RpcTargets: they wait in line, are renewed, fenced, run out, and are released by using, by disposal and by death.',
  rows: [
    '1.rpc-target',
    '4.using',
    '4.target-dispose',
    '4.callbacks',
    '4.dup',
    '4.by-reference',
    '6.timer-trap',
    '5.abort',
  ],
  config: objects({ LOCKS: 'Locks', USER: 'User' }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { inspect, worker } from './prelude.js';

class Lease extends RpcTarget {
  #locks; #name; #token; #timer; #state = 'held';
  constructor(locks, name, token, ms) { super(); this.#locks = locks; this.#name = name; this.#token = token; this.#arm(ms) }
  #arm(ms) { clearTimeout(this.#timer); this.#timer = setTimeout(() => this.#end('ran out'), ms) }
  #end(how) {
    if (this.#state !== 'held') return false;
    this.#state = how;
    clearTimeout(this.#timer);
    this.#locks.released(this.#name, this.#token, how);
    return true;
  }
  get token() { return this.#token }
  get state() { return this.#state }
  renew(ms) { if (this.#state !== 'held') throw new Error('The lease ' + this.#state + '.'); this.#arm(ms); return this }
  release() { return this.#end('was released') }
  [Symbol.dispose]() { this.#end('was disposed') }
}

export class Locks extends DurableObject {
  held = new Map(); waiting = new Map(); log = [];
  #issue(name, who, ms) {
    const token = (this.ctx.storage.kv.get('token') ?? 0) + 1;
    this.ctx.storage.kv.put('token', token);
    this.held.set(name, { who, token });
    this.log.push(who + ' got ' + name + ' #' + token);
    return new Lease(this, name, token, ms);
  }
  async acquire(name, who, ms, { waitMs = 0 } = {}) {
    if (!this.held.has(name)) return this.#issue(name, who, ms);
    if (waitMs === 0) return null;
    const { promise, resolve, reject } = Promise.withResolvers();
    const entry = { who, ms, resolve };
    const line = this.waiting.get(name) ?? [];
    this.waiting.set(name, [...line, entry]);
    const timer = setTimeout(() => {
      this.waiting.set(name, this.waiting.get(name).filter((other) => other !== entry));
      reject(new DOMException(who + ' waited ' + waitMs + ' ms for ' + name, 'TimeoutError'));
    }, waitMs);
    try { return await promise } finally { clearTimeout(timer) }
  }
  released(name, token, how) {
    if (this.held.get(name)?.token !== token) throw new Error('not the holder');
    this.log.push(this.held.get(name).who + ' of ' + name + ': ' + how);
    this.held.delete(name);
    const [next, ...rest] = this.waiting.get(name) ?? [];
    if (!next) return;
    this.waiting.set(name, rest);
    next.resolve(this.#issue(name, next.who, next.ms));
  }
  async run(name, who, task) {
    const lease = await this.acquire(name, who, 1000, { waitMs: 5000 });
    try { return await task(lease.token) } finally { lease.release() }
  }
  write(token, text) {
    const newest = this.ctx.storage.kv.get('written') ?? 0;
    if (token < newest) throw new Error('fenced: ' + token + ' < ' + newest);
    this.ctx.storage.kv.put('written', token);
    return text + ' by ' + token;
  }
  take() { return this.log.splice(0) }
}

export class User extends DurableObject {
  get locks() { return this.env.LOCKS.getByName('l') }
  who() { return this.ctx.id.name }
  async useFor(name, ms) {
    using lease = await this.locks.acquire(name, 'user ' + this.ctx.id.name, 1000, { waitMs: 5000 });
    await scheduler.wait(ms);
    return await lease.token;
  }
  async hold(name) { this.lease = await this.locks.acquire(name, 'holder', 5000); return [await this.lease.token, await this.lease.state] }
  async throws(name) { using lease = await this.locks.acquire(name, 'thrower', 5000); throw new Error('while holding ' + (await lease.token)) }
  dies() { this.ctx.abort('died') }
  async duplicated(name) {
    const lease = await this.locks.acquire(name, 'dup', 5000);
    const copy = lease.dup();
    lease[Symbol.dispose]();
    const after = await lease.state.then(String, (error) => error.message);
    const still = await copy.state;
    copy[Symbol.dispose]();
    return [after, still];
  }
}

export default worker(async ({ say, env }) => {
  const locks = env.LOCKS.getByName('l');
  const log = async () => { await scheduler.wait(40); await say('  log', () => locks.take()) };
  await say('free, then held', async () => { const a = await locks.acquire('x', 'a', 1000); const b = await locks.acquire('x', 'b', 1000); const seen = [await a.token, await a.state, b, await a.release(), await a.release(), await a.state]; return seen });
  await log();
  await say('pipelined', async () => { const lease = locks.acquire('p', 'p', 1000); const seen = await Promise.all([lease.token, lease.state, lease.renew(500).renew(400).token, lease.release()]); return seen });
  await log();
  await say('runs out', async () => { const lease = await locks.acquire('r', 'r', 2000); await lease.renew(40); await scheduler.wait(80); return [await lease.state, await lease.renew(10).catch(inspect), await lease.release()] });
  await log();
  const users = ['1', '2', '3'].map((name) => env.USER.getByName(name));
  await say('users', () => Promise.all(users.map((user) => user.who())));
  await say('in line', async () => (await Promise.all(users.map(async (user, i) => { await scheduler.wait(i * 60); return user.useFor('line', 150) }))));
  await log();
  await say('waits too long', async () => { using held = await locks.acquire('w', 'holder', 5000); return await locks.acquire('w', 'late', 10, { waitMs: 20 }) });
  await log();
  await say('a task', () => Promise.all([1, 2].map((n) => locks.run('task', 'runner ' + n, async (token) => { await scheduler.wait(5); return locks.write(token, 'text ' + n) }))));
  await say('a task that throws', () => locks.run('task', 'thrower', (token) => { throw Object.assign(new TypeError('in the task'), { code: 'E' + (token > 0) }) }));
  await log();
  await say('thrown while holding', async () => inspect(await env.USER.getByName('t').throws('t').catch((error) => [error.message.replace(/\\d+/, '#'), error.remote])));
  await log();
  await say('fenced', async () => [await locks.write(100, 'new'), await locks.write(99, 'old').catch((error) => error.message)]);
  await say('disposed of its copies', () => env.USER.getByName('d').duplicated('d'));
  await log();
  await say('held by one who dies', async () => { const user = env.USER.getByName('h'); const held = await user.hold('h'); await user.dies().catch(() => {}); using next = await locks.acquire('h', 'heir', 1000, { waitMs: 5000 }); return [held[1], (await next.token) > held[0]] });
  await log();
});
`,
});
