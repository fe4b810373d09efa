import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What a transaction began and did not await still writes in it for two microtasks after its callback settled.',
  rows: ['6.storage-resolves-in-microtasks', '7.transaction', '7.txn-object'],
  config: objects({ NEW: 'New' }, { OLD: 'Old' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

const ends = {
  async: async () => 'over',
  resolved: () => Promise.resolve('over'),
  thenable: () => ({ then(f) { f('over') } }),
  value: () => 'over',
  rejects: async () => { throw new Error('failed') },
  throws: () => { throw new Error('failed') },
};
const before = {
  microtasks: async (txn, n) => { for (let i = 0; i < n; i++) await null },
  reads: async (txn, n) => { for (let i = 0; i < n; i++) await txn.get('other') },
  lists: async (txn, n) => { for (let i = 0; i < n; i++) await txn.list() },
  writes: async (txn, n) => { for (let i = 0; i < n; i++) await txn.put('other', i) },
};
class Base extends DurableObject {
  async run(end, kind, n) {
    const { storage } = this.ctx;
    const seen = [];
    const outcome = await storage.transaction((txn) => {
      before[kind](txn, n).then(() => txn.put('k', n)).then(() => { seen.push('written') }, (e) => { seen.push(e.message) });
      return ends[end]();
    }).catch((e) => e.message);
    return [...seen, outcome, await storage.get('k')].join(', ');
  }
}
export class Old extends Base {}
export class New extends Base {}

export default worker(async ({ say, env }) => {
  for (const binding of ['NEW', 'OLD']) {
    for (const end of Object.keys(ends)) for (let n = 0; n < 6; n++) {
      await say(binding + ' ' + end + ' after ' + n, () => env[binding].getByName(end + n).run(end, 'microtasks', n));
    }
    for (const kind of ['reads', 'lists', 'writes']) for (let n = 0; n < 4; n++) {
      await say(binding + ' after ' + n + ' ' + kind, () => env[binding].getByName(kind + n).run('async', kind, n));
    }
  }
});
`,
});
