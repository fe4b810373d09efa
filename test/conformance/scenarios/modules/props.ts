import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Props are copied when they are given, may hold stubs of services and objects, and nothing else by reference.',
  rows: ['1.ctx-props', '1.ctx-exports', '3.serialising-a-stub'],
  config: {
    durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
    services: [
      { binding: 'SELF', service: 'first', entrypoint: 'Service', props: { from: 'config', list: [1, null] } },
    ],
  },
  program: `
import { DurableObject, RpcStub, RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
import { worker, tag, inspect } from './prelude.js';

class Target extends RpcTarget {}
export class Unbound extends DurableObject {}
export class Obj extends DurableObject { hi() { return 'hi from ' + this.ctx.id.name + ' ' + inspect(this.ctx.props) } }
export class Service extends WorkerEntrypoint {
  props() { return this.ctx.props }
  shown() { return inspect(this.ctx.props) }
  change() { this.ctx.props.a = 9; return this.ctx.props }
  inner() { return this.ctx.props.stub.props() }
  call() { return this.ctx.props.stub.hi() }
  kinds() { const { stub } = this.ctx.props; return [tag(stub), typeof stub.id] }
  given() { return this.ctx.exports.Service({ props: { given: true } }) }
  fetch() { return new Response(inspect(this.ctx.props)) }
}
export const plain = { fetch: (request, env, ctx) => new Response(inspect(ctx.props)), ask: (what, env, ctx) => [what, ctx.props] };

export default worker(async ({ say, env, ctx }) => {
  const { Service, Obj, Unbound, plain } = ctx.exports;
  const refused = (what, stub) => say('refused: ' + what, () => { Service({ props: { stub } }); return 'made' });
  await say('none', async () => [await Service.props(), await Service({}).props(), ctx.props]);
  await say('of the config', async () => [await env.SELF.props(), await (await env.SELF.fetch('http://x/')).text()]);
  await say('values', () => Service({ props: { a: 1, date: new Date(0), map: new Map([[1, new Set([2])]]), bytes: new Uint8Array([1]), big: 3n, none: undefined, error: new RangeError('e')} }).shown());
  await say('an instance', () => Service({ props: { it: new (class K { x = 1 })() } }));
  await say('an instance itself', () => Service({ props: new (class K { x = 1 })() }));
  await say('headers', () => Service({ props: { headers: new Headers({ a: 'b' }) } }).shown());
  await say('a list', () => Service({ props: [1, 2] }).shown());
  await say('a function', () => Service({ props: () => {} }).shown());
  await say('a text', () => Service({ props: 'text' }));
  await say('null', () => Service({ props: null }));
  await say('undefined', () => Service({ props: undefined }).props());
  await say('of a handler object', async () => [await (await plain({ props: { a: 1 } }).fetch('http://x/')).text(), await plain({ props: { b: 2 } }).ask('what')]);
  await say('each event has a copy', async () => { const given = { a: 1 }; const stub = Service({ props: given }); given.a = 2; return [await stub.change(), await stub.props(), given] });
  await say('a service in props', () => Service({ props: { stub: Service({ props: { deep: Service({ props: { deeper: 1 } }) } }) } }).inner().then((it) => it.deep.props()));
  await say('a binding in props', () => Service({ props: { stub: env.SELF } }).inner());
  await say('an object in props', async () => { const stub = Service({ props: { stub: env.OBJ.getByName('a') } }); return [await stub.call(), await stub.kinds()] });
  await say('a stub with props travels', async () => (await Service.given()).props());
  await say('and can be asked before it is there', () => Service.given().props());
  await refused('a loopback', Service);
  await refused('a namespace', env.OBJ);
  await refused('a loopback namespace', Obj);
  await refused('a class', Unbound);
  await refused('a called class', Unbound({}));
  await refused('a stub', new RpcStub({}));
  await refused('a target', new Target());
  await refused('a function', () => {});
  await refused('a stream', new ReadableStream());
  await refused('a symbol', Symbol('s'));
  await refused('a property', Service.a);
  await say('sent: a loopback', () => Service.props(Service));
  await say('sent: a loopback namespace', () => Service.props(Obj));
  await say('sent: a class', () => Service.props(Unbound));
  await say('sent: a called class', () => Service.props(Unbound({})));
});
`,
});
