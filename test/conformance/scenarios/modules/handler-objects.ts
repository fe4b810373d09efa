import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Handlers of an object take one argument from the caller, then env and ctx; a class has its own arguments.',
  rows: ['1.default-export', '1.worker-entrypoint', '3.reserved-names', '1.ctx-props'],
  config: { vars: { WHO: 'me' }, durable_objects: { bindings: [] }, migrations: [] },
  program: `
import { WorkerEntrypoint, RpcTarget, exports } from 'cloudflare:workers';
import { worker, tag, inspect } from './prelude.js';

class Handlers { own = (a) => 'own ' + a; inherited() {} fetch() { return new Response('instance ' + (this instanceof Handlers)) } }
export const instance = new Handlers();
export const plain = {
  one(a, env, ctx) { return [a, env.WHO, tag(ctx), ctx.props, arguments.length, this === plain] },
  none() { return arguments.length },
  two(a, b) { return inspect([a, tag(b), arguments.length]) },
  four(a, b, env, ctx) { return 'never' },
  rest(...all) { return all.length },
  withDefault(a = 5, env) { return [a, typeof env] },
  value: 5,
  object: { deep: 1 },
  nested: { one(a, env, ctx) { return [a, env.WHO, tag(ctx), arguments.length] } },
  Target: class extends RpcTarget { say(a, b) { return [a, b, arguments.length] } },
  target() { return new plain.Target() },
  callback: (f) => f(3),
  stub(a) { return { ask(x, y) { return [x, y, arguments.length] } } },
  fails() { throw new RangeError('failed') },
  later: async (a) => a + 1,
  dup(a) { return a },
  alarm(a) { return a },
  webSocketMessage(a) { return a },
  queue(a) { return 'queue ' + a },
  scheduled(a) { return 'scheduled ' + a },
};
export class Service extends WorkerEntrypoint {
  constructor(ctx, env) { super(...arguments); this.count = arguments.length }
  field = 1;
  get getter() { return 'got ' + this.env.WHO }
  all(...args) { return args.length }
  inherited() { return super.toString === this.toString }
  queue(a) { return 'queue ' + a }
  scheduled(a) { return 'scheduled ' + a }
  alarm() {}
  webSocketClose() {}
  fetch(request) { return new Response([arguments.length, typeof arguments[1], typeof arguments[2], this.count].join()) }
}
export class Broken extends WorkerEntrypoint { constructor(ctx, env) { super(ctx, env); throw new RangeError('no') } fetch() {} hi() {} }
export class Wrong extends WorkerEntrypoint { fetch() { return 5 } }
export class WrongLater extends WorkerEntrypoint { async fetch() { return 5 } }
export const empty = {};

export default worker(async ({ say }) => {
  const { plain, instance, Service, Broken, Wrong, WrongLater, empty } = exports;
  await say('one argument', () => plain.one('a'));
  for (const [name, args] of [['one', []], ['one', [1, 2]], ['none', [1]], ['none', []], ['two', [1]], ['two', [1, 2]], ['four', [1]], ['four', [1, 2]], ['rest', [1]], ['rest', [1, 2]], ['withDefault', [undefined]]]) {
    await say(name + '(' + args + ')', () => plain[name](...args));
  }
  await say('a value', () => plain.value);
  await say('a value called', () => plain.value(1));
  await say('a value called with nothing', () => plain.value());
  await say('an object', () => plain.object);
  await say('in an object', () => plain.object.deep);
  await say('nested', () => plain.nested.one(1));
  await say('nested, two arguments', () => plain.nested.one(1, 2));
  await say('what is not there', () => plain.nope(1));
  await say('what is not there below', () => plain.nested.nope(1));
  await say('a function read', async () => tag(await plain.one));
  await say('a target', async () => { const target = await plain.target(1); return target.say(1, 2) });
  await say('asked before it is there', () => plain.target(1).say(1, 2));
  await say('a stub in the result', async () => (await plain.stub(1)).ask(1, 2));
  await say('asked of the result', () => plain.stub(1).ask(1, 2));
  await say('a callback', () => plain.callback((n) => n * 2));
  await say('an error', () => plain.fails(1));
  await say('a promise', () => plain.later(1));
  for (const name of ['dup', 'alarm', 'webSocketMessage', 'queue', 'scheduled']) await say('reserved? ' + name, () => plain[name](1));
  await say('an instance: own', () => instance.own(1));
  await say('an instance: inherited', () => instance.inherited(1));
  await say('an instance: fetch', async () => (await instance.fetch('http://x/')).text());
  await say('nothing there: fetch', () => empty.fetch('http://x/'));
  await say('nothing there: a call', () => empty.call2(1));
  await say('a class: arguments', () => Service.all(1, 2, undefined));
  await say('a class: none', () => Service.all());
  await say('a class: a getter', () => Service.getter);
  await say('a class: a field', () => Service.field);
  await say('a class: env', () => Service.env);
  for (const name of ['queue', 'scheduled', 'alarm', 'webSocketClose', 'dup']) await say('a class: reserved? ' + name, () => Service[name](1));
  await say('a class: fetch', async () => (await Service.fetch('http://x/')).text());
  await say('a broken constructor: a call', () => Broken.hi());
  await say('a broken constructor: fetch', () => Broken.fetch('http://x/'));
  await say('no Response', () => Wrong.fetch('http://x/'));
  await say('a promise of no Response', () => WrongLater.fetch('http://x/'));
});
`,
});
