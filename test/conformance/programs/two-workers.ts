/**
 * Two Workers that bind one another, for scenarios about services: the first binds each kind of entrypoint of the other, which
 * binds the first one's `Own`.
 */
import type { ScenarioConfig, ScenarioSource } from '../scenario.ts';

export const firstConfig: ScenarioConfig = {
  vars: { WHO: 'first' },
  durable_objects: {
    bindings: [
      { name: 'OBJ', class_name: 'Obj' },
      { name: 'FAR', class_name: 'Far', script_name: 'other' },
    ],
  },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
  services: [
    { binding: 'B', service: 'other' },
    { binding: 'NAMED', service: 'other', entrypoint: 'Named', props: { role: 'admin', list: [1] } },
    { binding: 'PLAIN', service: 'other', entrypoint: 'plain', props: { p: 1 } },
  ],
};

/** How the first one's program begins; what it shows comes after. */
export const firstBeginning = `
import { DurableObject, RpcTarget, ServiceStub, WorkerEntrypoint } from 'cloudflare:workers';
import { worker, tag, inspect, sleep } from './prelude.js';

export class Own extends WorkerEntrypoint { who() { return 'Own of ' + this.env.WHO } }
export class Obj extends DurableObject {
  who() { return 'object of ' + this.env.WHO }
  async pass(stub) { this.kept = stub; return stub.who() }
  again() { return this.kept.who() }
  put(stub) { return this.ctx.storage.put('stub', stub) }
  service() { return this.env.NAMED.who() }
}
`;

const OTHER = `
import { DurableObject, RpcTarget, WorkerEntrypoint, exports } from 'cloudflare:workers';
class Total extends RpcTarget { sum = 0; add(n) { return this.sum += n } get shown() { return 'sum ' + this.sum } }
class Base extends WorkerEntrypoint { inherited() { return 'inherited' } props() { return this.ctx.props } }
export class Far extends DurableObject {
  who() { return ['far', this.ctx.id.name, Object.keys(this.env), Object.keys(this.ctx.exports)] }
  async pass(stub) { this.kept = stub; return stub.who() }
  again() { return this.kept.who() }
  own() { return this.ctx.exports.Named.who() }
  back() { return this.env.BACK.who() }
}
export class Named extends Base { who() { return 'Named of ' + this.env.WHO } }
export const plain = { ask: (what, env, ctx) => [what, env.WHO, ctx.props], fetch: (request, env) => new Response('plain of ' + env.WHO) };
export default class extends Base {
  who() { return 'default of ' + this.env.WHO }
  add(a, b) { return a + b }
  fails() { const error = new TypeError('no', { cause: 'why' }); error.code = 4; throw error }
  total() { return new Total() }
  call(f, ...args) { return f(...args) }
  give(stub) { return stub }
  ask(stub) { return stub.who() }
  map() { return { map: new Map([['k', [1]]]), f: (x) => x + 1, total: new Total() } }
  back() { return this.env.BACK.who() }
  keys() { return [Object.keys(this.env), Object.keys(this.ctx.exports), Object.keys(exports)] }
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/move') return Response.redirect('http://moved.test/landed', 302);
    if (pathname === '/fails') throw new RangeError('failed');
    if (pathname === '/none') return 5;
    if (pathname === '/echo') return new Response(request.body, { status: 201, headers: { 'x-was': request.method } });
    if (pathname === '/socket') {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.addEventListener('message', ({ data }) => server.send('echo ' + data));
      return new Response(null, { status: 101, webSocket: client });
    }
    if (pathname === '/stream') {
      const { readable, writable } = new IdentityTransformStream();
      const writer = writable.getWriter();
      this.ctx.waitUntil((async () => { for (const part of 'abc') await writer.write(new TextEncoder().encode(part)); await writer.close() })());
      return new Response(readable);
    }
    return new Response([request.method, request.url, request.headers.get('x-a'), request.redirect].join(' '));
  }
}
`;

export const other: NonNullable<ScenarioSource['other']> = {
  config: {
    vars: { WHO: 'other' },
    durable_objects: { bindings: [{ name: 'FAR', class_name: 'Far' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Far'] }],
    services: [{ binding: 'BACK', service: 'first', entrypoint: 'Own' }],
  },
  program: OTHER,
};
