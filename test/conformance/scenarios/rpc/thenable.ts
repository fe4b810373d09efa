import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A call gives a thenable that is no Promise, starts at once, and never throws synchronously.',
  rows: ['4.async-thenables'],
  program: `
import { DurableObject, RpcPromise, RpcProperty, ServiceStub } from 'cloudflare:workers';
import { worker, tag, sleep } from './prelude.js';

export class Obj extends DurableObject {
  hi(x) { this.n = (this.n ?? 0) + 1; return 'hi' }
  fails() { throw new Error('no') }
  count() { return this.n ?? 0 }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  const call = stub.hi();
  await say('type', () => typeof call);
  await say('tag', () => tag(call));
  await say('a Promise', () => call instanceof Promise);
  await say('of the exported classes', () => [call instanceof RpcPromise, stub.hi instanceof RpcProperty, stub instanceof ServiceStub]);
  await say('has then, catch, finally', () => [typeof call.then, typeof call.catch, typeof call.finally]);
  await say('then gives a Promise', () => tag(call.then(() => {})));
  await say('awaited', () => call);
  await say('awaited again', () => call);
  await say('catch', () => stub.fails().catch((error) => 'caught ' + error.message));
  await say('finally', async () => { let ran = 0; await stub.fails().finally(() => ran++).catch(() => {}); return ran });
  await say('then with two handlers', () => stub.fails().then(() => 'fulfilled', () => 'rejected'));
  await say('in Promise.all', () => Promise.all([stub.hi(), stub.hi()]));
  await say('in Promise.race', () => Promise.race([stub.hi(), sleep(5000)]));
  const before = await stub.count();
  stub.hi();
  await say('a call that nobody awaits is made', async () => (await stub.count()) - before);
  await say.now('an argument that cannot be sent: at the call', () => { stub.hi(Symbol('s')).catch(() => {}); return 'no throw' });
  await say('an argument that cannot be sent: awaited', () => stub.hi(Symbol('s')));
  await say('constructing the classes', () => [RpcPromise, RpcProperty, ServiceStub].map((C) => { try { new C(); return 'made' } catch (e) { return e.name + ': ' + e.message } }));
});
`,
});
