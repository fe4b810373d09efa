import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An object has one alarm: setAlarm replaces it, deleteAlarm takes it away, and both belong to the turn and to transactions.',
  rows: ['11.set-alarm', '11.get-alarm', '11.delete-alarm', '11.no-handler'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show, showNow, sleep } from './prelude.js';

export class Obj extends DurableObject {
  alarm() {}
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    const now = (what, f) => lines.push(what + ': ' + showNow(f));
    const base = Date.now() + 1e9;
    const get = async () => { const at = await s.getAlarm(); return at === null ? null : at - base };
    await say('none', () => s.getAlarm());
    await say('none to delete', () => s.deleteAlarm());
    await say('no table is made by that', () => s.sql.exec('select name from sqlite_master').toArray());
    await say('set', () => s.setAlarm(base));
    await say('get', get);
    await say('the table', () => s.sql.exec('select sql from sqlite_master').toArray());
    await say('reading it', () => s.sql.exec('select * from _cf_METADATA').toArray());
    await say('size', () => s.sql.databaseSize);
    await say('a Date', async () => { await s.setAlarm(new Date(base + 5)); return get() });
    await say('a fraction', async () => { await s.setAlarm(base + 7.9); return get() });
    await say('delete', async () => [await s.deleteAlarm(), await get()]);
    await say('text', () => s.setAlarm('tomorrow'));
    await say('text of a number', () => s.setAlarm(String(base)));
    await say('NaN', () => s.setAlarm(NaN));
    await say('an invalid date', () => s.setAlarm(new Date(NaN)));
    await say('infinity', () => s.setAlarm(Infinity));
    await say('zero', () => s.setAlarm(0));
    await say('negative', () => s.setAlarm(-5));
    await say('null', () => s.setAlarm(null));
    await say('undefined', () => s.setAlarm(undefined));
    await say('nothing', () => s.setAlarm());
    await say('true', () => s.setAlarm(true));
    await say('a bigint', () => s.setAlarm(5n));
    await say('an object', () => s.setAlarm({}));
    now('thrown at the call or later', () => { try { s.setAlarm('x').catch(() => {}); return 'later' } catch { return 'at the call' } });
    now('zero: thrown at the call or later', () => { try { s.setAlarm(0).catch(() => {}); return 'later' } catch { return 'at the call' } });
    await say('far away', async () => { await s.setAlarm(8.64e15); return s.getAlarm() });
    await say('too far away', async () => { await s.setAlarm(8.64e15 + 1); return s.getAlarm() });
    await say('the far end of the clock', async () => { await s.setAlarm(9.2e12); return s.getAlarm() });
    await say('the last one', async () => { await s.setAlarm(9223372036854); return s.getAlarm() });
    await say('one more', () => s.setAlarm(9223372036855));
    await say('options', async () => { await s.setAlarm(base, { allowUnconfirmed: true, allowConcurrency: true }); return [await s.getAlarm({ allowConcurrency: true }) - base, await s.deleteAlarm({ allowUnconfirmed: true })] });
    await say('wrong options', () => s.setAlarm(base, 1));
    await say('wrong options of get', () => s.getAlarm(1));
    await say('in a transaction', () => s.transaction(async (txn) => { await txn.setAlarm(base + 1); return [(await txn.getAlarm()) - base, await get()] }));
    await say('kept', get);
    await say('in a transaction that fails', () => s.transaction(async (txn) => { await txn.setAlarm(base + 2); await s.setAlarm(base + 3); throw new Error('x') }));
    await say('as before', get);
    await say('deleted in a transaction that is rolled back', () => s.transaction(async (txn) => { await txn.deleteAlarm(); const inside = await get(); txn.rollback(); return [inside, await get()] }));
    await say('in transactionSync that fails', async () => { try { s.transactionSync(() => { s.setAlarm(base + 4); throw 1 }) } catch {} return get() });
    await say('set twice', async () => { s.setAlarm(base + 5); s.setAlarm(base + 6); return get() });
    await say('set and deleted', async () => { s.setAlarm(base + 5); s.deleteAlarm(); return get() });
    return lines.join('\\n');
  }
  set(ms) { return this.ctx.storage.setAlarm(Date.now() + ms) }
  setAndLose(ms) { this.ctx.storage.setAlarm(Date.now() + ms); this.ctx.abort('lost') }
  async has() { return (await this.ctx.storage.getAlarm()) !== null }
  reset() { this.ctx.abort('reset') }
}
export class NoHandler extends DurableObject {
  constructor(ctx, env) { super(ctx, env); if (ctx.id.name === 'constructor') this.made = show(() => ctx.storage.setAlarm(Date.now() + 1e9)) }
  async set() { return this.ctx.storage.setAlarm(Date.now() + 1e9) }
  setNow() { return showNow(() => { this.ctx.storage.setAlarm(Date.now() + 1e9); return 'no error' }) }
  delete() { return this.ctx.storage.deleteAlarm() }
  async inTransaction() { return this.ctx.storage.transaction((txn) => txn.setAlarm(Date.now() + 1e9)) }
  async asked() { return [await this.made, (await this.ctx.storage.getAlarm()) !== null] }
}
export class OwnHandler extends DurableObject {
  constructor(ctx, env) { super(ctx, env); this.alarm = () => {} }
  async set() { await this.ctx.storage.setAlarm(Date.now() + 1e9); return 'an own property is a handler' }
}

export default worker(async ({ say, env }) => {
  const at = (name) => env.OBJ.getByName(name);
  await say('in one object', () => at('a').run());
  await at('b').set(1e9);
  await say('it outlives the instance', async () => { await at('b').reset().catch(() => {}); return at('b').has() });
  await say('set in a turn that is lost', async () => { await at('c').setAndLose(1e9).catch(() => {}); return at('c').has() });
  await say('without a handler', () => env.NONE.getByName('x').set());
  await say('without a handler, at the call', () => env.NONE.getByName('x').setNow());
  await say('without a handler, delete', () => env.NONE.getByName('x').delete());
  await say('without a handler, in a transaction', () => env.NONE.getByName('x').inTransaction());
  await say('without a handler, in the constructor', () => env.NONE.getByName('constructor').asked());
  await say('an own handler', () => env.OWN.getByName('x').set());
});
`,
  config: {
    durable_objects: {
      bindings: [
        { name: 'OBJ', class_name: 'Obj' },
        { name: 'NONE', class_name: 'NoHandler' },
        { name: 'OWN', class_name: 'OwnHandler' },
      ],
    },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj', 'NoHandler', 'OwnHandler'] }],
  },
});
