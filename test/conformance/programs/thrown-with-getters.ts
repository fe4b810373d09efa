/** Throws errors that have getters, or cannot be copied; shown at two dates. */
export const thrownWithGetters = `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

const field = (error, key, value) => Object.defineProperty(error, key, { value, enumerable: false, configurable: true, writable: true });
const accessor = (error, key, get, enumerable = false) => Object.defineProperty(error, key, { get, enumerable, configurable: true });
// As zod makes its errors: a class whose message is made when it is first read.
class Lazy extends Error { constructor(text) { super(); this.name = 'LazyError'; accessor(this, 'message', () => text, true); this.issues = [1] } }
class WithGetter extends Error { get message() { return 'from the prototype' } get name() { return 'Getter' } }
const uncloneable = (error) => Object.assign(error, { f() {} });
const thrown = {
  'a message made when it is read': () => new Lazy('lazy'),
  'the same, with a function': () => uncloneable(new Lazy('lazy')),
  'getters on the prototype': () => new WithGetter(),
  'the same, with a function ': () => uncloneable(new WithGetter()),
  'a name of its own and a function': () => uncloneable(Object.assign(new Error('m'), { name: 'Custom' })),
  'a name of its own, no message, a function': () => uncloneable(Object.assign(new Error(), { name: 'Custom' })),
  'no name, a message, a function': () => uncloneable(Object.assign(new Error('m'), { name: '' })),
  'no name, no message, a function': () => uncloneable(Object.assign(new Error(), { name: '' })),
  'a standard name on another class, a function': () => uncloneable(Object.assign(new TypeError('m'), { name: 'RangeError' })),
  'a standard name, no message, a function': () => uncloneable(new RangeError()),
  'a hidden name and a function': () => uncloneable(field(new Error('m'), 'name', 'Hidden')),
  'a message that is no text, a function': () => uncloneable(field(new Error(), 'message', { a: 1 })),
  'a message that is a number, a function': () => uncloneable(field(new Error(), 'message', 7)),
  'a name that is no text, a function': () => uncloneable(Object.assign(new Error('m'), { name: 7 })),
  'a getter that throws': () => accessor(new Error('m'), 'message', () => { throw new Error('inner') }),
  'an accessor beside the message': () => accessor(new Error('m'), 'extra', () => 'read', true),
  'an accessor beside the message that throws': () => accessor(new Error('m'), 'extra', () => { throw new Error('inner') }, true),
};

export class Obj extends DurableObject {
  fail(name) { throw thrown[name]() }
  give(name) { return thrown[name]() }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  for (const name of Object.keys(thrown)) await say(name, () => stub.fail(name));
  await say('returned', async () => { const e = await stub.give('a message made when it is read'); return [e.name, e.message, Object.keys(e), e.issues] });
});
`;
