import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Inside transaction() the promises of storage and of its argument settle after the same few microtasks.',
  rows: ['6.storage-resolves-in-microtasks', '7.txn-object'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

const hops = async (seen) => { for (let i = 1; i <= 8; i++) { await null; seen.push(i) } };
const methods = {
  get: (s) => s.get('k'), 'get of many': (s) => s.get(['k', 'l']), list: (s) => s.list(), put: (s) => s.put('k', 1), 'put of many': (s) => s.put({ k: 1, l: 2 }),
  delete: (s) => s.delete('k'), getAlarm: (s) => s.getAlarm(), setAlarm: (s) => s.setAlarm(Date.now() + 1e8), deleteAlarm: (s) => s.deleteAlarm(),
  'put of nothing': (s) => s.put('k', undefined), 'get of nothing': (s) => s.get(), 'delete of a long key': (s) => s.delete('k'.repeat(3000)),
};
export class Obj extends DurableObject {
  alarm() {}
  async inside(method, ofTxn) {
    const seen = [];
    await this.ctx.storage.transaction(async (txn) => {
      hops(seen);
      await methods[method](ofTxn ? txn : this.ctx.storage).then(() => seen.push('done'), (error) => seen.push(error.message.slice(0, 30)));
      await null;
    });
    return seen.join(' ').replace(/( \\d)+$/, '');
  }
  async outside(method) {
    const seen = [];
    hops(seen);
    await methods[method](this.ctx.storage).then(() => seen.push('done'), (error) => seen.push(error.message.slice(0, 30)));
    return seen.join(' ');
  }
  async mixed() {
    const seen = [];
    await this.ctx.storage.transaction(async (txn) => {
      txn.put('a', 1).then(() => seen.push('txn.put'));
      this.ctx.storage.put('b', 1).then(() => seen.push('put'));
      txn.get('a').then(() => seen.push('txn.get'));
      this.ctx.storage.get('b').then(() => seen.push('get'));
      txn.list().then(() => seen.push('txn.list'));
      txn.delete('a').then(() => seen.push('txn.delete'));
      this.ctx.storage.delete('b').then(() => seen.push('delete'));
      await hops([]);
    });
    return seen.join(' ');
  }
  async over(method) {
    const seen = [];
    let kept;
    await this.ctx.storage.transaction(async (txn) => { kept = txn });
    hops(seen);
    try { await methods[method](kept).then(() => seen.push('done'), (error) => seen.push(error.message.slice(0, 30))) } catch { seen.push('throws') }
    return seen.join(' ');
  }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  for (const method of Object.keys(methods)) {
    await say(method, () => o.outside(method));
    await say('  inside', () => o.inside(method, false));
    await say('  of the argument', () => o.inside(method, true));
    if (!method.includes(' of ') || method.endsWith('many')) await say('  when it is over', () => o.over(method));
  }
  await say('mixed', () => o.mixed());
});
`,
});
