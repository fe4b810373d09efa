import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'ctx.abort() ends the object at once, wherever it is called, and what its turn had sent is not seen.',
  rows: ['5.abort', '13.reset-causes', '3.error-flags'],
  config: objects({ OBJ: 'Obj', LOG: 'Log' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

class MyError extends Error {}

export class Log extends DurableObject { seen = []; add(what) { this.seen.push(what) } take() { return this.seen.splice(0) } }
export class Obj extends DurableObject {
  memory() { return (this.n = (this.n ?? 0) + 1) }
  slow() { return sleep(300) }
  microtask() { Promise.resolve().then(() => this.ctx.abort('in a microtask')); return 'returned' }
  storage() { this.ctx.storage.get('k').then(() => this.ctx.abort('after storage')); return 'returned' }
  timer() { setTimeout(() => this.ctx.abort('in a timer'), 5); return 'returned' }
  awaited() { setTimeout(() => this.ctx.abort('in an awaited timer'), 5); return sleep(1000) }
  section() { return this.ctx.blockConcurrencyWhile(async () => { await sleep(1); this.ctx.abort('in a section') }) }
  transaction() { return this.ctx.storage.transaction(async () => { this.ctx.storage.kv.put('t', 1); await sleep(1); this.ctx.abort('in a transaction') }) }
  sync() { this.ctx.storage.transactionSync(() => { this.ctx.storage.kv.put('t', 1); this.ctx.abort('in transactionSync') }) }
  background() { this.ctx.waitUntil(sleep(5).then(() => this.ctx.abort('in the background'))); return 'returned' }
  fetch(request) { if (request.url.endsWith('body')) { return new Response(new ReadableStream({ pull: async (c) => { c.enqueue(new Uint8Array([65])); await sleep(5); this.ctx.abort('in a body') } })) } this.ctx.abort('in fetch') }
  async callsFirst() { this.env.LOG.getByName('log').add('a call'); this.ctx.abort('after a call') }
  async fetchesFirst() { this.env.LOG.getByName('log').fetch('http://x/').catch(() => {}); this.ctx.abort('after a fetch') }
  async callsAndWaits() { await this.env.LOG.getByName('log').add('a call that was answered'); this.ctx.abort('after an answer') }
  async throwsInstead() { try { throw new MyError('cause') } finally { this.ctx.abort('in finally') } }
  stored() { return [...this.ctx.storage.kv.list()].map(([k]) => k) }
}

export default worker(async ({ say, env }) => {
  const at = (name) => env.OBJ.getByName(name);
  for (const method of ['section', 'transaction', 'sync', 'awaited', 'throwsInstead', 'callsFirst', 'fetchesFirst', 'callsAndWaits']) await say(method, () => at('a')[method]());
  await say('what was stored', () => at('a').stored());
  await sleep(20);
  await say('calls that were made before', () => env.LOG.getByName('log').take());
  await say('by fetch', () => at('a').fetch('http://x/'));
  await say('in a body', async () => (await at('a').fetch('http://x/body')).text());
  for (const method of ['microtask', 'storage', 'timer', 'background']) {
    const stub = at(method);
    await stub.memory();
    await say(method, () => stub[method]());
    await sleep(40);
    await say('  the same stub', () => stub.memory());
    await say('  a new stub', () => at(method).memory());
  }
  const both = at('both');
  await say('others that run and wait', async () => {
    const all = [both.slow(), both.section(), both.memory(), at('both').slow(), both.fetch('http://x/')];
    return (await Promise.allSettled(all)).map((r) => r.value ?? [r.reason.message, r.reason.remote, r.reason.durableObjectReset]);
  });
});
`,
});
