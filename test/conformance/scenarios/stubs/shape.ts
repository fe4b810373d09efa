import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A stub owns id and name, offers every other name as a method, and is never a thenable.',
  rows: ['3.shape'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, tag } from './prelude.js';

export class Obj extends DurableObject { hi() { return 'hi' } }

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  const nameless = env.OBJ.get(env.OBJ.newUniqueId());
  await say('tag', () => tag(stub));
  await say('type', () => typeof stub);
  await say('own keys', () => Object.getOwnPropertyNames(stub).sort());
  await say('enumerable keys', () => Object.keys(stub).sort());
  await say('own keys without a name', () => Object.getOwnPropertyNames(nameless).sort());
  await say('name', () => [stub.name, nameless.name]);
  await say('id', () => stub.id.equals(env.OBJ.idFromName('a')));
  await say('type of any name', () => [typeof stub.hi, typeof stub.nothing, typeof stub['with blank'], typeof stub[7]]);
  await say('any name is in it', () => ['hi' in stub, 'nothing' in stub, '7' in stub]);
  await say('type of then', () => typeof stub.then);
  await say('then is in it', () => 'then' in stub);
  await say('a symbol', () => [typeof stub[Symbol('s')], typeof stub[Symbol.iterator], typeof stub[Symbol.dispose]]);
  await say('awaiting it gives itself', async () => (await stub) === stub);
  await say('tag of a member', () => tag(stub.hi));
  await say('a member is new at each reading', () => stub.hi === stub.hi);
  await say.now('assigning name', () => { 'use strict'; stub.name = 'x' });
  await say.now('assigning id', () => { 'use strict'; stub.id = 'x' });
  await say.now('assigning another name', () => { stub.other = 1; return typeof stub.other });
  await say('JSON', () => Object.keys(JSON.parse(JSON.stringify(stub))).sort());
  await say('a detached method', () => { const { hi } = stub; return hi() });
  await say('call() on a method', () => stub.hi.call({}));
  await say('structuredClone', () => structuredClone(stub));
});
`,
});
