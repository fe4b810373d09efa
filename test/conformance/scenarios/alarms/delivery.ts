import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An alarm is one event: never early, after the constructor, behind the input gate, one at a time, and gone when it ended well.',
  rows: ['11.info', '11.delivery', '11.success', '11.persistence', '11.no-handler', '11.get-alarm'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect, sleep, tag } from './prelude.js';

class Base extends DurableObject {
  seen = [];
  note(...what) { this.seen.push(what.map((one) => (typeof one === 'string' ? one : inspect(one))).join(' ')) }
  async told(count) { for (let i = 0; this.seen.length < count && i < 100; i++) await sleep(20); return this.seen.splice(0) }
  has() { return this.ctx.storage.getAlarm().then((at) => at !== null) }
}
export class Obj extends Base {
  async set(ms) { this.due = Date.now() + ms; await this.ctx.storage.setAlarm(this.due) }
  async alarm(info) {
    const { storage } = this.ctx;
    this.note('tag', tag(info), 'own keys', Object.keys(info), 'in', [...new Set((() => { const all = []; for (const key in info) all.push(key); return all })())].sort());
    this.note('types', typeof info.isRetry, typeof info.retryCount, typeof info.scheduledTime, info.scheduledTime === this.due);
    this.note('values', info.isRetry, info.retryCount, 'arguments', arguments.length, 'this', this instanceof Obj);
    this.note('early', Date.now() < this.due, 'the alarm', await storage.getAlarm(), 'synchronous part over');
    try { info.retryCount = 5 } catch (e) { this.note(String(e)) }
    this.note('written', info.retryCount, 'json', JSON.stringify(Object.keys(JSON.parse(JSON.stringify(info)))));
    return 'ignored';
  }
}
export class Past extends Base {
  async set(time) { await this.ctx.storage.setAlarm(time); return typeof (await this.ctx.storage.getAlarm()) }
  alarm(info) { this.note('ran', info.isRetry, info.retryCount, Date.now() - info.scheduledTime < 1000) }
}
export class Beside extends Base {
  async slow() { this.note('request begins'); await this.ctx.storage.setAlarm(Date.now() + 10); await sleep(120); this.note('request ends') }
  async section() { await this.ctx.storage.setAlarm(Date.now() + 10); await this.ctx.blockConcurrencyWhile(async () => { this.note('section begins'); await sleep(100); this.note('section ends') }); this.note('after the section') }
  async alarm() { this.note('alarm begins'); await sleep(40); this.note('alarm ends') }
}
export class Chain extends Base {
  async start() { await this.ctx.storage.setAlarm(Date.now() + 5) }
  async alarm(info) {
    this.n = (this.n ?? 0) + 1;
    const n = this.n;
    this.note('begin', n, info.isRetry, info.retryCount, await this.ctx.storage.getAlarm());
    if (n < 4) { await this.ctx.storage.setAlarm(Date.now() + 1); this.note('set again', (await this.ctx.storage.getAlarm()) !== null) }
    await sleep(30);
    this.note('end', n, (await this.ctx.storage.getAlarm()) !== null);
  }
}
export class Cancel extends Base {
  async go() { await this.ctx.storage.setAlarm(Date.now() + 40); await this.ctx.storage.deleteAlarm(); await sleep(150); return this.seen.length }
  async later() { await this.ctx.storage.setAlarm(Date.now() + 40); await this.ctx.storage.setAlarm(Date.now() + 1e8); await sleep(150); return this.seen.length }
  async sooner() { await this.ctx.storage.setAlarm(Date.now() + 1e8); await this.ctx.storage.setAlarm(Date.now() + 40); return (await this.told(1)).length }
  alarm() { this.note('ran') }
}
export class Asleep extends Base {
  constructor(ctx, env) { super(ctx, env); this.note('constructed', ctx.storage.kv.get('n') ?? 0); ctx.storage.kv.put('n', (ctx.storage.kv.get('n') ?? 0) + 1) }
  async setAndGo() { await this.ctx.storage.setAlarm(Date.now() + 60); await this.ctx.storage.sync(); this.ctx.abort('gone') }
  async alarm() { this.note('alarm', this.ctx.id.name) }
}
export class Dropped extends Base {
  constructor(ctx, env) { super(ctx, env); if (!ctx.storage.kv.get('set')) { ctx.storage.kv.put('set', true); ctx.storage.setAlarm(Date.now() + 20) } }
  async gone() { for (let i = 0; i < 100; i++) { if ((await this.ctx.storage.getAlarm()) === null) return 'dropped'; await sleep(20) } return 'still there' }
}
export class Legacy {
  constructor(ctx) { this.ctx = ctx; this.seen = [] }
  async fetch() { if (this.seen.length === 0) await this.ctx.storage.setAlarm(Date.now() + 10); for (let i = 0; this.seen.length < 1 && i < 100; i++) await sleep(20); return new Response(this.seen.join(' ')) }
  alarm(info) { this.seen.push('ran', info.retryCount) }
}
export class Own extends Base {
  constructor(ctx, env) { super(ctx, env); this.alarm = () => this.note('an own property ran') }
  async set() { await this.ctx.storage.setAlarm(Date.now()) }
}

export default worker(async ({ say, env }) => {
  const list = (lines) => lines.map((line) => '\\n  ' + line).join('');
  const at = (name) => env[name].getByName('x');
  await say('one', async () => { await at('OBJ').set(60); return list(await at('OBJ').told(6)) });
  await say('afterwards', () => at('OBJ').has());
  await say('in the past', async () => [await at('PAST').set(Date.now() - 99999), await at('PAST').told(1), await at('PAST').has()]);
  await say('one millisecond after 1970', async () => [await at('PAST').set(1), await at('PAST').told(1), await at('PAST').has()]);
  await say('beside a request', async () => { await at('BESIDE').slow(); return list(await at('BESIDE').told(4)) });
  await say('behind a section', async () => { await at('BESIDE').section(); return list(await at('BESIDE').told(5)) });
  await say('one at a time', async () => { await at('CHAIN').start(); return list(await at('CHAIN').told(11)) });
  await say('deleted before it is due', () => at('CANCEL').go());
  await say('moved later', () => at('CANCEL').later());
  await say('moved sooner', () => at('CANCEL').sooner());
  await say('set by an instance that is gone', async () => { await at('ASLEEP').setAndGo().catch((e) => e); await sleep(250); return list(await at('ASLEEP').told(2)) });
  await say('without a handler', () => at('DROPPED').gone());
  await say('a class of the old kind', async () => (await at('LEGACY').fetch('http://x/')).text());
  await say('an own property', async () => { await at('OWN').set(); return at('OWN').told(1) });
});
`,
  config: objects({
    OBJ: 'Obj',
    PAST: 'Past',
    BESIDE: 'Beside',
    CHAIN: 'Chain',
    CANCEL: 'Cancel',
    ASLEEP: 'Asleep',
    DROPPED: 'Dropped',
    LEGACY: 'Legacy',
    OWN: 'Own',
  }),
});
