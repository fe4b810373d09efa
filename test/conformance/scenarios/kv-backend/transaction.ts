import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Locally transaction() of an object without SQLite spans all of its storage, as with SQLite.',
  rows: ['7.transaction', '7.txn-object', '7.rollback', '11.set-alarm'],
  config: objects({}, { OBJ: 'Obj' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show, showNow, sleep, tag } from './prelude.js';

export class Obj extends DurableObject {
  alarm() {}
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    const all = async () => [...(await s.list())].map(([k, v]) => k + '=' + v).join(' ');
    await say('the result of the callback', () => s.transaction(async (txn) => { await txn.put('a', 1); return [await txn.get('a'), await s.get('a')] }));
    await say('a callback that throws', () => s.transaction(async (txn) => { await txn.put('a', 'no'); await s.put('direct', 'no'); throw new RangeError('out') }));
    await say('undone', all);
    await say('rolled back', () => s.transaction(async (txn) => { await txn.put('a', 'no'); await s.put('direct', 'no'); txn.rollback(); return show(() => txn.get('a')) }));
    await say('undone', all);
    await say('writes across pauses', () => s.transaction(async (txn) => { await txn.put('p', 1); await sleep(1); s.put('q', 2); await sleep(1); return [await txn.get('q'), await s.get('p')] }));
    await say('committed', all);
    await say('one in another', () => s.transaction(async (outer) => { await outer.put('o', 1); await s.transaction(async (inner) => { await inner.put('i', 1); inner.rollback() }); return all() }));
    await say('a pause and then a failure', () => s.transaction(async (txn) => { await txn.put('late', 1); await sleep(1); throw new Error('late') }));
    await say('undone', all);
    await say('what the callback gets', () => s.transaction((txn) => [tag(txn), typeof txn.sql, typeof txn.kv]));
    let kept;
    await s.transaction((txn) => { kept = txn });
    await say('after its end', () => kept.put('x', 1));
    await say('the alarm', async () => { const at = Date.now() + 1e9; await s.transaction(async (txn) => { await txn.setAlarm(at); throw 1 }).catch(() => {}); const undone = await s.getAlarm(); await s.transaction((txn) => txn.setAlarm(at)); return [undone, (await s.getAlarm()) === at, await s.deleteAlarm()] });
    await say('transactionSync', async () => { const given = showNow(() => s.transactionSync(() => { s.put('sync', 1); return 'given' })); const thrown = showNow(() => s.transactionSync(() => { s.put('sync', 2); throw new Error('out') })); return [given, thrown, await s.get('sync')] });
    return lines.join('\\n');
  }
  async add() { return this.ctx.storage.transaction(async (txn) => { const n = (await txn.get('n')) ?? 0; await sleep(1); await txn.put('n', n + 1); return n + 1 }) }
}

export default worker(async ({ say, env }) => {
  await say('in one object', () => env.OBJ.getByName('a').run());
  await say('three at once', async () => { const o = env.OBJ.getByName('b'); return Promise.all([o.add(), o.add(), o.add()]) });
});
`,
});
