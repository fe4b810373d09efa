import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A stub, a target or a function that is thrown arrives as an error with its name; a stub seems overloaded.',
  rows: ['4.thrown-non-errors', '4.error-propagation'],
  config: {
    durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
    services: [{ binding: 'SVC', service: 'first', entrypoint: 'Entry' }],
  },
  program: `
import { DurableObject, RpcStub, RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
import { worker, inspect, tag } from './prelude.js';
class T extends RpcTarget { hi() { return 'hi' } }
class Mine extends Error { constructor(m) { super(m); this.name = 'Mine'; this.code = 7 } }
class NoError { constructor() { this.a = 1 } }
const made = (env, self) => ({
  'a stub of a target': () => new RpcStub(new T()), 'a stub of a function': () => new RpcStub(() => 1), 'a target': () => new T(), 'a function': () => () => 1, 'a class': () => class A {}, 'a stub of an object': () => env.OBJ.getByName('b'), 'a stub of a service': () => env.SVC, 'a result': () => env.OBJ.getByName('b').hi(), 'a property': () => env.OBJ.getByName('b').hi, 'an id': () => env.OBJ.idFromName('x'), 'a namespace': () => env.OBJ, env: () => env, 'a promise': () => Promise.resolve(1), 'an instance': () => new NoError(), 'no prototype': () => Object.assign(Object.create(null), { a: 1 }), 'a weak map': () => new WeakMap(), globalThis: () => globalThis, 'the instance itself': () => self, 'an object with a stub': () => ({ s: new RpcStub(new T()) }), 'a list of functions': () => [() => 1], 'an error with a stub': () => Object.assign(new Error('m'), { s: env.OBJ.getByName('b') }), 'an error caused by a function': () => new Error('m', { cause: () => 1 }), 'an error of a class': () => new Mine('m'), 'several errors': () => new AggregateError([() => 1], 'm'), 'like an error': () => ({ name: 'Error', message: 'm', stack: 's' }),
});
const fail = (it) => { throw it };
const look = (e) => [tag(e), typeof e, inspect(e)];
const back = async (f) => { try { await f(); return 'nothing' } catch (e) { return look(e) } };
export class Obj extends DurableObject {
  hi() { return 'hi' }
  async fail(name) { fail(made(this.env, this)[name]()) }
  back(f) { return back(f) }
}
export class Entry extends WorkerEntrypoint {
  fail(name) { fail(made(this.env, this)[name]()) }
  back(f) { return back(f) }
}
export default worker(async ({ say, env, ctx }) => {
  const ways = { 'an object': env.OBJ.getByName('a'), 'an entrypoint': ctx.exports.Entry, 'a service': env.SVC };
  for (const w in ways) {
    for (const k in made(env)) await say(w + ' throws ' + k, () => back(() => ways[w].fail(k)));
    for (const k in made(env)) if (k !== 'the instance itself' && k !== 'a result') await say('a callback of ' + w + ' throws ' + k, () => ways[w].back(() => fail(made(env)[k]())));
  }
});
`,
});
