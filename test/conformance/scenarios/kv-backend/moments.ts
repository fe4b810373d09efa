import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Reads and writes of an object without SQLite settle in the order of the calls, some microtasks later.',
  rows: ['7.get', '7.put', '6.interleaving'],
  config: objects({}, { OBJ: 'Obj' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show } from './prelude.js';

export class Obj extends DurableObject {
  /** How many microtasks pass before a promise settles, up to 40. */
  async hops(promise) {
    let done = false;
    promise.then(() => { done = true }, () => { done = true });
    for (let i = 0; i < 40; i++) { await undefined; if (done) return i }
    return 'more';
  }
  async count() {
    const s = this.ctx.storage;
    return [
      ['a settled promise', await this.hops(Promise.resolve())],
      ['get', await this.hops(s.get('a'))],
      ['get of many', await this.hops(s.get(['a', 'b']))],
      ['list', await this.hops(s.list())],
      ['put', await this.hops(s.put('a', 1))],
      ['put of many', await this.hops(s.put({ a: 1, b: 2 }))],
      ['delete', await this.hops(s.delete('a'))],
      ['getAlarm', await this.hops(s.getAlarm())],
      ['deleteAlarm', await this.hops(s.deleteAlarm())],
      ['deleteAll', await this.hops(s.deleteAll())],
      ['a refusal', await this.hops(s.put('u', undefined))],
    ].map(([what, n]) => what + ' ' + n).join(', ');
  }
  async order() {
    const s = this.ctx.storage, order = [];
    const note = (what) => () => order.push(what);
    await Promise.all([
      s.get('x').then(note('get')), s.put('x', 1).then(note('put')), Promise.resolve().then(note('microtask')), s.list().then(note('list')),
      s.delete('x').then(note('delete')), s.get(['x']).then(note('get many')), s.getAlarm().then(note('getAlarm')),
    ]);
    return order;
  }
  async counted() { const n = ((await this.ctx.storage.get('n')) ?? 0) + 1; await this.ctx.storage.put('n', n); return n }
}

export default worker(async ({ say, env }) => {
  const at = (name) => env.OBJ.getByName(name);
  await say('microtasks', () => at('a').count());
  await say('again, when it is known', () => at('a').count());
  await say('order', () => at('b').order());
  await say('two increments at once lose nothing', async () => { const o = at('c'); return Promise.all([o.counted(), o.counted(), o.counted()]) });
});
`,
});
