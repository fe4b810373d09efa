import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An alarm that becomes due in the turn that ends its object is run at once by the next instance, one that waited for its turn two seconds later; neither counts as a retry.',
  rows: ['11.delivery', '11.retry', '11.persistence'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

const spin = (ms) => { for (const until = Date.now() + ms; Date.now() < until;); };

export class Obj extends DurableObject {
  isNew = true;
  started() { this.isNew = false }
  async go(how) {
    const { storage } = this.ctx;
    const set = (ms) => { storage.kv.put('at', Date.now() + ms); return storage.setAlarm(Date.now() + ms) };
    const section = (end) => this.ctx.blockConcurrencyWhile(async () => { await sleep(200); end() });
    const abort = () => this.ctx.abort('aborted');
    switch (how) {
      case 'due, then an abort': await set(0); await storage.sync(); abort(); return;
      case 'due in the turn that aborts': await set(20); await storage.sync(); spin(60); abort(); return;
      case 'due just after the abort': await set(40); await storage.sync(); abort(); return;
      case 'due in a section, then an abort': await set(20); await section(() => {}); abort(); return;
      case 'due in a section that aborts': await set(20); await section(abort); return;
      case 'due in a section that fails': await set(20); await section(() => { throw new Error('failed') }); return;
    }
  }
  alarm({ isRetry, retryCount }) {
    const { kv } = this.ctx.storage;
    kv.put('ran', [...(kv.get('ran') ?? []), (Date.now() - kv.get('at') < 1900 ? 'at once' : 'two seconds later') + ', retry ' + isRetry + ' ' + retryCount + (this.isNew ? '' : ', by the instance before')]);
  }
  ran() { return this.ctx.storage.kv.get('ran') }
}

const CASES = ['due, then an abort', 'due in the turn that aborts', 'due just after the abort', 'due in a section, then an abort', 'due in a section that aborts', 'due in a section that fails'];

export default worker(async ({ say, env }) => {
  const object = (how) => env.OBJ.getByName(how);
  await Promise.all(CASES.map((how) => object(how).started()));
  const errors = await Promise.all(CASES.map((how) => object(how).go(how).catch((error) => error.message)));
  // Nobody calls the objects meanwhile: the alarm starts them.
  await sleep(4500);
  for (const [i, how] of CASES.entries()) await say(how, async () => errors[i] + '; ' + (await object(how).ran())?.join('; '));
});
`,
  config: objects({ OBJ: 'Obj' }),
});
