import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Headers, and what else messages are made of, are read from odd values as on the platform: iterables, boxed texts, lists without a prototype, a `cf`.',
  rows: ['web.fetch-own'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect } from './prelude.js';
export class Obj extends DurableObject {}
const pairs = (h) => [...h].map((p) => p.join('=')).join('&');
class Plain { constructor() { this.own = 1 } get inherited() { return 2 } }
const form = new FormData(); form.append('a', 'b');
const of = (next) => ({ a: 1, [Symbol.iterator]() { return next } });
const odd = {
  'a boxed text': new String('a: b'), 'an empty boxed text': new String(''), 'a boxed text of two': new String('ab'), 'a boxed number': new Number(5), 'a function with fields': Object.assign(() => {}, { a: 'b' }), 'a date': new Date(0),
  '[]': [], '[[]]': [[]], 'a list of one': [['a']], 'a list of three': [['a', 'b', 'c']], 'a list of a text': ['ab'], 'a list of texts': ['a', 'b'], '[1]': [1], '[null]': [null], '[undefined]': [undefined], '[{}]': [{}], 'a list of what is like a list': [{ 0: 'a', 1: 'b', length: 2 }], 'a list of a boxed text': [new String('ab')], 'a list of a set': [new Set(['a', 'b'])], 'a list with a hole': [, ['a', 'b']],
  'a map': new Map([['a', 'b'], ['c', 'd']]), 'a set of a text': new Set(['ab']), 'a form': form, 'parameters': new URLSearchParams('a=b'), 'bytes': new Uint8Array([1, 2]), 'a url': new URL('http://x/'), 'a request': new Request('http://x'), 'an instance': new Plain(), 'no prototype': Object.assign(Object.create(null), { x: 'y' }), 'a list without a prototype': Object.setPrototypeOf([['a', 'b']], null), 'a list in a Proxy': new Proxy([['a', 'b']], {}),
  'an iterator that is no function': { [Symbol.iterator]: 5, a: 1 }, 'an iterator that is a number': of(5), 'an iterator without next': of({}), 'an iterator of numbers': of({ next() { return 5 } }), 'an iterator that throws': { [Symbol.iterator]() { throw new RangeError('mine') } }, 'a field that throws': { get a() { throw new RangeError('mine') } },
  'a symbol as a value': { a: Symbol('x') }, 'a symbol in a pair': [[Symbol('x'), 1]], 'values of all kinds': { a: 1, b: null, c: undefined, d: [1, 2], e: {}, f: 1n },
};
export default worker(async ({ say }) => {
  for (const k in odd) say.now('Headers of ' + k, () => pairs(new Headers(odd[k])));
  for (const k in odd) say.now('the headers of a Response: ' + k, () => pairs(new Response(null, { headers: odd[k] }).headers));
  for (const k in odd) say.now('a Request with ' + k, () => { const r = new Request('http://x/', odd[k]); return r.method + pairs(r.headers) });
  for (const k of ['an iterator that is a number', 'an iterator without next', 'an iterator that throws', 'a list of texts', 'a boxed text']) await say('a body of ' + k, async () => { const r = new Response(odd[k]); return [r.headers.get('content-type'), await r.text()] });
  for (const status of [1n, 200n, '204', 204.7, 'x', null]) say.now('the status ' + inspect(status), () => new Response(null, { status }).status);
  for (const status of [1n, '301', null]) say.now('a redirect with ' + inspect(status), () => Response.redirect('http://x/', status).status);
  const kinds = { ...odd, 'a function': () => {}, 'a class': class {}, 'a regular expression': /x/, 'a promise': Promise.resolve(), 'an error': new Error('m'), 'a buffer': new ArrayBuffer(2), 'what is inherited': Object.create({ a: 1 }) };
  for (const k in kinds) if (!/boxed|a date|a url/.test(k)) for (const make of [(cf) => new Request('http://x', { cf }), (cf) => new Response('', { cf })]) say.now('cf of ' + k, () => inspect(make(kinds[k]).cf));
  say.now('cf is a copy', () => { const cf = { a: { b: 1 } }; const r = new Request('http://x', { cf }); cf.a.b = 2; return [r.cf.a.b, r.cf === r.cf, new Request(r).cf.a.b] });
});
`,
});
