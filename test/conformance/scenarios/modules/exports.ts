import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'cloudflare:workers exports a fixed list of names.',
  rows: ['1.runtime-exports', '1.rpc-target'],
  program: `
import * as workers from 'cloudflare:workers';
import { DurableObject, WorkerEntrypoint, WorkflowEntrypoint, RpcTarget, RpcStub, env, exports, waitUntil, withEnv, tracing, cache } from 'cloudflare:workers';
import { worker, tag } from './prelude.js';

export class Obj extends DurableObject {
  async store(value) { await this.ctx.storage.put('k', value) }
  async storeTarget() { await this.ctx.storage.put('k', new RpcTarget()) }
}

export default worker(async ({ say, env }) => {
  for (const name of Object.keys(workers).sort())
    await say(name, () => typeof workers[name] + (typeof workers[name] === 'object' ? ' ' + tag(workers[name]) : ''));
  await say('their names', () => [DurableObject, WorkerEntrypoint, WorkflowEntrypoint, RpcTarget, RpcStub].map((C) => C.name));
  await say('new RpcTarget() holds nothing', () => Object.getOwnPropertyNames(new RpcTarget()));
  await say('an heir of RpcTarget', () => { class T extends RpcTarget { x = 1 } const t = new T(); return [t instanceof RpcTarget, t.x] });
  await say('an RpcTarget in storage', () => env.OBJ.getByName('a').storeTarget());
  await say('an RpcTarget in structuredClone', () => structuredClone(new RpcTarget()));
  await say('a default export', () => 'default' in workers);
});
`,
});
