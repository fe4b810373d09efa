import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What is neither plain data nor passed by reference is refused, with the name of its type.',
  rows: ['4.by-value', '4.uncloneable'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

class Point { x = 1 }
const values = {
  'class instance': () => new Point(),
  'instance of an anonymous class': () => new (class {})(),
  'null prototype': () => Object.assign(Object.create(null), { a: 1 }),
  'heir of an array': () => new (class List extends Array {})(),
  'heir of a map': () => new (class Dict extends Map {})(),
  url: () => new URL('http://x/'),
  'search params': () => new URLSearchParams('a=1'),
  'form data': () => new FormData(),
  'text encoder': () => new TextEncoder(),
  'abort signal': () => new AbortController().signal,
  event: () => new Event('x'),
  symbol: () => Symbol('x'),
  'well-known symbol': () => Symbol.iterator,
  'weak map': () => new WeakMap(),
  'weak set': () => new WeakSet(),
  'weak ref': () => new WeakRef({}),
  generator: () => (function* () {})(),
  'promise inside an object': () => ({ p: Promise.resolve(1) }),
  'symbol inside an object': () => ({ s: Symbol('x') }),
  'class instance inside a map': () => new Map([['k', new Point()]]),
};

export class Obj extends DurableObject {
  take(value) { return 'took it' }
  give(name) { return values[name]() }
  state() { return this.ctx }
  storage() { return this.ctx.storage }
  me() { return this }
  hi() { return 'hi' }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  for (const [name, make] of Object.entries(values)) {
    await say(name + ' sent', () => stub.take(make()));
    await say(name + ' given', () => stub.give(name));
  }
  await say('ctx given', () => stub.state());
  await say('ctx.storage given', () => stub.storage());
  await say('the object itself given', () => stub.me());
  await say('the class of the error', async () => { const e = await stub.give('symbol').catch((e) => e); return [e instanceof DOMException, e.name, e.code] });
  await say('the stub is usable after all that', () => stub.hi());
});
`,
});
