import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Capabilities go round three objects and two kinds of entrypoints: forwarded, attenuated, revoked, kept, sealed in values, counted when they are let go, and lost with who made them.',
  rows: [
    '1.rpc-target',
    '1.worker-entrypoint',
    '1.ctx-exports',
    '1.ctx-props',
    '4.by-reference',
    '4.stubs-in-values',
    '4.dup',
    '4.target-dispose',
    '4.param-stub-lifetime',
    '4.result-disposal',
    '4.session-lifetime',
    '4.using',
    '3.serialising-a-stub',
    '4.pipelined-failure',
  ],
  config: {
    ...objects({ BANK: 'Bank', AGENT: 'Agent' }),
    services: [
      { binding: 'SELF', service: 'first', entrypoint: 'Mint', props: { limit: 5, who: 'bound' } },
      { binding: 'PLAIN', service: 'first' },
    ],
  },
  program: `
import { DurableObject, RpcTarget, RpcStub, WorkerEntrypoint, env as globalEnv, exports as globalExports } from 'cloudflare:workers';
import { inspect, show, showNow, tag, worker } from './prelude.js';

class Account extends RpcTarget {
  #bank; #name; #limit;
  constructor(bank, name, limit) { super(); this.#bank = bank; this.#name = name; this.#limit = limit }
  get balance() { return this.#bank.balance(this.#name) }
  get owner() { return { name: this.#name, limit: this.#limit, self: this } }
  withdraw(n) { if (n > this.#limit) throw new RangeError('limit ' + this.#limit); return this.#bank.change(this.#name, -n) }
  deposit(n) { return this.#bank.change(this.#name, n) }
  limited(limit) { return new Account(this.#bank, this.#name, Math.min(limit, this.#limit)) }
  revocable() { let target = this; return { account: new Caretaker(() => { if (!target) throw new Error('revoked'); return target }), revoke: () => { target = undefined } } }
  statement() { return { balance: this.balance, accounts: new Map([['self', this]]), list: [this, this], when: new Date(0) } }
  [Symbol.dispose]() { this.#bank.gone.push(this.#name + this.#limit) }
}
class Caretaker extends RpcTarget { #get; constructor(get) { super(); this.#get = get } get balance() { return this.#get().balance } deposit(n) { return this.#get().deposit(n) } withdraw(n) { return this.#get().withdraw(n) } }

export class Bank extends DurableObject {
  gone = [];
  balance(name) { return this.ctx.storage.kv.get(name) ?? 0 }
  change(name, n) { const to = this.balance(name) + n; if (to < 0) throw new Error('poor'); this.ctx.storage.kv.put(name, to); return to }
  open(name, limit = Infinity) { return new Account(this, name, limit) }
  async transfer(from, to, n) { await from.withdraw(n); try { return await to.deposit(n) } catch (error) { await from.deposit(n); throw error } }
  isSame(a, b) { return [a === b, tag(a), typeof a] }
  takeGone() { return this.gone.splice(0).sort() }
  die() { this.ctx.abort('robbed') }
}
export class Agent extends DurableObject {
  kept = new Map();
  me() { return this.ctx.id.name }
  keep(name, cap) { this.kept.set(name, cap.dup?.() ?? cap); return [...this.kept.keys()] }
  keepRaw(name, cap) { this.kept.set(name, cap); return tag(cap) }
  use(name, method, ...args) { return this.kept.get(name)[method](...args) }
  async read(name, property) { return await this.kept.get(name)[property] }
  give(name) { return this.kept.get(name) }
  giveCopy(name) { return this.kept.get(name).dup() }
  drop(name) { this.kept.get(name)?.[Symbol.dispose]?.(); return this.kept.delete(name) }
  async forward(to, name) { return to.keep(name + ' via ' + this.ctx.id.name, this.kept.get(name)) }
  async introduce(a, b) { return [await a.me(), await b.me(), await a.keep('b', b), await b.keep('a', a)] }
  async askBack(name) { const peer = this.kept.get(name); return [tag(peer), await peer.me(), await peer.keep('asked', () => 'from ' + this.ctx.id.name)] }
  async spend(account, amounts) { const out = []; for (const n of amounts) out.push(await show(() => account.withdraw(n))); return out }
  async within(f) { using stub = await f(); return [await stub.balance, await stub.limited(1).owner.name] }
  exported() { const e = this.ctx.exports; return [Object.keys(e).sort(), showNow(() => tag(e.Mint)), showNow(() => tag(e.Bank)), showNow(() => tag(e.default))] }
  async mint(props) { const mint = this.ctx.exports.Mint(props ? { props } : undefined); return [await mint.who(), await show(() => mint.coin(4)), await show(() => mint.coin(40))] }
  hook() { return this.ctx.exports.Mint({ props: { limit: 7, who: this.ctx.id.name } }) }
}
export class Mint extends WorkerEntrypoint {
  who() { return [this.ctx.props, Object.isFrozen(this.ctx.props), Object.keys(this.env).sort(), typeof this.ctx.waitUntil] }
  async coin(n) { const { limit = 0 } = this.ctx.props ?? {}; if (n > limit) throw new RangeError('over ' + limit); using account = await this.env.BANK.getByName('bank').open('minted'); return account.deposit(n) }
  account(name) { return this.env.BANK.getByName('bank').open(name, 10) }
  get bank() { return this.env.BANK.getByName('bank') }
  fetch(request) { return Response.json([new URL(request.url).pathname, this.ctx.props]) }
}
const main = worker(async ({ say, env, ctx }) => {
  const bank = env.BANK.getByName('bank'); const [x, y, z] = ['x', 'y', 'z'].map((n) => env.AGENT.getByName(n));
  const gone = async () => { await scheduler.wait(20); await say('  gone', () => bank.takeGone()) };
  await say('open', async () => { using a = await bank.open('ann', 100), b = await bank.open('bob'); return [await a.deposit(50), await bank.transfer(a, b, 20), await a.balance, await b.balance, await show(() => bank.transfer(a, b, 99)), await show(() => bank.transfer(a, b, 101)), await bank.isSame(a, a), await bank.isSame(a, a.dup())] });
  await gone();
  await say('owner', async () => { using a = await bank.open('ann', 9); using owner = await a.owner; return [owner.name, owner.limit, await owner.self.balance, await a.owner.self.owner.self.owner.limit] });
  await gone();
  await say('statement', async () => { using a = await bank.open('ann', 8); using s = await a.statement(); return [s.balance, tag(s.accounts), await s.accounts.get('self').balance, await s.list[1].deposit(1), s.when] });
  await gone();
  await say('kept', async () => { using a = await bank.open('ann', 7); return x.keep('ann', a) });
  await gone();
  await say('used', () => x.use('ann', 'deposit', 1));
  await say('kept raw', async () => { using a = await bank.open('ann', 6); return y.keepRaw('raw', a) });
  await gone();
  await say('raw used', () => y.use('raw', 'deposit', 1));
  await say('forwarded', () => x.forward(y, 'ann'));
  await say('forwarded on', () => y.forward(z, 'ann via x'));
  await say('first dropped', () => x.drop('ann'));
  await say('last used', () => z.use('ann via x via y', 'deposit', 1));
  await gone();
  await say('read', () => z.read('ann via x via y', 'balance'));
  await say('given', async () => { const a = await z.give('ann via x via y'); const out = await a.balance; a[Symbol.dispose](); return [out, await show(() => z.read('ann via x via y', 'balance'))] });
  await say('given a copy', async () => { const a = await y.giveCopy('ann via x'); const out = await a.balance; a[Symbol.dispose](); return [out, await show(() => y.read('ann via x', 'balance'))] });
  await say('dropped', async () => [await y.drop('ann via x'), await z.drop('ann via x via y')]);
  await gone();
  await say('introduced', () => x.introduce(y, z));
  await say('asks back', () => y.askBack('b'));
  await say('asked', () => z.use('asked', 'call'));
  await say('asked as a function', async () => { const f = await z.give('asked'); return f() });
  await say('limited', async () => { using a = await bank.open('carl', 100); await a.deposit(30); using l = await a.limited(10); return x.spend(l, [5, 11, 10, 10, 10]) });
  await say('limited, pipelined', async () => { using a = bank.open('carl', 100).limited(3).limited(50); return x.spend(await a, [5]) });
  await gone();
  await say('revoked', async () => { using a = await bank.open('dora', 100); using r = await a.revocable(); const out = [await r.account.deposit(4), await x.spend(r.account, [1])]; await r.revoke(); out.push(await show(() => r.account.balance), await x.spend(r.account, [1])); return out });
  await gone();
  await say('within', () => x.within(() => bank.open('eve', 2)));
  await say('within, wrong', () => x.within(() => { throw new Error('no account') }));
  await say('within, nothing', () => x.within(() => undefined));
  await gone();
  await say('exports', () => x.exported());
  await say('mint', () => x.mint({ limit: 5, who: 'agent', map: new Map([[1, 2]]) }));
  await say('mint without', () => x.mint());
  await say('mint with a stub', () => x.mint({ limit: 1, bank: 'bank' }));
  await say('hook', async () => { using h = await x.hook(); return [tag(h), await h.who(), await show(() => h.coin(7)), await show(() => h.coin(8)), await (await h.fetch('https://m/path')).json()] });
  await say('bound', async () => [await env.SELF.who(), await show(() => env.SELF.coin(5)), await show(() => env.SELF.coin(6)), await (await env.SELF.fetch('https://x/y')).json()]);
  await say('an account by an entrypoint', async () => { using a = await env.SELF.account('fay'); return [await a.deposit(1), await a.owner.limit, await show(() => a.withdraw(11))] });
  await say('pipelined by an entrypoint', () => env.SELF.account('fay').limited(2).owner.limit);
  await say('a stub of an object by a getter', () => env.SELF.bank.open('gil').deposit(3));
  await gone();
  await say('namespaces', () => [env.BANK === globalEnv.BANK, tag(globalExports.Bank), globalExports.Bank.idFromName('bank').equals(env.BANK.idFromName('bank')), tag(globalExports.Agent.getByName('x'))].map(String));
  await say('by exports', () => globalExports.Agent.getByName('x').me());
  await say('ctx', () => [ctx.props, Object.keys(ctx.exports).sort()]);
  await say('kept over death', async () => { using a = await bank.open('hal', 1); return z.keep('hal', a) });
  await say('the bank dies', () => bank.die());
  await say('after it', () => z.use('hal', 'deposit', 1));
  await say('a new one', async () => { using a = await env.BANK.getByName('bank').open('hal', 1); return a.balance });
  await say('still', () => z.use('hal', 'deposit', 1));
  await say('a bank stub kept', async () => [await z.keep('bank', env.BANK.getByName('bank')), await z.use('bank', 'balance', 'ann')]);
});
export default main;
`,
});
