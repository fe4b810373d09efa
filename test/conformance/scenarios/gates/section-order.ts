import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A critical section starts after its caller has paused, and hands over to its caller before anybody else.',
  rows: ['6.section-start', '6.section-end', '6.waiter-order', '6.inside-a-section'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  seen = [];
  async section(n, ms = 10) {
    this.seen.push(n + ' call');
    const section = this.ctx.blockConcurrencyWhile(async () => { this.seen.push(n + ' in'); await sleep(ms); this.seen.push(n + ' out'); return n + ' result' });
    this.seen.push(n + ' after');
    const result = await section;
    this.seen.push(n + ' resumed');
    return result;
  }
  async micro() {
    this.ctx.blockConcurrencyWhile(async () => { this.seen.push('in') });
    this.seen.push('sync');
    await null; this.seen.push('hop1');
    await null; this.seen.push('hop2');
    await this.ctx.storage.get('k'); this.seen.push('get');
    await sleep(0); this.seen.push('timer');
  }
  async two() {
    const one = this.ctx.blockConcurrencyWhile(async () => { this.seen.push('1 in'); await sleep(5); this.seen.push('1 out') });
    const two = this.ctx.blockConcurrencyWhile(async () => { this.seen.push('2 in'); await sleep(5); this.seen.push('2 out') });
    await two; this.seen.push('2 resumed');
    await one; this.seen.push('1 resumed');
  }
  async nested() {
    return this.ctx.blockConcurrencyWhile(async () => {
      this.seen.push('outer in');
      const inner = await this.ctx.blockConcurrencyWhile(async () => { this.seen.push('inner in'); await sleep(5); this.seen.push('inner out'); return 'inner result' });
      this.seen.push('outer out');
      return 'outer with ' + inner;
    });
  }
  async unawaited() { this.ctx.blockConcurrencyWhile(async () => { this.seen.push('in'); await sleep(10); this.seen.push('out') }); this.seen.push('returning'); return 'returned' }
  plain(n) { this.seen.push(n) }
  fetch() { this.seen.push('fetch'); return new Response() }
  take() { return this.seen.splice(0).join(', ') }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  await stub.plain('start');
  await stub.take();
  await say('results', () => Promise.all([stub.section('A'), stub.plain('plain'), stub.section('B'), stub.plain('last')]));
  await say('a section, a call, a section, a call', () => stub.take());
  await say('many calls behind a section', async () => { await Promise.all([stub.section('A'), stub.plain(1), stub.plain(2), stub.plain(3)]); return stub.take() });
  await say('a fetch behind a section', async () => { await Promise.all([stub.section('A'), stub.fetch('http://x/')]); return stub.take() });
  await say('microtasks, storage and the section', async () => { await stub.micro(); return stub.take() });
  await say('two sections of one event', async () => { await stub.two(); return stub.take() });
  await say('a section within a section', () => stub.nested());
  await say('its order', () => stub.take());
  await say('a section that nobody awaits', async () => { await Promise.all([stub.unawaited(), stub.plain('plain')]); return stub.take() });
});
`,
});
