import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A store of node:async_hooks follows the program through await, timers, microtasks, callbacks and calls.',
  rows: ['1.async-local-storage'],
  config: { compatibility_flags: ['nodejs_als'] },
  program: `
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

const store = new AsyncLocalStorage();
const other = new AsyncLocalStorage();
const see = () => store.getStore();
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Obj extends DurableObject {
  async one(id) { return await store.run(id, async () => { await sleep(Math.random() * 5); await this.ctx.storage.get('x'); return [id, see()] }) }
  outside() { return String(see()) }
  async twice() { return await store.run('outer', async () => [await this.one('inner'), see()]) }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  await say('no store', see);
  await say('sync', () => store.run(1, see));
  await say('arguments', () => store.run(1, (a, b) => [a, b, see()], 'a', 'b'));
  await say('after an await', () => store.run(2, async () => { await null; await sleep(1); return see() }));
  await say('outside again', see);
  await say('nested', () => store.run(1, async () => [await store.run(2, async () => { await null; return see() }), see()]));
  await say('two stores', () => store.run(1, () => other.run(2, async () => { await sleep(1); return [see(), other.getStore()] })));
  await say('exit', () => store.run(1, () => [store.exit(see), see()]));
  await say('a throw', () => { try { store.run(1, () => { throw new Error('x') }) } catch {} return see() });
  await say('a timer', () => store.run('t', () => new Promise((r) => setTimeout(() => r(see()), 1))));
  await say('an interval', () => store.run('i', () => new Promise((r) => { const id = setInterval(() => { clearInterval(id); r(see()) }, 1) })));
  await say('a microtask', () => store.run('m', () => new Promise((r) => queueMicrotask(() => r(see())))));
  await say('then', () => store.run('p', () => Promise.resolve(1).then(see)));
  await say('catch', () => store.run('c', () => Promise.reject(new Error('x')).catch(see)));
  await say('finally', () => store.run('f', () => { let seen; return Promise.resolve(1).finally(() => { seen = see() }).then(() => seen) }));
  await say('then that was given outside', () => { const p = Promise.resolve(1); const later = p.then(see); return store.run(1, () => later) });
  await say('a promise of elsewhere', async () => { let go; const p = new Promise((r) => { go = r }); const seen = store.run('waiting', async () => { await p; return see() }); store.run('resolving', () => go()); return seen });
  await say('Promise.all', () => store.run('all', async () => { await Promise.all([sleep(1), sleep(2)]); return see() }));
  await say('a generator', () => store.run('g', async () => { const seen = []; async function* g() { seen.push(see()); await null; seen.push(see()); yield 1; seen.push(see()) } for await (const x of g()) seen.push(see()); return seen }));
  await say('for await of a stream', () => store.run('s', async () => { const seen = []; const stream = new ReadableStream({ start(c) { seen.push('start ' + see()) }, pull(c) { seen.push('pull ' + see()); c.enqueue('x'); c.close() } }); for await (const x of stream) seen.push(see()); return seen }));
  await say('a thenable', () => store.run('th', async () => { let seen; await { then(resolve) { seen = see(); resolve() } }; return [seen, see()] }));
  await say('digest', () => store.run('d', async () => { await crypto.subtle.digest('SHA-256', new Uint8Array(1)); return see() }));
  await say('a listener', () => { const target = new EventTarget(); let seen; store.run('added', () => target.addEventListener('x', () => { seen = see() })); store.run('dispatched', () => target.dispatchEvent(new Event('x'))); return seen });
  await say('snapshot', () => store.run(7, () => AsyncLocalStorage.snapshot())((a) => [a, see()], 'argument'));
  await say('bind', () => store.run(8, () => AsyncLocalStorage.bind(see))());
  await say('a resource', () => { const resource = store.run(9, () => new AsyncResource('r')); return resource.runInAsyncScope(function (a) { return [this.x, a, see()] }, { x: 1 }, 2) });
  await say('a call', () => store.run('call', async () => [await stub.outside(), see()]));
  await say('then of a call', () => store.run('call', () => stub.outside().then(see)));
  await say('a fetch of an object', () => store.run('call', async () => { await stub.fetch('http://x/').catch(() => {}); return see() }));
  await say('many calls at once', () => Promise.all([1, 2, 3, 4].map((id) => stub.one(id))));
  await say('nested in an object', () => stub.twice());
  await say('undefined as a store', () => new AsyncLocalStorage({ defaultValue: 4 }).run(undefined, () => 'x'));
});
`,
});
