import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'When a request is over, all that it received is disposed of, and what it gave away cannot be reached any more.',
  rows: ['4.implicit-disposal', '4.session-lifetime'],
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { worker, tag, sleep, show, inspect } from './prelude.js';

export class Obj extends DurableObject {
  events = [];
  seen() { return this.events.splice(0) }
  t(name) { const { events } = this; return new (class extends RpcTarget { hi() { return 'hi ' + name } [Symbol.dispose]() { events.push('disposed ' + name) } })() }
  plain() { const { events } = this; return { x: 1, [Symbol.dispose]() { events.push('plain') } } }
  keep(cb) { this.cb = cb.dup() }
  use(x) { return this.cb(x) }
  async useIn(ms) { await sleep(ms); return this.cb('late') }
  keepOther(stub) { this.other = stub.dup ? stub : stub }
  useOther() { return this.other.whoami() }
  whoami() { return 'I am ' + this.ctx.id.name }
}

let stub, remote, local;
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const o = env.OBJ.getByName('a');
    switch (pathname) {
      case '/get': { const t = await o.t('one'); const p = await o.plain(); return new Response(await t.hi()) }
      case '/seen': return new Response(inspect(await o.seen()));
      case '/keep': await o.keep((x) => 'from the request: ' + x); return new Response(await o.use(1));
      case '/use': return new Response(await show(() => o.use(2)));
      case '/keep-remote': remote = await o.t('two'); return new Response(await remote.hi());
      case '/use-remote': return new Response(await show(() => remote.hi()));
      case '/wait': { const t = await o.t('three'); ctx.waitUntil(sleep(1500).then(() => t.hi())); return new Response('waits') }
      case '/pass': await o.keepOther(env.OBJ.getByName('b')); return new Response(await show(() => o.useOther()));
      case '/use-passed': return new Response(await show(() => o.useOther()));
      case '/pipelined': return new Response(await o.t('four').hi());
    }
  },
};
`,
  steps: async (client) => {
    await client.fetch('/get');
    await client.wait(20);
    await client.fetch('/seen');
    await client.fetch('/keep');
    await client.wait(20);
    await client.fetch('/use');
    await client.fetch('/keep-remote');
    await client.wait(20);
    await client.fetch('/seen');
    await client.fetch('/use-remote');
    await client.fetch('/wait');
    await client.fetch('/seen');
    await client.wait(2000);
    await client.fetch('/seen');
    await client.fetch('/pass');
    await client.wait(20);
    await client.fetch('/use-passed');
    await client.fetch('/pipelined');
    await client.wait(20);
    await client.fetch('/seen');
  },
});
