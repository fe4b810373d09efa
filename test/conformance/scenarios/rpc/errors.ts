import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An error keeps type, name, message, cause and own members on its way to the caller, and loses class and stack.',
  rows: ['4.error-propagation', '3.error-flags'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

class Own extends Error {}
class Named extends TypeError { constructor(m) { super(m); this.name = 'Named' } }
class Late extends Error { get name() { return 'Late' } }
const thrown = {
  Error: () => new Error('e'),
  EvalError: () => new EvalError('v'),
  RangeError: () => new RangeError('r'),
  ReferenceError: () => new ReferenceError('f'),
  SyntaxError: () => new SyntaxError('s'),
  TypeError: () => new TypeError('t'),
  URIError: () => new URIError('u'),
  AggregateError: () => new AggregateError([new TypeError('one'), 'two', { three: 3 }], 'many'),
  DOMException: () => new DOMException('gone', 'NotFoundError'),
  AbortError: () => new DOMException('stopped', 'AbortError'),
  'an heir': () => new Own('own'),
  'an heir with a name': () => new Named('named'),
  'an heir with a getter for the name': () => new Late('late'),
  'a name of its own': () => Object.assign(new Error('n'), { name: 'Custom' }),
  'a built-in name on another type': () => Object.assign(new Error('n'), { name: 'TypeError' }),
  'own members': () => Object.assign(new Error('m'), { code: 'E_X', status: 404, list: [1, { a: 2 }], nothing: undefined }),
  'a cause': () => new Error('outer', { cause: new RangeError('inner') }),
  'a cause that is no error': () => new Error('outer', { cause: { why: 'x' } }),
  'causes three deep': () => new Error('1', { cause: new Error('2', { cause: new Error('3') }) }),
  'a function as a member': () => Object.assign(new Error('f'), { f() {} }),
  'a class instance as a member': () => Object.assign(new Error('c'), { u: new URL('http://x/') }),
  'a hidden member': () => Object.defineProperty(new Error('h'), 'hidden', { value: 1, enumerable: false }),
  'an empty message': () => new Error(),
  'a long message': () => new Error('line one\\nline two'),
  'flags of its own': () => Object.assign(new Error('f'), { remote: 'mine', retryable: true, overloaded: true, durableObjectReset: true }),
};

export class Obj extends DurableObject {
  fail(name) { throw thrown[name]() }
  async failLater(name) { await sleep(1); throw thrown[name]() }
  natural() { return null.x }
  give(name) { return thrown[name]() }
  deep() { return this.env.OBJ.getByName('b').fail('own members') }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  for (const name of Object.keys(thrown)) await say(name, async () => { await stub.fail(name).catch((e) => { if (e.message.includes('\\n')) e.message = JSON.stringify(e.message); throw e }) });
  await say('thrown later', () => stub.failLater('own members'));
  await say('thrown by the engine', () => stub.natural());
  await say('through two objects', () => stub.deep());
  await say('returned and not thrown', () => stub.give('own members'));
  await say('keys of a DOMException', async () => Object.keys(await stub.fail('DOMException').catch((e) => e)).sort());
  await say('its code', async () => (await stub.fail('DOMException').catch((e) => e)).code);
  await say('keys of an error', async () => Object.keys(await stub.fail('own members').catch((e) => e)));
  await say('its cause is enumerable', async () => Object.keys(await stub.fail('a cause').catch((e) => e)));
  await say('the stack names the method that threw', async () => (await stub.fail('Error').catch((e) => e)).stack.includes('fail'));
  await say('the stack begins with', async () => (await stub.fail('an heir with a name').catch((e) => e)).stack.split('\\n')[0]);
});
`,
});
