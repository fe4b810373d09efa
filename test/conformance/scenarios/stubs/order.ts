import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Calls on one stub arrive in the order in which they were made, also while the constructor still runs.',
  rows: ['3.e-order', '6.requests-during-constructor'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.seen = [];
    ctx.blockConcurrencyWhile(async () => { await sleep(30); this.seen.push('ready') });
  }
  rpc(n) { this.seen.push('r' + n) }
  async slow(n) { this.seen.push('r' + n); await sleep(20 - n) }
  fetch(request) { this.seen.push('f' + new URL(request.url).pathname.slice(1)); return new Response() }
  take() { return this.seen.splice(0).join(' ') }
}

const upTo = (n) => Array.from({ length: n }, (_, i) => i + 1);

export default worker(async ({ say, env }) => {
  const started = (name) => { const stub = env.OBJ.getByName(name); return stub.take().then(() => stub) };
  await say('ten calls to a new object', async () => {
    const stub = env.OBJ.getByName('new calls');
    await Promise.all(upTo(10).map((n) => stub.rpc(n)));
    return stub.take();
  });
  await say('ten fetches to a new object', async () => {
    const stub = env.OBJ.getByName('new fetches');
    await Promise.all(upTo(10).map((n) => stub.fetch('http://x/' + n)));
    return stub.take();
  });
  await say('ten calls to a running object', async () => {
    const stub = await started('a');
    await Promise.all(upTo(10).map((n) => stub.rpc(n)));
    return stub.take();
  });
  await say('ten calls that wait, the first longest', async () => {
    const stub = await started('a');
    await Promise.all(upTo(10).map((n) => stub.slow(n)));
    return stub.take();
  });
  await say('ten fetches to a running object', async () => {
    const stub = await started('a');
    await Promise.all(upTo(10).map((n) => stub.fetch('http://x/' + n)));
    return stub.take();
  });
  await say('calls and fetches in turn, to a running object', async () => {
    const stub = await started('a');
    await Promise.all(upTo(5).map((n) => (n % 2 ? stub.rpc(n) : stub.fetch('http://x/' + n))));
    return stub.take();
  });
  await say('calls that nobody awaits', async () => {
    const stub = await started('a');
    for (const n of upTo(5)) stub.rpc(n);
    return stub.take();
  });
});
`,
});
