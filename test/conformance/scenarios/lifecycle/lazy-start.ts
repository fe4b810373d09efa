import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Nothing but an event starts an instance: not a stub, not a property of it; any event does, also one for a member that it has not.',
  rows: ['13.instantiation', '6.constructor'],
  config: objects({ OBJ: 'Obj', LOG: 'Log' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Log extends DurableObject { seen = []; add(what) { this.seen.push(what) } take() { return this.seen.splice(0) } }
export class Obj extends DurableObject {
  field = 'own';
  fields = { count: 0 };
  constructor(ctx, env) { super(ctx, env); this.born = env.LOG.getByName('log').add('constructed ' + ctx.id.name) }
  get property() { return 'a property' }
  async call() { await this.born; return ++this.fields.count }
  async fetch() { await this.born; return new Response('fetched') }
  async programs() { await this.born; await this.ctx.storage.setAlarm(Date.now() + 400); await sleep(100); this.ctx.abort('to start anew') }
  async alarm() { await this.born; await this.env.LOG.getByName('log').add('alarm of ' + this.ctx.id.name) }
}

export default worker(async ({ say, env }) => {
  const seen = async () => { await sleep(30); return env.LOG.getByName('log').take() };
  const { OBJ } = env;
  await say('stubs', async () => {
    const stubs = [OBJ.getByName('a'), OBJ.get(OBJ.idFromName('b')), OBJ.get(OBJ.newUniqueId())];
    for (const stub of stubs) { stub.id; stub.name; stub.call; stub.call.deeper; 'call' in stub; String(stub.id); }
    return seen();
  });
  await say('a call', () => OBJ.getByName('a').call());
  await say('a second call, by another stub', () => OBJ.getByName('a').call());
  await say('a fetch', async () => (await OBJ.getByName('b').fetch('http://x/')).text());
  await say('a property', () => OBJ.getByName('c').property);
  await say('a field', () => OBJ.getByName('d').field);
  await say('a member that is not there', () => OBJ.getByName('e').absent());
  await say('a reserved name', () => OBJ.getByName('f').alarm());
  await say('an argument that cannot be sent', () => OBJ.getByName('g').call(Symbol('s')));
  await say('a request that cannot be sent', () => OBJ.getByName('h').fetch('/relative'));
  await say('constructed', seen);
  await say('an alarm is set, and the object ends', () => OBJ.getByName('i').programs());
  await sleep(1_500);
  await say('constructed, and anew for the alarm', seen);
});
`,
});
