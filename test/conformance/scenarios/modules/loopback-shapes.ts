import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Every export is in ctx.exports by what it is, in an order of its own, and each has its shape.',
  rows: ['1.ctx-exports', '1.import-exports', '1.default-export', '1.legacy-class'],
  config: {
    durable_objects: {
      bindings: [
        { name: 'OBJ', class_name: 'Bound' },
        { name: 'OLD', class_name: 'Legacy' },
      ],
    },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Bound', 'Legacy'] }],
  },
  program: `
import { DurableObject, WorkerEntrypoint, WorkflowEntrypoint, RpcTarget, ServiceStub, RpcStub, exports } from 'cloudflare:workers';
import { worker, tag } from './prelude.js';

export class Bound extends DurableObject { keys() { return Object.keys(this.ctx.exports) } }
export class Unbound extends DurableObject {}
export class Legacy { fetch() { return new Response('legacy') } }
export class LegacyUnbound {}
export class Service extends WorkerEntrypoint {}
export class Sub extends Service {}
export class Flow extends WorkflowEntrypoint { run() {} }
export class Target extends RpcTarget {}
export const plain = { fetch: () => new Response('plain') };
export const empty = {};
export const list = [1];
export function named() {}
export const arrow = () => 1;

const chain = (value) => { const names = []; for (let at = value; at; at = Object.getPrototypeOf(at)) names.push(at.constructor.name); return names };

export default worker(async ({ say, env, ctx }) => {
  const own = ctx.exports;
  await say('keys', () => Object.keys(own));
  await say('tags', () => Object.keys(own).map((k) => k + ' ' + typeof own[k] + ' ' + tag(own[k])));
  await say('what holds them', () => [tag(own), Object.getPrototypeOf(own) === Object.prototype, own === ctx.exports, own === exports]);
  await say('each is the same at every look', () => [own.Service === own.Service, own.Service === exports.Service, own.Bound === own.Bound]);
  await say('a property', () => { const { value, ...rest } = Object.getOwnPropertyDescriptor(own, 'Service'); return rest });
  await say('in ctx', () => { const { value, ...rest } = Object.getOwnPropertyDescriptor(ctx, 'exports'); return rest });
  await say('keys of ctx', () => Object.keys(ctx));
  await say('what is not exported', () => String(own.Nope));
  await say('chains', () => [chain(own.Service), chain(own.Bound), chain(own.Unbound)]);
  await say('own names', () => [own.Service, own.Bound, own.Unbound].map((it) => Object.getOwnPropertyNames(it)));
  await say('instanceof', () => [own.Service instanceof ServiceStub, own.Service instanceof RpcStub, own.Service instanceof Function, own.Bound instanceof Function]);
  await say('as text', () => [String(own.Service), String(own.Bound), String(own.Unbound)]);
  await say('as JSON', () => JSON.stringify({ all: own, a: own.Service, b: own.Bound, c: own.Unbound }));
  await say('structuredClone of a service', () => structuredClone(own.Service));
  await say('structuredClone of a namespace', () => structuredClone(own.Bound));
  await say('structuredClone of a class', () => structuredClone(own.Unbound));
  await say('any name is a method', () => [typeof own.Service.anything, 'anything' in own.Service, typeof own.Service.name, typeof own.Service.call, typeof own.Service.then]);
  await say('names of a namespace', () => [own.Bound.name, own.Bound.length, typeof own.Bound.getByName, Object.keys(own.Bound)]);
  await say('called: a service', () => [tag(own.Service({})), typeof own.Service({}), own.Service({}).constructor.name]);
  await say('called with nothing', () => [own.Service(undefined), own.Service(null)].map(tag));
  await say('called with new', () => tag(new own.Service({})));
  await say('called twice', () => own.Service({})({}));
  await say('called without an argument', () => own.Service());
  await say('called with a text', () => own.Service('x'));
  await say('called: a namespace', () => [tag(own.Bound({})), typeof own.Bound({}), tag(new own.Bound({}))]);
  await say('called without an argument: a namespace', () => own.Bound());
  await say('called: a class', () => [tag(own.Unbound({ props: { a: 1 } })), chain(own.Unbound({}))]);
  await say('called without an argument: a class', () => own.Unbound());
  await say('called with a text: a class', () => own.Unbound(5));
  await say('made by its constructor', () => new own.Unbound.constructor());
  await say('the method of a namespace without it', () => { const { idFromName } = own.Bound; return idFromName('a') });
  await say('a namespace without an argument', () => own.Bound.idFromName());
  await say('a unique id', () => own.Bound.newUniqueId().toString().length);
  await say('a jurisdiction of none', () => tag(own.Bound.jurisdiction(undefined)));
  await say('ids of the binding', async () => { const id = env.OBJ.idFromName('a'); return [own.Bound.idFromName('a').equals(id), tag(own.Bound.get(id)), (await own.Bound.get(id).keys()).length] });
  await say('a class of old', async () => (await own.Legacy.getByName('a').fetch('http://x/')).text());
  await say('in an object', () => env.OBJ.getByName('a').keys());
  await say('it can be changed', () => { own.more = 1; delete own.arrow; return [own.more, 'arrow' in exports] });
});
`,
});
