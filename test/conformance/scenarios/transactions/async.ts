import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'transaction() commits what its callback wrote, or undoes all of it when the callback throws.',
  rows: ['7.transaction', '7.txn-object'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show, showNow, inspect, sleep, tag } from './prelude.js';

export class Obj extends DurableObject {
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    const now = (what, f) => lines.push(what + ': ' + showNow(f));
    const keys = () => [...s.kv.list()].map(([k, v]) => k + '=' + v).join(' ');
    s.sql.exec('create table w(a)');
    const rows = () => s.sql.exec('select a from w order by a').toArray().map((r) => r.a).join(' ');

    await say('the result of the callback', () => s.transaction(async (txn) => { await txn.put('a', 1); return [await txn.get('a'), await s.get('a')] }));
    await say('stored', keys);
    await say('a callback that is not async', () => s.transaction((txn) => { txn.put('b', 2); return 'plain' }));
    await say('a callback that returns nothing', () => s.transaction(() => {}));
    await say('a callback that throws', () => s.transaction(async (txn) => { await txn.put('a', 'no'); await s.put('c', 'no'); s.kv.put('d', 'no'); s.sql.exec("insert into w values('no')"); throw new RangeError('out') }));
    await say('undone', () => keys() + ' | ' + rows());
    await say('a plain callback that throws', () => s.transaction((txn) => { txn.put('a', 'no'); throw new TypeError('at once') }));
    await say('a callback that throws something else', () => s.transaction(() => { throw 'text' }));
    await say('a callback that throws nothing', () => s.transaction(() => { throw undefined }));
    await say('undone too', keys);
    await say('writes across pauses', () => s.transaction(async (txn) => { s.sql.exec("insert into w values(1)"); await sleep(1); s.sql.exec("insert into w values(2)"); await sleep(1); await txn.put('e', 5); return rows() }));
    await say('committed', () => keys() + ' | ' + rows());
    await say('a pause and then a failure', () => s.transaction(async () => { s.sql.exec("insert into w values(3)"); await sleep(1); s.sql.exec("insert into w values(4)"); await sleep(1); throw new Error('late') }));
    await say('undone', rows);
    await say('written before in the same turn', async () => { s.kv.put('before', 1); await s.transaction(async () => { s.kv.put('before', 2); s.kv.put('inside', 1); throw new Error('x') }).catch(() => {}); return keys() });
    await say('tables made inside', async () => { await s.transaction(async () => { s.sql.exec('create table t(x); insert into t values(1)'); throw new Error('x') }).catch(() => {}); return s.sql.exec("select count(*) n from sqlite_master where name = 't'").one().n });

    await say('without a callback', () => s.transaction());
    await say('with something else', () => s.transaction(1));
    now('thrown at the call or later', () => { try { s.transaction().catch(() => {}); return 'later' } catch { return 'at the call' } });
    await say('with null options', () => s.transaction(() => 1, null));
    await say('with options', () => s.transaction(() => 1, { whatever: 1 }));
    await say('what the callback gets', () => s.transaction((txn, ...rest) => [tag(txn), txn.constructor.name, rest.length, typeof txn.sql, typeof txn.kv, typeof txn.sync, typeof txn.transaction]));
    await say('this', () => s.transaction(function () { return this === undefined ? 'undefined' : this === s ? 'the storage' : this === globalThis ? 'the global scope' : 'another' }));
    await say('its members', () => s.transaction((txn) => Object.getOwnPropertyNames(Object.getPrototypeOf(txn)).sort().join(' ')));
    await say('all of them', () => s.transaction(async (txn) => {
      await txn.put({ x: 1, y: 2, z: 3 });
      return [await txn.get('x'), await txn.get(['x', 'y']), await txn.list({ start: 'x' }), await txn.delete('x'), await txn.delete(['y', 'nothing']), await txn.list({ start: 'x', reverse: true, limit: 1 })];
    }));
    await say('a wrong argument', () => s.transaction((txn) => txn.put('k')));
    await say('a value that cannot be stored', () => s.transaction((txn) => txn.put('k', () => 1)));
    await say('deleteAll inside', () => s.transaction((txn) => txn.deleteAll()));
    await say('deleteAll of the storage inside', () => s.transaction(() => s.deleteAll()));
    await say('a promise of the callback that is forgotten', () => s.transaction((txn) => { void txn.put('f', 6); }));
    await say('stored all the same', () => s.get('f'));
    await say('a thenable', () => s.transaction(() => ({ then(resolve) { resolve('thenable') } })));
    await say('the end', keys);
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});
