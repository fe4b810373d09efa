import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'rollback() undoes a transaction that goes on; afterwards, and after its end, the transaction refuses everything.',
  rows: ['7.rollback', '7.txn-object', '7.transaction'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show, showNow, sleep } from './prelude.js';

export class Obj extends DurableObject {
  alarm() {}
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    const now = (what, f) => lines.push(what + ': ' + showNow(f));
    const keys = () => [...s.kv.list()].map(([k, v]) => k + '=' + v).join(' ');
    const uses = {
      get: (t) => t.get('k'), 'get of many': (t) => t.get(['k']), list: (t) => t.list(), put: (t) => t.put('k', 1), 'put of many': (t) => t.put({ k: 1 }),
      delete: (t) => t.delete('k'), 'delete of many': (t) => t.delete(['k']), deleteAll: (t) => t.deleteAll(), getAlarm: (t) => t.getAlarm(), setAlarm: (t) => t.setAlarm(Date.now() + 1e6),
      deleteAlarm: (t) => t.deleteAlarm(), rollback: (t) => t.rollback(),
    };
    const when = (f) => { try { f()?.catch?.(() => {}); return 'later' } catch { return 'at the call' } };
    const each = async (t) => { for (const [name, use] of Object.entries(uses)) { await say('  ' + name, () => use(t)); lines.push('    ' + when(() => use(t))) } };

    await s.put('k', 'old');
    await say('rolled back', () => s.transaction(async (txn) => { await txn.put('k', 'new'); return [txn.rollback(), await s.get('k'), txn.rollback()] }));
    await say('kept', keys);
    let kept;
    await say('inside, after rollback', () => s.transaction(async (txn) => { txn.rollback(); kept = txn; await each(txn); return 'done' }));
    await say('writes of the storage after rollback', () => s.transaction(async (txn) => { txn.rollback(); await s.put('after', 1); return s.get('after') }));
    await say('kept', keys);
    await say('rolled back and thrown', () => s.transaction(async (txn) => { await txn.put('k', 'new'); txn.rollback(); throw new Error('x') }));
    await say('kept', keys);
    lines.push('after its end, rolled back:');
    await each(kept);
    await s.transaction(async (txn) => { kept = txn; await txn.put('k', 'newer') });
    lines.push('after its end, committed:');
    await each(kept);
    await s.transaction(async (txn) => { kept = txn; throw new Error('x') }).catch(() => {});
    lines.push('after its end, thrown:');
    await each(kept);
    await say('kept', keys);

    await say('nested', () => s.transaction(async (outer) => {
      await outer.put('outer', 1);
      const inner = await s.transaction(async (txn) => { await txn.put('inner', 1); return 'inner result' });
      return [inner, keys()];
    }));
    await say('both stored', keys);
    await say('the inner one fails', () => s.transaction(async (outer) => {
      await outer.put('outer', 2);
      const error = await s.transaction(async (txn) => { await txn.put('inner', 2); await sleep(1); throw new Error('inner') }).catch((e) => e.message);
      return [error, keys()];
    }));
    await say('the outer one is stored', keys);
    await say('the outer one fails', () => s.transaction(async (outer) => {
      await s.transaction(async (txn) => { await txn.put('inner', 3) });
      throw new Error('outer');
    }));
    await say('nothing is stored', keys);
    await say('the inner one is rolled back', () => s.transaction(async (outer) => {
      await s.transaction(async (txn) => { await txn.put('inner', 4); txn.rollback() });
      await outer.put('outer', 4);
    }));
    await say('the outer one is stored', keys);
    await say('the outer one is rolled back while the inner one runs', () => s.transaction(async (outer) => {
      await outer.put('outer', 5);
      return s.transaction(async (txn) => { await txn.put('inner', 5); return await show(() => outer.rollback()) });
    }));
    await say('and is used while the inner one runs', () => s.transaction(async (outer) => s.transaction(async () => [await show(() => outer.put('used', 1)), await show(() => outer.get('used'))])));
    await say('stored', keys);
    await say('three deep', () => s.transaction(() => s.transaction(() => s.transaction(async (txn) => { await txn.put('deep', 1); return 'deep' }))));
    await say('one after the other', async () => {
      const order = [];
      const one = s.transaction(async () => { order.push('one starts'); await sleep(5); order.push('one ends') });
      const two = s.transaction(async () => { order.push('two starts'); await sleep(1); order.push('two ends') });
      order.push('both called');
      await Promise.all([one, two]);
      return order.join(', ');
    });
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});
