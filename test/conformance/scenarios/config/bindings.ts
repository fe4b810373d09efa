import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'env has a namespace for each binding of a class and a value for each variable, in objects as in the Worker.',
  rows: ['14.bindings', '14.compatibility'],
  config: {
    compatibility_date: '2026-04-20',
    compatibility_flags: ['enhanced_error_serialization'],
    vars: { TEXT: 'text', NUMBER: 7, FLAG: false },
    durable_objects: {
      bindings: [
        { name: 'ONE', class_name: 'Room' },
        { name: 'SAME', class_name: 'Room' },
        { name: 'HALL', class_name: 'Hall' },
      ],
    },
    migrations: [
      { tag: 'v1', new_sqlite_classes: ['Room'] },
      { tag: 'v2', new_sqlite_classes: ['Hall'] },
    ],
  },
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, tag } from './prelude.js';

const shape = (env) => Object.keys(env).sort().map((key) => key + ' ' + (typeof env[key] === 'object' ? tag(env[key]) : JSON.stringify(env[key]))).join(', ');

export class Room extends DurableObject {
  who() { return 'room ' + this.ctx.id.name }
  env_() { return shape(this.env) }
  count() { const n = (this.ctx.storage.kv.get('n') ?? 0) + 1; this.ctx.storage.kv.put('n', n); return n }
  fails() { throw Object.assign(new RangeError('no'), { extra: 1 }) }
}
export class Hall extends DurableObject {
  who() { return 'hall ' + this.ctx.id.name }
  next() { return this.env.ONE.getByName('a').count() }
}

export default worker(async ({ say, env }) => {
  await say('env of the Worker', () => shape(env));
  await say('env of an object', () => env.ONE.getByName('a').env_());
  await say('two names of one class', async () => [await env.ONE.getByName('a').count(), await env.SAME.getByName('a').count()]);
  await say('the same ids', () => env.ONE.idFromName('a').equals(env.SAME.idFromName('a')));
  await say('two classes', async () => [await env.ONE.getByName('a').who(), await env.HALL.getByName('a').who()]);
  await say('other ids', () => env.ONE.idFromName('a').equals(env.HALL.idFromName('a')));
  await say('an id of another class', () => env.HALL.get(env.ONE.idFromName('a')));
  await say('from object to object', () => env.HALL.getByName('a').next());
  await say('date and flags hold in objects: errors keep their properties', () => env.ONE.getByName('a').fails());
});
`,
});
