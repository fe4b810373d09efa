import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A transaction is a critical section: other events wait for its end, and what the caller goes on doing runs before it.',
  rows: ['7.transaction', '6.section-start', '6.inside-a-section'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show, sleep } from './prelude.js';

export class Obj extends DurableObject {
  order = [];
  async transact(name, ms) {
    this.order.push(name + ' called');
    const done = this.ctx.storage.transaction(async (txn) => {
      this.order.push(name + ' starts');
      const n = (await txn.get('n')) ?? 0;
      await sleep(ms);
      await txn.put('n', n + 1);
      this.order.push(name + ' ends');
    });
    this.order.push(name + ' goes on');
    await done;
    this.order.push(name + ' is told');
  }
  async count() { this.order.push('count'); return this.ctx.storage.get('n') }
  tell() { return this.order.join(', ') }
  async failing() {
    try { await this.ctx.storage.transaction(async () => { await sleep(1); throw new Error('x') }) } catch (e) { this.order.push('caught ' + e.message) }
    return 'the object goes on';
  }
  async inSection() {
    return this.ctx.blockConcurrencyWhile(() => this.ctx.storage.transaction(async (txn) => { await txn.put('m', 1); return txn.get('m') }));
  }
  async sectionInside() {
    return this.ctx.storage.transaction(async (txn) => {
      await this.ctx.blockConcurrencyWhile(async () => { await txn.put('m', 2); await sleep(1) });
      return txn.get('m');
    });
  }
  async sectionFails() {
    await this.ctx.storage.transaction(async (txn) => { await this.ctx.blockConcurrencyWhile(async () => { throw new Error('section') }) });
  }
  async abortInside() {
    await this.ctx.storage.transaction(async (txn) => { await txn.put('m', 'aborted'); this.ctx.abort('enough') });
  }
  async sync() {
    await this.ctx.storage.transaction(async (txn) => { await txn.put('s', 1); await this.ctx.storage.sync() });
    return this.ctx.storage.sync();
  }
  m() { return this.ctx.storage.get('m') }
}
export class InConstructor extends DurableObject {
  constructor(ctx, env) { super(ctx, env); this.made = ctx.storage.transaction(async (txn) => { await sleep(1); await txn.put('made', true); return 'made' }) }
  async ask() { return [await this.made, await this.ctx.storage.get('made')] }
}

export default worker(async ({ say, env }) => {
  const at = (name) => env.OBJ.getByName(name);
  await say('together', async () => { const o = at('a'); await Promise.all([o.transact('one', 10), o.transact('two', 1), o.count()]); return [await o.tell(), await o.count()] });
  await say('a failure', () => at('a').failing());
  await say('inside a section', () => at('b').inSection());
  await say('a section inside', () => at('b').sectionInside());
  await say('a section inside that fails', () => at('c').sectionFails());
  await say('abort inside', () => at('b').abortInside());
  await say('what is left', () => at('b').m());
  await say('sync inside', () => at('d').sync());
  await say('in the constructor', () => env.CON.getByName('a').ask());
});
`,
  config: {
    durable_objects: {
      bindings: [
        { name: 'OBJ', class_name: 'Obj' },
        { name: 'CON', class_name: 'InConstructor' },
      ],
    },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj', 'InConstructor'] }],
  },
});
