import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A section that nobody awaits starts before far ends of the sections and transactions around it, after near ones.',
  rows: ['6.inside-a-section', '6.interleaving'],
  config: objects({ OBJ: 'Obj' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  /** @param kinds  of what is around, from the outside: 's' a section, 't' a transaction */
  async run(kinds) {
    const seen = [];
    const s = this.ctx.storage, log = (x) => seen.push(x);
    const begin = (k, f) => k === 's' ? this.ctx.blockConcurrencyWhile(f) : s.transaction(f);
    const nest = async (i) => {
      if (i === kinds.length) { this.ctx.blockConcurrencyWhile(async () => { log('u') }).then(() => log('u over')); return }
      await begin(kinds[i], () => nest(i + 1));
      log(i + ' over');
    };
    nest(0);
    this.ctx.blockConcurrencyWhile(async () => { log('around') });
    await sleep(5);
    return seen.join(' | ');
  }
}
export default worker(async ({ say, env }) => {
  for (let n = 0; n < 5; n++) for (let bits = 0; bits < 2 ** n; bits++) {
    const name = Array.from({ length: n }, (_, i) => bits >> i & 1 ? 't' : 's').join('');
    await say(name, () => env.OBJ.getByName(name || '-').run(name));
  }
});
`,
});
