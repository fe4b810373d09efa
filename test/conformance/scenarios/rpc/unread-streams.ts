import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A stream that is passed and never read or written holds both objects in memory; one that a Worker passed, no longer than its request.',
  rows: ['4.streams', '4.session-lifetime'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect, show, sleep } from './prelude.js';

const readable = (log) => new ReadableStream({ pull(c) { log.push('pull'); c.enqueue(new Uint8Array(8192)); }, cancel(r) { log.push('cancelled ' + inspect(r)); } }, { highWaterMark: 0 });
const writable = (log) => new WritableStream({ write(c) { log.push('write ' + c.byteLength); }, close() { log.push('closed'); }, abort(r) { log.push('aborted ' + inspect(r)); } });

export class Obj extends DurableObject {
  calls = 0;
  log = [];
  again() { return ++this.calls; }
  ignores() { return 'ignored'; }
  keeps(stream) { this.stream = stream; return 'kept'; }
  sends(kind, how) { return this.env.OBJ.getByName(this.ctx.id.name + "'s callee")[how]((kind === 'readable' ? readable : writable)(this.log)); }
  takeLog() { return this.log.splice(0, 1); }
  async reads() { const { value, done } = await this.stream.getReader().read(); return [value.length > 0, done]; }
  async writes() { const w = this.stream.getWriter(); await w.write(new Uint8Array(3)); await w.close(); return 'written'; }
}

const pairs = [['readable', 'ignores'], ['readable', 'keeps'], ['writable', 'ignores'], ['writable', 'keeps']];
export default worker(async ({ say, env, url }) => {
  for (const [kind, how] of pairs) {
    const caller = env.OBJ.getByName(kind + ' ' + how);
    const callee = env.OBJ.getByName(kind + ' ' + how + "'s callee");
    const ofWorker = env.OBJ.getByName('of a Worker: ' + kind + ' ' + how);
    const name = kind + ' ' + how + ': ';
    if (url.pathname === '/start') {
      await say(name + 'passed', () => caller.sends(kind, how));
      if (kind === 'readable') await say(name + 'passed by a Worker', () => ofWorker[how](readable([])));
    }
    await say(name + 'calls', async () => [await caller.again(), await callee.again(), await ofWorker.again()]);
    if (url.pathname === '/end' && how === 'keeps') {
      await say(name + 'used', () => (kind === 'readable' ? callee.reads() : callee.writes()));
      await say(name + 'seen', () => caller.takeLog());
    }
  }
});
`,
  steps: async (client) => {
    await client.fetch('/start');
    await client.wait(12_000);
    await client.fetch('/end');
  },
});
