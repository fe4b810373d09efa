import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Many stubs and many calls at once, in order, and a callback that calls back.',
  rows: ['4.by-reference', '4.callbacks', '3.e-order'],
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { worker, tag, inspect } from './prelude.js';

export class Obj extends DurableObject {
  fns(n) { return Array.from({ length: n }, (_, i) => () => i) }
  async callAll(fns) { return (await Promise.all(fns.map((f) => f()))).reduce((a, b) => a + b, 0) }
  async order(f, n) { const all = []; for (let i = 0; i < n; i++) all.push(f(i)); await Promise.all(all); return n }
  async pingPong(f, n) { return n === 0 ? 'end' : f((g) => 'called with ' + n, n - 1) }
  async recurse(f, n) { return n === 0 ? f('bottom') : this.env.OBJ.getByName('d' + n).recurse(f, n - 1) }
  async each(list, f) { const out = []; for (const x of list) out.push(await f(x)); return out }
  makeLogger() { const log = []; return new (class extends RpcTarget { add(x) { log.push(x) } all() { return log } })() }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await say('200 functions', async () => { const fns = await o.fns(200); return (await Promise.all(fns.map((f) => f()))).reduce((a, b) => a + b, 0) });
  await say('200 callbacks', () => o.callAll(Array.from({ length: 200 }, (_, i) => () => i)));
  await say('callbacks come in order', async () => { const seen = []; await o.order((i) => { seen.push(i) }, 50); return seen.every((x, i) => x === i) && seen.length });
  await say('calls on one stub come in order', async () => { const t = await o.makeLogger(); for (let i = 0; i < 50; i++) t.add(i); const all = await t.all(); return all.every((x, i) => x === i) && all.length });
  await say('to and fro', () => o.pingPong((g, n) => n > 0 ? o.pingPong(async (h, m) => 'inner ' + m + ' ' + (await g()), n) : g(), 3));
  await say('five deep', () => o.recurse((x) => 'reached by ' + x, 5));
  await say('each', () => o.each([1, 2, 3], async (x) => x * 10));
});
`,
});
