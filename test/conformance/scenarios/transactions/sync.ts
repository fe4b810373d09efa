import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'transactionSync() undoes what its callback wrote when it throws; of an async callback it covers the first slice.',
  rows: ['9.transaction-sync'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show, showNow, sleep } from './prelude.js';

export class Obj extends DurableObject {
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    const now = (what, f) => lines.push(what + ': ' + showNow(f));
    const state = () => s.sql.exec('select a from w order by a').toArray().map((r) => r.a).join(' ') + ' | ' + [...s.kv.list()].map(([k, v]) => k + '=' + v).join(' ');
    s.sql.exec('create table w(a unique)');
    const insert = (a) => s.sql.exec('insert into w values(?)', a);

    now('the result', () => s.transactionSync(() => { insert('a'); s.kv.put('k', 1); return 'result' }));
    now('thrown', () => s.transactionSync(() => { insert('b'); s.kv.put('k', 2); void s.put('l', 1); throw new RangeError('no') }));
    now('undone', state);
    now('a failed statement that is not caught', () => s.transactionSync(() => { insert('c'); insert('a') }));
    now('undone', state);
    now('a failed statement that is caught', () => s.transactionSync(() => { insert('c'); try { insert('a') } catch {} return 'goes on' }));
    now('kept', state);
    now('nested', () => s.transactionSync(() => { insert('d'); try { s.transactionSync(() => { insert('e'); throw new Error('inner') }) } catch {} s.transactionSync(() => insert('f')); return state() }));
    now('nested, the outer one throws', () => s.transactionSync(() => { s.transactionSync(() => insert('g')); throw new Error('outer') }));
    now('undone', state);
    now('thrown undefined', () => s.transactionSync(() => { insert('h'); throw undefined }));
    now('thrown text', () => s.transactionSync(() => { insert('h'); throw 'text' }));
    now('without a callback', () => s.transactionSync());
    now('with something else', () => s.transactionSync({}));
    now('what the callback gets', () => s.transactionSync((...args) => args.length));
    now('this', () => s.transactionSync(function () { return this === undefined ? 'undefined' : this === s ? 'the storage' : this === globalThis ? 'the global scope' : 'another' }));
    await say('an async callback', () => s.transactionSync(async () => { insert('i'); await 0; insert('j'); return 'later' }));
    await say('an async callback that rejects', () => s.transactionSync(async () => { insert('k'); await 0; insert('l'); throw new Error('late') }));
    await say('an async callback that rejects at once', () => s.transactionSync(async () => { insert('m'); throw new Error('early') }));
    await say('all of it is kept', state);
    await say('inside transaction()', () => s.transaction(async () => { insert('n'); try { s.transactionSync(() => { insert('o'); throw new Error('x') }) } catch {} await sleep(1); s.transactionSync(() => insert('p')); return state() }));
    await say('a cursor over its end', () => { const c = s.transactionSync(() => { const c = s.sql.exec('select a from w order by a'); c.next(); return c }); return c.next().value?.a });
    await say('a cursor over its undoing', () => { let c; try { s.transactionSync(() => { insert('q'); c = s.sql.exec('select a from w order by a'); c.next(); throw 1 }) } catch {} return show(() => c.next().value?.a) });
    await say('a cursor over the undoing of a table', () => { let c; try { s.transactionSync(() => { s.sql.exec('create table v(x)'); c = s.sql.exec('select a from w order by a'); c.next(); throw 1 }) } catch {} return show(() => c.next().value?.a) });
    await say('a table made and undone', () => { try { s.transactionSync(() => { s.sql.exec('create table t(x)'); throw 1 }) } catch {} return s.sql.exec('select count(*) n from sqlite_master where name = ?', 't').one().n });
    await say('a table dropped and undone', () => { try { s.transactionSync(() => { s.sql.exec('drop table w'); throw 1 }) } catch {} return state() });
    await say('the key-value table undone', () => { const fresh = s.kv; try { s.transactionSync(() => { fresh.put('z', 1); fresh.delete('k'); throw 1 }) } catch {} return state() });
    await say('BEGIN in SQL', () => s.transactionSync(() => s.sql.exec('BEGIN')));
    await say('RELEASE in SQL', () => s.transactionSync(() => s.sql.exec('RELEASE _cf_sync_savepoint_0')));
    return lines.join('\\n');
  }
  async fresh() {
    const s = this.ctx.storage;
    try { s.transactionSync(() => { s.kv.put('a', 1); throw 1 }) } catch {}
    return [s.kv.get('a'), s.sql.exec('select name from sqlite_master').toArray().length];
  }
}

export default { fetch: async (request, env) => new Response([await env.OBJ.getByName('a').run(), 'a fresh object: ' + (await show(() => env.OBJ.getByName('b').fresh()))].join('\\n')) };
`,
});
