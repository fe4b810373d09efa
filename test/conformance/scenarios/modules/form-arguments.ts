import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Forms, parameters and headers refuse arguments that are missing, symbols, and what is no function, in the words of the platform.',
  rows: ['1.global-scope'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect } from './prelude.js';
export class Obj extends DurableObject {}
const things = { FormData: () => { const f = new FormData(); f.append('a', 'b'); return f }, URLSearchParams: () => new URLSearchParams('a=b'), Headers: () => new Headers({ a: 'b' }) };
const given = { nothing: [], undefined: [undefined], null: [null], 'a number': [5], 'a text': ['a'], 'an object': [{}], 'two texts': ['a', 'b'], 'a text and undefined': ['a', undefined], 'a text and an object': ['a', {}], 'a text and a symbol': ['a', Symbol('x')] };
export default worker(async ({ say }) => {
  for (const C in things)
    for (const m of ['append', 'delete', 'get', 'has', 'set', 'forEach'])
      for (const k in given) say.now(C + '.' + m + ' of ' + k, () => { const t = things[C](); const r = t[m](...given[k]); return inspect(r) + JSON.stringify([...t]) });
  for (const C of ['FormData', 'URLSearchParams']) for (const m of ['get', 'has', 'delete', 'getAll']) for (const g of [[], [Symbol('x')]]) say.now(C + '.' + m + ' with ' + g.length, () => inspect(things[C]()[m](...g)));
});
`,
});
