import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Reminders of many objects go off by alarms that reschedule, fail and are retried, abort, are cancelled while they run, are set in the past, in transactions and in constructors.',
  rows: [
    '11.set-alarm',
    '11.get-alarm',
    '11.delete-alarm',
    '11.info',
    '11.retry',
    '11.set-inside-handler',
    '11.abort-in-handler',
    '11.delete-all',
    '11.success',
    '11.no-handler',
    '5.wait-until',
    '6.inside-a-section',
  ],
  config: objects({ REMINDER: 'Reminder', SILENT: 'Silent' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, show, showNow, worker } from './prelude.js';

export class Reminder extends DurableObject {
  constructor(ctx, env) { super(ctx, env); this.born = Date.now(); if (ctx.id.name === 'at-birth') ctx.blockConcurrencyWhile(async () => { if ((await ctx.storage.getAlarm()) === null && !(await ctx.storage.get('born'))) { await ctx.storage.put('born', true); await ctx.storage.setAlarm(Date.now() + 20) } }) }
  get s() { return this.ctx.storage }
  log(what) { const log = this.s.kv.get('log') ?? []; log.push(what); this.s.kv.put('log', log) }
  async read() { const at = await this.s.getAlarm(); return [this.s.kv.get('log') ?? [], at === null ? 'none' : at > Date.now() + 1000 ? 'far' : 'set'] }
  async start(mode, ms = 10) { this.s.kv.put('mode', mode); await this.s.setAlarm(Date.now() + ms); return typeof (await this.s.getAlarm()) }
  async alarm(info) {
    const mode = this.s.kv.get('mode'); const n = (this.s.kv.get('n') ?? 0) + 1; this.s.kv.put('n', n);
    this.log([mode, n, info?.isRetry, info?.retryCount, arguments.length, await this.s.getAlarm(), Object.keys(info ?? {}).join()].join(' '));
    switch (mode) {
      case 'repeat': if (n < 4) await this.s.setAlarm(Date.now() + 5); break;
      case 'fail once': if (n === 1) throw new Error('first time'); break;
      case 'fail after set': if (n === 1) { await this.s.setAlarm(Date.now() + 5); throw new Error('set and failed') } break;
      case 'abort': if (n === 1) { await this.s.put('before abort', 1); await this.s.sync(); this.ctx.abort('in alarm') } break;
      case 'delete inside': await this.s.setAlarm(Date.now() + 5); await this.s.deleteAlarm(); break;
      case 'delete all inside': await this.s.deleteAll(); this.log('wiped ' + (await this.s.getAlarm())); break;
      case 'far inside': await this.s.setAlarm(Date.now() + 1e7); break;
      case 'slow': await scheduler.wait(30); this.log('slow over'); break;
      case 'section': await this.ctx.blockConcurrencyWhile(async () => { await scheduler.wait(5); this.log('in section') }); break;
      case 'rollback': await this.s.transaction(async (t) => { await t.setAlarm(Date.now() + 1e7); t.rollback() }); this.log('rolled ' + (await this.s.getAlarm())); break;
      case 'calls': this.log(await this.env.REMINDER.getByName('callee').start('callee', 5)); break;
      case 'calls itself': this.log(JSON.stringify(await this.env.REMINDER.get(this.ctx.id).read()).length > 0); break;
      case 'waits': this.ctx.waitUntil(scheduler.wait(5).then(() => this.log('waited'))); break;
      case 'rejects later': this.ctx.waitUntil(Promise.reject(new Error('later'))); break;
    }
  }
  async slowCancel() { const out = []; for (let i = 0; i < 100 && !(this.s.kv.get('log') ?? []).length; i++) await scheduler.wait(2); out.push(await this.s.getAlarm(), await this.s.deleteAlarm(), await this.s.getAlarm()); return out }
  async slowReset() { for (let i = 0; i < 100 && !(this.s.kv.get('log') ?? []).length; i++) await scheduler.wait(2); this.s.kv.put('mode', 'after slow'); await this.s.setAlarm(Date.now() + 10); return typeof (await this.s.getAlarm()) }
  async values() {
    const out = []; const far = Date.now() + 1e7;
    for (const [what, value] of Object.entries({ date: new Date(far), float: far + 0.7, text: String(far), big: BigInt(far), zero: 0, negative: -5, nan: NaN, infinity: Infinity, nil: null, undef: undefined, object: {}, huge: 8.64e15, beyond: 8.64e15 + 1, invalid: new Date(NaN), yes: true, options: far })) out.push(what + ' ' + (await show(() => this.s.setAlarm(value, what === 'options' ? { allowConcurrency: true, allowUnconfirmed: true } : undefined))) + ' ' + (await show(async () => { const at = await this.s.getAlarm(); return at === null ? 'none' : at === far ? 'same' : at > far ? 'later' : at < Date.now() - 1e6 ? 'long ago' : 'other' })), await show(() => this.s.deleteAlarm()));
    return out.join('\\n    ');
  }
  async txn() { const out = []; const far = Date.now() + 1e7; const at = async () => ((await this.s.getAlarm()) === null ? 'none' : 'set'); await this.s.deleteAlarm();
    await this.s.transaction(async (t) => { await t.setAlarm(far); out.push(await at()) }); out.push(await at());
    await show(() => this.s.transaction(async (t) => { await t.deleteAlarm(); out.push(await at()); throw new Error('no') })); out.push(await at());
    showNow(() => this.s.transactionSync(() => { this.s.deleteAlarm(); throw new Error('no') })); out.push(await at());
    this.s.transactionSync(() => { this.s.deleteAlarm() }); out.push(await at());
    this.s.setAlarm(far); this.s.setAlarm(far + 1); this.s.deleteAlarm(); this.s.setAlarm(far + 2); out.push((await this.s.getAlarm()) - far); await this.s.deleteAlarm(); return out }
}
export class Silent extends DurableObject { async start() { return [await show(() => this.ctx.storage.setAlarm(Date.now() + 5)), await show(() => this.ctx.storage.getAlarm()), await show(() => this.ctx.storage.deleteAlarm())] } late() { this.alarm = () => {}; return show(() => this.ctx.storage.setAlarm(Date.now() + 5)) } }

export default worker(async ({ say, env, url }) => {
  const of = (name) => env.REMINDER.getByName(name);
  const modes = ['once', 'repeat', 'fail once', 'fail after set', 'abort', 'delete inside', 'delete all inside', 'far inside', 'slow', 'section', 'rollback', 'calls', 'calls itself', 'waits', 'rejects later'];
  if (url.pathname === '/') {
    await say('values', () => of('values').values());
    await say('txn', () => of('txn').txn());
    await say('silent', () => env.SILENT.getByName('s').start());
    await say('late', () => env.SILENT.getByName('s').late());
    for (const mode of modes) await say(mode, () => of(mode).start(mode));
    await say('past', () => of('past').start('past', -1e6));
    await say('at birth', () => of('at-birth').read().then((r) => r[1]));
    await say('slow cancel', async () => [await of('slow cancel').start('slow', 5), await of('slow cancel').slowCancel()]);
    await say('slow reset', async () => [await of('slow reset').start('slow', 5), await of('slow reset').slowReset()]);
    await say('cancelled', async () => { const o = of('cancelled'); await o.start('cancelled', 1e6); await o.values(); return o.read() });
    await say('moved up', async () => { const o = of('moved up'); await o.start('moved', 1e6); return o.start('moved up', 5) });
  } else for (const name of [...modes.filter((mode) => url.pathname === '/late' || !['fail once', 'fail after set', 'abort'].includes(mode)), 'callee', 'past', 'at-birth', 'slow cancel', 'slow reset', 'cancelled', 'moved up']) await say(name, () => of(name).read());
});
`,
  steps: async (client) => {
    await client.fetch('/');
    await client.wait(500);
    await client.fetch('/read');
    await client.wait(2500);
    await client.fetch('/late');
  },
});
