import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'However an instance dies, what was under way, the old stubs and a new one are told what that death is called and no more.',
  rows: ['13.reset-causes', '3.broken-stub', '3.error-flags', '3.error-flags-measured', '5.abort', '6.commit-failure'],
  config: objects({ OBJ: 'Obj', FRIEND: 'Friend' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show as tell, sleep } from './prelude.js';

const show = async (f) => (await tell(f)).replace(/reference = \\w+/, 'reference = <id>');

class Mine extends Error { constructor(text) { super(text); this.name = 'Mine'; this.code = 7 } }
export class Obj extends DurableObject {
  visit() { return (this.n = (this.n ?? 0) + 1) }
  stored() { return [...this.ctx.storage.kv.list()].map(([k]) => k) }
  put(key) { this.ctx.storage.kv.put(key, 1) }
  endless() { return new Promise(() => {}) }
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/endless') return this.endless();
    if (pathname === '/body') return new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('first')) } }));
    return new Response('fetched');
  }
  abortsWithout() { this.ctx.abort() }
  abortsWith() { this.put('of the turn'); this.ctx.abort(new Mine('a reason')) }
  async sectionThrows() { await this.ctx.blockConcurrencyWhile(async () => { this.put('of the turn'); throw new Mine('in a section') }) }
  commitFails() { this.ctx.storage.sql.exec('create table p(a integer primary key); create table c(r references p(a) deferrable initially deferred); insert into c values (1)'); return 'it looked fine' }
  async transactionFails() { await this.ctx.storage.transaction(async () => { this.commitFails() }); return 'it looked fine' }
}
export class Friend extends DurableObject {
  meet(name) { this.stub = this.env.OBJ.getByName(name); return this.stub.visit() }
  begin() { this.begun = show(() => this.stub.endless()) }
  ended() { return this.begun }
  again() { return this.stub.visit() }
  anew(name) { return this.env.OBJ.getByName(name).visit() }
}

export default worker(async ({ say: write, env }) => {
  const say = (what, f) => write(what, () => show(f));
  for (const death of ['abortsWithout', 'abortsWith', 'sectionThrows', 'commitFails', 'transactionFails']) {
    const stub = env.OBJ.getByName(death), other = env.OBJ.getByName(death), friend = env.FRIEND.getByName(death);
    await stub.put('kept');
    await other.visit();
    await friend.meet(death);
    await friend.begin();
    const call = show(() => stub.endless()), fetched = show(() => other.fetch('http://x/endless'));
    const reader = (await other.fetch('http://x/body')).body.getReader();
    await reader.read();
    const body = show(() => reader.read());
    await sleep(20);
    await say(death, () => stub[death]());
    await say('  a call under way', () => call);
    await say('  a fetch under way', () => fetched);
    await say('  a body under way', () => body);
    await say('  a call of another object under way', () => friend.ended());
    await say('  the stub by a call', () => stub.visit());
    await say('  the stub by fetch', () => stub.fetch('http://x/'));
    await say('  another old stub', () => other.visit());
    await say('  another object', () => friend.again());
    await say('  a new stub of another object', () => friend.anew(death));
    await say('  a new stub', () => env.OBJ.getByName(death).visit());
    await say('  stored', () => env.OBJ.getByName(death).stored());
  }
});
`,
});
