import { otherWorker } from '../../other-worker.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Bindings and exports belong to no request; a stub that was made or received in one does.',
  rows: ['1.io-contexts', '1.ctx-exports', '14.bindings'],
  config: {
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
  },
  program: `
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

let kept;
export default worker(async ({ say, env, ctx, url }) => {
  if (url.pathname === '/keep') {
    kept = { binding: env.NAMED, loopback: ctx.exports.Own, namespace: ctx.exports.Obj, made: ctx.exports.Own({ props: {} }), received: await env.B.give(env.NAMED) };
    await say('now', async () => [await kept.binding.who(), await kept.loopback.who(), await kept.made.who(), await kept.received.who()]);
    return;
  }
  await say('a binding', () => kept.binding.who());
  await say('a loopback stub', () => kept.loopback.who());
  await say('a loopback namespace', () => kept.namespace.getByName('a').who());
  await say('one that was made', () => kept.made.who());
  await say('one that was received', () => kept.received.who());
  await say('fetch of one that was made', () => kept.made.fetch('http://x/'));
});
`,
  other: {
    config: {
      vars: { WHO: 'other' },
      durable_objects: { bindings: [{ name: 'FAR', class_name: 'Far' }] },
      migrations: [{ tag: 'v1', new_sqlite_classes: ['Far'] }],
      services: [{ binding: 'BACK', service: 'first', entrypoint: 'Own' }],
    },
    program: otherWorker,
  },
  steps: async (client) => {
    await client.fetch('/keep');
    await client.fetch('/use');
  },
});
